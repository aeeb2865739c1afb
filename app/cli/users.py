"""`shortstave user`: people for scripts, and the way back in when no admin is left."""

import datetime
from typing import Annotated

import typer
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.cli.operating import found_organisation, one_transaction
from app.cli.preparation import address, fail, say
from app.settings import Settings

users = typer.Typer(no_args_is_help=True, help="People who sign in.")

Email = Annotated[str, typer.Option(help="Address that the person signs in with.")]
Name = Annotated[str, typer.Option(help="The person's name; for an account that there is already, leave it out.")]
Of = Annotated[str, typer.Option(help="Name of the organisation; may be left out where there is one.")]
AsAdmin = Annotated[bool, typer.Option("--admin", help="Make the person an admin of the organisation.")]
WithoutFactor = Annotated[bool, typer.Option("--without-second-factor", help="Also switch the second factor off.")]
WithoutSignOn = Annotated[
    bool,
    typer.Option(
        "--without-single-sign-on",
        help="Also let passwords in again where the person is an admin and single sign-on is the only way in.",
    ),
]
Address = Annotated[str, typer.Argument(help="Address that the person signs in with.")]


@users.command("create")
def create(email: Email, name: Name = "", organisation: Of = "", admin: AsAdmin = False) -> None:
    """Add a person to an organisation, and print a link, good once, to choose a password with.

    With --admin, an organisation that there is not yet is made; somebody who is a member already becomes an admin.
    """
    from app.actions.people import add_person
    from app.domain.people import Role, RoleKind

    with one_transaction() as (chosen, session, now):
        found = _organisation(session, organisation, admin, now)
        roles = [Role(RoleKind.ADMIN)] if admin else []
        person_id = add_person(session, found, email, name or email.split("@")[0], roles, now)
        link = _link(session, chosen, person_id, now)
    _say_link(link)


@users.command("reset")
def reset(
    email: Address, without_second_factor: WithoutFactor = False, without_single_sign_on: WithoutSignOn = False
) -> None:
    """Print a link, good once, with which the person chooses a new password."""
    from app.actions import audit
    from app.actions.organisations import let_passwords_in
    from app.actions.people import person_of
    from app.actions.signing_in import Refused, home_of, spelling
    from app.db.tables.signing_in import RecoveryCode

    with one_transaction() as (chosen, session, now):
        person = person_of(session, spelling(email))
        if person is None:
            fail(f"{email} has no account here.")
        if without_second_factor and person.totp_secret is not None:
            person.totp_secret = person.totp_step = None
            session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
            _tell_of_second_factor(session, chosen, person.id, person.email, now)
        if without_single_sign_on and not let_passwords_in(session, person.id, now):
            fail(f"{email} is no active admin of an organisation that has single sign-on as its only way in.")
        no_way_in = isinstance(home_of(session, person.id, None), Refused)
        audit.record_everywhere(
            session, person.id, now, "reset link made", by_command=True, without_second_factor=without_second_factor
        )
        link = _link(session, chosen, person.id, now)
    _say_link(link)
    if no_way_in:
        say(
            "The password alone leads nowhere: the person is no active member, or single sign-on is the only way in. "
            "An admin gets in by --without-single-sign-on."
        )


def _organisation(session: Session, name: str, may_make: bool, now: datetime.datetime) -> int:
    from app.actions.organisations import create_organisation

    found = found_organisation(session, name)
    if found is not None:
        return found
    if not (name and may_make):
        fail("Say which organisation: --organisation NAME. Where there is none of this name, --admin makes it.")
    return create_organisation(session, name, now).id


def _link(session: Session, chosen: Settings, person_id: int, now: datetime.datetime) -> str:
    from app.actions.one_time_links import make_link
    from app.db.tables.signing_in import LinkKind

    return f"{address(chosen)}/reset/{make_link(session, LinkKind.RESET, person_id, now)}"


def _tell_of_second_factor(
    session: Session, chosen: Settings, person_id: int, email: str, now: datetime.datetime
) -> None:
    from app.actions import mail
    from app.main import letters
    from app.web.letters import SecondFactorLetter
    from app.web.render import Templates

    writer = letters(chosen, Templates())
    if writer.able:
        letter = writer.write(SecondFactorLetter("/account", now, on=False))
        mail.send(session, None, email, letter, f"second_factor off {person_id} {now.isoformat()}", now)


def _say_link(link: str) -> None:
    # Only after the transaction: before, the link might never be good.
    say(f"A link, good once and for two hours, to choose a password with: {link}")
