"""The ML systems of a team."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import ml_systems as changing
from app.domain.errors import Missing, NotAllowed
from app.domain.people import Actor
from app.queries.teams import MlSystemLine, TeamLine, ml_systems
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, acted, filled, line
from app.web.render import render
from app.web.teams import seen, to_team
from app.web.units import NAME_LIMIT

router = APIRouter()


class NameForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]


@dataclass(frozen=True, slots=True)
class MlSystemPage:
    """`system` is None for the page that makes one."""

    team: TeamLine
    system: MlSystemLine | None
    form: Checked[NameForm]


@router.get("/teams/{team_id}/systems/new", name="ml-system-new")
def new(request: Request, db: Db, me: Me, team_id: int) -> Response:
    return _page(request, changeable(db, me, team_id), None, filled(NameForm))


@router.post("/teams/{team_id}/systems/new", name="ml-system-create")
def create(request: Request, db: Db, me: Me, team_id: int, posted: Posted, now: Now) -> Response:
    team = changeable(db, me, team_id)
    made = acted(NameForm, posted, lambda form: changing.create_ml_system(db, me, team_id, form.name, now), "name")
    return to_team(request, team_id) if made.form else _refused(request, team, None, made)


@router.get("/teams/{team_id}/systems/{system_id}", name="ml-system")
def shown(request: Request, db: Db, me: Me, team_id: int, system_id: int) -> Response:
    team, system = changeable(db, me, team_id), of_team(db, me, team_id, system_id)
    return _page(request, team, system, filled(NameForm, name=system.name))


@router.post("/teams/{team_id}/systems/{system_id}/name", name="ml-system-rename")
def rename(request: Request, db: Db, me: Me, team_id: int, system_id: int, posted: Posted, now: Now) -> Response:
    team, system = changeable(db, me, team_id), of_team(db, me, team_id, system_id)
    name = acted(NameForm, posted, lambda form: changing.rename_ml_system(db, me, system_id, form.name, now), "name")
    return to_team(request, team_id) if name.form else _refused(request, team, system, name)


@router.post("/teams/{team_id}/systems/{system_id}/archive", name="ml-system-archive")
def archive(request: Request, db: Db, me: Me, team_id: int, system_id: int, now: Now) -> Response:
    of_team(db, me, team_id, system_id)
    changing.archive_ml_system(db, me, system_id, now)
    return to_team(request, team_id)


@router.post("/teams/{team_id}/systems/{system_id}/restore", name="ml-system-restore")
def restore(request: Request, db: Db, me: Me, team_id: int, system_id: int, now: Now) -> Response:
    of_team(db, me, team_id, system_id)
    changing.restore_ml_system(db, me, system_id, now)
    return to_team(request, team_id)


def changeable(db: Db, me: Actor, team_id: int) -> TeamLine:
    team = seen(db, me, team_id)
    if not me.may_manage_models(team.place):
        raise NotAllowed("Only the team's lead, managers of its unit and admins look after its ML systems.")
    return team


def of_team(db: Db, me: Actor, team_id: int, system_id: int) -> MlSystemLine:
    """The system, which has to be this team's: the address names both."""
    found = (one for one in ml_systems(db.connection(), me.organisation_id, team_id) if one.id == system_id)
    if (system := next(found, None)) is None:
        raise Missing("There is no such ML system.")
    return system


def _page(
    request: Request, team: TeamLine, system: MlSystemLine | None, form: Checked[NameForm], status: int = HTTP_200_OK
) -> Response:
    return render(request, "teams/system.html", MlSystemPage(team, system, form), status)


def _refused(request: Request, team: TeamLine, system: MlSystemLine | None, form: Checked[NameForm]) -> Response:
    return _page(request, team, system, form, HTTP_422_UNPROCESSABLE_CONTENT)
