"""Reading invitations."""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, true

from app.db.base import table
from app.db.tables.org import Organisation
from app.db.tables.people import Invitation, Person
from app.domain.errors import Missing
from app.domain.people import Actor, Role, RoleKind
from app.domain.secret import digest
from app.queries.pages import PAGE, Key, Page, page

_invitation, _organisation, _person = table(Invitation).c, table(Organisation).c, table(Person).c


@dataclass(frozen=True, slots=True)
class InvitationLine:
    """`has_account`: the address has one, whose holder is to sign in before they accept."""

    id: int
    organisation_id: int
    organisation: str
    email: str
    name: str
    roles: tuple[Role, ...]
    invited_by: int | None
    created_at: datetime.datetime
    expires_at: datetime.datetime
    has_account: bool


_lines = select(
    _invitation.id,
    _invitation.organisation_id,
    _organisation.name.label("organisation"),
    _invitation.email,
    _invitation.name,
    _invitation.roles,
    _invitation.invited_by,
    _invitation.created_at,
    _invitation.expires_at,
    _person.id.is_not(None).label("has_account"),
).select_from(
    table(Invitation)
    .join(table(Organisation), _organisation.id == _invitation.organisation_id)
    .outerjoin(table(Person), _person.email == _invitation.email)
)
_lines = _lines.where(_invitation.accepted_at.is_(None), _invitation.withdrawn_at.is_(None))


def invitation(connection: Connection, secret: str, now: datetime.datetime) -> InvitationLine:
    """The open invitation behind a link; Missing where it was used, withdrawn or has expired, or never was."""
    row = connection.execute(
        _lines.where(_invitation.secret_digest == digest(secret), _invitation.expires_at > now)
    ).first()
    if row is None:
        raise Missing("There is no invitation behind this link. It may have been used, withdrawn, or have expired.")
    return _line(row)


def invitation_lines(
    connection: Connection, actor: Actor, after: int | None = None, limit: int = PAGE
) -> Page[InvitationLine]:
    """Invitations that wait, expired ones too, the newest first: all for who sees every person, else the actor's own.

    Whether an address has an account is told to its holder alone: here it is always said that it has none.
    """
    if not actor.may_invite():
        return Page((), None)
    statement = _lines.where(
        _invitation.organisation_id == actor.organisation_id,
        true() if actor.sees_every_person() else _invitation.invited_by == actor.person_id,
    )
    if after is not None:
        statement = statement.where(_invitation.id < after)
    rows = connection.execute(statement.order_by(_invitation.id.desc()).limit(limit + 1))
    return page([_line(row, has_account=False) for row in rows], limit, _key)


def _key(line: InvitationLine) -> Key:
    return line.email, line.id


def _line(row: Row[Any], has_account: bool | None = None) -> InvitationLine:
    return InvitationLine(
        id=row.id,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        email=row.email,
        name=row.name,
        roles=tuple(Role(RoleKind(role["kind"]), role["unit_id"], role["team_id"]) for role in row.roles),
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        has_account=bool(row.has_account) if has_account is None else has_account,
    )
