"""What the worker knows to do: one function for each kind of job, and what is due again and again."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.actions.allowances import purge_allowances
from app.actions.carrying import carry_on
from app.actions.counting import count_all
from app.actions.jobs import TakenJob, purge_done
from app.actions.kept_answers import purge_kept_answers
from app.actions.lock_outs import purge_lock_outs
from app.actions.mail import purge_mail
from app.actions.one_time_links import purge_links
from app.actions.quick_checks import purge_ended
from app.actions.reminders import LOOK, look_for_reminders
from app.actions.seals import KIND, seal_events
from app.actions.sso import purge_attempts
from app.actions.upkeep import learn, wants_to_learn
from app.queries import carrying, counting
from app.queries.seals import unsealed

Work = Callable[[Session, dict[str, Any], datetime.datetime], object]
"""Does one job in the session's transaction, which also marks the job as done."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A job that leaves the house, so that no transaction may be open while it is under way.

    `look` reads what is to be done, None when nothing is; `run` does it, and raises nothing that it can foresee; `note`
    writes down what came of it, and answers why it is to be tried again, with nothing where it is not; `give_up` writes
    down why nobody tries again a job that failed by itself, or whose every process died. `long`: it may take minutes,
    and no other kind waits for it.
    """

    look: Callable[[Session, TakenJob], Any]
    run: Callable[[Any], Any]
    note: Callable[[Session, TakenJob, Any, datetime.datetime], str]
    give_up: Callable[[Session, TakenJob, str], None]
    long: bool = False


LEARN = "learn how tables are filled"

WORK: Mapping[str, Work] = {
    "purge ended quick checks": lambda session, _payload, now: purge_ended(session, now),
    "purge allowances": lambda session, _payload, now: purge_allowances(session, now),
    "purge lock-outs": lambda session, _payload, now: purge_lock_outs(session, now),
    "purge one-time links": lambda session, _payload, now: purge_links(session, now),
    "purge kept answers": lambda session, _payload, now: purge_kept_answers(session, now),
    "purge single sign-on": lambda session, _payload, now: purge_attempts(session, now),
    KIND: lambda session, _payload, now: seal_events(session, now),
    LOOK: lambda session, _payload, now: look_for_reminders(session, now),
    "purge mail": lambda session, _payload, now: purge_mail(session, now),
    "purge done jobs": lambda session, _payload, now: purge_done(session, now),
    LEARN: lambda session, _payload, _now: learn(session),
    carrying.KIND: carry_on,
    counting.KIND: count_all,
}

PERIODIC: Mapping[str, datetime.timedelta] = {
    "purge ended quick checks": datetime.timedelta(hours=1),
    "purge allowances": datetime.timedelta(hours=1),
    "purge lock-outs": datetime.timedelta(hours=1),
    "purge one-time links": datetime.timedelta(hours=1),
    "purge kept answers": datetime.timedelta(hours=1),
    "purge single sign-on": datetime.timedelta(hours=1),
    KIND: datetime.timedelta(seconds=5),
    LOOK: datetime.timedelta(hours=1),
    "purge mail": datetime.timedelta(days=1),
    "purge done jobs": datetime.timedelta(days=1),
    LEARN: datetime.timedelta(hours=1),
}
"""Every so often; the slots are counted from 1970, so that all processes agree on them."""

ONLY_WHEN: Mapping[str, Callable[[Session], object]] = {
    KIND: lambda session: unsealed(session.connection()),
    LEARN: wants_to_learn,
}
"""Periodic work that is looked for first: an idle server writes nothing."""
