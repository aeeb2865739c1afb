"""Parts of the organisation beside each other: up to four, each a cycle and a unit, all of them in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.domain.errors import Invalid, Missing, NotAllowed, Sentence
from app.domain.people import Actor
from app.domain.rollup import WHOLE, level_names
from app.queries import dashboard, units
from app.queries.compared import levels_of
from app.queries.dashboard import CycleChoice
from app.queries.units import UnitLine
from app.web.charts import ChartView, Ending, answered, view
from app.web.compare_charts import KINDS, Compared, Comparison, levels_chart, medians_chart
from app.web.dashboard import WHOLE_WORDS
from app.web.deps import Db, Me
from app.web.lists import number
from app.web.overview import Spread, spread
from app.web.render import render, translated
from app.web.rubric_reading import read_version
from app.web.texts import Translated
from app.web.units import choices

router = APIRouter()

MOST = len(KINDS)
OTHERS = Sentence(
    "These cycles ask by different rubrics, whose levels say nothing about each other. Choose cycles of one rubric."
)
TOO_MANY = Sentence("At most %(most)s parts can be laid over each other.", most=MOST)

Asked = Annotated[list[str], Query(default_factory=list)]
"""What an address names several times, in order."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A part that is chosen: a cycle in a unit, or in the whole organisation."""

    cycle: CycleChoice
    unit: UnitLine | None

    @property
    def unit_id(self) -> int:
        return self.unit.id if self.unit else WHOLE

    @property
    def asked(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return ("cycle", str(self.cycle.id)), ("unit", str(self.unit.id) if self.unit else "")


@dataclass(frozen=True, slots=True)
class ComparePage:
    """`slots` has the cycle and the unit of each part as their fields have them, empty for those not chosen yet.

    `refused` is why these parts cannot be compared. `comparison` is None then, and without any cycle.
    """

    slots: Sequence[tuple[str, str]]
    cycles: Sequence[CycleChoice]
    unit_choices: Sequence[tuple[str, str]]
    refused: str = ""
    comparison: Comparison | None = None
    medians: ChartView | None = None
    levels: ChartView | None = None
    spreads: Sequence[Spread] = ()
    columns: Sequence[int] = ()

    @property
    def alone(self) -> bool:
        return self.comparison is not None and len(self.comparison.parts) < 2


@router.get("/dashboard/compare", name="dashboard-compare")
def shown(request: Request, db: Db, me: Me, cycle: Asked, unit: Asked) -> Response:
    offered, cycles = _offered(db, me)
    unit_choices = choices(offered, top=WHOLE_WORDS if me.may_see_organisation() else "")
    if not cycles:
        return render(request, "dashboard/compare.html", ComparePage((), (), unit_choices))
    slots = _slots(db, me, offered, cycles, cycle, unit)
    fields = [(each.asked[0][1], each.asked[1][1]) for each in slots]
    fields += [("", "")] * (MOST - len(fields))
    if len({each.cycle.rubric for each in slots}) > 1:
        page = ComparePage(fields, cycles, unit_choices, OTHERS)
        return render(request, "dashboard/compare.html", page, HTTP_422_UNPROCESSABLE_CONTENT)
    found = _comparison(db, me, slots, translated(request))
    path, query = request.app.url_path_for("dashboard"), urlencode([pair for slot in slots for pair in slot.asked])
    page = ComparePage(
        fields,
        cycles,
        unit_choices,
        "",
        found,
        view(medians_chart(found), "medians", f"{path}/charts/compare", query),
        view(levels_chart(found), "levels", f"{path}/charts/compare-levels", query),
        [spread(found.rubric, part.name, part.overview.overall) for part in found.parts],
        list(level_names(found.rubric)),
    )
    return render(request, "dashboard/compare.html", page, HTTP_200_OK)


@router.get("/dashboard/charts/compare.{ending}", name="dashboard-compare-chart")
def medians(request: Request, db: Db, me: Me, ending: str, cycle: Asked, unit: Asked) -> Response:
    found = _drawn(request, db, me, ending, cycle, unit)
    return answered(medians_chart(found), Ending(ending), f"{found.rubric.key}-compare")


@router.get("/dashboard/charts/compare-levels.{ending}", name="dashboard-compare-levels")
def levels(request: Request, db: Db, me: Me, ending: str, cycle: Asked, unit: Asked) -> Response:
    found = _drawn(request, db, me, ending, cycle, unit)
    return answered(levels_chart(found), Ending(ending), f"{found.rubric.key}-compare-levels")


def _drawn(request: Request, db: Db, me: Actor, ending: str, cycle: Sequence[str], unit: Sequence[str]) -> Comparison:
    offered, cycles = _offered(db, me)
    if not cycles or ending not in set(Ending):
        raise Missing("There is no such chart.")
    slots = _slots(db, me, offered, cycles, cycle, unit)
    if len({each.cycle.rubric for each in slots}) > 1:
        raise Invalid(OTHERS)
    return _comparison(db, me, slots, translated(request))


def _offered(db: Db, me: Actor) -> tuple[Sequence[UnitLine], Sequence[CycleChoice]]:
    """The units and the cycles that the reader may choose from. NotAllowed for whom no dashboard is."""
    if not me.may_see_dashboard():
        raise NotAllowed("The dashboard is for managers and admins, and for all where the organisation is open.")
    seen = [each for each in units.unit_lines(db.connection(), me) if me.may_see_unit(each.path)]
    cycles = dashboard.cycle_choices(db.connection(), me.organisation_id)
    if me.may_see_organisation():
        return seen, cycles
    return seen, [each for each in cycles if each.unit_id is None or _touches(each.unit_id, seen)]


def _touches(unit_id: int, seen: Sequence[UnitLine]) -> bool:
    """Whether the unit is one of these, or lies above one."""
    return any(f"/{unit_id}/" in each.path for each in seen)


def _slots(
    db: Db,
    me: Actor,
    offered: Sequence[UnitLine],
    cycles: Sequence[CycleChoice],
    cycle: Sequence[str],
    unit: Sequence[str],
) -> Sequence[Slot]:
    """The parts that the address names, each once; the newest cycle where it names none."""
    asked = [(number(one), number(other)) for one, other in zip_longest(cycle, unit, fillvalue="") if one]
    asked = list(dict.fromkeys(asked)) or [(cycles[0].id, None)]
    if len(asked) > MOST:
        raise Invalid(TOO_MANY)
    found = []
    for cycle_id, unit_id in asked:
        chosen = next((each for each in cycles if each.id == cycle_id), None)
        if chosen is None:
            raise Missing("There is no such cycle.")
        if unit_id is None and not me.may_see_organisation() and offered:
            unit_id = offered[0].id
        found.append(Slot(chosen, dashboard.seen_part(db.connection(), me, unit_id or WHOLE)))
    return found


def _comparison(db: Db, me: Actor, slots: Sequence[Slot], texts: Translated) -> Comparison:
    connection = db.connection()
    levels = levels_of(connection, me.organisation_id, [(each.cycle.id, each.unit_id) for each in slots])
    rubric = read_version(db, me.organisation_id, slots[0].cycle.rubric_version_id).rubric
    names = _names(slots, texts.gettext("the whole organisation"))
    parts = [Compared(name, levels[each.cycle.id, each.unit_id]) for name, each in zip(names, slots, strict=True)]
    return Comparison(rubric, parts, texts)


def _names(slots: Sequence[Slot], whole: str) -> Sequence[str]:
    """By what tells the parts apart: the cycle, the unit, or both."""
    named = [(each.unit.name if each.unit else whole, each.cycle.name) for each in slots]
    if len(slots) > 1 and len({each.cycle.id for each in slots}) == 1:
        return [unit for unit, _ in named]
    if len(slots) > 1 and len({each.unit_id for each in slots}) == 1:
        return [cycle for _, cycle in named]
    return [f"{unit} ({cycle})" for unit, cycle in named]
