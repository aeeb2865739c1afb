"""A quick check to test with: its rubric, its secret link, and short ways to answer it."""

import datetime
import uuid
from dataclasses import dataclass

from sqlalchemy import Engine

from app.actions import sheets
from app.actions.mutations import Saved
from app.actions.quick_checks import begin
from app.actions.rubrics import publish
from app.db.engine import reading, writing
from app.domain.answers import Value
from app.domain.organisations import VISITORS
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.sheets import Change, Mutation, SavedAnswer
from app.queries.rubrics import latest
from app.queries.sheets import SheetLine, answers, sheet_by_secret

NOW = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.UTC)
RUBRIC = "gigaom-mlops"


@dataclass(frozen=True)
class QuickCheck:
    """Every method is a transaction of its own, as every request is."""

    engine: Engine
    rubric: Rubric
    secret: str

    @property
    def sheet(self) -> SheetLine:
        with reading(self.engine) as session:
            return sheet_by_secret(session.connection(), self.secret, NOW)

    @property
    def answers(self) -> dict[str, SavedAnswer]:
        sheet = self.sheet
        with reading(self.engine) as session:
            return answers(session.connection(), sheet.organisation_id, sheet.sheet_id)

    def save(self, base: int, id: str = "", **changes: Change | Value | None) -> Saved:
        """Save by the statements' short names (`a`, `b`, ...); a bare value stands for a change of the value alone."""
        asked = {
            statement(self.rubric, name): change if isinstance(change, Change) else Change(change)
            for name, change in changes.items()
        }
        sheet = self.sheet
        with writing(self.engine) as session:
            return sheets.save(session, sheet, self.rubric, Mutation(id or new_id(), base, asked), NOW)

    def pick(self, base: int, level: int, id: str = "") -> Saved:
        sheet, category = self.sheet, self.rubric.categories[0].key
        with writing(self.engine) as session:
            return sheets.pick(session, sheet, self.rubric, id or new_id(), base, category, level, NOW)

    def undo(self, base: int, id: str = "") -> Saved:
        sheet, category = self.sheet, self.rubric.categories[0].key
        with writing(self.engine) as session:
            return sheets.undo_pick(session, sheet, self.rubric, id or new_id(), base, category, NOW)


def statement(rubric: Rubric, name: str) -> str:
    """`a` is the first statement of the first category, `b` the second, and so on."""
    return rubric.categories[0].statements["abcdefgh".index(name)].key


def new_id() -> str:
    return str(uuid.uuid4())


def begun(engine: Engine, key: str = RUBRIC, address: str = "192.0.2.7") -> QuickCheck:
    rubric = shipped()[key]
    with writing(engine) as session:
        publish(session, VISITORS, [rubric], NOW)
        version = latest(session.connection(), VISITORS, key)
        return QuickCheck(engine, version.rubric, begin(session, version, address, NOW))
