"""The sentence that matters says the level or interval, what decides it, and whether to build or to find out."""

from collections.abc import Mapping

import pytest

from app.domain.answers import Value
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.scoring import pick, score
from app.web.render import templates

LADDER = "gigaom-mlops"
POINTS = "ml-test-score"
PERCENT = "reproducibility-checklist"


def headline(rubric: Rubric, values: Mapping[str, Value]) -> str:
    words = templates().get_template("partials/headline.html").module
    text: str = words.headline(rubric, score(rubric, values))  # type: ignore[attr-defined] # a macro of the template
    return " ".join(text.split())


def picked(rubric: Rubric, *levels: int | None) -> dict[str, Value]:
    chosen = zip(rubric.categories, levels, strict=True)
    return {
        key: value for category, level in chosen if level is not None for key, value in pick(category, level).items()
    }


@pytest.mark.parametrize(
    ("levels", "says"),
    [
        ((None,) * 5, "Nothing is answered yet, so every level is still possible."),
        ((2, 2, 3, 2, 1), "Level 1, because <b>Governance</b> is at 1: three statements are missing there."),
        ((1, 2, 3, 2, 1), "Level 1, because <b>Strategy</b> and <b>Governance</b> are at 1: five statements are"),
        ((1, 1, 3, 2, 1), "Level 1, because three of five categories are at 1:"),
        ((2,) * 5, "Level 2, because every category is at 2: 41 statements are missing there."),
        ((4,) * 5, "Level 4, the top: every category stands there."),
        ((2, 2, 3, 2, None), "Between level 0 and 2: <b>Governance</b> decides."),
        ((1, 2, None, None, None), "Between level 0 and 1: three of five categories decide."),
    ],
)
def test_a_ladder_says_why(levels: tuple[int | None, ...], says: str) -> None:
    rubric = shipped()[LADDER]

    assert headline(rubric, picked(rubric, *levels)).startswith(says)


def test_what_is_open_is_not_called_missing() -> None:
    rubric = shipped()[LADDER]
    values = picked(rubric, 2, 2, 3, 2, 1)
    here = [each.key for each in rubric.category_by_key["governance"].statements if each.gate == 2]
    values |= dict.fromkeys(here[:2], Value.UNKNOWN)

    assert headline(rubric, values).endswith("one statement is missing there, two open.")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (POINTS, Value.HALF, "3.5 points, “Strong”: every category stands there."),
        (PERCENT, Value.HALF, "50 %, “Partly traceable”: every category stands there."),
        (PERCENT, Value.NOT_APPLICABLE, "No score: nothing of this rubric applies."),
        (POINTS, Value.UNKNOWN, "Between 0.0 and 7.0 points: every category decides."),
    ],
)
def test_points_name_their_unit_and_band(key: str, value: Value, says: str) -> None:
    rubric = shipped()[key]

    assert headline(rubric, dict.fromkeys(rubric.statements, value)) == says


def test_points_name_the_category_that_has_the_least() -> None:
    rubric = shipped()[POINTS]
    values = dict.fromkeys(rubric.statements, Value.YES)
    values[rubric.categories[2].statements[0].key] = Value.NO

    assert "6.0 points" in headline(rubric, values)
    assert headline(rubric, values).endswith("because <b>ML infrastructure</b> has no more.")
