"""How one change meets another, as a rule of values alone."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.answers import Value
from app.domain.errors import Invalid
from app.domain.sheets import UNSET, Change, Differing, SavedAnswer, Unset, meant, merge, touched, values
from app.domain.text import plain

NA = Value.NOT_APPLICABLE


def answer(value: Value | None, reason: str, note: str) -> SavedAnswer:
    return SavedAnswer(value, reason if value is NA else "", note)


VALUES = st.sampled_from([*Value, None])
SAVED = st.builds(answer, VALUES, st.sampled_from(["why", "because"]), st.sampled_from(["", "n", "m"]))


@st.composite
def changes(draw: st.DrawFn) -> Change:
    value: Value | Unset | None = draw(st.one_of(st.just(UNSET), VALUES))
    reason: str | Unset = UNSET
    if value is NA:
        reason = draw(st.sampled_from(["why", "because"]))
    note: str | Unset = draw(st.one_of(st.just(UNSET), st.sampled_from(["", "n", "m"])))
    return Change(value, reason, note)


@given(changes(), SAVED)
def test_where_nobody_else_changed_anything_the_author_gets_what_was_meant(change: Change, then: SavedAnswer) -> None:
    assert merge("s", change, then, then) == meant("s", change, then)


@given(SAVED, SAVED)
def test_whoever_touches_nothing_changes_nothing(now: SavedAnswer, then: SavedAnswer) -> None:
    assert merge("s", Change(), now, then) == now


@given(changes(), SAVED, SAVED)
def test_nothing_that_others_changed_is_ever_overwritten_unseen(
    change: Change, now: SavedAnswer, then: SavedAnswer
) -> None:
    merged = merge("s", change, now, then)
    assume(isinstance(merged, SavedAnswer))
    assert isinstance(merged, SavedAnswer)
    assert now.verdict in (then.verdict, merged.verdict)
    assert now.note in (then.note, merged.note)


@given(changes(), SAVED, SAVED)
def test_a_conflict_shows_both_sides_and_they_differ(change: Change, now: SavedAnswer, then: SavedAnswer) -> None:
    merged = merge("s", change, now, then)
    if isinstance(merged, Differing):
        assert merged.theirs == now != merged.mine
        assert now != then


@given(changes(), SAVED, SAVED)
def test_merging_again_changes_nothing_more(change: Change, now: SavedAnswer, then: SavedAnswer) -> None:
    merged = merge("s", change, now, then)
    if isinstance(merged, SavedAnswer):
        assert merge("s", change, merged, then) == merged


@given(SAVED, SAVED)
def test_a_form_that_was_only_looked_at_touches_nothing(then: SavedAnswer, now: SavedAnswer) -> None:
    posted = Change(then.value, then.reason or "typed and left", then.note)
    assert merge("s", touched(posted, then), now, then) == now


def test_values_are_those_of_answered_statements() -> None:
    answers = {"a": SavedAnswer(Value.UNKNOWN), "b": SavedAnswer(None, "", "only a note")}
    assert values(answers) == {"a": Value.UNKNOWN}


def test_a_form_touches_what_differs_from_when_it_was_made() -> None:
    then = SavedAnswer(Value.YES, "", "n")
    assert touched(Change(Value.NO, "", "n"), then) == Change(Value.NO, "", UNSET)
    assert touched(Change(Value.YES, "", "m"), then) == Change(UNSET, UNSET, "m")


@pytest.mark.parametrize("text", ["\x00", "a\x1b[0m", "\x85", "\ud83d", "x" * 11])
def test_unfit_text(text: str) -> None:
    with pytest.raises(Invalid):
        plain(text, 10)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=10))
def test_every_other_text_is_taken_as_it_is(text: str) -> None:
    assert plain(text, 10) == text
