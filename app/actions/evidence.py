"""Attaching evidence to statements of an assessment, taking it away, and taking that back."""

import datetime
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.assessing import check_answered_now, held
from app.db.base import table
from app.db.tables.findings import TITLE_LIMIT, Evidence, EvidenceKind
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.evidence import EvidenceFile, checked_days, checked_link
from app.domain.people import Actor
from app.domain.text import one_line
from app.queries import rubrics
from app.queries.assessing import Assessing
from app.queries.evidence import EvidenceLine, evidence_line, evidence_of_statement

MOST = 50
"""Pieces of evidence of one statement, those that were taken away included."""

_evidence = table(Evidence).c


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
    assessment_id: int,
    statement: str,
    link: str,
    about: About,
    now: datetime.datetime,
) -> int:
    """The number of the new evidence. Raises Invalid for a link that is not taken, or that stands there already."""
    checked = checked_link(link)
    found = _open(session, actor, assessment_id, statement, now)
    standing = evidence_of_statement(session.connection(), found, actor, statement)
    if any(each.link == checked and each.removed_at is None for each in standing):
        raise Invalid("This link stands here already.")
    row = Evidence(kind=EvidenceKind.LINK, title=about.title or checked, link=checked)
    return _add(session, actor, found, statement, row, about, now)


def add_file(
    session: Session,
    actor: Actor,
    assessment_id: int,
    statement: str,
    file: EvidenceFile,
    key: str,
    about: About,
    now: datetime.datetime,
) -> int:
    """The number of the new evidence; the file lies in the data folder under `key` already."""
    found = _open(session, actor, assessment_id, statement, now)
    row = Evidence(
        kind=EvidenceKind.FILE,
        title=about.title or file.name,
        file_name=file.name,
        file_key=key,
        media_type=file.media_type,
        size=file.size,
    )
    return _add(session, actor, found, statement, row, about, now)


def remove_evidence(
    session: Session, actor: Actor, assessment_id: int, statement: str, evidence_id: int, now: datetime.datetime
) -> None:
    """Take evidence away: by who added it, and the lead. Its line stays, and it can be put back."""
    _change(session, actor, assessment_id, statement, evidence_id, now, removed=True)


def restore_evidence(
    session: Session, actor: Actor, assessment_id: int, statement: str, evidence_id: int, now: datetime.datetime
) -> None:
    """Put back what was taken away."""
    _change(session, actor, assessment_id, statement, evidence_id, now, removed=False)


def check_may_add(actor: Actor, found: Assessing, now: datetime.datetime) -> None:
    """NotAllowed or Conflict, with the reason, where the actor attaches nothing to this assessment now."""
    if actor.person_id is None or not actor.may_answer(found.place):
        raise NotAllowed("Members and leads of the team attach evidence.")
    if found.result is not None:
        raise Conflict("This result is agreed, and its evidence with it. The lead can reopen it.")
    if not found.alone.may_add(actor.person_id):
        raise NotAllowed("You were not asked to answer this alone. You can attach evidence after the reveal.")
    check_answered_now(found, now.date())


def may_change(actor: Actor, found: Assessing, line: EvidenceLine) -> bool:
    """Whoever added it takes it away and puts it back, and the lead."""
    return line.person_id == actor.person_id or actor.may_agree(found.place)


def _open(session: Session, actor: Actor, assessment_id: int, statement: str, now: datetime.datetime) -> Assessing:
    """The assessment, held, where the actor may attach something to this statement now."""
    found = held(session, actor, assessment_id)
    check_may_add(actor, found, now)
    version = found.sheet.rubric_version_id
    if statement not in rubrics.published(session.connection(), actor.organisation_id, version).rubric.statements:
        raise Missing("This rubric has no such statement.")
    return found


def _add(
    session: Session,
    actor: Actor,
    found: Assessing,
    statement: str,
    row: Evidence,
    about: About,
    now: datetime.datetime,
) -> int:
    checked_days(about.dated, about.expires)
    count = select(func.count()).where(
        _evidence.organisation_id == actor.organisation_id,
        _evidence.assessment_id == found.id,
        _evidence.statement == statement,
    )
    if (session.scalar(count) or 0) >= MOST:
        raise Invalid(f"A statement holds {MOST} pieces of evidence at most.")
    row.title = one_line(row.title[:TITLE_LIMIT], TITLE_LIMIT)
    row.organisation_id, row.assessment_id, row.statement = actor.organisation_id, found.id, statement
    row.speaks_for, row.dated, row.expires = about.speaks_for, about.dated, about.expires
    row.person_id, row.created_at = actor.person_id, now
    session.add(row)
    session.flush()
    _record(session, actor, found, "evidence added", statement, row.id, now)
    return row.id


def _change(
    session: Session,
    actor: Actor,
    assessment_id: int,
    statement: str,
    evidence_id: int,
    now: datetime.datetime,
    *,
    removed: bool,
) -> None:
    found = _open(session, actor, assessment_id, statement, now)
    line = evidence_line(session.connection(), found, actor, statement, evidence_id)
    if not may_change(actor, found, line):
        raise NotAllowed("Evidence is taken away by who added it, or by the lead.")
    if (line.removed_at is not None) is removed:
        return
    session.execute(
        update(table(Evidence))
        .where(_evidence.organisation_id == actor.organisation_id, _evidence.id == evidence_id)
        .values(removed_at=now if removed else None, removed_by=actor.person_id if removed else None)
    )
    action = "evidence removed" if removed else "evidence put back"
    _record(session, actor, found, action, statement, evidence_id, now)


def _record(
    session: Session,
    actor: Actor,
    found: Assessing,
    action: str,
    statement: str,
    evidence_id: int,
    now: datetime.datetime,
) -> None:
    about = ("assessment", found.id)
    audit.record_by(session, actor, now, action, about, statement=statement, evidence=evidence_id)
