"""Teams: listed, read, created, changed and archived."""

import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, StrictBool, model_validator
from starlette.responses import Response
from starlette.status import HTTP_201_CREATED

from app.actions import teams as changing
from app.actions.organisations import locked
from app.api.answers import LARGEST, Asked, Id, Name, Sent, Shown, changed, check_version, following, listed, read
from app.api.deps import PREFIX, Caller, Db, Now
from app.api.once import Once
from app.api.problems import NOT_MODIFIED, VERSION, declared
from app.domain.people import Actor, RoleKind
from app.queries import teams, units
from app.queries.teams import TeamLine

router = APIRouter(prefix=PREFIX, tags=["teams"])

TeamId = Annotated[int, Path(ge=1, le=LARGEST, description="The team's number.")]


class Team(Shown):
    """A team in its unit. What it answered moves with it, and stays when it is archived."""

    id: int = Field(examples=[17])
    name: str = Field(examples=["Fraud"])
    unit_id: int = Field(examples=[3])
    unit: str = Field(examples=["Risk"])
    people: int = Field(description="How many leads and members it has.", examples=[6])
    archived_at: datetime.datetime | None = Field(examples=[None])


class Teams(Shown):
    teams: list[Team]
    next: str | None = Field(description="Path and query of the next page; null on the last one.", examples=[None])


class TeamMember(Shown):
    """What somebody is in a team."""

    id: int = Field(description="The person's number.", examples=[5])
    name: str = Field(examples=["Lead of Fraud"])
    email: str | None = Field(description="Null for whoever may not see people.", examples=[None])
    kind: RoleKind = Field(examples=["lead"])


class TeamMembers(Shown):
    people: list[TeamMember]


class AskedTeams(Asked):
    unit_id: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(None, description="In this unit or below it.")
    archived: bool = Field(False, description="The archived ones, and no others.")


class NewTeam(Sent):
    name: Name = Field(examples=["Fraud"])
    unit_id: Id = Field(examples=[3])


class TeamChange(Sent):
    """What is left out stays as it is."""

    name: Name = Field("", examples=["Fraud and abuse"])
    unit_id: Id = Field(0, description="Moves the team into this unit.", examples=[3])
    archived: StrictBool = Field(False, description="Puts the team away, or takes it into use again.", examples=[False])

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Name something to be changed.")
        return self


@router.get("/teams", name="api-teams", response_model=Teams, responses=declared(404))
def teams_seen(request: Request, db: Db, me: Caller, asked: Annotated[AskedTeams, Query()]) -> Response:
    """The teams that the token's holder sees, by name."""
    connection = db.connection()
    path = "" if asked.unit_id is None else units.unit(connection, me.organisation_id, asked.unit_id).path
    found = teams.team_lines(
        connection,
        me,
        search=asked.search,
        unit_path=path,
        archived=asked.archived,
        after=asked.after,
        limit=asked.limit,
    )
    further = following(request, found.after)
    return listed(Teams(teams=[_team(line) for line in found.lines], next=further), further)


@router.post(
    "/teams",
    name="api-team-create",
    status_code=HTTP_201_CREATED,
    response_model=Team,
    responses={
        201: {"headers": {**VERSION, "Location": {"schema": {"type": "string"}}}},
        **declared(404, 409, 415),
    },
)
def create(request: Request, once: Once, db: Db, me: Caller, now: Now, wanted: NewTeam) -> Response:
    """Create a team: for managers of the unit, and admins."""
    team = changing.create_team(db, me, wanted.unit_id, wanted.name, now)
    location = request.app.url_path_for("api-team", team_id=team.id)
    return once.answer(db, _shown(db, me, team.id), location=location)


@router.get(
    "/teams/{team_id}",
    name="api-team",
    response_model=Team,
    responses={200: {"headers": VERSION}, **NOT_MODIFIED, **declared(404)},
)
def team(request: Request, db: Db, me: Caller, team_id: TeamId) -> Response:
    """One team."""
    return read(request, _shown(db, me, team_id))


@router.patch(
    "/teams/{team_id}",
    name="api-team-change",
    response_model=Team,
    responses={200: {"headers": VERSION}, **declared(404, 409, 412, 415, 428)},
)
def change(request: Request, db: Db, me: Caller, now: Now, team_id: TeamId, wanted: TeamChange) -> Response:
    """Rename a team, move it, archive it or restore it; If-Match names the version that is changed."""
    # Held, so that the version that is checked is the one that is changed.
    locked(db, me.organisation_id)
    check_version(request, _shown(db, me, team_id))
    given = wanted.model_fields_set
    if "archived" in given and not wanted.archived:
        changing.restore_team(db, me, team_id, now)
    if "unit_id" in given:
        changing.move_team(db, me, team_id, wanted.unit_id, now)
    if "name" in given:
        changing.rename_team(db, me, team_id, wanted.name, now)
    if wanted.archived:
        changing.archive_team(db, me, team_id, now)
    return changed(_shown(db, me, team_id))


@router.get("/teams/{team_id}/people", name="api-team-people", response_model=TeamMembers, responses=declared(404))
def members(db: Db, me: Caller, team_id: TeamId) -> Response:
    """Who leads, belongs to and views a team; without those who were deactivated."""
    connection = db.connection()
    teams.seen_team(connection, me, team_id)
    people = [
        TeamMember(id=one.person_id, name=one.name, email=one.email if me.may_see_people() else None, kind=one.kind)
        for one in teams.people_of_team(connection, me.organisation_id, team_id)
    ]
    return listed(TeamMembers(people=people), None)


def _shown(db: Db, me: Actor, team_id: int) -> Team:
    db.flush()
    return _team(teams.seen_team(db.connection(), me, team_id))


def _team(line: TeamLine) -> Team:
    return Team(
        id=line.id,
        name=line.name,
        unit_id=line.unit_id,
        unit=line.unit,
        people=line.people,
        archived_at=line.archived_at,
    )
