"""What is counted of a version's statements is a recount from the answers, and nobody's before the reveal."""

import datetime
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from app.actions.rubrics import adopt
from app.db.engine import reading, writing
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.domain.answers import HALVES, Value
from app.domain.cycles import Mode
from app.domain.quality import Counted
from app.domain.rubric_file import shipped
from app.queries import quality
from app.queries.quality import tallied
from tests.cast import NOW, Cast
from tests.conftest import StatementCount

KEY = "gigaom-mlops"
STATEMENTS = list(shipped()[KEY].statements)[:4]
TOLD = ("closed", "told together")
CYCLES = (*TOLD, "running", "not revealed")


@dataclass
class Said:
    """One sheet: its answers, what each said before, and whether it counts."""

    cycle: int
    assessment: int
    own: bool
    counts: bool
    answers: dict[str, Value | None]
    given: dict[str, set[Value | None]]


def filled(cast: Cast, seed: int) -> tuple[int, list[Said]]:
    """Closed and running cycles, revealed and not, with random answers of all kinds; the version, and what was said."""
    chosen = random.Random(seed)
    with writing(cast.engine) as session:
        version = adopt(session, cast.tram, KEY, NOW).id
        said = [each for name in CYCLES for each in cycle_of(session, cast, version, name, chosen)]
    return version, said


def cycle_of(session: Session, cast: Cast, version: int, name: str, chosen: random.Random) -> Iterator[Said]:
    mode = Mode.TOGETHER if name == "told together" else Mode.ALONE_FIRST
    cycle = Cycle(
        organisation_id=cast.tram, name=name, rubric_version_id=version, mode=mode, opens_on=NOW.date(),
        due_on=NOW.date() + datetime.timedelta(days=9), reminders={}, created_at=NOW,
        closed_at=None if name == "running" else NOW,
    )  # fmt: skip
    session.add(cycle)
    session.flush()
    for team in [team for name, team in cast.teams.items() if name != "Tides"]:
        assessment = Assessment(
            organisation_id=cast.tram, rubric_version_id=version, team_id=team, cycle_id=cycle.id, created_at=NOW,
            revealed_at=None if name == "not revealed" else NOW,
        )  # fmt: skip
        session.add(assessment)
        session.flush()
        for own in [False, *[True] * chosen.randrange(5)] if mode is Mode.ALONE_FIRST else [False]:
            submitted = own and chosen.random() < 0.8
            sheet = Sheet(
                organisation_id=cast.tram, assessment_id=assessment.id, created_at=NOW,
                kind=SheetKind.OWN if own else SheetKind.AGREED, submitted_at=NOW if submitted else None,
            )  # fmt: skip
            session.add(sheet)
            session.flush()
            counts = name in TOLD and (submitted if mode is Mode.ALONE_FIRST else True)
            yield sheet_of(session, sheet, cycle.id, own, counts, chosen)


def sheet_of(session: Session, sheet: Sheet, cycle: int, own: bool, counts: bool, chosen: random.Random) -> Said:
    said = Said(cycle, sheet.assessment_id, own, counts, {}, defaultdict(set))
    version = itertools.count(1)
    for statement in STATEMENTS:
        for _ in range(chosen.randrange(4)):
            value, kind = chosen.choice([None, *Value]), chosen.choice([MutationKind.ANSWERS, MutationKind.PICK])
            said.answers[statement] = value
            if kind is MutationKind.ANSWERS:
                said.given[statement].add(value)
            number = next(version)
            where = {"organisation_id": sheet.organisation_id, "sheet_id": sheet.id, "version": number}
            session.add(Mutation(**where, mutation_id=str(number), digest=b"", kind=kind, at=NOW))
            session.add(AnswerChange(**where, statement=statement, value=value, reason="", note=""))
    for statement, value in said.answers.items():
        where = {"organisation_id": sheet.organisation_id, "sheet_id": sheet.id}
        session.add(Answer(**where, statement=statement, value=value, reason="", note="", version=1, answered_at=NOW))
    session.flush()
    return said


def recounted(said: list[Said]) -> set[Counted]:
    found = set()
    for cycle, statement in itertools.product({each.cycle for each in said}, STATEMENTS):
        sheets = [each for each in said if each.counts and each.cycle == cycle]
        values = [(each.assessment, each.answers.get(statement)) for each in sheets]
        answered = [value for _, value in values if value is not None]
        if not answered:
            continue
        judged: dict[int, list[Value]] = defaultdict(list)
        for assessment, value in values:
            if value in HALVES:
                judged[assessment].append(value)  # type: ignore[arg-type]
        compared = [each for each in judged.values() if len(each) > 1]
        found.add(
            Counted(
                cycle,
                statement,
                len(answered),
                answered.count(Value.UNKNOWN),
                answered.count(Value.NOT_APPLICABLE),
                sum(len(each.given[statement] - {None}) > 1 for each in sheets),
                sum(map(len, compared)),
                len(compared),
                sum(len(set(each)) > 1 for each in compared),
            )
        )
    return found


@pytest.mark.parametrize("seed", range(3))
def test_it_is_a_recount(cast: Cast, count_statements: StatementCount, seed: int) -> None:
    version, said = filled(cast, seed)
    with reading(cast.engine) as session:
        connection = session.connection()
        with count_statements(cast.engine) as statements:
            found = tallied(connection, cast.tram, version)
        assert len(statements) == 3
        assert set(found.counted) == recounted(said)
        assert found.sheets == sum(each.counts for each in said)
        assert tallied(connection, cast.ferry, version).counted == []


def test_only_the_newest_sheets_are_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    version, _ = filled(cast, 1)
    monkeypatch.setattr(quality, "MOST_SHEETS", 2)
    with reading(cast.engine) as session:
        assert tallied(session.connection(), cast.tram, version).sheets == 2
