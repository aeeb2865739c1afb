"""The charts of the dashboard: each from the figures of one part, with a title that says what it finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from app.charts.picture import Frame, Piece, StackedBar, StackedFigure, Tone
from app.domain.errors import Missing
from app.domain.rollup import NOBODY, Distribution, Movement, Overview, headline, level_names
from app.domain.rubric import Category, Rubric, Subject
from app.queries.dashboard import TrendPoint
from app.web.charts import Cell, Chart
from app.web.overview import radar_of, tint
from app.web.texts import Translated


class ChartName(StrEnum):
    """The charts by what their addresses call them."""

    RADAR = "radar"
    DISTRIBUTION = "distribution"
    CATEGORIES = "categories"
    TREND = "trend"
    FLOWS = "flows"


@dataclass(frozen=True, slots=True)
class ChartsOf:
    """What the charts of a part are drawn from. `where` names the part; `cycles` has the names of the trend's cycles.

    `since` and `now` name the two cycles that `moves` is between; it is None without an earlier one. `category` is the
    one whose trend is drawn; None draws the overall levels.
    """

    rubric: Rubric
    where: str
    overview: Overview
    points: Sequence[TrendPoint]
    cycles: Mapping[int, str]
    since: str
    now: str
    moves: Movement | None
    category: Category | None
    texts: Translated

    def gettext(self, text: str, **values: object) -> str:
        return self.texts.gettext(text) % values

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        return self.texts.ngettext(one, many, count) % {"num": count, **values}

    def counted(self, teams: int) -> str:
        """How many there are: of teams, or of ML systems where the rubric is about those."""
        if self.rubric.subject is Subject.MODEL:
            return self.ngettext("%(num)s ML system", "%(num)s ML systems", teams)
        return self.ngettext("%(num)s team", "%(num)s teams", teams)

    def frame(self, title: str, bars: Sequence[StackedBar] = ()) -> Frame:
        """The title, for those who do not see the picture with every number, and where it is from."""
        parts = [f"{bar.name}, {bar.label}: " + ", ".join(each.hover for each in bar.pieces) for bar in bars]
        return Frame(" ".join([f"{title}.", *(f"{part}." for part in parts)]), title, self.source)

    def has(self, name: ChartName) -> bool:
        """Whether there is anything for this chart to show."""
        return bool(self.overview.teams) and (name is not ChartName.FLOWS or self.moves is not None)

    @property
    def source(self) -> str:
        return f"{self.rubric.title} · {self.where}"


def chart(name: ChartName, of: ChartsOf) -> Chart:
    """Missing where there is nothing to draw: nothing is agreed, or there is no earlier cycle."""
    if not of.has(name):
        raise Missing("There is nothing to draw: nothing is agreed here yet, or there is no earlier cycle.")
    return BUILT[name](of)


def _radar(of: ChartsOf) -> Chart:
    figure, found = radar_of(of.rubric, of.overview, of.texts), of.overview.categories
    medians = [(category, found.get(category.key, NOBODY).median) for category in of.rubric.categories]
    known = [(level, category.name) for category, level in medians if level is not None]
    lowest = min(known, key=lambda each: each[0], default=(0, ""))
    names = [name for level, name in known if level == lowest[0]]
    if len(names) == len(known):
        title = of.gettext("The median stands at level %(level)s in every category", level=lowest[0])
    elif len(names) == 1:
        title = of.gettext(
            "The median is lowest in %(category)s, at level %(level)s", category=names[0], level=lowest[0]
        )
    else:
        title = of.gettext(
            "The median is lowest in %(count)s categories, at level %(level)s", count=len(names), level=lowest[0]
        )
    table = [[of.gettext("Category"), *(series.name for series in figure.series)]]
    lines: list[list[Cell]] = [
        [axis.name, *(_number(series.values[place]) for series in figure.series)]
        for place, axis in enumerate(figure.axes)
    ]
    frame = Frame(figure.frame.label, title, of.source)
    return Chart(replace(figure, frame=frame), [*table, *lines])


def _number(value: Fraction | None) -> int | None:
    return None if value is None else int(value)


def _distribution(of: ChartsOf) -> Chart:
    overall, names = of.overview.overall, level_names(of.rubric)
    head = headline(of.rubric, of.overview)
    title = of.ngettext(
        "%(num)s of %(all)s stands at level %(level)s",
        "%(num)s of %(all)s stand at level %(level)s",
        head.at_level if head else 0,
        all=of.counted(of.overview.teams),
        level=head.level if head else 0,
    )
    bars = [
        StackedBar(
            tone.name, of.counted(overall.at(level)), (Piece(place, overall.at(level), _hover(of, level, overall)),)
        )
        for place, (level, tone) in enumerate(zip(names, tones(of.rubric), strict=True))
    ]
    table: list[list[Cell]] = [
        [level, name, overall.at(level), _share(overall, level)] for level, name in names.items()
    ]
    head_line: list[Cell] = [of.gettext("Level"), of.gettext("Name"), of.gettext("Count"), of.gettext("Percent")]
    return Chart(StackedFigure(tuple(bars), tones(of.rubric), False, of.frame(title, bars)), [head_line, *table])


def _categories(of: ChartsOf) -> Chart:
    rows = [(each.name, of.overview.categories.get(each.key, NOBODY)) for each in of.rubric.categories]
    rows.append((of.gettext("Overall (the least)"), of.overview.overall))
    title = _lowest_title(of)
    bars = [
        StackedBar(name, of.gettext("median %(level)s", level=_written(each.median)), pieces(of, each))
        for name, each in rows
    ]
    head: list[Cell] = [of.gettext("Category"), *level_names(of.rubric)]
    head += [of.gettext("lowest"), of.gettext("median"), of.gettext("upper quartile")]
    table: list[list[Cell]] = [
        [name, *_counts(of, each), each.floor, each.median, each.upper_quartile] for name, each in rows
    ]
    return Chart(StackedFigure(tuple(bars), tones(of.rubric), True, of.frame(title, bars)), [head, *table])


def _lowest_title(of: ChartsOf) -> str:
    """The category with most teams at or below the level that half of them reach overall."""
    level = of.overview.overall.median or 0
    low = {each.key: of.overview.categories.get(each.key, NOBODY).at_or_below(level) for each in of.rubric.categories}
    most = max(low, key=lambda key: low[key])
    named = {"all": of.counted(of.overview.teams), "category": of.rubric.category_by_key[most].name}
    if level:
        return of.ngettext(
            "%(num)s of %(all)s stands at level %(level)s or below in %(category)s",
            "%(num)s of %(all)s stand at level %(level)s or below in %(category)s",
            low[most],
            level=level,
            **named,
        )
    return of.ngettext(
        "%(num)s of %(all)s stands at level 0 in %(category)s",
        "%(num)s of %(all)s stand at level 0 in %(category)s",
        low[most],
        **named,
    )


def _trend(of: ChartsOf) -> Chart:
    """The cycles from the first to the last; who joined and who is missing since the one before is said apart."""
    shown = [(point, _of_point(of, point)) for point in of.points if point.overall.teams]
    bars = [
        StackedBar(of.cycles[point.cycle_id], _with_moves(of, point, each), pieces(of, each)) for point, each in shown
    ]
    head: list[Cell] = [
        of.gettext("Cycle"),
        *level_names(of.rubric),
        of.gettext("all"),
        of.gettext("joined"),
        of.gettext("missing"),
    ]
    table = [[of.cycles[point.cycle_id], *_counts(of, each), each.teams, *_joined(point)] for point, each in shown]
    figure = StackedFigure(tuple(bars), tones(of.rubric), True, of.frame(_trend_title(of, shown), bars))
    return Chart(figure, [head, *table])


def _of_point(of: ChartsOf, point: TrendPoint) -> Distribution:
    return point.categories.get(of.category.key, NOBODY) if of.category else point.overall


def _trend_title(of: ChartsOf, shown: Sequence[tuple[TrendPoint, Distribution]]) -> str:
    medians = [(of.cycles[point.cycle_id], each.median) for point, each in shown if each.median is not None]
    what = of.category.name if of.category else of.gettext("Overall")
    if not medians:
        return of.gettext("%(what)s: nothing applied", what=what)
    (first, then), (last, now) = medians[0], medians[-1]
    if len(medians) == 1:
        return of.gettext("%(what)s: the median is at level %(now)s in %(last)s", what=what, now=now, last=last)
    if then == now:
        return of.gettext(
            "%(what)s: the median is at level %(now)s, as it was in %(first)s", what=what, now=now, first=first
        )
    moved = {"what": what, "then": then, "first": first, "now": now, "last": last}
    if now is not None and then is not None and now > then:
        return of.gettext("%(what)s: the median rose from level %(then)s in %(first)s to %(now)s in %(last)s", **moved)
    return of.gettext("%(what)s: the median fell from level %(then)s in %(first)s to %(now)s in %(last)s", **moved)


def _with_moves(of: ChartsOf, point: TrendPoint, each: Distribution) -> str:
    if point.movement is None:
        return of.counted(each.teams)
    joined, left = point.movement.joined.teams, point.movement.left.teams
    return of.gettext(
        "%(teams)s · %(joined)s joined, %(left)s missing", teams=of.counted(each.teams), joined=joined, left=left
    )


def _joined(point: TrendPoint) -> list[Cell]:
    return [None, None] if point.movement is None else [point.movement.joined.teams, point.movement.left.teams]


def _flows(of: ChartsOf) -> Chart:
    """A bar for each level then, in the colours of now; those who joined in them too, the missing in those of then."""
    moves, names = of.moves, level_names(of.rubric)
    if moves is None:
        raise Missing("There is no earlier cycle to compare with.")
    rows = [(of.gettext("Level %(level)s then", level=level), Distribution.of(_from(moves, level))) for level in names]
    rows = [(name, each) for name, each in rows if each.teams]
    joined, left = of.gettext("Joined since"), of.gettext("Missing (levels then)")
    rows += [(name, each) for name, each in ((joined, moves.joined), (left, moves.left)) if each.teams]
    title = of.gettext(
        "%(rose)s rose, %(fell)s fell and %(stayed)s stayed from %(since)s to %(now)s",
        rose=moves.rose,
        fell=moves.fell,
        stayed=moves.stayed,
        since=of.since,
        now=of.now,
    )
    bars = [StackedBar(name, of.counted(each.teams), pieces(of, each)) for name, each in rows]
    head: list[Cell] = [of.since, *(of.gettext("level %(level)s", level=level) for level in names), of.gettext("all")]
    table: list[list[Cell]] = [[name, *_counts(of, each), each.teams] for name, each in rows]
    return Chart(StackedFigure(tuple(bars), tones(of.rubric), False, of.frame(title, bars)), [head, *table])


def _from(moves: Movement, level: int) -> Mapping[int, int]:
    return {now: teams for (then, now), teams in moves.flows.items() if then == level}


def tones(rubric: Rubric) -> tuple[Tone, ...]:
    """The levels of a ladder, or the places of the bands, in the one scale of colours."""
    return tuple(Tone(tint(rubric, level), f"{level} {name}") for level, name in level_names(rubric).items())


def pieces(of: ChartsOf, each: Distribution) -> tuple[Piece, ...]:
    return tuple(
        Piece(place, each.at(level), _hover(of, level, each))
        for place, level in enumerate(level_names(of.rubric))
        if each.at(level)
    )


def _hover(of: ChartsOf, level: int, each: Distribution) -> str:
    share = f"{float(100 * each.share(level)):.0f}"
    return of.gettext(
        "level %(level)s: %(teams)s (%(share)s %%)", level=level, teams=of.counted(each.at(level)), share=share
    )


def _counts(of: ChartsOf, each: Distribution) -> list[Cell]:
    return [each.at(level) for level in level_names(of.rubric)]


def _share(of: Distribution, level: int) -> float:
    return round(float(100 * of.share(level)), 1)


def _written(level: int | None) -> str:
    return "–" if level is None else str(level)


BUILT: Mapping[ChartName, Callable[[ChartsOf], Chart]] = {
    ChartName.RADAR: _radar,
    ChartName.DISTRIBUTION: _distribution,
    ChartName.CATEGORIES: _categories,
    ChartName.TREND: _trend,
    ChartName.FLOWS: _flows,
}
