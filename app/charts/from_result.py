"""From a result to its figures: which numbers are drawn, on which scale. The words come from whoever shows them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.charts.picture import Axis, Frame, KeyEntry, Mark, RadarFigure, Series, SeriesKind, Stave, StavesFigure
from app.domain.results import LadderCategory, LadderResult, PointsCategory, Result
from app.domain.rubric import Rubric, Unit

Number = Callable[[Fraction], str]
NO_SCORE = "–"


@dataclass(frozen=True, slots=True)
class StavesWords:
    """`water` and `wood` are what counts and what does not count yet; `maybe` is what open answers could add."""

    frame: Frame
    water: str = ""
    wood: str = ""
    maybe: str = ""
    number: Number | None = None


@dataclass(frozen=True, slots=True)
class RadarWords:
    """The names of the series. `hover` takes the names of series and category and the number; `number` writes one."""

    frame: Frame
    now: str
    best: str
    next: str
    hover: Callable[[str, str, str], str] = "{}: {} {}".format
    number: Number | None = None


@dataclass(frozen=True, slots=True)
class _Reach:
    """A category's two bounds, whatever the kind of the rubric."""

    name: str
    low: Fraction | None
    high: Fraction | None
    binds: bool


def tenths(value: Fraction) -> str:
    """To one place, rounded down: an index of 1.96 never reads like level 2."""
    return f"{math.floor(value * 10) / 10:.1f}"


def whole(value: Fraction) -> str:
    """Whole percent, rounded down: nothing reads 100 that is not complete."""
    return str(math.floor(value))


def shown(rubric: Rubric) -> Number:
    """How this rubric's numbers are written where the caller has no wish of its own."""
    return whole if rubric.unit is Unit.PERCENT else tenths


def scale(rubric: Rubric) -> tuple[Fraction, tuple[Mark, ...]]:
    """The top of the rubric's scale, and its lines: the levels of a ladder, else the scores above which a band begins.

    Percent go to 100. Points go to the number of statements of the longest category: the overall score is the least
    of the sums, so the sums themselves must be compared, and a category with fewer statements cannot reach the top.
    """
    if not rubric.unit:
        return Fraction(rubric.top), tuple(Mark(Fraction(level.level), str(level.level)) for level in rubric.levels)
    longest = max(len(category.statements) for category in rubric.categories)
    top = Fraction(100) if rubric.unit is Unit.PERCENT else Fraction(longest)
    begins = [band.above for band in rubric.bands if 0 < band.above < top]
    return top, tuple(Mark(at, _plain(at)) for at in (Fraction(0), *begins, top))


def _plain(value: Fraction) -> str:
    return str(int(value)) if value.denominator == 1 else tenths(value)


def staves_figure(rubric: Rubric, result: Result, words: StavesWords) -> StavesFigure:
    """Height is the index of a ladder or the score of points; the water stands at the overall one."""
    top, marks = scale(rubric)
    number = words.number or shown(rubric)
    staves = tuple(_stave(reach, number) for reach in _reaches(rubric, result))
    water = result.overall_index if isinstance(result, LadderResult) else result.overall
    return StavesFigure(staves, top, water, marks, words.frame, _staves_key(words, staves, water))


def _stave(reach: _Reach, number: Number) -> Stave:
    low, high = _written(reach, number)
    return Stave(reach.name, reach.low, reach.high, reach.binds, low, high)


def _staves_key(words: StavesWords, staves: tuple[Stave, ...], water: Fraction | None) -> tuple[KeyEntry, ...]:
    """Only what is to be seen in the figure."""
    known = [stave for stave in staves if stave.index is not None and stave.index_high is not None]
    entries = (
        (KeyEntry("water", words.water), bool(water)),
        (KeyEntry("wood", words.wood), any(stave.index != water for stave in known)),
        (KeyEntry("maybe", words.maybe), any(stave.index != stave.index_high for stave in known)),
    )
    return tuple(entry for entry, seen in entries if seen and entry.name)


def radar_figure_of(rubric: Rubric, result: Result, words: RadarWords, others: tuple[Series, ...] = ()) -> RadarFigure:
    """Now, best possible where something open could change it, and the next level below the top; then the others."""
    top, marks = scale(rubric)
    number = words.number or shown(rubric)
    reaches = _reaches(rubric, result)
    drawn = _Drawing(reaches, number, words.hover)
    series = [drawn.series("now", words.now, tuple(reach.low for reach in reaches))]
    if any(reach.low != reach.high for reach in reaches):
        series.append(drawn.series("best", words.best, tuple(reach.high for reach in reaches)))
    ahead = next_mark(rubric, result)
    if ahead is not None:
        series.append(drawn.series("next", words.next, (ahead,) * len(reaches)))
    axes = tuple(_axis(reach, number) for reach in reaches)
    return RadarFigure(axes, marks, top, (*series, *others), words.frame)


def next_mark(rubric: Rubric, result: Result) -> Fraction | None:
    """What every category must reach for one level more, or exceed for the next band; None at the top or unscored."""
    if isinstance(result, LadderResult):
        return Fraction(result.overall + 1) if result.overall < rubric.top else None
    if result.overall is None:
        return None
    top, _ = scale(rubric)
    return next((band.above for band in rubric.bands if result.overall <= band.above < top), None)


@dataclass(frozen=True, slots=True)
class _Drawing:
    reaches: tuple[_Reach, ...]
    number: Number
    hover: Callable[[str, str, str], str]

    def series(self, kind: SeriesKind, name: str, values: tuple[Fraction | None, ...]) -> Series:
        texts = (
            self.hover(name, reach.name, NO_SCORE if value is None else self.number(value))
            for reach, value in zip(self.reaches, values, strict=True)
        )
        return Series(kind, name, values, tuple(texts))


def _axis(reach: _Reach, number: Number) -> Axis:
    low, high = _written(reach, number)
    return Axis(reach.name, f"{low}–{high}" if high else low)


def _written(reach: _Reach, number: Number) -> tuple[str, str]:
    """Both bounds as they are written; the upper one is empty where it says nothing more."""
    if reach.low is None or reach.high is None:
        return NO_SCORE, ""
    low, high = number(reach.low), number(reach.high)
    return low, "" if low == high else high


def _reaches(rubric: Rubric, result: Result) -> tuple[_Reach, ...]:
    """In the rubric's order. What surely binds is marked, but not where all bind alike: then none stands out."""
    marked = () if len(result.binding) == len(result.categories) else result.binding
    return tuple(_reach(rubric, category, category.key in marked) for category in result.categories)


def _reach(rubric: Rubric, category: LadderCategory | PointsCategory, binds: bool) -> _Reach:
    name = rubric.category_by_key[category.key].name
    if isinstance(category, LadderCategory):
        return _Reach(name, category.index, category.index_high, binds)
    return _Reach(name, category.score, category.score_high, binds)
