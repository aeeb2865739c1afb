"""Links that show a report or a badge to whoever holds them. The secret is told once; only its digest is kept."""

import datetime
import secrets

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.db.tables.cycles import Cycle
from app.db.tables.shares import Share
from app.domain.errors import Invalid, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.secret import digest
from app.domain.shares import MOST, OPENED_EVERY, Shared, checked, ends
from app.queries.shares import OpenedShare, check_may_share

SECRET_BYTES = 32


def make_share(session: Session, actor: Actor, shared: Shared, days: int, now: datetime.datetime) -> str:
    """The secret of a new link, which nothing here can tell again.

    Missing where the actor may not share that; Invalid for a wrong time, or where they have MOST links already.
    """
    if actor.person_id is None:
        raise NotAllowed("Links are made by people.")
    shared, end = checked(shared), ends(days, now)
    check_may_share(session.connection(), actor, shared)
    _check_cycle(session, actor, shared)
    locked(session, actor.organisation_id)
    _check_number(session, actor.organisation_id, actor.person_id, now)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    share = Share(
        organisation_id=actor.organisation_id,
        secret_digest=digest(secret),
        kind=shared.kind,
        cycle_id=shared.cycle_id,
        unit_id=shared.unit_id,
        assessment_id=shared.assessment_id,
        notes=shared.notes,
        comments=shared.comments,
        evidence=shared.evidence,
        level=shared.level,
        made_by=actor.person_id,
        created_at=now,
        expires_at=end,
    )
    session.add(share)
    session.flush()
    told = {"kind": shared.kind, "cycle": shared.cycle_id, "unit": shared.unit_id, "assessment": shared.assessment_id}
    audit.record_by(session, actor, now, "link made", ("share", share.id), days=days, **told)
    return secret


def revoke_share(session: Session, actor: Actor, share_id: int, now: datetime.datetime) -> None:
    """Make the link worthless at once; Missing where it is not the actor's, unless they see all."""
    share = session.scalar(
        select(Share)
        .where(Share.organisation_id == actor.organisation_id, Share.id == share_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if share is None or not actor.may_revoke_share(share.made_by):
        raise Missing("There is no such link.")
    if share.revoked_at is None:
        share.revoked_at = now
        audit.record_by(session, actor, now, "link revoked", ("share", share_id), kind=share.kind)


def is_stale(opened: OpenedShare, now: datetime.datetime) -> bool:
    """Whether it is to be written down that the link was opened."""
    return opened.opened_at is None or now - opened.opened_at >= OPENED_EVERY


def note_opened(session: Session, opened: OpenedShare, now: datetime.datetime) -> None:
    """Remember that the link was opened, to the hour."""
    session.execute(
        update(Share)
        .where(Share.organisation_id == opened.maker.organisation_id, Share.id == opened.id)
        .values(opened_at=now)
        .execution_options(synchronize_session=False)
    )


def _check_cycle(session: Session, actor: Actor, shared: Shared) -> None:
    if shared.cycle_id is None:
        return
    asked = select(Cycle.id).where(Cycle.organisation_id == actor.organisation_id, Cycle.id == shared.cycle_id)
    if session.scalar(asked) is None:
        raise Missing("There is no such cycle.")


def _check_number(session: Session, organisation_id: int, person_id: int, now: datetime.datetime) -> None:
    good = (Share.revoked_at.is_(None), Share.expires_at > now)
    own = (Share.organisation_id == organisation_id, Share.made_by == person_id)
    if session.execute(select(func.count()).select_from(Share).where(*own, *good)).scalar_one() >= MOST:
        raise Invalid("You have %(most)s links, which is as many as one person may have. Revoke one first.", most=MOST)
