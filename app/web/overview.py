"""An overview as a page shows it: levels as columns and shares, what limits and blocks, what would lift most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.charts.picture import Axis, Frame, Mark, RadarFigure, Series, SeriesKind
from app.charts.style import tint_of
from app.domain.investments import Investment, in_order, ranked
from app.domain.rollup import NOBODY, Distribution, Overview, highest, level_names
from app.domain.rubric import Category, Rubric, Statement
from app.web.texts import Translated

TALLEST = 132
"""Pixels of the tallest column."""
SHOWN = 8
"""Statements that block, and investments, that a page lists."""


@dataclass(frozen=True, slots=True)
class Column:
    """One level: how many stand at it now, and how many did before; `before` is None where there is no before."""

    level: int
    tint: int
    name: str
    teams: int
    height: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of a bar, in percent of its width. Written by a picture's attributes, which need no style."""

    tint: int
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How many stand at each level under a name: of a category, of a cycle, or of the unit with the number `id`."""

    name: str
    of: Distribution
    counts: tuple[int, ...]
    shares: tuple[Share, ...]
    id: int = 0

    @property
    def above(self) -> tuple[int, ...]:
        """For each level but the lowest the whole percents that stand there or above, never more than do."""
        return tuple(int(100 * self.of.share_at_or_above(level)) for level in range(1, len(self.counts)))


@dataclass(frozen=True, slots=True)
class Limit:
    """A category, and the teams that it limits; `width` is the percentage of all teams."""

    category: Category
    teams: int
    width: str


@dataclass(frozen=True, slots=True)
class Block:
    statement: Statement
    category: Category
    teams: int
    width: str


@dataclass(frozen=True, slots=True)
class Lift:
    """An investment: the statements to be met everywhere, with their categories, and the teams that would rise."""

    statements: tuple[tuple[Statement, Category], ...]
    teams: int


def tint(rubric: Rubric, level: int) -> int:
    """The colour of a level, of five; the bands of points are spread over them."""
    return tint_of(highest(rubric), level)


def columns(rubric: Rubric, now: Distribution, before: Distribution | None) -> tuple[Column, ...]:
    most = max(now.counts.values(), default=0) or 1
    return tuple(
        Column(
            level,
            tint(rubric, level),
            name,
            now.at(level),
            max(2, TALLEST * now.at(level) // most),
            before.at(level) if before else None,
        )
        for level, name in level_names(rubric).items()
    )


def _height(teams: int, most: int) -> int:
    return max(2, TALLEST * teams // most)


def spread(rubric: Rubric, name: str, of: Distribution, id: int = 0) -> Spread:
    shares, reached = [], Fraction()
    for level in of.counts:
        share = of.share(level)
        shares.append(Share(tint(rubric, level), _percent(reached), _percent(share)))
        reached += share
    return Spread(name, of, tuple(of.at(level) for level in level_names(rubric)), tuple(shares), id)


def categories(rubric: Rubric, overview: Overview) -> tuple[Spread, ...]:
    """Every category in the rubric's order, by the names that this version of the rubric has."""
    return tuple(
        spread(rubric, category.name, overview.categories.get(category.key, NOBODY)) for category in rubric.categories
    )


def limits(rubric: Rubric, overview: Overview) -> tuple[Limit, ...]:
    """What limits most teams first. Only what is still in the rubric."""
    known = rubric.category_by_key
    return tuple(
        Limit(known[key], teams, _percent(Fraction(teams, overview.teams or 1)))
        for key, teams in overview.ranked_limits()
        if key in known
    )


def blocks(rubric: Rubric, overview: Overview) -> tuple[Block, ...]:
    """The statements that block most teams."""
    known = [(key, teams) for key, teams in overview.ranked_blocks() if key in rubric.statements][:SHOWN]
    return tuple(
        Block(rubric.statements[key], rubric.category_of[key], teams, _percent(Fraction(teams, overview.teams or 1)))
        for key, teams in known
    )


def lifts(rubric: Rubric, overview: Overview, sizes: Iterable[int] = (1, 2, 3)) -> tuple[tuple[Lift, ...], ...]:
    """What would lift most teams: single statements, then pairs, then threes."""
    return tuple(
        tuple(
            lift(rubric, each)
            for each in ranked(overview.needs, size, SHOWN)
            if all(key in rubric.statements for key in each.statements)
        )
        for size in sizes
    )


def lift(rubric: Rubric, investment: Investment) -> Lift:
    """Its statements in the order of the rubric, all of which it has."""
    statements = tuple((each, rubric.category_of[each.key]) for each in in_order(rubric, investment))
    return Lift(statements, investment.teams)


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.1f}%"


def radar_of(rubric: Rubric, overview: Overview, translated: Translated) -> RadarFigure:
    """Floor, median and upper quartile of every category."""
    _ = translated.gettext
    found = [overview.categories.get(category.key, NOBODY) for category in rubric.categories]
    names = [category.name for category in rubric.categories]
    wanted: tuple[tuple[SeriesKind, str, Sequence[int | None]], ...] = (
        ("now", _("median"), [each.median for each in found]),
        ("previous", _("lowest"), [each.floor for each in found]),
        ("best", _("upper quartile"), [each.upper_quartile for each in found]),
    )
    marks = tuple(Mark(Fraction(level), str(level)) for level in level_names(rubric))
    axes = tuple(Axis(name, _written(each.median)) for name, each in zip(names, found, strict=True))
    said = ", ".join(f"{axis.name} {axis.label}" for axis in axes)
    series = tuple(_series(kind, name, values, names) for kind, name, values in wanted)
    return RadarFigure(
        axes, marks, Fraction(highest(rubric)), series, Frame(_("Median level of each category. %s") % said)
    )


def _series(kind: SeriesKind, name: str, values: Sequence[int | None], names: Sequence[str]) -> Series:
    hover = (f"{name}: {category} {_written(value)}" for category, value in zip(names, values, strict=True))
    return Series(kind, name, tuple(None if value is None else Fraction(value) for value in values), tuple(hover))


def _written(level: int | None) -> str:
    return "–" if level is None else str(level)
