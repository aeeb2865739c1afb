"""Links to choose a password that somebody else hands over: an admin, or the command line, which is asked nothing."""

import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.one_time_links import make_link
from app.actions.roles import membership
from app.db.tables.people import Membership
from app.db.tables.signing_in import LinkKind
from app.domain.errors import Conflict, NotAllowed
from app.domain.people import Actor


def make_reset_link(session: Session, actor: Actor, person_id: int, now: datetime.datetime) -> str:
    """The secret of a link for the person to choose a password with.

    Conflict where they are deactivated, or a member of another organisation too: whoever holds the link could come in
    there as well, and over that its admins alone decide.
    """
    if not actor.may_manage_people():
        raise NotAllowed("Only admins make links to choose a password with.")
    if membership(session, actor.organisation_id, person_id).deactivated_at is not None:
        raise Conflict("This person is deactivated. Reactivate them first.")
    elsewhere = select(Membership.person_id).where(
        Membership.person_id == person_id, Membership.organisation_id != actor.organisation_id
    )
    if session.scalar(elsewhere.limit(1)) is not None:
        raise Conflict(
            "This person's account belongs to another organisation too, so nobody here can reset it. "
            "They can do so themselves, or ask whoever runs this service."
        )
    secret = make_link(session, LinkKind.RESET, person_id, now)
    audit.record_by(session, actor, now, "reset link made", ("person", person_id))
    return secret
