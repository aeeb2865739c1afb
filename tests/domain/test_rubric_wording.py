"""Warnings about texts: worth reading where they come, and absent from texts that read well."""

import pytest

from app.domain.rubric_file import read_rubric, shipped_files
from tests.domain.test_rubric_file import LADDER, swapped

TWO_FACTS = 'may hold two facts joined by "and"; split it, so that each can be answered.'
ONE_LAGS = "categories.one.statements.one-lags"


def warnings(text: str) -> list[tuple[int, str, str]]:
    return [(each.line, each.path, each.text) for each in read_rubric(text.encode(), "f").warnings]


@pytest.mark.parametrize(
    "text",
    [
        "Models are tested and data is versioned.",
        "We watch the model and we watch its data.",
        "The data is known and has an owner.",
        "Models are versioned and monitored.",
        "Every model has an owner and nobody else deploys it.",
    ],
)
def test_two_facts_in_one_statement_are_pointed_out(text: str) -> None:
    found = warnings(swapped(LADDER, "text: One lags.", f"text: {text}"))

    assert (20, f"{ONE_LAGS}.text", TWO_FACTS) in found


@pytest.mark.parametrize(
    "text",
    [
        "Data scientists and engineers sit in one team.",
        "Ethics is considered for every model and the system around it.",
        "An audit trail shows who did what and why.",
        "Models follow the brand of the house.",
    ],
)
def test_one_fact_with_and_in_it_is_left_alone(text: str) -> None:
    assert warnings(swapped(LADDER, "text: One lags.", f'text: "{text}"')) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" ".join(["word"] * 23), "may be hard to read: a sentence of 23 words; up to 22 read well here."),
        ("Nobody deploys a model without a test.", "may be hard to read: it says no twice."),
        (
            "Heterogeneous operationalisation methodologies institutionalise interdepartmental synergies.",
            "may be hard to read: most of its words are long.",
        ),
    ],
)
def test_a_statement_that_is_hard_to_read_is_pointed_out(text: str, expected: str) -> None:
    assert warnings(swapped(LADDER, "text: One lags.", f"text: {text}")) == [(20, f"{ONE_LAGS}.text", expected)]


def test_an_explanation_may_be_longer() -> None:
    assert warnings(swapped(LADDER, "do: Help it.", f"do: {' '.join(['word'] * 30)}")) == []
    assert len(warnings(swapped(LADDER, "do: Help it.", f"do: {' '.join(['word'] * 31)}"))) == 1


def test_the_same_text_twice_is_pointed_out_wherever_it_stands() -> None:
    found = warnings(swapped(LADDER, "text: Two lives.", "text: ONE  lags."))

    assert found == [
        (26, "categories.two.statements.two-lives.text", f"says the same as {ONE_LAGS}.text on line 20."),
    ]


def test_help_may_explain_a_term_twice() -> None:
    text = swapped(
        swapped(LADDER, "text: One lags.", "text: a, help: A term."), "text: Two lives.", "text: b, help: A term."
    )

    assert warnings(text) == []


@pytest.mark.parametrize("key", shipped_files())
def test_a_shipped_rubric_raises_few(key: str) -> None:
    assert len(read_rubric(shipped_files()[key], key).warnings) <= 5
