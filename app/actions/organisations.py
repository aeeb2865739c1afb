"""Organisations: founding one, its name, its logo and its settings."""

import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.db.tables.org import NAME_LIMIT, Organisation
from app.db.tables.people import Membership
from app.db.tables.people import Role as RoleRow
from app.domain.benchmark import checked_least
from app.domain.errors import Invalid, Missing, NotAllowed
from app.domain.logo import logo_type
from app.domain.people import Actor, RoleKind
from app.domain.text import one_line
from app.queries.organisations import EXAMPLE
from app.queries.sign_on import linked


def create_organisation(session: Session, name: str, now: datetime.datetime) -> Organisation:
    """A new organisation without anybody in it. Asks nobody: for the first set-up and the command line."""
    return _created(session, name, now, "organisation created")


def create_example_organisation(session: Session, name: str, now: datetime.datetime, **details: Any) -> Organisation:
    """The same, marked for good as an example, by the first event of its trail."""
    return _created(session, name, now, EXAMPLE, **details)


def _created(session: Session, name: str, now: datetime.datetime, action: str, **details: Any) -> Organisation:
    organisation = Organisation(name=one_line(name, NAME_LIMIT), created_at=now)
    session.add(organisation)
    session.flush()
    subject = ("organisation", organisation.id)
    audit.record(session.connection(), now, organisation.id, action, subject, **details)
    return organisation


def locked(session: Session, organisation_id: int) -> Organisation:
    """The organisation, which nobody else locks until this transaction ends; Missing where there is none.

    For rules over several rows, such as that an admin is left. Others may write what refers to the organisation.
    """
    organisation = session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if organisation is None:
        raise Missing("There is no such organisation.")
    return organisation


def _managed(session: Session, actor: Actor) -> Organisation:
    if not actor.may_manage_organisation():
        raise NotAllowed("Only admins change what belongs to the whole organisation.")
    return locked(session, actor.organisation_id)


def rename_organisation(session: Session, actor: Actor, name: str, now: datetime.datetime) -> None:
    organisation, name = _managed(session, actor), one_line(name, NAME_LIMIT)
    if name != organisation.name:
        subject = ("organisation", organisation.id)
        audit.record_by(session, actor, now, "organisation renamed", subject, before=organisation.name, after=name)
        organisation.name = name


def change_logo(session: Session, actor: Actor, picture: bytes | None, now: datetime.datetime) -> None:
    """Show this PNG or JPEG on pages and reports; None shows none. Invalid for anything else, and for large ones."""
    organisation = _managed(session, actor)
    organisation.logo_type = None if picture is None else logo_type(picture)
    organisation.logo = picture
    action = "logo removed" if picture is None else "logo changed"
    audit.record_by(session, actor, now, action, ("organisation", organisation.id))


def change_settings(
    session: Session,
    actor: Actor,
    *,
    members_see_organisation: bool,
    single_sign_on_only: bool,
    least_compared: int | None = None,
    now: datetime.datetime,
) -> None:
    """`least_compared` None stays what it is; Invalid out of its bounds.

    Invalid as well where single sign-on alone is to be left and nobody could come in any more.

    There has to be one, and the admin who decides so has to have come in by it, or linked their account to it.
    """
    organisation = _managed(session, actor)
    if single_sign_on_only and not organisation.single_sign_on_only:
        _check_sign_on(session, actor)
    wanted: dict[str, int] = {
        "members_see_organisation": members_see_organisation,
        "single_sign_on_only": single_sign_on_only,
        "least_compared": organisation.least_compared if least_compared is None else checked_least(least_compared),
    }
    changed = {name: value for name, value in wanted.items() if getattr(organisation, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(organisation, name, value)
        audit.record_by(session, actor, now, "settings changed", ("organisation", organisation.id), **changed)


def _check_sign_on(session: Session, actor: Actor) -> None:
    own = linked(session.connection(), actor.organisation_id, actor.person_id or 0)
    if own is None:
        raise Invalid("Set single sign-on up before it is the only way in.")
    if not own:
        raise Invalid("Link your own account to single sign-on first: then it is known to work, and an admin comes in.")


def let_passwords_in(session: Session, person_id: int, now: datetime.datetime) -> int:
    """Where this person is an active admin, single sign-on is the only way in no more; in how many organisations.

    Asks nobody: the command line, for when a provider is lost and nobody gets in.
    """
    closed = session.scalars(
        select(Organisation.id)
        .join(RoleRow, RoleRow.organisation_id == Organisation.id)
        .join(
            Membership,
            (Membership.organisation_id == Organisation.id) & (Membership.person_id == RoleRow.person_id),
        )
        .where(
            RoleRow.person_id == person_id,
            RoleRow.kind == RoleKind.ADMIN,
            Membership.deactivated_at.is_(None),
            Organisation.single_sign_on_only,
        )
        .order_by(Organisation.id)
    ).all()
    for organisation_id in closed:
        locked(session, organisation_id).single_sign_on_only = False
        session.flush()
        subject = ("organisation", organisation_id)
        audit.record(session.connection(), now, organisation_id, "settings changed", subject, single_sign_on_only=False)
    return len(closed)
