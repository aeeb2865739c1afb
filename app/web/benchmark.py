"""A team beside the others of a unit, or of the whole organisation: nothing is shown that tells of a small group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.domain.benchmark import Hidden, above, at_or_below, below
from app.domain.errors import Missing
from app.domain.people import Actor
from app.domain.rollup import NOBODY, WHOLE, Overview
from app.domain.rubric import Rubric, Subject
from app.queries.benchmark import Groups, OwnResult, groups, own_results
from app.queries.compared import levels_of
from app.queries.teams import TeamLine, seen_team
from app.queries.units import UnitLine
from app.web.dashboard import WHOLE_WORDS
from app.web.deps import Db, Me
from app.web.lists import number
from app.web.overview import Column, Spread, columns, spread, tint
from app.web.render import render
from app.web.rubric_reading import read_version
from app.web.units import choices

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Standing:
    """One category, or the overall level: where the team stands, and the group as far as it may be shown.

    `level` is None where nothing applied to the team, `beside` where the group shows nothing. `reached` is the
    percentage of the group that the team is as high as, or higher than; `below` and `above` of it stand elsewhere.
    """

    name: str
    level: int | None
    tint: int
    beside: Spread | None
    reached: int | None

    @property
    def below(self) -> int:
        return below(self.level or 0, self.beside.of) if self.beside else 0

    @property
    def above(self) -> int:
        return above(self.level or 0, self.beside.of) if self.beside else 0


@dataclass(frozen=True, slots=True)
class BenchmarkPage:
    """`own` is the result that is compared, None without any in a cycle; `offered` are all to choose from.

    `hidden` is why the group shows nothing; `unit` is None for the whole organisation.
    """

    team: TeamLine
    own: OwnResult | None = None
    offered: Sequence[tuple[str, str]] = ()
    chosen: str = ""
    rubric: Rubric | None = None
    unit: UnitLine | None = None
    unit_choices: Sequence[tuple[str, str]] = ()
    least: int = 0
    hidden: Hidden | None = None
    overall: Standing | None = None
    categories: Sequence[Standing] = ()
    columns: Sequence[Column] = ()

    @property
    def of_systems(self) -> bool:
        return self.rubric is not None and self.rubric.subject is Subject.MODEL

    @property
    def left_out(self) -> bool:
        """Whether the group is shown without some categories."""
        return self.hidden is None and any(each.beside is None for each in self.categories)


@router.get("/teams/{team_id}/benchmark", name="team-benchmark")
def shown(request: Request, db: Db, me: Me, team_id: int, rubric: str = "", unit: str = "") -> Response:
    """`rubric` is the key of a rubric, and after a point the number of an ML system where it is about those."""
    team = seen_team(db.connection(), me, team_id)
    found = own_results(db.connection(), me.organisation_id, team_id)
    if not found:
        return render(request, "benchmark/benchmark.html", BenchmarkPage(team))
    own = next((each for each in found if rubric in {"", each.rubric, _written(each)}), None)
    if own is None:
        raise Missing("This team has no agreed result by this rubric.")
    return render(request, "benchmark/benchmark.html", _page(db, me, team, own, found, number(unit)))


def _written(own: OwnResult) -> str:
    return own.rubric if own.system_id is None else f"{own.rubric}.{own.system_id}"


def _page(
    db: Db, me: Actor, team: TeamLine, own: OwnResult, found: Sequence[OwnResult], unit_id: int | None
) -> BenchmarkPage:
    connection, organisation_id = db.connection(), me.organisation_id
    rubric = read_version(db, organisation_id, own.rubric_version_id).rubric
    among = groups(connection, organisation_id, own.cycle_id, rubric.subject)
    unit = next((each for each in among.units if each.id == unit_id), None)
    if unit_id not in {None, WHOLE} and unit is None:
        raise Missing("There is no such unit.")
    group = unit.id if unit else WHOLE
    levels = levels_of(connection, organisation_id, [(own.cycle_id, group)])[own.cycle_id, group]
    why = among.hidden[""].get(group)
    return BenchmarkPage(
        team,
        own,
        [(_written(each), _named(db, me, each)) for each in found],
        _written(own),
        rubric,
        unit,
        choices(among.units, top=WHOLE_WORDS),
        among.least,
        why,
        _standing(rubric, "", own.overall, levels, among, group),
        [_standing(rubric, each.key, own.levels.get(each.key), levels, among, group) for each in rubric.categories],
        # Only the names of the levels: what they count stands in the rows.
        columns(rubric, NOBODY, None),
    )


def _named(db: Db, me: Actor, own: OwnResult) -> str:
    title = read_version(db, me.organisation_id, own.rubric_version_id).rubric.title
    return ", ".join(each for each in (title, own.system) if each)


def _standing(rubric: Rubric, key: str, level: int | None, levels: Overview, among: Groups, group: int) -> Standing:
    """Shown only where the group is shown as a whole, and by what is counted of this category as well."""
    name = rubric.category_by_key[key].name if key else ""
    of = levels.categories.get(key, NOBODY) if key else levels.overall
    seen = _shows(among.hidden, "", group) and _shows(among.hidden, key, group)
    return Standing(
        name,
        level,
        tint(rubric, level or 0),
        spread(rubric, name, of) if seen else None,
        at_or_below(level, of) if seen and level is not None else None,
    )


def _shows(hidden: Mapping[str, Mapping[int, Hidden]], key: str, group: int) -> bool:
    """A category that nothing applied to anywhere is not counted, and shows nothing."""
    return key in hidden and group not in hidden[key]
