"""Worked examples: small enough to score by hand."""

import json
from fractions import Fraction

import pytest

from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.results import LadderResult, PointsResult
from app.domain.rubric import Band, Category, Kind, Level, Rubric, StatementKind, Subject, Unit
from app.domain.rubric_file import shipped
from app.domain.scoring import band, number, pick, result_json, score, score_ladder, score_points
from tests.domain.strategies import SOURCE, WORDS, level, points_category, statement

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value
GAP, PRACTICE = StatementKind.GAP, StatementKind.PRACTICE


def ladder(*categories: Category, top: int = 3) -> Rubric:
    levels: tuple[Level, ...] = tuple(level(each, categories[0].key) for each in range(top + 1))
    return Rubric("steps", "Steps", Kind.LADDER, "What.", 5, Subject.TEAM, SOURCE, WORDS, categories, WORDS, levels)


def people() -> Category:
    """A gap shown at 0 and one shown at 1 with gate 3; two practices of level 1, one each of 2 and 3; not sorted."""
    return Category(
        "people",
        "People",
        "Who?",
        (
            statement("sponsor", PRACTICE, 3, 3),
            statement("nobody", GAP, 0, 1),
            statement("one-absence", GAP, 1, 3),
            statement("hired", PRACTICE, 1, 1),
            statement("trained", PRACTICE, 2, 2),
        ),
    )


def tools() -> Category:
    return Category(
        "tools", "Tools", "With?", tuple(statement(f"tool-{each}", PRACTICE, each, each) for each in (1, 2, 3))
    )


def points_rubric(unit: Unit, *sizes: int) -> Rubric:
    categories = tuple(points_category(f"c{number}", size) for number, size in enumerate(sizes, 1))
    bands = tuple(Band(Fraction(above), name, "") for above, name in ((-1, "none"), (0, "some"), (2, "more")))
    return Rubric(
        "sums", "Sums", Kind.POINTS, "What.", 5, Subject.MODEL, SOURCE, WORDS, categories, bands=bands, unit=unit
    )


@pytest.mark.parametrize(
    ("values", "level", "high", "index", "index_high", "blockers", "open_blockers", "islands"),
    [
        ({}, 0, 3, 0, 3, ["nobody", "hired"], ["nobody", "hired"], []),
        ({"nobody": YES}, 0, 3, "1/2", 3, ["hired"], ["hired"], []),
        ({"nobody": YES, "hired": HALF}, 0, 0, "3/4", "3/4", ["hired"], [], []),
        ({"nobody": UNKNOWN, "hired": NO}, 0, 0, 0, "1/2", ["nobody", "hired"], ["nobody"], []),
        ({"nobody": YES, "hired": NOT_APPLICABLE}, 1, 3, 1, 3, ["trained"], ["trained"], []),
        ({"nobody": YES, "hired": YES, "trained": NO, "sponsor": YES}, 1, 1, 1, 1, ["trained"], [], ["sponsor"]),
        ({"nobody": YES, "hired": YES, "trained": NO, "one-absence": YES}, 1, 1, 1, 1, ["trained"], [], []),
        ({"nobody": YES, "hired": YES, "trained": NO, "sponsor": NOT_APPLICABLE}, 1, 1, 1, 1, ["trained"], [], []),
        (
            {"nobody": YES, "hired": YES, "trained": YES, "sponsor": HALF},
            2, 2, "9/4", "11/4", ["sponsor", "one-absence"], ["one-absence"], [],
        ),
        (dict.fromkeys(("nobody", "hired", "trained", "sponsor", "one-absence"), YES), 3, 3, 3, 3, [], [], []),
    ],
)  # fmt: skip
def test_a_category_of_a_ladder(
    values: dict[str, Value],
    level: int,
    high: int,
    index: str,
    index_high: str,
    blockers: list[str],
    open_blockers: list[str],
    islands: list[str],
) -> None:
    found = score_ladder(ladder(people(), tools()), values).categories[0]

    assert (found.level, found.level_high) == (level, high)
    assert (found.index, found.index_high) == (Fraction(index), Fraction(index_high))
    assert found.progress == found.index - found.level
    assert [list(found.blockers), list(found.open_blockers), list(found.islands)] == [blockers, open_blockers, islands]


@pytest.mark.parametrize(
    ("people_at", "tools_at", "overall", "high", "spread", "limiting", "binding", "drifting"),
    [
        (0, 0, 0, 0, 0, ["people", "tools"], ["people", "tools"], []),
        (3, 1, 1, 1, 2, ["tools"], ["tools"], ["people"]),
        (2, 1, 1, 1, 1, ["tools"], ["tools"], []),
        (0, 2, 0, 0, 2, ["people"], ["people"], ["tools"]),
        (1, None, 0, 1, 1, ["tools"], [], []),
        (3, None, 0, 3, 3, ["tools"], [], []),
        (0, None, 0, 0, 0, ["people", "tools"], ["people"], []),
        (None, None, 0, 3, 0, ["people", "tools"], [], []),
    ],
)
def test_the_overall_level(
    people_at: int | None,
    tools_at: int | None,
    overall: int,
    high: int,
    spread: int,
    limiting: list[str],
    binding: list[str],
    drifting: list[str],
) -> None:
    rubric = ladder(people(), tools())
    picks = zip(rubric.categories, (people_at, tools_at), strict=True)
    values = {key: value for each, at in picks if at is not None for key, value in pick(each, at).items()}

    result = score_ladder(rubric, values)

    assert (result.overall, result.overall_high, result.spread) == (overall, high, spread)
    assert [list(result.limiting), list(result.binding), list(result.drifting)] == [limiting, binding, drifting]
    assert result.settled == (overall == high)
    assert result.complete == (None not in (people_at, tools_at))


def test_completeness_takes_what_is_at_the_boundary() -> None:
    rubric = ladder(people(), tools())
    values = {"nobody": YES, "hired": YES, "trained": UNKNOWN, "sponsor": NOT_APPLICABLE}

    found = score_ladder(rubric, values).categories[0]

    assert found.complete
    assert (found.needed, found.needed_answered) == (3, 3)
    assert (found.answered, found.unknown, found.not_applicable) == (4, 1, 1)


def test_at_the_top_everything_is_needed() -> None:
    found = score_ladder(ladder(tools(), people()), pick(tools(), 3)).categories[0]

    assert found.complete
    assert found.needed == 3


@pytest.mark.parametrize(
    ("unit", "given", "low", "high", "complete"),
    [
        (Unit.POINTS, [None, None, None, None], 0, 4, False),
        (Unit.POINTS, [YES, HALF, NO, YES], "5/2", "5/2", True),
        (Unit.POINTS, [YES, HALF, UNKNOWN, NO], "3/2", "5/2", True),
        (Unit.POINTS, [YES, HALF, NOT_APPLICABLE, NO], 2, 2, True),
        (Unit.POINTS, [YES, NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE], 4, 4, True),
        (Unit.POINTS, [NOT_APPLICABLE] * 4, None, None, True),
        (Unit.PERCENT, [YES, HALF, NO, YES], "125/2", "125/2", True),
        (Unit.PERCENT, [YES, HALF, NOT_APPLICABLE, None], 50, "250/3", False),
        (Unit.PERCENT, [NOT_APPLICABLE] * 4, None, None, True),
    ],
)
def test_a_category_of_points(
    unit: Unit, given: list[Value | None], low: str | None, high: str | None, complete: bool
) -> None:
    values = {f"c1-s{at}": value for at, value in enumerate(given, 1) if value is not None}

    found = score_points(points_rubric(unit, 4, 2), values).categories[0]

    assert found.score == (None if low is None else Fraction(low))
    assert found.score_high == (None if high is None else Fraction(high))
    assert found.complete == complete


def test_what_nothing_applies_to_takes_no_part() -> None:
    rubric = points_rubric(Unit.POINTS, 1, 3)
    values = {"c1-s1": NOT_APPLICABLE, "c2-s1": YES, "c2-s2": HALF, "c2-s3": NO}

    result = score_points(rubric, values)

    assert (result.overall, result.band, result.settled) == (Fraction(3, 2), "some", True)
    assert (result.limiting, result.binding) == (("c2",), ("c2",))


def test_where_nothing_applies_at_all_there_is_no_score() -> None:
    rubric = points_rubric(Unit.POINTS, 1, 1)
    result = score_points(rubric, dict.fromkeys(rubric.statements, NOT_APPLICABLE))

    assert (result.overall, result.overall_high, result.band) == (None, None, None)
    assert (result.limiting, result.binding, result.complete) == ((), (), True)
    assert result_json(rubric, result)["overall"] is None


@pytest.mark.parametrize(
    ("score", "name"), [(0, "none"), ("1/2", "some"), (2, "some"), ("201/100", "more"), (99, "more")]
)
def test_a_band_begins_strictly_above(score: str, name: str) -> None:
    found = band(points_rubric(Unit.PERCENT, 1), Fraction(score))

    assert found is not None
    assert found.name == name


def test_a_statement_of_no_concern_is_ignored() -> None:
    rubric = ladder(people(), tools())

    assert score(rubric, {"elsewhere": YES}) == score(rubric, {})


@pytest.mark.parametrize("level", [-1, 4])
def test_a_level_that_does_not_exist_cannot_be_picked(level: int) -> None:
    with pytest.raises(Invalid, match="its levels go from 0 to 3"):
        pick(people(), level)


def test_levels_are_picked_in_ladders_only() -> None:
    with pytest.raises(Invalid, match="points rubric"):
        pick(points_category("c1", 2), 0)


@pytest.mark.parametrize(
    ("exact", "shown"),
    [(None, "null"), (3, "3"), (Fraction(4, 2), "2"), (Fraction(5, 2), "2.5"), (Fraction(2, 3), "0.666667")],
)
def test_a_number_in_json(exact: Fraction | int | None, shown: str) -> None:
    assert json.dumps(number(exact)) == shown


def test_the_json_of_a_ladder() -> None:
    rubric = ladder(people(), tools())
    found = result_json(rubric, score(rubric, pick(people(), 1) | {"sponsor": UNKNOWN, "tool-1": YES, "tool-3": YES}))

    assert list(found) == [
        "rubric", "kind", "overall", "overall_high", "settled", "complete", "limiting", "binding",
        "overall_index", "spread", "categories",
    ]  # fmt: skip
    assert (found["rubric"], found["kind"], found["overall"], found["overall_high"]) == ("steps", "ladder", 1, 1)
    assert (found["limiting"], found["binding"]) == (["people", "tools"], ["people"])
    assert found["categories"]["tools"] == {
        "level": 1,
        "level_high": 3,
        "progress": 0,
        "index": 1,
        "blockers": ["tool-2"],
        "open_blockers": ["tool-2"],
        "islands": ["tool-3"],
        "answered": 2,
        "unknown": 0,
        "not_applicable": 0,
        "complete": False,
    }


def test_the_json_of_points() -> None:
    rubric = points_rubric(Unit.PERCENT, 3, 1)
    found = result_json(rubric, score(rubric, {"c1-s1": YES, "c1-s2": UNKNOWN, "c2-s1": YES}))

    assert (found["kind"], found["overall"], found["overall_high"], found["band"]) == ("points", 33.333333, 100, "more")
    assert found["categories"]["c1"] == {
        "score": 33.333333,
        "score_high": 100,
        "answered": 2,
        "unknown": 1,
        "not_applicable": 0,
        "complete": False,
    }


@pytest.mark.parametrize("rubric", shipped().values(), ids=list(shipped()))
def test_the_shipped_rubrics_from_nothing_to_everything(rubric: Rubric) -> None:
    nothing, everything = score(rubric, {}), score(rubric, dict.fromkeys(rubric.statements, YES))

    assert isinstance(nothing, LadderResult if rubric.kind is Kind.LADDER else PointsResult)
    assert nothing.overall == 0
    assert nothing.overall_high == everything.overall == everything.overall_high
    assert everything.complete
