"""Nobody sees another's answers before their time: a table, every small state there is, and whole stories."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, combinations, product

import pytest
from hypothesis import strategies as st

from app.domain.cycles import Mode
from app.domain.people import Actor, Place, Scope
from app.domain.reveal import Alone, Viewer
from tests.domain.faults import check, check_found

TOGETHER, ALONE_FIRST = Mode
RISK = Place(5, "/1/3/")
LEAD, ANNE, BEN, LATE = 1, 2, 3, 4
BEFORE = Alone(ALONE_FIRST, frozenset({ANNE, BEN, LATE}), frozenset({ANNE, BEN}))
AFTER = replace(BEFORE, revealed=True)


@pytest.mark.parametrize(
    ("viewer", "before", "after"),
    [
        (Viewer(ANNE), {ANNE, BEN}, {ANNE, BEN}),
        (Viewer(LATE), {LATE}, {LATE}),
        (Viewer(LATE, leads=True), {LATE}, {LATE}),
        (Viewer(ANNE, leads=True), {ANNE, BEN}, {ANNE, BEN}),
        (Viewer(LEAD, leads=True), set(), {ANNE, BEN}),
        (Viewer(9), set(), set()),
        (Viewer(None), set(), set()),
        (Viewer(None, leads=True), set(), set()),
    ],
)
def test_who_sees_whose_sheet(viewer: Viewer, before: set[int], after: set[int]) -> None:
    assert BEFORE.sheets_seen(viewer) == before
    assert AFTER.sheets_seen(viewer) == replace(AFTER, agreed=True).sheets_seen(viewer) == after
    assert not BEFORE.may_compare(viewer)
    assert AFTER.may_compare(viewer) == (after - {viewer.person} != set())


def test_together_there_is_only_the_one_sheet() -> None:
    together = replace(AFTER, mode=TOGETHER, revealed=False)

    assert together.may_see_agreed_sheet()
    assert together.may_change_agreed_sheet()
    assert together.may_see_what_others_add(Viewer(9))
    assert not together.sheets_seen(Viewer(ANNE, leads=True))
    assert not together.may_compare(Viewer(ANNE, leads=True))
    assert not together.may_change_own_sheet(ANNE)
    assert not together.may_ask_more()
    assert not replace(together, agreed=True).may_change_agreed_sheet()


def test_who_may_reveal() -> None:
    nobody_yet = replace(BEFORE, submitted=frozenset())

    assert BEFORE.may_reveal(Viewer(LEAD, leads=True))
    assert BEFORE.may_reveal(Viewer(ANNE, leads=True))
    assert not BEFORE.may_reveal(Viewer(LATE, leads=True))
    assert not BEFORE.may_reveal(Viewer(ANNE))
    assert not nobody_yet.may_reveal(Viewer(LEAD, leads=True))
    assert not AFTER.may_reveal(Viewer(LEAD, leads=True))


def test_when_the_answers_reveal_themselves() -> None:
    assert not BEFORE.is_to_be_revealed()
    assert BEFORE.is_to_be_revealed(cycle_closed=True)
    assert replace(BEFORE, asked=frozenset({ANNE})).is_to_be_revealed()
    assert not AFTER.is_to_be_revealed(cycle_closed=True)
    assert not Alone(ALONE_FIRST, frozenset()).is_to_be_revealed(cycle_closed=True)
    assert not Alone(ALONE_FIRST, frozenset({ANNE})).is_to_be_revealed(cycle_closed=True)


@pytest.mark.parametrize(
    ("rights", "viewer"),
    [
        ({"leads": frozenset({5})}, Viewer(7, leads=True)),
        ({"member_of": frozenset({5})}, Viewer(7)),
        ({"member_of": frozenset({5}), "leads": frozenset({5}), "admin": True}, Viewer(7, leads=True)),
        ({"leads": frozenset({5}), "scopes": frozenset({Scope.READ})}, Viewer(7, leads=True)),
        ({"leads": frozenset({5}), "only_teams": frozenset({6})}, Viewer(None)),
        ({"leads": frozenset({5}), "scopes": frozenset()}, Viewer(None)),
        ({"leads": frozenset({6}), "member_of": frozenset({6})}, Viewer(None)),
        ({"views": frozenset({5})}, Viewer(None)),
        ({"admin": True}, Viewer(None)),
        ({"manages_all": True}, Viewer(None)),
        ({"manages": ("/1/",)}, Viewer(None)),
        ({"person_id": None, "manages_all": True, "admin": True}, Viewer(None)),
    ],
)
def test_who_looks(rights: dict[str, object], viewer: Viewer) -> None:
    actor = replace(Actor(2, 7, "Anyone"), **rights)  # type: ignore[arg-type]

    assert Viewer.of(actor, RISK) == viewer


PEOPLE = (1, 2, 3)
VIEWERS = [Viewer(person, leads) for person in (None, *PEOPLE) for leads in (False, True)]


def subsets(people: tuple[int, ...]) -> Iterator[frozenset[int]]:
    return map(frozenset, chain.from_iterable(combinations(people, size) for size in range(len(people) + 1)))


def every_state(kind: type[Alone]) -> Iterator[Alone]:
    """All there are with three people, leavers among those who submitted."""
    states = product(Mode, subsets(PEOPLE), subsets(PEOPLE), (False, True), (False, True))
    return (kind(*state) for state in states)


def a_draft_is_its_authors(kind: type[Alone]) -> bool:
    return all(
        viewer.person == of or of in state.submitted or not state.may_see_own_sheet(of, viewer)
        for state in every_state(kind)
        for of in PEOPLE
        for viewer in VIEWERS
    )


def who_can_still_answer_sees_nothing(kind: type[Alone]) -> bool:
    """Whoever may change their sheet sees no other, no comparison, no agreed sheet and no comment, even as a lead."""
    for state in every_state(kind):
        for person, leads in product(PEOPLE, (False, True)):
            viewer = Viewer(person, leads)
            seen = (
                state.sheets_seen(viewer) - {person}
                or state.may_compare(viewer)
                or state.may_see_what_others_add(viewer)
                or state.may_see_agreed_sheet()
            )
            if state.may_change_own_sheet(person) and seen:
                return False
    return True


def who_was_asked_and_did_not_submit_sees_nobody(kind: type[Alone]) -> bool:
    return all(
        state.sheets_seen(viewer) <= {viewer.person} and not state.may_compare(viewer)
        for state in every_state(kind)
        for viewer in VIEWERS
        if viewer.person in state.asked - state.submitted
    )


def outsiders_see_what_is_agreed_only(kind: type[Alone]) -> bool:
    """Admins and all others who are nobody of the team, whatever the state."""
    nobody = [viewer for viewer in VIEWERS if viewer.person is None]
    return not any(
        state.sheets_seen(viewer) or state.may_compare(viewer) for state in every_state(kind) for viewer in nobody
    )


def what_was_seen_stays_seen(kind: type[Alone]) -> bool:
    """A submission, the reveal and the agreeing take no sheet out of sight."""
    for state in every_state(kind):
        later = [
            *(replace(state, submitted=state.submitted | {person}) for person in state.asked),
            replace(state, revealed=True),
            replace(state, agreed=True),
        ]
        if any(not state.sheets_seen(viewer) <= each.sheets_seen(viewer) for viewer in VIEWERS for each in later):
            return False
    return True


class SeesOnceSomebodySubmitted(Alone):
    """Lets drafts be seen by those who have submitted."""

    def may_see_own_sheet(self, of: int, viewer: Viewer) -> bool:
        return viewer.person == of or viewer.person in self.submitted


class SubmitsAgain(Alone):
    """Lets a sheet be changed after it was submitted."""

    def may_change_own_sheet(self, person: int) -> bool:
        return self.may_ask_more() and person in self.asked


class LeadsSeeAll(Alone):
    """Forgets that a lead may be asked too."""

    def _sees_others(self, viewer: Viewer) -> bool:
        return viewer.person in self.submitted or (viewer.leads and self.revealed)


class RevealsToAll(Alone):
    def _sees_others(self, viewer: Viewer) -> bool:
        return viewer.person in self.submitted or self.revealed


class OpenDiscussion(Alone):
    """Shows comments to whoever was asked."""

    def may_see_what_others_add(self, viewer: Viewer) -> bool:
        return viewer.person in self.asked


class SealsWhatIsAgreed(Alone):
    def _sees_others(self, viewer: Viewer) -> bool:
        return viewer.person in self.submitted and not self.agreed


STATE_RULES = (
    a_draft_is_its_authors,
    who_can_still_answer_sees_nothing,
    who_was_asked_and_did_not_submit_sees_nobody,
    outsiders_see_what_is_agreed_only,
    what_was_seen_stays_seen,
)


@pytest.mark.parametrize("rule", STATE_RULES)
def test_it_holds_in_every_state(rule: Callable[[type[Alone]], bool]) -> None:
    assert sum(1 for _ in every_state(Alone)) == 512
    assert rule(Alone)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (SeesOnceSomebodySubmitted, a_draft_is_its_authors),
        (SubmitsAgain, who_can_still_answer_sees_nothing),
        (OpenDiscussion, who_can_still_answer_sees_nothing),
        (LeadsSeeAll, who_was_asked_and_did_not_submit_sees_nobody),
        (RevealsToAll, outsiders_see_what_is_agreed_only),
        (SealsWhatIsAgreed, what_was_seen_stays_seen),
    ],
)
def test_a_fault_is_found_in_some_state(fault: type[Alone], rule: Callable[[type[Alone]], bool]) -> None:
    assert not rule(fault)


Step = tuple[str, int]
STORIES: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(st.sampled_from(["ask", "leave", "submit", "lead reveals", "close", "agree"]), st.sampled_from(PEOPLE)),
    max_size=12,
)


def after_step(state: Alone, step: Step) -> Alone:
    """What an action would do: ask the sentence, then change; reveal when it is time."""
    what, person = step
    if what == "ask" and state.may_ask_more():
        state = replace(state, asked=state.asked | {person})
    elif what == "leave" and person not in state.submitted:
        state = replace(state, asked=state.asked - {person})
    elif what == "submit" and state.may_change_own_sheet(person):
        state = replace(state, submitted=state.submitted | {person})
    elif what == "lead reveals" and state.may_reveal(Viewer(person, leads=True)):
        state = replace(state, revealed=True)
    elif what == "agree" and state.may_change_agreed_sheet():
        state = replace(state, agreed=True)
    revealed = state.revealed or state.is_to_be_revealed(cycle_closed=what == "close")
    return replace(state, revealed=revealed)


def nobody_answers_after_having_seen(kind: type[Alone], story: list[Step]) -> bool:
    """In no order of events does anybody, lead or not, submit a sheet after another's was open to them."""
    state, saw = kind(ALONE_FIRST, frozenset({1, 2})), set[int]()
    for step in story:
        before, state = state, after_step(state, step)
        if (state.submitted - before.submitted) & saw:
            return False
        saw |= {person for person in PEOPLE if state.sheets_seen(Viewer(person, leads=True)) - {person}}
    return True


class RevealsAtTheFirst(Alone):
    """Shows everybody asked what the first has submitted."""

    def _sees_others(self, viewer: Viewer) -> bool:
        return bool(self.submitted)


def test_it_holds_in_every_story() -> None:
    check(nobody_answers_after_having_seen, Alone, STORIES, 200)


def test_a_fault_is_found_in_some_story() -> None:
    check_found(nobody_answers_after_having_seen, RevealsAtTheFirst, Alone, STORIES)


@pytest.mark.parametrize(
    ("viewer", "seen", "adds"),
    [
        (Viewer(ANNE), {ANNE, BEN}, True),
        (Viewer(LATE), {LATE}, True),
        (Viewer(LATE, leads=True), {LATE}, True),
        (Viewer(LEAD, leads=True), {LEAD}, False),
        (Viewer(9), {9}, False),
        (Viewer(None), set(), False),
    ],
)
def test_what_is_put_beside_a_draft_is_seen_when_it_is_submitted(viewer: Viewer, seen: set[int], adds: bool) -> None:
    assert BEFORE.whose_additions_are_seen(viewer) == frozenset(seen)
    assert AFTER.whose_additions_are_seen(viewer) is None
    if viewer.person is not None:
        assert BEFORE.may_add(viewer.person) is adds
        assert AFTER.may_add(viewer.person)
        assert not replace(AFTER, agreed=True).may_add(viewer.person)
