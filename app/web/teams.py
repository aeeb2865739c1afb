"""Teams: their list, and a team's page with its people, its ML systems and what it claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import teams as changing
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.people import Actor, RoleKind
from app.queries import teams, units
from app.queries.pages import Page
from app.queries.teams import MlSystemLine, TeamLine, TeamPerson
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, acted, check, filled, line
from app.web.lists import Asked, Listing
from app.web.render import render
from app.web.summaries import AssessmentSummary, summaries_of_team
from app.web.units import NAME_LIMIT, choices

router = APIRouter()

KINDS = (RoleKind.LEAD, RoleKind.MEMBER, RoleKind.VIEWER)


class CreateForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]
    unit_id: Number


class NameForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]


class UnitForm(Form):
    unit_id: Number


@dataclass(frozen=True, slots=True)
class TeamsPage:
    """`may_begin`: there is no unit yet that a team could be in, and the reader may make one."""

    teams: Page[TeamLine]
    listing: Listing
    first: str
    further: str
    may_create: bool
    may_begin: bool
    may_import: bool


@dataclass(frozen=True, slots=True)
class NewTeamPage:
    form: Checked[CreateForm]
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TeamPage:
    """`people` are those of each kind, leads first."""

    team: TeamLine
    people: tuple[tuple[RoleKind, tuple[TeamPerson, ...]], ...]
    systems: Sequence[MlSystemLine]
    assessments: Sequence[AssessmentSummary]
    may_see_people: bool
    may_see_unit: bool
    may_rename: bool
    may_manage: bool
    may_manage_models: bool
    may_invite: bool
    may_answer: bool

    def newest(self, system: str) -> Sequence[AssessmentSummary]:
        """What was agreed the last time on an ML system, by each rubric."""
        found: dict[str, AssessmentSummary] = {}
        for each in self.assessments:
            if each.agreed and each.result is not None and each.system == system:
                found.setdefault(each.rubric.key, each)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class EditTeamPage:
    team: TeamLine
    may_manage: bool
    name: Checked[NameForm]
    unit: Checked[UnitForm]
    choices: tuple[tuple[str, str], ...]


@router.get("/teams", name="teams")
def shown(request: Request, db: Db, me: Me, asked: Asked) -> Response:
    found = teams.team_lines(db.connection(), me, search=asked.search, archived=asked.archived, after=asked.after)
    path = request.app.url_path_for("teams")
    offered = _choices(db, me)
    page = TeamsPage(
        found,
        asked,
        asked.first(path),
        asked.further(path, found.after),
        bool(offered),
        _may_begin(me, offered),
        me.may_import(),
    )
    return render(request, "teams/teams.html", page)


@router.get("/teams/new", name="team-new")
def new(request: Request, db: Db, me: Me, unit: int | None = None) -> Response:
    return _new_page(request, db, me, filled(CreateForm, unit_id=unit))


@router.post("/teams/new", name="team-create")
def create(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    checked = check(CreateForm, posted)
    if checked.form is None:
        return _new_page(request, db, me, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        team = changing.create_team(db, me, checked.form.unit_id, checked.form.name, now)
    except (Invalid, Conflict) as refused:
        return _new_page(request, db, me, checked.refused(refused, "name"), HTTP_422_UNPROCESSABLE_CONTENT)
    return RedirectResponse(request.app.url_path_for("team", team_id=team.id), 303)


@router.get("/teams/{team_id}", name="team")
def team(request: Request, db: Db, me: Me, team_id: int) -> Response:
    connection, team = db.connection(), seen(db, me, team_id)
    place = team.place
    people = teams.people_of_team(connection, me.organisation_id, team_id)
    page = TeamPage(
        team,
        tuple((kind, tuple(person for person in people if person.kind is kind)) for kind in KINDS),
        teams.ml_systems(connection, me.organisation_id, team_id),
        summaries_of_team(db, me.organisation_id, place),
        me.may_see_people(),
        me.may_see_unit(team.unit_path),
        me.may_rename_team(place),
        me.may_manage_teams(team.unit_path),
        me.may_manage_models(place),
        me.may_invite() and me.may_rename_team(place),
        me.may_answer(place),
    )
    return render(request, "teams/team.html", page)


@router.get("/teams/{team_id}/edit", name="team-edit")
def edit(request: Request, db: Db, me: Me, team_id: int) -> Response:
    return _edit_page(request, db, me, team_id)


@router.post("/teams/{team_id}/name", name="team-rename")
def rename(request: Request, db: Db, me: Me, team_id: int, posted: Posted, now: Now) -> Response:
    editable(db, me, team_id)
    name = acted(NameForm, posted, lambda form: changing.rename_team(db, me, team_id, form.name, now), "name")
    return to_team(request, team_id) if name.form else _edit_page(request, db, me, team_id, name=name)


@router.post("/teams/{team_id}/unit", name="team-move")
def move(request: Request, db: Db, me: Me, team_id: int, posted: Posted, now: Now) -> Response:
    editable(db, me, team_id)
    unit = acted(UnitForm, posted, lambda form: changing.move_team(db, me, team_id, form.unit_id, now), "unit_id")
    return to_team(request, team_id) if unit.form else _edit_page(request, db, me, team_id, unit=unit)


@router.post("/teams/{team_id}/archive", name="team-archive")
def archive(request: Request, db: Db, me: Me, team_id: int, now: Now) -> Response:
    seen(db, me, team_id)
    changing.archive_team(db, me, team_id, now)
    return to_team(request, team_id)


@router.post("/teams/{team_id}/restore", name="team-restore")
def restore(request: Request, db: Db, me: Me, team_id: int, now: Now) -> Response:
    seen(db, me, team_id)
    changing.restore_team(db, me, team_id, now)
    return to_team(request, team_id)


def seen(db: Db, me: Actor, team_id: int) -> TeamLine:
    """The team where the actor may see it. Raises Missing for one of another organisation, else NotAllowed."""
    return teams.seen_team(db.connection(), me, team_id)


def editable(db: Db, me: Actor, team_id: int) -> TeamLine:
    """The team where the actor may change something of it."""
    team = seen(db, me, team_id)
    if not me.may_rename_team(team.place):
        raise NotAllowed("Only the team's lead, managers of its unit and admins change a team.")
    return team


def to_team(request: Request, team_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("team", team_id=team_id), 303)


def _choices(db: Db, me: Actor) -> tuple[tuple[str, str], ...]:
    """The units in which the actor may create teams."""
    return choices(line for line in units.unit_lines(db.connection(), me) if me.may_manage_teams(line.path))


def _may_begin(me: Actor, offered: tuple[tuple[str, str], ...]) -> bool:
    """Whether there is no unit yet that a team could be in, and the actor may make one."""
    return not offered and me.may_manage_units()


def _new_page(request: Request, db: Db, me: Actor, form: Checked[CreateForm], status: int = HTTP_200_OK) -> Response:
    offered = _choices(db, me)
    if not offered and not me.may_manage_units():
        raise NotAllowed(changing.ONLY_MANAGERS)
    return render(request, "teams/new.html", NewTeamPage(form, offered), status)


def _edit_page(
    request: Request,
    db: Db,
    me: Actor,
    team_id: int,
    name: Checked[NameForm] | None = None,
    unit: Checked[UnitForm] | None = None,
) -> Response:
    team = editable(db, me, team_id)
    may_manage = me.may_manage_teams(team.unit_path)
    page = EditTeamPage(
        team,
        may_manage,
        name or filled(NameForm, name=team.name),
        unit or filled(UnitForm, unit_id=team.unit_id),
        _choices(db, me) if may_manage else (),
    )
    return render(request, "teams/edit.html", page, HTTP_422_UNPROCESSABLE_CONTENT if name or unit else HTTP_200_OK)
