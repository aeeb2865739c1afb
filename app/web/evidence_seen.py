"""What evidence stands beside, as its reader sees it: a team's assessment, or what is answered above the teams."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request

from app.actions import evidence as doing
from app.actions.evidence import Above, Of, Opened
from app.domain.asked_once import GivenAbove
from app.domain.errors import DomainError, Missing, NotAllowed
from app.domain.evidence import Held, expired
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.queries.asked_once import AnsweredAbove, one_answered_above
from app.queries.assessing import Assessing, assessing
from app.queries.cycles import CycleLine
from app.queries.evidence import EvidenceLine, attached_above
from app.web.cycle_seen import seen_cycle
from app.web.deps import Db
from app.web.render import Site
from app.web.rubric_reading import wishes_of


@dataclass(frozen=True, slots=True)
class AboveLine:
    """For what part of a cycle is answered; `unit` is empty for the whole organisation."""

    cycle: CycleLine
    unit: str


@dataclass(frozen=True, slots=True)
class Around:
    """The surroundings of one statement's evidence. `refusal` says why its reader attaches nothing there now.

    `home` is the path of its page, `back` the statement on the sheet that the reader came from. Either `found`, a
    team's assessment, or `above` is set.
    """

    opened: Opened
    refusal: DomainError | None
    home: str
    back: str
    found: Assessing | None = None
    above: AboveLine | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A piece of evidence above, beside the answer that a team takes over; `address` is where it leads."""

    line: EvidenceLine
    address: str
    outdated: bool


def around(request: Request, db: Db, me: Actor, now: datetime.datetime, of: Of, statement: str) -> Around:
    """Missing where there is no such statement, NotAllowed for who is to see nothing beside it yet."""
    if isinstance(of, Above):
        cycle = seen_cycle(db, me, of.cycle_id)
        return _above(request, db, me, now, cycle, of.unit_id, statement)
    return _of_team(request, db, me, now, assessing(db.connection(), me, of), statement)


def home_of(request: Request, of: Of, statement: str) -> str:
    """The path of the page of a statement's evidence."""
    site = Site(request)
    if isinstance(of, Above):
        return f"{_sheet_above(site, of.cycle_id, of.unit_id)}/evidence/{statement}"
    return site.path("assessment-evidence", assessment_id=of, statement=statement)


def given_above(
    request: Request, db: Db, found: Assessing, taken: Mapping[str, GivenAbove], held: Held | None
) -> Mapping[str, Sequence[Given]]:
    """What stands above beside the answers that a team takes over, on the day of what is `held` beside its own.

    One statement; none where nothing is taken over, and where no evidence is shown.
    """
    if found.cycle is None or not taken or held is None:
        return {}
    agreed_at = found.result.agreed_at if found.result else None
    cycle_id, today = found.cycle.id, held.today
    lines = attached_above(db.connection(), found.sheet.organisation_id, cycle_id, taken, agreed_at)

    def given(line: EvidenceLine) -> Given:
        home = home_of(request, Above(cycle_id, taken[line.statement].unit_id), line.statement)
        return Given(line, line.link or f"{home}/files/{line.file_key}", expired(line.evidence, today))

    return {statement: [given(line) for line in here] for statement, here in lines.items()}


def _above(
    request: Request,
    db: Db,
    me: Actor,
    now: datetime.datetime,
    cycle: CycleLine,
    unit_id: int | None,
    statement: str,
) -> Around:
    above = one_answered_above(db.connection(), me.organisation_id, cycle.id, unit_id)
    opened = doing.opened_above(db, me, above, wishes_of(db))
    _check_there(opened.rubric, statement)
    category = opened.rubric.category_of[statement].key
    return Around(
        opened,
        _refusal_above(me, above, cycle, now),
        home_of(request, Above(cycle.id, unit_id), statement),
        f"{_sheet_above(Site(request), cycle.id, unit_id)}/category/{category}#statement-{statement}",
        above=AboveLine(cycle, above.unit),
    )


def _of_team(request: Request, db: Db, me: Actor, now: datetime.datetime, found: Assessing, statement: str) -> Around:
    opened = doing.opened_team(db, me, found, wishes_of(db))
    _check_there(opened.rubric, statement)
    if not (found.alone.may_see_agreed_sheet() or found.own(found.viewer(me).person)):
        raise NotAllowed("Everybody answers alone first. Evidence is seen after the reveal.")
    return Around(
        opened,
        _refusal(me, found, now),
        home_of(request, found.id, statement),
        _sheet(request, found, opened.rubric, me, statement),
        found=found,
    )


def _check_there(rubric: Rubric, statement: str) -> None:
    if statement not in rubric.statements:
        raise Missing("This rubric has no such statement.")


def _refusal(me: Actor, found: Assessing, now: datetime.datetime) -> DomainError | None:
    try:
        doing.check_may_add(me, found, now)
    except DomainError as reason:
        return reason
    return None


def _refusal_above(me: Actor, above: AnsweredAbove, cycle: CycleLine, now: datetime.datetime) -> DomainError | None:
    try:
        doing.check_may_add_above(me, above, cycle, now)
    except DomainError as reason:
        return reason
    return None


def _sheet_above(site: Site, cycle_id: int, unit_id: int | None) -> str:
    if unit_id is None:
        return site.path("above-organisation", cycle_id=cycle_id)
    return site.path("above-unit", cycle_id=cycle_id, unit_id=unit_id)


def _sheet(request: Request, found: Assessing, rubric: Rubric, me: Actor, statement: str) -> str:
    """The statement on the sheet that the reader has open: the agreed one, or before the reveal their own."""
    own = found.own(me.person_id)
    if not found.alone.may_see_agreed_sheet() and (own is None or own.sheet_id is None):
        return Site(request).path("assessment", assessment_id=found.id)
    name = "agreed-category" if found.alone.may_see_agreed_sheet() else "own-category"
    category = rubric.category_of[statement].key
    return f"{Site(request).path(name, assessment_id=found.id, category=category)}#statement-{statement}"
