"""An organisation's provider for single sign-on, as its admins set it up."""

import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.actions.roles import placed_role, words
from app.db.tables.signing_in import SsoProvider
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed, Sentence
from app.domain.people import Actor, Role
from app.domain.sign_on import CLAIM_LIMIT, CLIENT_LIMIT, GROUP_LIMIT, ISSUER_LIMIT, GroupRole, checked_issuer
from app.domain.text import one_line, plain
from app.queries.sign_on import read_mapping, written_mapping

LINES_LIMIT = 500
"""How many lines a mapping may have."""

ONLY_WAY_IN = Sentence("Single sign-on is the only way in. Take that back first, or nobody could come in any more.")


def keep_provider(
    session: Session,
    actor: Actor,
    *,
    issuer: str,
    client_id: str,
    client_secret: str,
    groups_claim: str,
    now: datetime.datetime,
) -> None:
    """Set the provider up, or change it; a blank secret leaves the one that is kept.

    Invalid where it does not fit: for a new issuer the secret is said again, so that it is never sent to a server that
    it was not meant for. Conflict for a new issuer while single sign-on is the only way in.
    """
    only_way_in = _managed(session, actor)
    issuer, client_id = checked_issuer(plain(issuer, ISSUER_LIMIT)), one_line(client_id, CLIENT_LIMIT)
    client_secret, groups_claim = plain(client_secret, CLIENT_LIMIT), plain(groups_claim.strip(), CLAIM_LIMIT)
    standing = session.get(SsoProvider, actor.organisation_id, populate_existing=True)
    elsewhere = standing is None or standing.issuer != issuer
    if elsewhere and not client_secret:
        raise Invalid("Fill in the secret: it is for this issuer alone.")
    if elsewhere and only_way_in:
        raise Conflict(ONLY_WAY_IN)
    if standing is None:
        standing = SsoProvider(
            organisation_id=actor.organisation_id,
            client_secret=client_secret,
            mapping=written_mapping(()),
            created_at=now,
        )
        session.add(standing)
    standing.issuer, standing.client_id, standing.groups_claim = issuer, client_id, groups_claim
    standing.client_secret = client_secret or standing.client_secret
    _record(session, actor, now, "single sign-on set up", issuer=issuer, secret_changed=bool(client_secret))


def remove_provider(session: Session, actor: Actor, now: datetime.datetime) -> None:
    """Forget the provider with its secret and mapping. Accounts, and the roles that they have, stay.

    Conflict while it is the only way in.
    """
    if _managed(session, actor):
        raise Conflict(ONLY_WAY_IN)
    standing = _standing(session, actor)
    _record(session, actor, now, "single sign-on removed", issuer=standing.issuer)
    session.execute(delete(SsoProvider).where(SsoProvider.organisation_id == actor.organisation_id))


def map_group(session: Session, actor: Actor, group: str, role: Role, now: datetime.datetime) -> None:
    """Give a role to whoever is in this group, from their next sign-in on. What is mapped already changes nothing."""
    _managed(session, actor)
    standing = _standing(session, actor)
    line = GroupRole(one_line(group, GROUP_LIMIT), placed_role(session, actor.organisation_id, role).role)
    mapping = list(read_mapping(standing.mapping))
    if line in mapping:
        return
    if len(mapping) >= LINES_LIMIT:
        raise Invalid("A mapping has at most %(most)s lines.", most=LINES_LIMIT)
    standing.mapping = written_mapping([*mapping, line])
    _record(session, actor, now, "group mapped", given=words([role]))


def unmap_group(session: Session, actor: Actor, group: str, role: Role, now: datetime.datetime) -> None:
    """Take the role from whoever has it by this group, at their next sign-in. Missing where there is no such line."""
    _managed(session, actor)
    standing, line = _standing(session, actor), GroupRole(group, role)
    mapping = list(read_mapping(standing.mapping))
    if line not in mapping:
        raise Missing("There is no such line in the mapping.")
    standing.mapping = written_mapping(each for each in mapping if each != line)
    _record(session, actor, now, "group no longer mapped", taken=words([role]))


def note_trial(session: Session, actor: Actor, issuer: str, problems: int, now: datetime.datetime) -> None:
    """Write down that an admin had this server call an issuer."""
    may_manage_sign_on(actor)
    _record(session, actor, now, "single sign-on tried", issuer=issuer, problems=problems)


def may_manage_sign_on(actor: Actor) -> None:
    if not actor.may_manage_sign_on():
        raise NotAllowed("Only admins look after single sign-on.")


def _managed(session: Session, actor: Actor) -> bool:
    """Hold the organisation; whether single sign-on is its only way in."""
    may_manage_sign_on(actor)
    return locked(session, actor.organisation_id).single_sign_on_only


def _standing(session: Session, actor: Actor) -> SsoProvider:
    standing = session.get(SsoProvider, actor.organisation_id, populate_existing=True)
    if standing is None:
        raise Missing("Single sign-on is not set up.")
    return standing


def _record(session: Session, actor: Actor, now: datetime.datetime, action: str, **details: object) -> None:
    audit.record_by(session, actor, now, action, ("organisation", actor.organisation_id), **details)
