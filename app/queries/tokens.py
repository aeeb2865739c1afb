"""Reading tokens: whose a secret is, and lists of them."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, or_, select

from app.db.base import UtcTime, table
from app.db.tables.org import Team, Unit
from app.db.tables.people import Person
from app.db.tables.signing_in import Token
from app.domain.errors import Missing
from app.domain.people import Actor, Scope, service
from app.domain.secret import digest
from app.domain.tokens import well_formed
from app.queries import people
from app.queries.pages import PAGE, Key, Page, beyond, holds, page, words
from app.queries.rights import teams_seen

_token, _person, _team, _unit = table(Token).c, table(Person).c, table(Team).c, table(Unit).c

BY_SECRET = select(
    _token.id,
    _token.organisation_id,
    _token.person_id,
    _token.name,
    _token.scopes,
    _token.team_ids,
    _token.expires_at,
    _token.last_used_at,
).where(
    _token.secret_digest == bindparam("secret_digest"),
    _token.revoked_at.is_(None),
    or_(_token.expires_at.is_(None), _token.expires_at > bindparam("now", type_=UtcTime())),
)


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that is good: neither revoked nor expired. `person_id` is None for that of a service."""

    id: int
    organisation_id: int
    person_id: int | None
    name: str
    scopes: frozenset[Scope]
    team_ids: frozenset[int] | None
    expires_at: datetime.datetime | None
    last_used_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class TokenLine:
    """`person` is None for the token of a service; `teams` are names, None where it is not limited to any."""

    id: int
    name: str
    prefix: str
    person_id: int | None
    person: str | None
    scope: Scope
    teams: tuple[str, ...] | None
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    last_used_at: datetime.datetime | None
    revoked_at: datetime.datetime | None


def known_token(connection: Connection, secret: str, now: datetime.datetime) -> KnownToken | None:
    """Which token this is; None where it is nobody's, or was revoked, or has expired."""
    if not well_formed(secret):
        return None
    row = connection.execute(BY_SECRET, {"secret_digest": digest(secret), "now": now}).first()
    if row is None:
        return None
    teams = None if row.team_ids is None else frozenset(row.team_ids)
    return KnownToken(*row[:4], _scopes(row.scopes), teams, row.expires_at, row.last_used_at)


def actor_of(connection: Connection, token: KnownToken) -> Actor | None:
    """Who acts by this token: the person as they are now, cut to the token; None where they are no active member."""
    if token.person_id is None:
        return service(token.organisation_id, token.name, token.scopes, token.team_ids, token.id)
    try:
        person = people.actor(connection, token.person_id, token.organisation_id)
    except Missing:
        return None
    return person.limited(token.scopes, token.team_ids, token.id)


def own_tokens(connection: Connection, organisation_id: int, person_id: int) -> Sequence[TokenLine]:
    """A person's tokens in an organisation, the newest first, without those that were revoked."""
    own = (_token.person_id == person_id, _token.revoked_at.is_(None))
    rows = connection.execute(_tokens(organisation_id).where(*own).order_by(_token.id.desc())).all()
    return _lines(connection, organisation_id, rows)


def token_lines(
    connection: Connection,
    organisation_id: int,
    *,
    search: str = "",
    revoked: bool = False,
    after: Key | None = None,
    limit: int = PAGE,
) -> Page[TokenLine]:
    """The organisation's tokens by name: those whose name, beginning or holder's name holds `search`.

    `revoked`: those that were, and no others. Invalid where the search is no text.
    """
    statement = _tokens(organisation_id).where(
        _token.revoked_at.is_not(None) if revoked else _token.revoked_at.is_(None)
    )
    if found := words(search):
        texts = (_token.name, _token.prefix, _person.name)
        statement = statement.where(or_(*(holds(text, found) for text in texts)))
    if after is not None:
        statement = statement.where(beyond(_token.name, _token.id, after))
    rows = connection.execute(statement.order_by(_token.name, _token.id).limit(limit + 1)).all()
    return page(_lines(connection, organisation_id, rows), limit, lambda line: (line.name, line.id))


def seen_teams(connection: Connection, actor: Actor, team_ids: Iterable[int]) -> frozenset[int]:
    """Those of these teams that the actor sees."""
    of_unit = and_(_unit.organisation_id == _team.organisation_id, _unit.id == _team.unit_id)
    rows = connection.execute(
        select(_team.id)
        .join_from(table(Team), table(Unit), of_unit)
        .where(_team.organisation_id == actor.organisation_id, _team.id.in_(list(team_ids)), teams_seen(actor))
    )
    return frozenset(rows.scalars())


def _tokens(organisation_id: int) -> Select[Any]:
    return (
        select(
            _token.id,
            _token.name,
            _token.prefix,
            _token.person_id,
            _person.name.label("person"),
            _token.scopes,
            _token.team_ids,
            _token.created_at,
            _token.expires_at,
            _token.last_used_at,
            _token.revoked_at,
        )
        .outerjoin_from(table(Token), table(Person), _person.id == _token.person_id)
        .where(_token.organisation_id == organisation_id)
    )


def _lines(connection: Connection, organisation_id: int, rows: Sequence[Row[Any]]) -> list[TokenLine]:
    names = _names(connection, organisation_id, {number for row in rows for number in row.team_ids or ()})
    return [
        TokenLine(
            row.id,
            row.name,
            row.prefix,
            row.person_id,
            row.person,
            max(_scopes(row.scopes), key=tuple(Scope).index),
            None if row.team_ids is None else tuple(names[number] for number in row.team_ids),
            row.created_at,
            row.expires_at,
            row.last_used_at,
            row.revoked_at,
        )
        for row in rows
    ]


def _names(connection: Connection, organisation_id: int, team_ids: set[int]) -> Mapping[int, str]:
    if not team_ids:
        return {}
    named = select(_team.id, _team.name).where(_team.organisation_id == organisation_id, _team.id.in_(team_ids))
    return {row.id: row.name for row in connection.execute(named)}


def _scopes(words: list[str]) -> frozenset[Scope]:
    return frozenset(map(Scope, words))
