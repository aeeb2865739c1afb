"""Two people at one agreed sheet, each in a browser of their own, against a model of what becomes of their words.

Requests arrive, get lost on the way back, are asked again, and come in late; answers differ and are settled. Whatever
happens: each thing asked for counts once, nobody's word goes over another one that its author had not seen, and what is
not saved is told. That the model finds a fault is shown with clients that do not remember what they had seen.
"""

import itertools
import uuid
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, insert, select

from app.actions import sheets
from app.actions.mutations import Saved
from app.db.base import table
from app.db.engine import reading, writing
from app.db.tables import assessments
from app.db.tables.assessments import AnswerChange, Assessment, SheetKind
from app.domain import scoring
from app.domain.answers import Value
from app.domain.rubric import Category
from app.domain.sheets import NEVER_ANSWERED, UNSET, AnswersDiffer, Change, Mutation, SavedAnswer
from app.queries.sheets import SheetLine, answers
from tests.cast import NOW, Cast
from tests.teamwork import Teamwork, begun

STATEMENTS = 3
VERDICTS = [
    (Value.NO, ""),
    (Value.YES, ""),
    (None, ""),
    (Value.NOT_APPLICABLE, "no cloud"),
    (Value.NOT_APPLICABLE, "no features"),
]
NOTES = ["", "see wiki", "ask ops"]

Field = tuple[str, str]
"""A statement and the part of its answer: `value` (with its reason) or `note`."""
Part = tuple[Value | None, str] | str


@dataclass(frozen=True)
class Entry:
    """One thing that a reader gave: the parts that it sets, or with a `level` a pick of the category."""

    base: int
    sets: dict[Field, Part]
    level: int | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Tab:
    """A page and its outbox. `differing` are entries that were refused, with the version of what stands there."""

    person: str
    client: str
    base: int = 0
    waiting: list[Entry] = field(default_factory=list)
    differing: list[tuple[Entry, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """What the model keeps of one part's change."""

    version: int
    client: str
    part: Part


class Model:
    """The parts of all answers with their past, and what became of each entry."""

    def __init__(self) -> None:
        self.version = 0
        self.past: dict[Field, list[Step]] = {}
        self.saved: dict[str, int] = {}

    def now(self, place: Field) -> Part:
        return self.past[place][-1].part if place in self.past else nothing(place)

    def seen(self, place: Field, base: int, client: str) -> Part:
        """What the reader last saw there: up to the base, and whatever they did themselves."""
        known = [each.part for each in self.past.get(place, ()) if each.version <= base or each.client == client]
        return known[-1] if known else nothing(place)

    def differing(self, entry: Entry, client: str) -> set[str]:
        """The statements where somebody else's unseen word stands against the entry."""
        return {
            place[0]
            for place, part in entry.sets.items()
            if self.now(place) not in (part, self.seen(place, entry.base, client))
            and (place[1] == "value" or part != self.seen(place, entry.base, client))
        }

    def save(self, entry: Entry, client: str) -> None:
        # A note that reads as its author saw it is none of the author's making.
        mine = {
            place: part
            for place, part in entry.sets.items()
            if self.now(place) != part and not (place[1] == "note" and part == self.seen(place, entry.base, client))
        }
        if mine:
            self.version += 1
            for place, part in mine.items():
                self.past.setdefault(place, []).append(Step(self.version, client, part))
        self.saved[entry.id] = self.version


def nothing(place: Field) -> Part:
    return "" if place[1] == "note" else (None, "")


class TwoTabs(RuleBasedStateMachine):
    """Each example has a sheet of its own in the one database."""

    team: Teamwork

    def __init__(self) -> None:
        super().__init__()
        self.tabs = (Tab("lead", "a" * 32), Tab("member", "b" * 32))
        self.model = Model()
        self.sent: list[tuple[Tab, Entry]] = []
        self.failed = False

    @initialize()
    def open(self) -> None:
        self.sheet = new_sheet(self.team)
        self.category: Category = self.team.rubric.categories[0]
        self.keys = [statement.key for statement in self.category.statements[:STATEMENTS]]

    # What a reader does.

    @rule(tab=st.integers(0, 1), at=st.integers(0, STATEMENTS - 1), verdict=st.sampled_from(VERDICTS))
    def answers(self, tab: int, at: int, verdict: Part) -> None:
        self.give(self.tabs[tab], {(self.keys[at], "value"): verdict})

    @rule(tab=st.integers(0, 1), at=st.integers(0, STATEMENTS - 1), note=st.sampled_from(NOTES))
    def writes(self, tab: int, at: int, note: str) -> None:
        self.give(self.tabs[tab], {(self.keys[at], "note"): note})

    @rule(tab=st.integers(0, 1), level=st.integers(0, 2))
    def picks(self, tab: int, level: int) -> None:
        values = scoring.pick(self.category, level)
        self.give(self.tabs[tab], {(key, "value"): (value, "") for key, value in values.items()}, level)

    def give(self, tab: Tab, sets: dict[Field, Part], level: int | None = None) -> None:
        # As in outbox.js: based on no later version than what still waits for the same statements.
        touched = {statement for statement, _ in sets}
        overlapping = [each.base for each in tab.waiting if touched & {statement for statement, _ in each.sets}]
        tab.differing = [each for each in tab.differing if each[0].sets.keys() != sets.keys()]
        tab.waiting.append(Entry(min(tab.base, *overlapping, tab.base), sets, level))

    @rule(tab=st.integers(0, 1))
    def looks(self, tab: int) -> None:
        """The page is loaded anew, or asks what changed."""
        self.tabs[tab].base = self.model.version

    @precondition(lambda self: any(tab.differing for tab in self.tabs))
    @rule(mine=st.booleans())
    def settles(self, mine: bool) -> None:
        tab = next(tab for tab in self.tabs if tab.differing)
        entry, version = tab.differing.pop(0)
        if mine:
            tab.waiting.append(Entry(max(version, entry.base), entry.sets))

    # What the network does.

    @precondition(lambda self: any(tab.waiting for tab in self.tabs))
    @rule(tab=st.integers(0, 1))
    def arrives(self, tab: int) -> None:
        one = self.tabs[tab] if self.tabs[tab].waiting else self.tabs[1 - tab]
        entry = one.waiting.pop(0)
        told = self.ask(one, entry)
        if isinstance(told, Saved):
            one.base = max(one.base, told.version)
        elif entry.level is None:
            one.differing.append((entry, max(each.theirs.version for each in told.conflicts)))

    @precondition(lambda self: any(tab.waiting for tab in self.tabs))
    @rule(tab=st.integers(0, 1))
    def arrives_and_its_answer_is_lost(self, tab: int) -> None:
        one = self.tabs[tab] if self.tabs[tab].waiting else self.tabs[1 - tab]
        self.ask(one, one.waiting[0])

    @precondition(lambda self: self.sent)
    @rule(number=st.integers(0, 1000))
    def comes_late_once_more(self, number: int) -> None:
        tab, entry = self.sent[number % len(self.sent)]
        if entry.id in self.model.saved:
            assert isinstance(self.ask(tab, entry), Saved)

    def ask(self, tab: Tab, entry: Entry) -> Saved | AnswersDiffer:
        """The server's answer, which has to be the model's."""
        self.sent.append((tab, entry))
        self.failed = True
        told = self.compared(tab, entry)
        self.failed = False
        return told

    def compared(self, tab: Tab, entry: Entry) -> Saved | AnswersDiffer:
        before = self.model.version
        if entry.id in self.model.saved:
            saved = self.post(tab, entry)
            assert isinstance(saved, Saved)
            assert (saved.repeated, saved.version) == (True, self.model.saved[entry.id])
            return saved
        differing = self.model.differing(entry, tab.client)
        told = self.post(tab, entry)
        if differing:
            assert isinstance(told, AnswersDiffer), "a word that its author had not seen is overwritten"
            assert {each.statement for each in told.conflicts} == differing
            for each in told.conflicts:
                assert (each.theirs.verdict, each.theirs.note) == self.standing(each.statement)
        else:
            self.model.save(entry, tab.client)
            assert isinstance(told, Saved)
            assert (told.repeated, told.version) == (False, self.model.version)
            assert bool(told.changed) == (self.model.version > before)
        return told

    def post(self, tab: Tab, entry: Entry) -> Saved | AnswersDiffer:
        rubric, by = self.team.rubric, self.team.people[tab.person]
        try:
            with writing(self.team.engine) as session:
                if entry.level is not None:
                    return sheets.pick(
                        session, self.sheet, rubric, entry.id, self.based(entry), self.category.key, entry.level, NOW,
                        client=tab.client, by=by,
                    )  # fmt: skip
                mutation = Mutation(entry.id, self.based(entry), changes(entry), tab.client)
                return sheets.save(session, self.sheet, rubric, mutation, NOW, by=by)
        except AnswersDiffer as differ:
            return differ

    def based(self, entry: Entry) -> int:
        return entry.base

    def standing(self, statement: str) -> tuple[Part, Part]:
        return self.model.now((statement, "value")), self.model.now((statement, "note"))

    # What is always so.

    @invariant()
    def the_sheet_is_the_model_s(self) -> None:
        stored = saved_answers(self.team, self.sheet)
        for statement in {statement for statement, _ in self.model.past} | set(stored):
            answer = stored.get(statement, NEVER_ANSWERED)
            assert (answer.verdict, answer.note) == self.standing(statement)

    def teardown(self) -> None:
        """All goes out in the end. Each word that was given is saved once, or was told to differ."""
        if self.failed or not hasattr(self, "sheet"):
            return
        while any(tab.waiting for tab in self.tabs):
            self.arrives(0)
        with reading(self.team.engine) as session:
            versions = session.scalars(
                select(AnswerChange.version)
                .where(AnswerChange.sheet_id == self.sheet.sheet_id)
                .order_by(AnswerChange.version)
            ).all()
            kept = session.scalar(
                select(func.count()).where(table(assessments.Mutation).c.sheet_id == self.sheet.sheet_id)
            )
        assert [version for version, _ in itertools.groupby(versions)] == list(range(1, self.model.version + 1))
        assert kept == len(self.model.saved)


class Forgetful(TwoTabs):
    """The planted fault: every request says that it had seen the newest version."""

    def based(self, entry: Entry) -> int:
        return self.model.version


def changes(entry: Entry) -> dict[str, Change]:
    [((statement, part), content)] = entry.sets.items()
    if isinstance(content, str):
        assert part == "note"
        return {statement: Change(note=content)}
    value, reason = content
    return {statement: Change(value, reason or UNSET)}


def new_sheet(team: Teamwork) -> SheetLine:
    """The agreed sheet of an assessment outside any cycle, which a team can have as many of as it likes."""
    found = team.assessing()
    organisation = {"organisation_id": found.sheet.organisation_id, "created_at": NOW}
    made = organisation | {"team_id": found.place.team_id, "rubric_version_id": found.sheet.rubric_version_id}
    with writing(team.engine) as session:
        number = session.execute(insert(table(Assessment)).returning(table(Assessment).c.id), made).scalar_one()
        row = organisation | {"assessment_id": number, "kind": SheetKind.AGREED, "version": 0}
        sheets_of = table(assessments.Sheet)
        sheet_id = session.execute(insert(sheets_of).returning(sheets_of.c.id), row).scalar_one()
    return SheetLine(found.sheet.organisation_id, number, sheet_id, found.sheet.rubric_version_id, 0, NOW, None)


def saved_answers(team: Teamwork, sheet: SheetLine) -> dict[str, SavedAnswer]:
    with reading(team.engine) as session:
        return answers(session.connection(), sheet.organisation_id, sheet.sheet_id)


@pytest.fixture
def team(cast: Cast) -> Teamwork:
    return begun(cast)


def run(machine: type[TwoTabs], team: Teamwork, examples: int) -> None:
    # Nothing is shrunk: every step goes to a database, and minutes would pass before the failure is told.
    calm = settings(
        max_examples=examples,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(type(machine.__name__, (machine,), {"team": team}), settings=calm)


def test_two_tabs(team: Teamwork) -> None:
    run(TwoTabs, team, 15)


@pytest.mark.long
def test_two_tabs_at_length(team: Teamwork) -> None:
    run(TwoTabs, team, 400)


def test_the_planted_fault_is_found(team: Teamwork) -> None:
    with pytest.raises(AssertionError, match="had not seen"):
        run(Forgetful, team, 100)
