"""Three people of a team save one answer of their agreed sheet at the same moment, again and again."""

import threading
from dataclasses import dataclass, field, replace

import pytest
from sqlalchemy import select

from app.actions import sheets
from app.db.engine import reading, writing
from app.db.tables.assessments import AnswerChange, Mutation
from app.domain.answers import Value
from app.domain.cycles import Mode
from app.domain.sheets import AnswersDiffer, Change, SavedAnswer
from app.domain.sheets import Mutation as Asked
from app.queries.sheets import SheetLine
from tests.cast import NOW, Cast
from tests.teamwork import CYCLE, Teamwork, begun, new_id

ROUNDS = 150
VALUES = (Value.NO, Value.HALF, Value.YES, Value.UNKNOWN)
PEOPLE = ("lead", "member", "second member")


@dataclass
class Round:
    """Each asks for an answer of their own. `won` names who was saved, `told` whose answer each other one was shown."""

    team: Teamwork
    sheet: SheetLine
    statement: str
    base: int
    asked: dict[str, Value]
    won: list[str] = field(default_factory=list)
    told: dict[str, SavedAnswer] = field(default_factory=dict)

    def play(self) -> None:
        start = threading.Barrier(len(self.asked))
        threads = [threading.Thread(target=self._save, args=(name, start)) for name in self.asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _save(self, name: str, start: threading.Barrier) -> None:
        mutation = Asked(new_id(), self.base, {self.statement: Change(self.asked[name])})
        start.wait()
        try:
            with writing(self.team.engine) as session:
                sheets.save(session, self.sheet, self.team.rubric, mutation, NOW, by=self.team.people[name])
            self.won.append(name)
        except AnswersDiffer as differ:
            [differing] = differ.conflicts
            assert differing.mine.value is self.asked[name]
            self.told[name] = differing.theirs


@pytest.fixture
def team(cast: Cast) -> Teamwork:
    return begun(cast, replace(CYCLE, mode=Mode.TOGETHER))


def test_exactly_one_wins_each_round_and_the_others_are_told(team: Teamwork) -> None:
    sheet, statement = team.assessing().sheet, team.rubric.categories[0].statements[0].key
    stood, winners = Value.YES, []
    team.save(sheet, statement, stood)
    for base in range(1, ROUNDS + 1):
        others = [value for value in VALUES if value is not stood]
        asked = {name: others[(base + turn) % 3] for turn, name in enumerate(PEOPLE)}
        played = Round(team, sheet, statement, base, asked)

        played.play()

        [winner] = played.won
        stood = asked[winner]
        assert team.answers(sheet)[statement].value is stood
        assert played.told == dict.fromkeys(set(PEOPLE) - {winner}, SavedAnswer(stood))
        assert {answer.version for answer in played.told.values()} == {base + 1}
        winners.append((base + 1, team.people[winner], stood))
    assert history(team, sheet)[1:] == winners


def history(team: Teamwork, sheet: SheetLine) -> list[tuple[int, int | None, Value | None]]:
    """Who changed the one answer to what, version by version."""
    with reading(team.engine) as session:
        rows = session.execute(
            select(AnswerChange.version, Mutation.person_id, AnswerChange.value)
            .join(
                Mutation,
                (Mutation.organisation_id == AnswerChange.organisation_id)
                & (Mutation.sheet_id == AnswerChange.sheet_id)
                & (Mutation.version == AnswerChange.version),
            )
            .where(AnswerChange.organisation_id == sheet.organisation_id, AnswerChange.sheet_id == sheet.sheet_id)
            .order_by(AnswerChange.version)
        )
        return [(version, person, value) for version, person, value in rows]
