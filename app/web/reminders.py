"""Reminders: their letter, sending them by hand from a cycle's page, and having no more of them."""

import datetime
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_303_SEE_OTHER, HTTP_409_CONFLICT

from app.actions import reminders as changing
from app.actions.reminders import INVENTED, ReminderWords
from app.actions.running_cycles import ONLY_MANAGERS
from app.domain.cycles import reminder_by_hand
from app.domain.errors import DomainError, Invalid, NotAllowed, Sentence
from app.domain.mail import Letter
from app.domain.people import Actor
from app.queries import cycles, reminders, units
from app.queries.cycles import CycleLine
from app.queries.organisations import organisation
from app.queries.reminders import Reach
from app.queries.units import UnitLine
from app.web import assessments
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Form, check
from app.web.letters import Letters, ReminderLetter, ReminderLine, letters_of
from app.web.lists import addressed, number
from app.web.render import render

router = APIRouter()

LINES = 10
"""What one letter lists; the home page has the rest."""
NO_MAIL = Sentence(
    "Mail is not set up on this server, so nobody is reminded. It needs SHORTSTAVE_MAIL_URL and SHORTSTAVE_PUBLIC_URL; "
    "ask whoever runs it."
)


class RemindersForm(Form):
    """A box that is not ticked is not sent at all."""

    reminders: bool = False


@dataclass(frozen=True, slots=True)
class RemindPage:
    """`refusal`: why nothing can be sent now, empty where it can. `unit` is None for all of the cycle."""

    cycle: CycleLine
    unit: UnitLine | None
    reach: Reach
    refusal: str
    back: str


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    secret: str
    organisation: str
    wanted: bool


def reminder_letter(letters: Letters, words: ReminderWords) -> Letter:
    """The letter, for the job that sends it and knows no request."""
    lines = [
        ReminderLine(
            each.team,
            each.system,
            str(assessments.router.url_path_for("assessment", assessment_id=each.assessment_id)),
        )
        for each in words.asked[:LINES]
    ]
    return letters.write(
        ReminderLetter(
            lines[0].path,
            words.organisation,
            words.cycle,
            words.rubric,
            words.due_on,
            words.due_on < words.today,
            lines,
            len(words.asked) - len(lines),
            str(router.url_path_for("unsubscribe", secret=words.secret)),
        ),
        words.language,
    )


@router.get("/cycles/{cycle_id}/remind", name="cycle-remind-ask")
def ask(request: Request, db: Db, me: Me, now: Now, cycle_id: int, unit: str = "") -> Response:
    """How many letters there would be, before any is sent."""
    return render(request, "cycles/remind.html", _page(request, db, me, now, cycle_id, number(unit)))


@router.post("/cycles/{cycle_id}/remind", name="cycle-remind")
def remind(request: Request, db: Db, me: Me, now: Now, cycle_id: int, unit: str = "") -> Response:
    page = _page(request, db, me, now, cycle_id, number(unit))
    if page.refusal:
        return render(request, "cycles/remind.html", page, HTTP_409_CONFLICT)
    if page.unit:
        changing.remind_unit_now(db, me, cycle_id, page.unit.id, now.date(), now)
    else:
        changing.remind_now(db, me, cycle_id, now.date(), now)
    return RedirectResponse(f"{page.back}{'&' if '?' in page.back else '?'}done=reminded", HTTP_303_SEE_OTHER)


@router.post("/account/reminders", name="account-reminders")
def prefer(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    checked = check(RemindersForm, posted)
    if checked.form is None:
        raise Invalid(next(iter(checked.problems.values())))
    changing.want_reminders(db, me, checked.form.reminders, now)
    return RedirectResponse(f"{request.app.url_path_for('account')}?done=reminders", HTTP_303_SEE_OTHER)


@router.get("/unsubscribe/{secret}", name="unsubscribe")
def leave(request: Request, db: Db, secret: str) -> Response:
    """Changes nothing: programs that look through mail follow its links."""
    return _left(request, db, secret)


@router.post("/unsubscribe/{secret}", name="unsubscribe-send")
def left(request: Request, db: Db, secret: str, now: Now) -> Response:
    """By the button of the page, or by a mail program for its reader. It answers at once: those follow no redirect."""
    changing.unsubscribe(db, secret, now)
    return _left(request, db, secret)


def _left(request: Request, db: Db, secret: str) -> Response:
    found = reminders.reminded(db.connection(), secret)
    return render(request, "reminders/unsubscribe.html", UnsubscribePage(secret, found.organisation, found.wanted))


def _page(request: Request, db: Db, me: Actor, now: Now, cycle_id: int, unit_id: int | None) -> RemindPage:
    connection, today = db.connection(), now.date()
    cycle = cycles.cycle_line(connection, me.organisation_id, cycle_id)
    unit = None if unit_id is None else units.unit(connection, me.organisation_id, unit_id)
    if not me.may_manage_cycles(unit.path if unit else cycle.unit_path):
        raise NotAllowed(ONLY_MANAGERS)
    last = cycle.reminded_on
    if unit:
        last = changing.last_by_hand(connection, cycle.rules, last, unit.path, today)
    reach = reminders.reach(connection, me.organisation_id, cycle_id, unit.path if unit else "")
    return RemindPage(cycle, unit, reach, _refusal(request, db, me, cycle, last, today), _back(request, cycle, unit))


def _refusal(
    request: Request, db: Db, me: Actor, cycle: CycleLine, last: datetime.date | None, today: datetime.date
) -> str:
    if not letters_of(request).able:
        return NO_MAIL
    if organisation(db.connection(), me.organisation_id).example:
        return INVENTED
    try:
        reminder_by_hand(cycle.rules, last, today)
    except DomainError as refused:
        return str(refused)
    return ""


def _back(request: Request, cycle: CycleLine, unit: UnitLine | None) -> str:
    """Whoever reminds a unit comes from its progress, and may not see the cycle as a whole."""
    if unit is None:
        return str(request.app.url_path_for("cycle", cycle_id=cycle.id))
    part = {"cycle": str(cycle.id), "unit": str(unit.id)}
    return addressed(request.app.url_path_for("dashboard-progress"), part)
