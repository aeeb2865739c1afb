from fractions import Fraction

import pytest

from app.charts.from_result import (
    RadarWords,
    StavesWords,
    next_mark,
    radar_figure_of,
    scale,
    staves_figure,
    tenths,
    whole,
)
from app.charts.picture import Frame
from app.charts.radar import radar
from app.charts.staves import staves
from app.domain.results import LadderCategory, LadderResult, PointsCategory, PointsResult
from app.domain.rubric import AnswerWord, Band, Category, Kind, Level, Rubric, Source, Statement, Subject, Unit

STAVES = StavesWords(Frame("Level 1"), "counts", "in place", "open")
RADAR = RadarWords(Frame("Level 1"), "now", "best", "next level")


def rubric(unit: Unit | None, *sizes: int, above: tuple[int, ...] = (-1, 1, 2)) -> Rubric:
    """A rubric with categories a, b, c ... of so many statements; a ladder to level 4 without a unit."""
    categories = tuple(
        Category(key, key.upper(), "?", tuple(Statement(f"{key}-{row}", "t", "d", "p") for row in range(size)))
        for key, size in zip("abcdefgh", sizes, strict=False)
    )
    return Rubric(
        key="example",
        title="Example",
        kind=Kind.POINTS if unit else Kind.LADDER,
        summary="s",
        minutes=1,
        subject=Subject.TEAM,
        source=Source("w", "a", "p", 2020),
        answers=tuple(AnswerWord(Fraction(half, 2), "n") for half in range(3)),
        categories=categories,
        levels=() if unit else tuple(Level(level, "n", "s", "f", "o") for level in range(5)),
        bands=tuple(Band(Fraction(at), "n", "s") for at in above) if unit else (),
        unit=unit,
    )


def ladder_category(key: str, index: Fraction, high: Fraction) -> LadderCategory:
    level, level_high = int(index), int(high)
    return LadderCategory(key, level, level_high, index - level, index, high, (), (), (), 0, 0, 0, 0, 0, complete=False)


def ladder(*bounds: tuple[str, str], binding: tuple[str, ...] = ()) -> LadderResult:
    """A result of a ladder from lower and upper index, category by category."""
    parts = tuple(
        ladder_category(key, Fraction(low), Fraction(high))
        for key, (low, high) in zip("abcdefgh", bounds, strict=False)
    )
    least = min(part.index for part in parts)
    return LadderResult(
        "example",
        int(least),
        0,
        least,
        0,
        binding,
        binding,
        settled=False,
        complete=False,
        drifting=(),
        categories=parts,
    )


def points(*scores: str | None) -> PointsResult:
    parts = tuple(
        PointsCategory(key, score, score, 0, 0, 0, 0, 0, complete=True)
        for key, score in zip("abcdefgh", [None if one is None else Fraction(one) for one in scores], strict=False)
    )
    least = min((part.score for part in parts if part.score is not None), default=None)
    return PointsResult("example", least, least, None, (), (), settled=True, complete=True, categories=parts)


def test_a_ladder_runs_from_0_to_its_top_and_the_water_stands_at_the_overall_index() -> None:
    figure = staves_figure(rubric(None, 1, 1), ladder(("5/2", "3"), ("3/2", "3/2"), binding=("b",)), STAVES)

    assert figure.top == 4
    assert [mark.label for mark in figure.marks] == ["0", "1", "2", "3", "4"]
    assert figure.water == Fraction(3, 2)
    assert [(stave.name, stave.label, stave.label_high, stave.binds) for stave in figure.staves] == [
        ("A", "2.5", "3.0", False),
        ("B", "1.5", "", True),
    ]
    assert [entry.kind for entry in figure.key] == ["water", "wood", "maybe"]


def test_nothing_stands_out_where_all_bind() -> None:
    figure = staves_figure(rubric(None, 1, 1), ladder(("4", "4"), ("4", "4"), binding=("a", "b")), STAVES)

    assert not any(stave.binds for stave in figure.staves)
    assert [entry.kind for entry in figure.key] == ["water"]


def test_the_radar_shows_now_best_and_the_next_level() -> None:
    figure = radar_figure_of(rubric(None, 1, 1, 1), ladder(("5/2", "3"), ("3/2", "3/2"), ("4", "4")), RADAR)

    assert {series.kind: series.values for series in figure.series} == {
        "now": (Fraction(5, 2), Fraction(3, 2), Fraction(4)),
        "best": (Fraction(3), Fraction(3, 2), Fraction(4)),
        "next": (Fraction(2),) * 3,
    }
    assert figure.series[0].hover[0] == "now: A 2.5"
    assert [axis.label for axis in figure.axes] == ["2.5–3.0", "1.5", "4.0"]


def test_a_settled_radar_has_no_best_and_at_the_top_no_next_level() -> None:
    figure = radar_figure_of(rubric(None, 1, 1), ladder(("4", "4"), ("4", "4")), RADAR)
    assert [series.kind for series in figure.series] == ["now"]


def test_points_are_compared_as_they_are_counted() -> None:
    """The overall score is the least sum, so that 3 of 3 stands below 4 of 8."""
    figure = staves_figure(rubric(Unit.POINTS, 3, 8), points("3", "4"), STAVES)

    assert figure.top == 8
    assert [str(mark.at) for mark in figure.marks] == ["0", "1", "2", "8"]
    assert figure.water == 3


def test_percent_go_to_100_and_are_written_whole() -> None:
    figure = staves_figure(rubric(Unit.PERCENT, 3, 3, above=(-1, 25, 90)), points("200/3", None), STAVES)

    assert figure.top == 100
    assert [stave.label for stave in figure.staves] == ["66", "–"]
    assert scale(rubric(Unit.PERCENT, 3, above=(-1, 25, 90)))[1][-1].label == "100"


@pytest.mark.parametrize(
    ("score", "expected"),
    [("0", 1), ("1", 1), ("3/2", 2), ("2", 2), ("5/2", None), (None, None)],
)
def test_the_next_band_begins_above_the_mark(score: str | None, expected: int | None) -> None:
    """A band takes the scores above its mark: exactly 1 is still the band below."""
    assert next_mark(rubric(Unit.POINTS, 8, 8), points(score, score)) == expected


@pytest.mark.parametrize(
    ("value", "written"), [("196/100", "1.9"), ("2", "2.0"), ("0", "0.0"), ("2999/1000", "2.9"), ("199/100", "1.9")]
)
def test_no_number_reads_like_a_level_that_is_not_reached(value: str, written: str) -> None:
    assert tenths(Fraction(value)) == written


def test_whole_percent_are_rounded_down() -> None:
    assert whole(Fraction(9999, 100)) == "99"


def test_a_result_without_any_score_is_still_drawn() -> None:
    example, nothing = rubric(Unit.PERCENT, 3, 3, 3), points(None, None, None)

    assert "<svg" in staves(staves_figure(example, nothing, STAVES))
    assert "<svg" in radar(radar_figure_of(example, nothing, RADAR), standalone=True)
