"""The data of the benchmark: many fully answered sheets of the maturity rubric, alike on both sides."""

import datetime
import itertools
import uuid
from dataclasses import dataclass

from app.actions.quick_checks import begin
from app.actions.rubrics import load_shipped
from app.actions.sheets import save
from app.db.engine import make_engine, reading, writing
from app.db.migrate import migrate
from app.domain.answers import Value
from app.domain.organisations import VISITORS
from app.domain.rubric import Rubric
from app.domain.sheets import Change, Mutation
from app.queries.rubrics import latest
from app.queries.sheets import sheet_by_secret

RUBRIC = "gigaom-mlops"
# A team in the middle: the lower levels mostly in place, the upper ones hardly, a few questions open.
LOWER = (Value.YES, Value.YES, Value.HALF, Value.YES, Value.YES, Value.NO, Value.YES)
UPPER = (Value.NO, Value.HALF, Value.NO, Value.UNKNOWN, Value.NO, Value.YES, Value.NO, Value.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Filled:
    """Secrets and numbers of the sheets, in the same order; `statement` is the one that saves will toggle."""

    secrets: tuple[str, ...]
    sheets: tuple[int, ...]
    statement: str

    def part(self, of: slice) -> "Filled":
        return Filled(self.secrets[of], self.sheets[of], self.statement)


def fill(url: str, sheets: int) -> Filled:
    """Migrate, load the shipped rubrics, and answer so many sheets with the product's own code."""
    migrate(url)
    engine = make_engine(url)
    now = datetime.datetime.now(datetime.UTC)
    with writing(engine) as session:
        load_shipped(session, now)
    with reading(engine) as session:
        version = latest(session.connection(), VISITORS, RUBRIC)
    changes = answers(version.rubric)
    secrets, numbers = [], []
    for number in range(sheets):
        with writing(engine) as session:
            secret = begin(session, version, f"bench {number}", now)
            sheet = sheet_by_secret(session.connection(), secret, now)
            save(session, sheet, version.rubric, Mutation(uuid.uuid4().hex, 0, changes), now)
        secrets.append(secret)
        numbers.append(sheet.sheet_id)
    engine.dispose()
    return Filled(tuple(secrets), tuple(numbers), next(iter(version.rubric.statements)))


def answers(rubric: Rubric) -> dict[str, Change]:
    """An answer to every statement."""
    lower, upper = itertools.cycle(LOWER), itertools.cycle(UPPER)
    values = {key: next(lower if (each.gate or 0) <= 2 else upper) for key, each in rubric.statements.items()}
    return {
        key: Change(value, "We buy this as a service." if value is Value.NOT_APPLICABLE else "")
        for key, value in values.items()
    }
