"""People: listed, read, invited, given other roles, deactivated."""

import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field, StrictBool, model_validator
from starlette.responses import Response
from starlette.status import HTTP_202_ACCEPTED

from app.actions import people as changing
from app.actions.invitations import LASTS, invite
from app.actions.organisations import locked
from app.actions.roles import change_roles
from app.api.answers import LARGEST, Asked, Id, Name, Sent, Shown, changed, check_version, following, listed, read
from app.api.deps import PREFIX, Caller, Db, Now, address
from app.api.once import Once
from app.api.problems import NOT_MODIFIED, VERSION, declared
from app.domain import people as domain
from app.domain.errors import NotAllowed
from app.domain.people import EMAIL_LIMIT, Actor, RoleKind
from app.queries import people
from app.queries.organisations import organisation
from app.queries.people import PersonLine
from app.queries.roles import seen_person
from app.web.letters import InvitationLetter, send_letter

router = APIRouter(prefix=PREFIX, tags=["people"])

ROLES = 200
"""Roles of one person at most, in one request."""
PersonId = Annotated[int, Path(ge=1, le=LARGEST, description="The person's number.")]


class Role(Sent):
    """One right: of a team, of a unit and all below it, or, with neither, of the whole organisation."""

    kind: RoleKind = Field(examples=["member"])
    unit_id: Id | None = Field(None, examples=[None])
    team_id: Id | None = Field(None, examples=[17])


Roles = Annotated[list[Role], Field(max_length=ROLES)]


class Person(Shown):
    """A member of the organisation. Whoever leaves is deactivated, so that what they answered stays."""

    id: int = Field(examples=[5])
    name: str = Field(examples=["Member of Fraud"])
    email: str = Field(examples=["member@example.org"])
    active: bool = Field(examples=[True])
    joined_at: datetime.datetime
    deactivated_at: datetime.datetime | None = Field(examples=[None])
    roles: list[Role]


class People(Shown):
    people: list[Person]
    next: str | None = Field(description="Path and query of the next page; null on the last one.", examples=[None])


class Invitation(Shown):
    """Whoever opens the link becomes a member. The link is told once, and not when a request is sent again."""

    id: int = Field(examples=[8])
    email: str = Field(examples=["new@example.org"])
    name: str = Field(examples=["New member"])
    roles: list[Role]
    expires_at: datetime.datetime
    link: str | None = Field(examples=["https://maturity.example.org/invitation/..."])


class AskedPeople(Asked):
    active: bool = Field(True, description="False: those who were deactivated, and no others.")


class NewPerson(Sent):
    email: Annotated[str, Field(min_length=3, max_length=EMAIL_LIMIT)] = Field(examples=["new@example.org"])
    name: Name = Field(examples=["New member"])
    roles: Roles


class PersonChange(Sent):
    """What is left out stays as it is."""

    active: StrictBool = Field(True, description="False ends browsers and tokens at once.", examples=[True])
    roles: Roles = Field([], description="All roles that the person is to have.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Name something to be changed.")
        return self


@router.get("/people", name="api-people", response_model=People, responses=declared())
def people_seen(request: Request, db: Db, me: Caller, asked: Annotated[AskedPeople, Query()]) -> Response:
    """The people that the token's holder sees, by name: for leads, managers and admins."""
    if not me.may_see_people():
        raise NotAllowed("The list of people is for leads, managers and admins.")
    found = people.person_lines(
        db.connection(), me, search=asked.search, deactivated=not asked.active, after=asked.after, limit=asked.limit
    )
    further = following(request, found.after)
    return listed(People(people=[_person(line) for line in found.lines], next=further), further)


@router.post(
    "/people",
    name="api-person-invite",
    status_code=HTTP_202_ACCEPTED,
    response_model=Invitation,
    responses=declared(404, 409, 415),
)
def create(request: Request, once: Once, db: Db, me: Caller, now: Now, wanted: NewPerson) -> Response:
    """Invite somebody, by a letter where mail is set up. They are a member, with these roles, when they accept."""
    made = invite(db, me, wanted.email, wanted.name, [_given(role) for role in wanted.roles], now)
    path = request.app.url_path_for("invitation", secret=made.secret)
    letter = InvitationLetter(path, organisation(db.connection(), me.organisation_id).name, me.name, made.expires_at)
    send_letter(request, db, made.email, letter, now, str(made.id), me.organisation_id)
    invitation = Invitation(
        id=made.id,
        email=wanted.email,
        name=wanted.name,
        roles=wanted.roles,
        expires_at=now + LASTS,
        link=address(request, "invitation", secret=made.secret),
    )
    return once.answer(db, invitation, HTTP_202_ACCEPTED, secret={"link": None})


@router.get(
    "/people/{person_id}",
    name="api-person",
    response_model=Person,
    responses={200: {"headers": VERSION}, **NOT_MODIFIED, **declared(404)},
)
def person(request: Request, db: Db, me: Caller, person_id: PersonId) -> Response:
    """One person."""
    return read(request, _shown(db, me, person_id))


@router.patch(
    "/people/{person_id}",
    name="api-person-change",
    response_model=Person,
    responses={200: {"headers": VERSION}, **declared(404, 409, 412, 415, 428)},
)
def change(request: Request, db: Db, me: Caller, now: Now, person_id: PersonId, wanted: PersonChange) -> Response:
    """Give a person other roles, deactivate or reactivate them; If-Match names the version that is changed."""
    # Held, so that the version that is checked is the one that is changed.
    locked(db, me.organisation_id)
    before = _shown(db, me, person_id)
    check_version(request, before)
    given = wanted.model_fields_set
    if "active" in given and wanted.active:
        changing.reactivate(db, me, person_id, now)
    if "roles" in given:
        old, new = ([_given(role) for role in roles] for roles in (before.roles, wanted.roles))
        give, take = [role for role in new if role not in old], [role for role in old if role not in new]
        change_roles(db, me, person_id, give, take, now)
    if not wanted.active:
        changing.deactivate(db, me, person_id, now)
    db.flush()
    # Whoever gave away what they saw the person by sees it this once.
    return changed(_person(people.person_line(db.connection(), me.organisation_id, person_id)))


def _shown(db: Db, me: Actor, person_id: int) -> Person:
    return _person(seen_person(db.connection(), me, person_id))


def _given(role: Role) -> domain.Role:
    return domain.Role(role.kind, role.unit_id, role.team_id)


def _person(line: PersonLine) -> Person:
    roles = (each.role for each in line.roles)
    return Person(
        id=line.id,
        name=line.name,
        email=line.email,
        active=line.deactivated_at is None,
        joined_at=line.joined_at,
        deactivated_at=line.deactivated_at,
        roles=[Role(kind=role.kind, unit_id=role.unit_id, team_id=role.team_id) for role in roles],
    )
