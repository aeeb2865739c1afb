"""Attaching evidence to statements of an assessment, of a team or above it, taking it away, and putting it back."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.asked_once import ONLY_ABOVE
from app.actions.assessing import check_answered_now, held, hold
from app.db.base import table
from app.db.tables.findings import TITLE_LIMIT, Evidence, EvidenceKind
from app.domain.asked_once import asked_once_only
from app.domain.cycles import check_may_be_answered
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.evidence import EvidenceFile, checked_days, checked_link
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.text import one_line
from app.queries import rubrics
from app.queries.asked_once import AnsweredAbove, one_answered_above
from app.queries.assessing import Assessing
from app.queries.cycles import CycleLine, cycle_line
from app.queries.evidence import Beside, EvidenceLine, beside_team, evidence_line, evidence_of_statement

MOST = 50
"""Pieces of evidence of one statement, those that were taken away included."""

_evidence = table(Evidence).c


@dataclass(frozen=True, slots=True)
class Above:
    """What is answered for the organisation in a cycle, or for a unit of it."""

    cycle_id: int
    unit_id: int | None


Of = int | Above
"""Where evidence is attached: to a team's assessment, by its number, or to what is answered above the teams."""


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a piece of evidence besides itself. An empty title is the link, or the name of the file."""

    title: str = ""
    dated: datetime.date | None = None
    expires: datetime.date | None = None
    speaks_for: bool = True


def add_link(
    session: Session,
    actor: Actor,
    of: Of,
    statement: str,
    link: str,
    about: About,
    now: datetime.datetime,
) -> int:
    """The number of the new evidence. Raises Invalid for a link that is not taken, or that stands there already."""
    checked = checked_link(link)
    here = _open(session, actor, of, statement, now)
    standing = evidence_of_statement(session.connection(), here.beside, statement)
    if any(each.link == checked and each.removed_at is None for each in standing):
        raise Invalid("This link stands here already.")
    row = Evidence(kind=EvidenceKind.LINK, title=about.title or checked, link=checked)
    return _add(session, actor, here, statement, row, about, now)


def add_file(
    session: Session,
    actor: Actor,
    of: Of,
    statement: str,
    file: EvidenceFile,
    key: str,
    about: About,
    now: datetime.datetime,
) -> int:
    """The number of the new evidence; the file lies in the data folder under `key` already."""
    here = _open(session, actor, of, statement, now)
    row = Evidence(
        kind=EvidenceKind.FILE,
        title=about.title or file.name,
        file_name=file.name,
        file_key=key,
        media_type=file.media_type,
        size=file.size,
    )
    return _add(session, actor, here, statement, row, about, now)


def remove_evidence(
    session: Session, actor: Actor, of: Of, statement: str, evidence_id: int, now: datetime.datetime
) -> None:
    """Take evidence away: by who added it, and the lead. Its line stays, and it can be put back."""
    _change(session, actor, of, statement, evidence_id, now, removed=True)


def restore_evidence(
    session: Session, actor: Actor, of: Of, statement: str, evidence_id: int, now: datetime.datetime
) -> None:
    """Put back what was taken away."""
    _change(session, actor, of, statement, evidence_id, now, removed=False)


def check_may_add(actor: Actor, found: Assessing, now: datetime.datetime) -> None:
    """NotAllowed or Conflict, with the reason, where the actor attaches nothing to this assessment now."""
    if actor.person_id is None or not actor.may_answer(found.place):
        raise NotAllowed("Members and leads of the team attach evidence.")
    if found.result is not None:
        raise Conflict("This result is agreed, and its evidence with it. The lead can reopen it.")
    if not found.alone.may_add(actor.person_id):
        raise NotAllowed("You were not asked to answer this alone. You can attach evidence after the reveal.")
    check_answered_now(found, now.date())


def check_may_add_above(actor: Actor, above: AnsweredAbove, cycle: CycleLine, now: datetime.datetime) -> None:
    """NotAllowed, with the reason, for who does not answer there, and while the cycle takes no answers."""
    if actor.person_id is None or not actor.may_answer_for(above.path if above.unit_id is not None else ""):
        raise NotAllowed(ONLY_ABOVE)
    check_may_be_answered(cycle.rules, now.date())


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the actor may attach something now; who `keeps` it takes away what others added too."""

    beside: Beside
    rubric: Rubric
    keeps: bool

    def may_change(self, actor: Actor, line: EvidenceLine) -> bool:
        """Whoever added it takes it away and puts it back, the lead, and above whoever answers there."""
        return self.keeps or line.person_id == actor.person_id


def opened_team(session: Session, actor: Actor, found: Assessing, wishes: Sequence[str] = ()) -> Opened:
    """`wishes` are the languages that the reader would rather read the rubric in."""
    version = rubrics.published(session.connection(), actor.organisation_id, found.sheet.rubric_version_id, wishes)
    return Opened(beside_team(found, actor), version.rubric, actor.may_agree(found.place))


def opened_above(session: Session, actor: Actor, above: AnsweredAbove, wishes: Sequence[str] = ()) -> Opened:
    version = rubrics.published(session.connection(), actor.organisation_id, above.sheet.rubric_version_id, wishes)
    return Opened(Beside(actor.organisation_id, above.sheet.assessment_id), asked_once_only(version.rubric), keeps=True)


def _open(session: Session, actor: Actor, of: Of, statement: str, now: datetime.datetime) -> Opened:
    """The assessment, held, where the actor may attach something to this statement now."""
    if isinstance(of, Above):
        line = cycle_line(session.connection(), actor.organisation_id, of.cycle_id)
        above = one_answered_above(session.connection(), actor.organisation_id, of.cycle_id, of.unit_id)
        hold(session, actor.organisation_id, above.sheet.assessment_id)
        check_may_add_above(actor, above, line, now)
        opened = opened_above(session, actor, above)
    else:
        found = held(session, actor, of)
        check_may_add(actor, found, now)
        opened = opened_team(session, actor, found)
    if statement not in opened.rubric.statements:
        raise Missing("This rubric has no such statement.")
    return opened


def _add(
    session: Session,
    actor: Actor,
    here: Opened,
    statement: str,
    row: Evidence,
    about: About,
    now: datetime.datetime,
) -> int:
    checked_days(about.dated, about.expires)
    count = select(func.count()).where(
        _evidence.organisation_id == actor.organisation_id,
        _evidence.assessment_id == here.beside.assessment_id,
        _evidence.statement == statement,
    )
    if (session.scalar(count) or 0) >= MOST:
        raise Invalid("A statement holds %(most)s pieces of evidence at most.", most=MOST)
    row.title = one_line(row.title[:TITLE_LIMIT], TITLE_LIMIT)
    row.organisation_id, row.assessment_id, row.statement = actor.organisation_id, here.beside.assessment_id, statement
    row.speaks_for, row.dated, row.expires = about.speaks_for, about.dated, about.expires
    row.person_id, row.created_at = actor.person_id, now
    session.add(row)
    session.flush()
    _record(session, actor, here, "evidence added", statement, row.id, now)
    return row.id


def _change(
    session: Session,
    actor: Actor,
    of: Of,
    statement: str,
    evidence_id: int,
    now: datetime.datetime,
    *,
    removed: bool,
) -> None:
    here = _open(session, actor, of, statement, now)
    line = evidence_line(session.connection(), here.beside, statement, evidence_id)
    if not here.may_change(actor, line):
        raise NotAllowed("Evidence is taken away by who added it, or by the lead.")
    if (line.removed_at is not None) is removed:
        return
    session.execute(
        update(table(Evidence))
        .where(_evidence.organisation_id == actor.organisation_id, _evidence.id == evidence_id)
        .values(removed_at=now if removed else None, removed_by=actor.person_id if removed else None)
    )
    action = "evidence removed" if removed else "evidence put back"
    _record(session, actor, here, action, statement, evidence_id, now)


def _record(
    session: Session,
    actor: Actor,
    here: Opened,
    action: str,
    statement: str,
    evidence_id: int,
    now: datetime.datetime,
) -> None:
    about = ("assessment", here.beside.assessment_id)
    audit.record_by(session, actor, now, action, about, statement=statement, evidence=evidence_id)
