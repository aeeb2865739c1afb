"""Tokens: keys to the API, of a person or of a service. The secret is told once; only its digest is kept."""

import datetime
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.actions.roles import membership
from app.db.tables.org import NAME_LIMIT
from app.db.tables.signing_in import Token
from app.domain.errors import Invalid, Missing, NotAllowed
from app.domain.people import ORDER, Actor
from app.domain.secret import digest
from app.domain.text import one_line
from app.domain.tokens import RANDOM_BYTES, WantedToken, prefix, written
from app.queries.tokens import KnownToken, seen_teams

USED_EVERY = datetime.timedelta(minutes=1)
"""How exactly it is kept when a token was last used: a busy program writes once a minute."""


LIMIT = 50
"""Tokens of one person that are good at the same time: who needs more has forgotten some."""


@dataclass(frozen=True, slots=True)
class MadeToken:
    """The secret, which nothing here can tell again."""

    id: int
    secret: str


def create_token(
    session: Session, actor: Actor, wanted: WantedToken, expires_at: datetime.datetime | None, now: datetime.datetime
) -> MadeToken:
    """A token of the actor's own. What it may do is cut to what they may, at every use.

    Missing where a team is none that the actor sees; Invalid where it would have expired already, or where the person
    has LIMIT of them.
    """
    if actor.person_id is None:
        raise NotAllowed("A service makes no tokens.")
    # Held, so that nobody gets a token while being deactivated.
    locked(session, actor.organisation_id)
    active = membership(session, actor.organisation_id, actor.person_id).deactivated_at is None
    if not (active and actor.may_make_token(wanted.scopes, wanted.team_ids)):
        raise NotAllowed("A token can do no more than you: choose a narrower scope.")
    _check_number(session, actor.organisation_id, actor.person_id, now)
    return _create(session, actor, wanted, actor.person_id, expires_at, now)


def create_service_token(
    session: Session, actor: Actor, wanted: WantedToken, expires_at: datetime.datetime | None, now: datetime.datetime
) -> MadeToken:
    """A token of the organisation, which stays when whoever made it leaves. Else as `create_token`."""
    if not actor.may_make_service_token(wanted.scopes):
        raise NotAllowed("Only admins make tokens for services.")
    return _create(session, actor, wanted, None, expires_at, now)


def revoke_token(session: Session, actor: Actor, token_id: int, now: datetime.datetime) -> None:
    """Make the token worthless at once; Missing where it is not the actor's, unless they are an admin."""
    token = session.scalar(
        select(Token)
        .where(Token.organisation_id == actor.organisation_id, Token.id == token_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if token is None or not actor.may_revoke_token(token.person_id):
        raise Missing("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = now
        audit.record_by(session, actor, now, "token revoked", ("token", token_id), name=token.name)


def note_used(session: Session, token: KnownToken, now: datetime.datetime) -> None:
    """Remember that the token was used, to the minute."""
    if is_stale(token, now):
        session.execute(
            update(Token)
            .where(Token.organisation_id == token.organisation_id, Token.id == token.id)
            .values(last_used_at=now)
            .execution_options(synchronize_session=False)
        )


def is_stale(token: KnownToken, now: datetime.datetime) -> bool:
    """Whether it is to be written down that the token is used."""
    return token.last_used_at is None or now - token.last_used_at >= USED_EVERY


def _create(
    session: Session,
    actor: Actor,
    wanted: WantedToken,
    person_id: int | None,
    expires_at: datetime.datetime | None,
    now: datetime.datetime,
) -> MadeToken:
    name = one_line(wanted.name, NAME_LIMIT)
    if expires_at is not None and expires_at <= now:
        raise Invalid("A token cannot expire before it is made.")
    _check_teams(session, actor, wanted.team_ids)
    secret = written(secrets.token_bytes(RANDOM_BYTES))
    scopes = [scope.value for scope in ORDER if scope in wanted.scopes]
    teams = None if wanted.team_ids is None else sorted(wanted.team_ids)
    token = Token(
        organisation_id=actor.organisation_id,
        prefix=prefix(secret),
        secret_digest=digest(secret),
        name=name,
        person_id=person_id,
        scopes=scopes,
        team_ids=teams,
        created_by=actor.person_id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    told = {"name": name, "scopes": scopes, "teams": teams, "service": person_id is None}
    audit.record_by(session, actor, now, "token made", ("token", token.id), **told)
    return MadeToken(token.id, secret)


def _check_number(session: Session, organisation_id: int, person_id: int, now: datetime.datetime) -> None:
    good = (Token.revoked_at.is_(None), or_(Token.expires_at.is_(None), Token.expires_at > now))
    own = (Token.organisation_id == organisation_id, Token.person_id == person_id)
    if session.execute(select(func.count()).select_from(Token).where(*own, *good)).scalar_one() >= LIMIT:
        raise Invalid(
            "You have %(limit)s tokens, which is as many as one person may have. Revoke one first.", limit=LIMIT
        )


def _check_teams(session: Session, actor: Actor, team_ids: Iterable[int] | None) -> None:
    wanted = frozenset(team_ids or ())
    if team_ids is not None and not wanted:
        raise Invalid("Name the teams that the token is for, or none for all.")
    if wanted - seen_teams(session.connection(), actor, wanted):
        raise Missing("There is no such team.")
