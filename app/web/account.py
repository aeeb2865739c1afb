"""A person's own account: their browsers, name, password, and how pages look to them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from pydantic import AfterValidator
from starlette.responses import RedirectResponse, Response
from starlette.status import (
    HTTP_200_OK,
    HTTP_303_SEE_OTHER,
    HTTP_422_UNPROCESSABLE_CONTENT,
    HTTP_429_TOO_MANY_REQUESTS,
)

from app.actions import accounts, passwords, signing_in
from app.actions.allowances import UsedUp
from app.actions.people import rename_person
from app.actions.preferences import change_preferences
from app.actions.signing_in import Refused
from app.domain.errors import Invalid, Missing, NotAllowed
from app.domain.organisations import NAME_LIMIT
from app.queries import signing_in as queries
from app.queries.accounts import AccountLine, account_line
from app.queries.reminders import wants_reminders
from app.queries.sign_on import linked
from app.queries.signing_in import SignedInLine
from app.web.deps import Db, Me, Now, Posted, ReaderApart, Reads, SignedInReader
from app.web.device import device_of, device_words
from app.web.entering import let_in
from app.web.forms import Checked, Form, Number, Secret, acted, check, filled, line, refused
from app.web.reader import Reader
from app.web.render import render
from app.web.reset import tell_of_password
from app.web.safely import Safely

router = APIRouter()

NAMES = (("en", "English"), ("de", "Deutsch"))
"""The languages by their own names, which whoever reads one knows."""


@cache
def time_zones() -> Sequence[str]:
    """Those named by a place. Asking the machine reads hundreds of files."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def _known_zone(name: str) -> str:
    if name not in time_zones() and name != "UTC":
        raise refused("There is no such time zone. Choose one from the list.")
    return name


class NameForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]


class PasswordForm(Form):
    present: Secret
    password: Secret


class PreferencesForm(Form):
    language: Literal["en", "de"] | None = None
    time_zone: Annotated[str, line(60), AfterValidator(_known_zone)] | None = None
    theme: Literal["light", "dark"] | None = None


class OrganisationForm(Form):
    organisation: Number


@dataclass(frozen=True, slots=True)
class Device:
    """A browser in which the reader is signed in; `browser` and `system` are empty where they are not known."""

    line: SignedInLine
    browser: str
    system: str
    this: bool


@dataclass(frozen=True, slots=True)
class Forms:
    """What was sent of one form comes back; the others show what is kept."""

    name: Checked[NameForm] | None = None
    password: Checked[PasswordForm] = field(default_factory=lambda: filled(PasswordForm))
    preferences: Checked[PreferencesForm] | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """`done` is a word for what was just changed. `linked`: to single sign-on; None where there is none.

    `reminders`: the reader is reminded by mail, in the organisation that they are in.
    """

    account: AccountLine
    devices: Sequence[Device]
    organisations: Sequence[tuple[int, str]]
    organisation_id: int
    name: Checked[NameForm]
    password: Checked[PasswordForm]
    preferences: Checked[PreferencesForm]
    languages: Sequence[tuple[str, str]]
    time_zones: Sequence[str]
    done: str
    linked: bool | None
    reminders: bool


@router.get("/account", name="account", dependencies=[Safely])
def account(request: Request, db: Db, reader: SignedInReader, now: Now, done: str = "") -> Response:
    return _page(request, db, reader, now, Forms(), HTTP_200_OK, done)


@router.post("/account/name", name="account-rename")
def rename(request: Request, db: Db, reader: SignedInReader, posted: Posted, now: Now) -> Response:
    name = acted(NameForm, posted, lambda form: rename_person(db, reader.actor, form.name, now), "name")
    return _back(request, "name") if name.form else _page(request, db, reader, now, Forms(name=name))


@router.post("/account/password", name="account-password", dependencies=[Safely])
def change_password(request: Request, reads: Reads, db: Db, reader: ReaderApart, posted: Posted, now: Now) -> Response:
    """Ends all other browsers' being signed in."""
    checked = check(PasswordForm, posted)
    if checked.form is None:
        return _page(request, db, reader, now, Forms(password=checked))
    with reads() as session:
        kept = queries.password_of(session.connection(), reader.browser.person_id)
    try:
        about = (reader.actor.name, kept.email, reader.browser.organisation)
        new = passwords.hashed(passwords.checked(checked.form.password, *about))
    except Invalid as weak:
        return _page(request, db, reader, now, Forms(password=checked.refused(weak, "password")))
    proof = passwords.proof(kept, checked.form.present)
    try:
        outcome = accounts.change_password(db, reader.actor, proof, new, now, reader.browser.id)
    except UsedUp as locked:
        return _page(request, db, reader, now, Forms(password=checked.refused(locked)), HTTP_429_TOO_MANY_REQUESTS)
    if isinstance(outcome, Refused):
        return _page(request, db, reader, now, Forms(password=checked.refused(outcome.text, "present")))
    tell_of_password(request, db, reader.browser.person_id, kept.email, now, reader.browser.organisation_id)
    return _back(request, "password")


@router.post("/account/preferences", name="account-preferences")
def prefer(request: Request, db: Db, reader: SignedInReader, posted: Posted, now: Now) -> Response:
    checked = check(PreferencesForm, posted)
    form = checked.form
    if form is None:
        return _page(request, db, reader, now, Forms(preferences=checked))
    change_preferences(db, reader.actor, language=form.language, time_zone=form.time_zone, theme=form.theme, now=now)
    return _back(request, "preferences")


@router.post("/account/browsers/{signed_in_id}/end", name="account-browser-end")
def end(request: Request, db: Db, me: Me, signed_in_id: int, now: Now) -> Response:
    signing_in.end_signed_in(db, me, signed_in_id, now)
    return _back(request, "browser")


@router.post("/account/browsers/end", name="account-browsers-end")
def end_others(request: Request, db: Db, reader: SignedInReader, now: Now) -> Response:
    """All but this one, which `sign-out` ends."""
    signing_in.end_all(db, reader.actor, now, but=reader.browser.id)
    return _back(request, "browsers")


@router.post("/account/organisation", name="account-organisation")
def change_organisation(request: Request, db: Db, reader: SignedInReader, posted: Posted, now: Now) -> Response:
    """Go on in another of one's organisations, by a new secret."""
    checked = check(OrganisationForm, posted)
    if checked.form is None:
        raise Missing("There is no such organisation.")
    if reader.browser.only_here:
        raise NotAllowed(
            "Your single sign-on is good for this organisation alone. Sign out, and sign in to the other one."
        )
    wanted, person_id = checked.form.organisation, reader.browser.person_id
    home = signing_in.home_of(db, person_id, wanted)
    if isinstance(home, Refused):
        raise Missing("There is no such organisation, or it is entered by single sign-on alone.")
    entered = signing_in.enter(db, person_id, home, device_of(request), now)
    signing_in.sign_out(db, reader.browser, now)
    return let_in(request, entered)


def _page(
    request: Request,
    db: Db,
    reader: Reader,
    now: datetime.datetime,
    forms: Forms,
    status: int = HTTP_422_UNPROCESSABLE_CONTENT,
    done: str = "",
) -> Response:
    connection, person_id, here = db.connection(), reader.browser.person_id, reader.browser.organisation_id
    line = account_line(connection, person_id)
    # Who came by one organisation's single sign-on learns nothing of the others.
    elsewhere = not reader.browser.only_here
    page = AccountPage(
        line,
        [
            _device(each, reader)
            for each in queries.devices(connection, person_id, now)
            if elsewhere or each.organisation_id == here
        ],
        [each for each in queries.organisations(connection, person_id) if elsewhere or each[0] == here],
        here,
        forms.name or filled(NameForm, name=line.name),
        forms.password,
        forms.preferences
        or filled(PreferencesForm, language=line.language, time_zone=line.time_zone, theme=line.theme),
        NAMES,
        time_zones(),
        done,
        linked(connection, here, person_id),
        wants_reminders(connection, here, person_id),
    )
    return render(request, "account/account.html", page, status)


def _device(line: SignedInLine, reader: Reader) -> Device:
    browser, system = device_words(line.device)
    return Device(line, browser, system, this=line.id == reader.browser.id)


def _back(request: Request, done: str) -> Response:
    return RedirectResponse(f"{request.app.url_path_for('account')}?done={done}", HTTP_303_SEE_OTHER)
