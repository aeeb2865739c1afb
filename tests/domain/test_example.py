"""The example organisation: believable, and the same for the same seed."""

from collections import Counter
from collections.abc import Mapping

import pytest

from app.domain import example
from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.results import DRIFT, LadderResult
from app.domain.rubric import DEFAULT
from app.domain.rubric_file import shipped
from app.domain.scoring import score
from app.domain.sheets import SavedAnswer, values

RUBRIC = shipped()[DEFAULT]
MANY = 300
COUNTED = {
    Value.NO: 7552,
    Value.HALF: 2152,
    Value.YES: 12132,
    Value.NOT_APPLICABLE: 219,
    Value.UNKNOWN: 454,
}


def results(cycle: int = 0) -> list[LadderResult]:
    found = [score(RUBRIC, values(answers)) for answers in answered(cycle=cycle).values()]
    return [result for result in found if isinstance(result, LadderResult)]


def answered(seed: int = example.SEED, cycle: int = 0) -> Mapping[str, Mapping[str, SavedAnswer]]:
    return {team.name: example.answers(RUBRIC, team, seed, cycle) for team in example.teams(MANY, seed)}


def test_it_works() -> None:
    teams = list(example.teams(10))

    assert [team.name for team in teams[:2]] == ["Fraud detection", "Demand forecast"]
    assert {team.units[0] for team in teams} == {"Risk", "Operations", "Customers"}
    assert all(team.systems for team in teams)
    units = example.units(teams)
    assert all(path[:-1] in {(), *units[:place]} for place, path in enumerate(units)), "the upper ones come first"


def test_the_same_seed_makes_the_same() -> None:
    assert answered() == answered()
    assert list(example.teams(MANY)) == list(example.teams(MANY))
    assert answered(seed=2) != answered()


def test_it_is_the_same_in_every_release() -> None:
    """Figures as they are today: whoever changes the chances sees it here, and says so in the changelog."""
    counted = Counter(answer.value for sheet in answered().values() for answer in sheet.values())

    assert counted == COUNTED


def test_more_teams_change_nothing_of_the_first() -> None:
    few, more = list(example.teams(10)), list(example.teams(example.FEW))

    assert more[:10] == few
    many = list(example.teams(10_000))
    assert len({team.name for team in many}) == 10_000
    assert {len(team.units) for team in many} == {3}
    assert len(example.units(many)) == 120


def test_most_teams_stand_low_and_every_level_comes() -> None:
    all_results = results()

    standing = Counter(result.overall for result in all_results)

    assert set(standing) >= {0, 1, 2, 3}
    assert standing[0] + standing[1] > MANY / 2 > standing[2] + standing[3]
    assert all(result.complete for result in all_results)
    assert 0 < sum(not result.settled for result in all_results) < MANY / 4, "some do not know something that matters"


def test_categories_lie_close_together_and_some_drift() -> None:
    drifting = sum(result.spread >= DRIFT for result in results())

    assert MANY / 20 < drifting < MANY * 0.7


def test_there_is_something_of_everything() -> None:
    answers = [answer for sheet in answered().values() for answer in sheet.values()]

    assert {answer.value for answer in answers} == set(Value)
    assert any(answer.note for answer in answers)
    assert all(bool(answer.reason) == (answer.value is Value.NOT_APPLICABLE) for answer in answers)
    assert len(answers) < MANY * len(RUBRIC.statements), "what lies above is often not answered"


def test_teams_rise_from_cycle_to_cycle() -> None:
    def mean(cycle: int) -> float:
        return sum(result.overall for result in results(cycle)) / MANY

    assert mean(0) < mean(1) < mean(2)


@pytest.mark.parametrize("count", [0, -1, example.LARGEST + 1])
def test_a_number_of_teams_that_cannot_be(count: int) -> None:
    with pytest.raises(Invalid):
        example.teams(count)


def test_a_rubric_without_levels() -> None:
    with pytest.raises(Invalid):
        example.answers(shipped()["ml-test-score"], next(example.teams(1)))
