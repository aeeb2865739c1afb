"""The part of an organisation that somebody looks at: a cycle, in a unit or in all of it, and everything counted of it.

Pages and API ask here, so that their readers see the same parts, and the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.errors import Missing, NotAllowed, Sentence
from app.domain.people import Actor
from app.domain.rollup import WHOLE, Distribution, Headline, Movement, Overview, headline
from app.domain.rubric import Rubric
from app.queries import dashboard, rubrics, units
from app.queries.dashboard import CycleChoice, TrendPoint, UnitRow
from app.queries.units import UnitLine

MOST_CYCLES = 12
"""Cycles that a trend shows, the newest ones."""
ONLY_MANAGERS = Sentence("The dashboard is for managers and admins, and for all where the organisation is open.")


@dataclass(frozen=True, slots=True)
class Part:
    """What the reader asked to see, as far as they may: a cycle in a unit, or in the whole organisation (None)."""

    cycle: CycleChoice
    before: CycleChoice | None
    unit: UnitLine | None
    rubric: Rubric
    cycles: Sequence[CycleChoice]
    units: Sequence[UnitLine]

    @property
    def unit_id(self) -> int:
        return self.unit.id if self.unit else WHOLE

    @property
    def path(self) -> str:
        """The path of the unit; empty for the whole organisation."""
        return self.unit.path if self.unit else ""

    @property
    def by_rubric(self) -> Sequence[CycleChoice]:
        """All cycles by the rubric, the last due first."""
        return [each for each in self.cycles if each.rubric == self.cycle.rubric]

    @property
    def befores(self) -> Sequence[CycleChoice]:
        """Earlier cycles by the same rubric, that it can be compared with, the last due first."""
        return [each for each in self.by_rubric if (each.due_on, each.id) < (self.cycle.due_on, self.cycle.id)]

    @property
    def asked(self) -> dict[str, str]:
        """The part as an address names it."""
        return {
            "cycle": str(self.cycle.id),
            "unit": str(self.unit.id) if self.unit else "",
            "since": str(self.before.id) if self.before else "",
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything counted of a part. `moves` and `overall_before` are None where it is compared with nothing.

    `points` are the newest cycles by the rubric; of the units right below all are here, those without results too.
    """

    overview: Overview
    head: Headline | None
    moves: Movement | None
    overall_before: Distribution | None
    points: Sequence[TrendPoint]
    below: Sequence[UnitRow]


def part(
    connection: Connection,
    actor: Actor,
    cycle: int | None,
    unit: int | None,
    since: int | None = None,
    *,
    rubric: str = "",
    wishes: Sequence[str] = (),
) -> Part | None:
    """The part with these numbers; without a unit the largest that the actor sees.

    Without a cycle the last due of those with results, else the last due, of those by `rubric` if it is given. It is
    read in the first of the languages of `wishes` that it has.
    NotAllowed for whom no dashboard is, Missing for a cycle or a unit that is not theirs; None without any cycle.
    """
    if not actor.may_see_dashboard():
        raise NotAllowed(ONLY_MANAGERS)
    seen = units.unit_tree(connection, actor)
    if unit is None and not actor.may_see_organisation():
        unit = next((each.id for each in seen if actor.may_see_unit(each.path)), None)
        if unit is None:
            raise Missing("The unit that you manage is not there any more.")
    here = dashboard.seen_part(connection, actor, WHOLE if unit is None else unit)
    cycles = [
        each for each in dashboard.cycle_choices(connection, actor.organisation_id) if _concerns(each, here, seen)
    ]
    offered = [each for each in cycles if not rubric or cycle is not None or each.rubric == rubric]
    if not offered:
        return None
    if cycle is not None:
        one = next((each for each in offered if each.id == cycle), None)
    else:
        one = _last_with_results(connection, actor, offered, here)
    if one is None:
        raise Missing("There is no such cycle.")
    found = rubrics.published(connection, actor.organisation_id, one.rubric_version_id, wishes).rubric
    shown = Part(one, None, here, found, cycles, seen)
    return Part(one, _before(shown, since), here, found, cycles, seen)


def figures(connection: Connection, organisation_id: int, part: Part) -> Figures:
    """Five statements, however many teams there are."""
    found = dashboard.overview(connection, organisation_id, part.cycle.id, part.unit_id)
    wanted = [each.id for each in part.by_rubric][:MOST_CYCLES]
    points = dashboard.trend(connection, organisation_id, wanted, part.unit_id)
    before = next((each.overall for each in points if part.before and each.cycle_id == part.before.id), None)
    moves = None
    if part.before:
        moves = dashboard.movement(connection, organisation_id, part.before.id, part.cycle.id, part.unit_id)
    below = dashboard.unit_rows(connection, organisation_id, part.cycle.id, part.unit_id)
    return Figures(found, headline(part.rubric, found, moves), moves, before, points, below)


def _last_with_results(
    connection: Connection, actor: Actor, offered: Sequence[CycleChoice], here: UnitLine | None
) -> CycleChoice:
    wanted = [each.id for each in offered]
    agreed = dashboard.with_results(connection, actor.organisation_id, wanted, here.id if here else WHOLE)
    return next((each for each in offered if each.id in agreed), offered[0])


def _before(part: Part, asked: int | None) -> CycleChoice | None:
    """The cycle to compare with: the one asked for, else the last one before."""
    if asked is not None:
        found = next((each for each in part.befores if each.id == asked), None)
        if found is None:
            raise Missing("There is no such cycle to compare with.")
        return found
    return next(iter(part.befores), None)


def _concerns(cycle: CycleChoice, here: UnitLine | None, seen: Sequence[UnitLine]) -> bool:
    """Whether a cycle may ask teams of the shown part: one of the whole organisation, of a unit above it, or below."""
    if cycle.unit_id is None or here is None:
        return True
    below = next((each for each in seen if each.id == cycle.unit_id), None)
    return f"/{cycle.unit_id}/" in here.path or (below is not None and below.path.startswith(here.path))
