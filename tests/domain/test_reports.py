"""What a report finds: which units are behind or ahead, and what to decide on."""

import datetime
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exported import ExportedPart
from app.domain.exports import Filters
from app.domain.reports import NAMED, OF_ONE_SIZE, OrganisationReport, UnitFigures
from app.domain.rollup import Distribution, rollup
from app.domain.rubric_file import shipped
from tests.domain.organisations import Organisation, organisations

TODAY = datetime.date(2026, 3, 2)
NOW = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)


NOBODY = Organisation(shipped()["gigaom-mlops"], [])


def report(organisation: Organisation, medians: Mapping[str, int] | None = None) -> OrganisationReport:
    """Of an organisation whose units have these medians."""
    part = ExportedPart(
        "Trams",
        "Spring",
        TODAY,
        TODAY,
        "",
        "",
        organisation.rubric,
        1,
        NOW,
        rollup(organisation.results),
        None,
        Filters(),
    )
    units = tuple(UnitFigures(name, Distribution.of({level: 1}), {}) for name, level in (medians or {}).items())
    return OrganisationReport(part, None, (), units)


@pytest.mark.parametrize(
    ("medians", "finding"),
    [
        ({}, "No unit below has a result yet"),
        ({"A": 1, "B": 1}, "Every unit has its overall median at level 1"),
        ({"A": 1, "B": 2, "C": 2}, "A is behind: the median is level 1"),
        ({"A": 1, "B": 1, "C": 3}, "C is ahead: the median is level 3"),
        ({"A": 1, "B": 1, "C": 2, "D": 3, "E": 3}, "A and B are behind: the median is level 1"),
    ],
)
def test_units_that_stand_apart_are_named(medians: dict[str, int], finding: str) -> None:
    assert str(report(NOBODY, medians).units_finding) == finding


def test_many_units_are_not_named() -> None:
    medians = {f"{side}{number}": level for level, side in enumerate("LM") for number in range(NAMED + 1)}
    assert str(report(NOBODY, medians).units_finding) == "The medians of the units lie between level 0 and 1"


@given(st.data())
def test_steps_are_the_statements_of_the_best_investment(data: st.DataObject) -> None:
    made = report(data.draw(organisations()))
    every, known = made.part.investments, made.part.rubric.statements

    shown = made.shown_investments(OF_ONE_SIZE)
    assert all(each in every for each in shown)
    for size in (1, 2, 3):
        of_size = [each for each in every if len(each.statements) == size]
        assert [each for each in shown if len(each.statements) == size] == of_size[:OF_ONE_SIZE]
    if made.best is None:
        assert not every
        return
    assert made.best.teams == max(each.teams for each in every)
    assert not any(each.teams == made.best.teams and len(each.statements) < len(made.best.statements) for each in every)
    steps = made.steps()
    assert sorted(steps[:-1]) == sorted(known[key].do for key in made.best.statements)
    assert steps[-1] == made.investments_finding
