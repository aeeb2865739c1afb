"""The cycles of an example organisation: who was asked, what they answered, and what they agreed on."""

import datetime
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, func, insert, literal, select

from app.actions.counting import put
from app.actions.example_rows import Filling, Made, Row
from app.db.base import table
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.domain.cycles import Mode, Schedule, Stage
from app.domain.example import history, seen_alone
from app.domain.frozen_answers import Frozen, document
from app.domain.people import RoleKind
from app.domain.rollup import Counted, Levels, levels
from app.domain.rubric import Rubric
from app.domain.scoring import result_json, score
from app.domain.sheets import SavedAnswer, values
from app.queries.counting import CountedLine, ancestors

FIRST = 1
"""The version of a sheet that was saved once."""
BEGUN = 2
"""Categories that whoever has begun has answered."""

# With RETURNING many rows go in one statement; without, the driver of PostgreSQL sends one for each.
_cycle, _assessment, _sheet, _agreed = table(Cycle).c, table(Assessment).c, table(Sheet).c, table(AgreedResult).c
_answer, _change = table(Answer).c, table(AnswerChange).c
KEEP_CYCLES = insert(table(Cycle)).returning(_cycle.name, _cycle.id)
KEEP_ASSESSMENTS = insert(table(Assessment)).returning(_assessment.team_id, _assessment.id)
KEEP_ABOVE = insert(table(Assessment)).returning(_assessment.cycle_id, _assessment.id)
KEEP_SHEETS = insert(table(Sheet)).returning(_sheet.assessment_id, _sheet.id)
KEEP_OWN_SHEETS = insert(table(Sheet)).returning(_sheet.person_id, _sheet.id)
KEEP_MUTATIONS = insert(table(Mutation)).returning(table(Mutation).c.sheet_id)
KEEP_RESULTS = insert(table(AgreedResult)).returning(_agreed.assessment_id, _agreed.id)

ANSWER = ("organisation_id", "sheet_id", "statement", "value", "reason", "note", "version", "answered_at")

People = Mapping[tuple[int, RoleKind], int]
Answers = Mapping[str, SavedAnswer]


@dataclass(frozen=True, slots=True)
class Said:
    """A saved sheet: whose it is, and what stands on it. `answers` is None where a result has frozen the same."""

    sheet_id: int
    person_id: int | None
    at: datetime.datetime
    answers: Answers | None


def make_cycles(filling: Filling) -> tuple[int, ...]:
    """The numbers of the cycles, the oldest first, each with a sheet for what is asked of the organisation."""
    schedule = Schedule()
    running = Mode.ALONE_FIRST if filling.whole else Mode.TOGETHER
    rows = [
        {
            "name": each.name,
            "rubric_version_id": filling.rubric_version_id,
            "mode": running if each.closed_on is None else Mode.TOGETHER,
            "opens_on": each.opens_on,
            "due_on": each.due_on,
            "reminders": {"before": list(schedule.before), "after": list(schedule.after)},
            "created_at": filling.opened(place),
            "closed_at": filling.closed(place),
        }
        for place, each in enumerate(filling.rounds)
    ]
    ids = filling.keep(KEEP_CYCLES, rows)
    cycles = tuple(ids[each.name] for each in filling.rounds)
    shared = {"rubric_version_id": filling.rubric_version_id}
    above = filling.keep(
        KEEP_ABOVE,
        ({"cycle_id": id, "created_at": filling.opened(place), **shared} for place, id in enumerate(cycles)),
    )
    sheets = ((filling.opened(place), above[id]) for place, id in enumerate(cycles))
    filling.keep(KEEP_SHEETS, (_sheet_row(id, at, None, None) for at, id in sheets))
    return cycles


def fill_cycles(filling: Filling, cycle_ids: Sequence[int], made: Sequence[Made], people: People) -> None:
    """All that these teams did in all cycles."""
    rubric, seed = filling.rubric, filling.seed
    histories = {one.team.number: history(rubric, one.team, seed, len(cycle_ids)) for one in made}
    counted: dict[int, list[Counted]] = {}
    for place, cycle_id in enumerate(cycle_ids):
        asked = [one for one in made if one.part[place] is not None]
        answers = {one.team.number: histories[one.team.number][place] for one in asked}
        lines = _fill_cycle(filling, place, cycle_id, asked, answers, people)
        put(filling.connection, filling.organisation_id, list(lines.values()))
        for number, line in lines.items():
            counted.setdefault(filling.alike(number), []).append(line.counted)
    filling.count(counted)


def _fill_cycle(
    filling: Filling,
    place: int,
    cycle_id: int,
    asked: Sequence[Made],
    answers: Mapping[int, Answers],
    people: People,
) -> Mapping[int, CountedLine]:
    """What is counted of it, by the numbers of the teams."""
    at = {one.team.number: filling.agreed(place, one.team.number) for one in asked}
    alone = filling.whole and filling.rounds[place].closed_on is None
    ids = filling.keep(
        KEEP_ASSESSMENTS,
        (
            {
                "rubric_version_id": filling.rubric_version_id,
                "team_id": one.id,
                "cycle_id": cycle_id,
                "created_at": filling.opened(place),
                "revealed_at": at[one.team.number]
                if alone and one.part[place] in {Stage.SUBMITTED, Stage.AGREED}
                else None,
            }
            for one in asked
        ),
    )
    together = {Stage.AGREED} if alone else {Stage.AGREED, Stage.BEGUN}
    sheets = filling.keep(
        KEEP_SHEETS,
        (
            _sheet_row(
                ids[one.id],
                filling.opened(place),
                at[one.team.number] if one.part[place] in together else None,
                at[one.team.number] if one.part[place] is Stage.AGREED else None,
            )
            for one in asked
        ),
    )
    agreed = [one for one in asked if one.part[place] is Stage.AGREED]
    lines = _agree(filling, cycle_id, agreed, ids, answers, at, people)
    if filling.whole:
        said = [
            Said(
                sheets[ids[one.id]],
                people[one.team.number, RoleKind.LEAD],
                at[one.team.number],
                None if one.part[place] is Stage.AGREED else _begun(filling.rubric, answers[one.team.number]),
            )
            for one in asked
            if one.part[place] in together
        ]
        if alone:
            said += _alone(filling, place, asked, ids, answers, at, people)
        _save(filling, sorted(sheets.values()), said)
    return lines


def _sheet_row(
    assessment_id: int,
    created: datetime.datetime,
    answered: datetime.datetime | None,
    closed: datetime.datetime | None,
    person_id: int | None = None,
) -> Row:
    return {
        "assessment_id": assessment_id,
        "kind": SheetKind.AGREED if person_id is None else SheetKind.OWN,
        "version": 0 if answered is None else FIRST,
        "created_at": created,
        "answered_at": answered,
        "closed_at": closed,
        "person_id": person_id,
        "submitted_at": None if person_id is None else closed,
    }


def _agree(
    filling: Filling,
    cycle_id: int,
    agreed: Sequence[Made],
    ids: Mapping[int, int],
    answers: Mapping[int, Answers],
    at: Mapping[int, datetime.datetime],
    people: People,
) -> Mapping[int, CountedLine]:
    """Write what these teams agreed on; what is counted of it, by the numbers of the teams."""
    rubric, rows, found = filling.rubric, list[Row](), dict[int, Levels]()
    for one in agreed:
        number = one.team.number
        given = answers[number] if filling.whole else _needed(rubric, answers[number])
        result = result_json(rubric, score(rubric, values(given)))
        of = levels(rubric, result)
        assert of is not None, "a ladder has levels whatever the answers"
        found[number] = of
        rows.append(
            {
                "assessment_id": ids[one.id],
                "revision": 1,
                "rubric_version_id": filling.rubric_version_id,
                "sheet_version": FIRST,
                "answers": document(Frozen(given, {})),
                "result": result,
                "overall": of.overall,
                "agreed_at": at[number],
                "agreed_by": people.get((number, RoleKind.LEAD)),
            }
        )
    results = filling.keep(KEEP_RESULTS, rows)
    categories = tuple(rubric.category_by_key)
    return {
        one.team.number: CountedLine(
            ids[one.id],
            results[ids[one.id]],
            rubric.key,
            one.unit.id,
            one.team.name,
            "",
            categories,
            Counted(one.id, None, cycle_id, ancestors(one.unit.path), found[one.team.number]),
        )
        for one in agreed
    }


def _needed(rubric: Rubric, answers: Answers) -> Answers:
    """The answers that decide the levels: up to the rung that is missing. What lies above would only fill the disk."""
    result = score(rubric, values(answers))
    reached = {category.key: category.level for category in result.categories}  # type: ignore[union-attr]
    return {
        key: answer
        for key, answer in answers.items()
        if (rubric.statements[key].gate or 0) <= reached[rubric.category_of[key].key] + 1
    }


def _begun(rubric: Rubric, answers: Answers) -> Answers:
    first = {category.key for category in rubric.categories[:BEGUN]}
    return {key: answer for key, answer in answers.items() if rubric.category_of[key].key in first}


def _alone(
    filling: Filling,
    place: int,
    asked: Sequence[Made],
    ids: Mapping[int, int],
    answers: Mapping[int, Answers],
    at: Mapping[int, datetime.datetime],
    people: People,
) -> Sequence[Said]:
    """The sheets of those who answered alone: leads, and the members where a team is to agree next.

    Where it has agreed already, its lead did not wait for the member to reveal the answers.
    """
    done = {Stage.SUBMITTED, Stage.AGREED}
    own: dict[int, tuple[Made, RoleKind]] = {}
    for one in asked:
        stage = one.part[place]
        if stage is not Stage.NOT_BEGUN:
            own[people[one.team.number, RoleKind.LEAD]] = one, RoleKind.LEAD
        if stage is Stage.SUBMITTED:
            own[people[one.team.number, RoleKind.MEMBER]] = one, RoleKind.MEMBER
    sheets = filling.keep(
        KEEP_OWN_SHEETS,
        (
            _sheet_row(
                ids[one.id],
                filling.opened(place),
                at[one.team.number],
                at[one.team.number] if one.part[place] in done else None,
                person_id,
            )
            for person_id, (one, _) in own.items()
        ),
    )
    said = []
    for person_id, (one, kind) in own.items():
        given = answers[one.team.number]
        if one.part[place] not in done:
            given = _begun(filling.rubric, given)
        elif kind is RoleKind.MEMBER:
            given = seen_alone(one.team, given, filling.seed)
        said.append(Said(sheets[person_id], person_id, at[one.team.number], given))
    return said


def _save(filling: Filling, agreed_sheets: Sequence[int], said: Sequence[Said]) -> None:
    """Put on the sheets what was said, by one mutation each, with its history.

    Nobody else can have written to these sheets yet, and all their numbers lie between the first and the last.
    """
    if not said:
        return
    filling.keep(KEEP_MUTATIONS, (_mutation(each) for each in said))
    _take_frozen(filling, agreed_sheets[0], agreed_sheets[-1])
    _write(filling, {each.sheet_id: each.answers for each in said if each.answers is not None})
    _keep_history(filling, min(each.sheet_id for each in said), max(each.sheet_id for each in said))


def _mutation(said: Said) -> Row:
    # Nobody asks for it again: it has an id and a digest because every mutation has.
    digest = hashlib.sha256(f"example {said.sheet_id}".encode()).digest()
    return {
        "sheet_id": said.sheet_id,
        "mutation_id": str(uuid.UUID(bytes=digest[:16])),
        "at": said.at,
        "version": FIRST,
        "digest": digest,
        "kind": MutationKind.ANSWERS,
        "person_id": said.person_id,
    }


def _take_frozen(filling: Filling, first: int, last: int) -> None:
    """What stands on the agreed sheets is what was frozen of them: the database copies it from there."""
    of_sheet = and_(_agreed.organisation_id == _sheet.organisation_id, _agreed.assessment_id == _sheet.assessment_id)
    written = _written(_agreed.answers)
    agreed = table(Sheet).join(table(AgreedResult), of_sheet).join(written, literal(value=True))
    rows = _answer_rows(filling, _sheet.id, _sheet.answered_at, written).select_from(agreed)
    which = (_sheet.organisation_id == filling.organisation_id, _sheet.id.between(first, last))
    _keep_answers(filling, rows.where(*which, _sheet.kind == SheetKind.AGREED))


def _write(filling: Filling, answers: Mapping[int, Answers]) -> None:
    """Put answers on sheets. All of them go as one document, which the database takes apart much faster than we do."""
    sheets = {str(sheet_id): document(Frozen(given, {})) for sheet_id, given in answers.items()}
    said: Any = func.json_each(literal(sheets, _agreed.answers.type)).table_valued("key", "value").alias("said")
    written, sheet_id = _written(said.c.value), cast(said.c.key, _sheet.id.type)
    # Looked up for each, and not joined: SQLite would take the document apart again for each sheet there is.
    at = select(_sheet.answered_at).where(_sheet.organisation_id == filling.organisation_id, _sheet.id == sheet_id)
    rows = _answer_rows(filling, sheet_id, at.scalar_subquery(), written)
    _keep_answers(filling, rows.select_from(said.join(written, literal(value=True))))


def _written(answers: ColumnElement[Any]) -> Any:
    """The answers of a document, a row for each statement."""
    return func.json_each(answers).table_valued("key", "value").alias("written")


def _answer_rows(
    filling: Filling, sheet_id: ColumnElement[Any], at: ColumnElement[Any], written: Any
) -> Select[*tuple[Any, ...]]:
    """The columns of ANSWER, in its order."""
    return select(
        literal(filling.organisation_id),
        sheet_id,
        written.c.key,
        *(written.c.value.op("->>")(name) for name in ("value", "reason", "note")),
        literal(FIRST),
        at,
    )


def _keep_answers(filling: Filling, rows: Select[*tuple[Any, ...]]) -> None:
    filling.connection.execute(insert(table(Answer)).from_select(ANSWER, rows))


def _keep_history(filling: Filling, first: int, last: int) -> None:
    """The answers are their own first change."""
    names = [column.name for column in _change if column.name != "client"]
    changes = select(*(_answer[name] for name in names), literal(None)).where(
        _answer.organisation_id == filling.organisation_id, _answer.sheet_id.between(first, last)
    )
    filling.connection.execute(insert(table(AnswerChange)).from_select([*names, "client"], changes))
