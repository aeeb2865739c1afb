"""The cycles of an example organisation: who was asked, what they answered, and what they agreed on."""

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, literal, select

from app.actions.counting import level_rows, result_row
from app.actions.example_rows import Filling, Made, Row
from app.db.base import table
from app.db.filling import put_rows, put_values
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet, SheetKind
from app.db.tables.cycles import Cycle
from app.db.tables.findings import AgreedResult
from app.db.tables.rollup import CountedLevel, CountedResult
from app.domain.cycles import Mode, Schedule, Stage
from app.domain.example import seen_alone
from app.domain.example_played import Answers
from app.domain.people import RoleKind
from app.domain.rollup import Counted
from app.domain.rubric import Rubric
from app.queries.counting import CountedLine, ancestors

FIRST = 1
"""The version of a sheet that was saved once."""
BEGUN = 2
"""Categories that whoever has begun has answered."""

_sheet, _agreed = table(Sheet).c, table(AgreedResult).c
_answer, _change = table(Answer).c, table(AnswerChange).c

ANSWER = ("organisation_id", "sheet_id", "statement", "value", "reason", "note", "version", "answered_at")

People = Mapping[tuple[int, RoleKind], int]


@dataclass(frozen=True, slots=True)
class Said:
    """A saved sheet: whose it is, and what stands on it."""

    sheet_id: int
    person_id: int | None
    at: datetime.datetime
    answers: Answers


def make_cycles(filling: Filling) -> Sequence[int]:
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
    cycles = filling.number(table(Cycle), rows)
    shared = {"rubric_version_id": filling.rubric_version_id}
    above = filling.number(
        table(Assessment),
        ({"cycle_id": id, "created_at": filling.opened(place), **shared} for place, id in enumerate(cycles)),
    )
    filling.number(table(Sheet), (_sheet_row(id, filling.opened(place), None, None) for place, id in enumerate(above)))
    return cycles


def fill_cycles(filling: Filling, cycle_ids: Sequence[int], made: Sequence[Made], people: People) -> None:
    """All that these teams did in all cycles."""
    counted: dict[int, list[Counted]] = {}
    for place, cycle_id in enumerate(cycle_ids):
        asked = [one for one in made if one.part[place] is not None]
        lines = _fill_cycle(filling, place, cycle_id, asked, people)
        results = (result_row(filling.organisation_id, line) for line in lines.values())
        put_rows(filling.connection, table(CountedResult), results)
        of_results = (row for line in lines.values() for row in level_rows(filling.organisation_id, line))
        put_rows(filling.connection, table(CountedLevel), of_results)
        for number, line in lines.items():
            counted.setdefault(filling.alike(number), []).append(line.counted)
    filling.count(counted)


def _fill_cycle(
    filling: Filling,
    place: int,
    cycle_id: int,
    asked: Sequence[Made],
    people: People,
) -> Mapping[int, CountedLine]:
    """What is counted of it, by the numbers of the teams."""
    at = {one.team.number: filling.agreed(place, one.team.number) for one in asked}
    alone = filling.whole and filling.rounds[place].closed_on is None
    assessments = filling.number(
        table(Assessment),
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
    ids = {one.id: id for one, id in zip(asked, assessments, strict=True)}
    together = {Stage.AGREED} if alone else {Stage.AGREED, Stage.BEGUN}
    sheets = filling.number(
        table(Sheet),
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
    lines = _agree(filling, place, cycle_id, agreed, ids, at, people)
    if filling.whole:
        said = [
            Said(
                sheet_id,
                people[one.team.number, RoleKind.LEAD],
                at[one.team.number],
                one.played.answers[place]
                if one.part[place] is Stage.AGREED
                else _begun(filling.rubric, one.played.answers[place]),
            )
            for one, sheet_id in zip(asked, sheets, strict=True)
            if one.part[place] in together
        ]
        if alone:
            said += _alone(filling, place, asked, ids, at, people)
        _save(filling, place, said)
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
    place: int,
    cycle_id: int,
    agreed: Sequence[Made],
    ids: Mapping[int, int],
    at: Mapping[int, datetime.datetime],
    people: People,
) -> Mapping[int, CountedLine]:
    """Write what these teams agreed on; what is counted of it, by the numbers of the teams."""
    outcomes = [one.played.agreed[place] for one in agreed]
    results = filling.number(
        table(AgreedResult),
        (
            {
                "assessment_id": ids[one.id],
                "revision": 1,
                "rubric_version_id": filling.rubric_version_id,
                "sheet_version": FIRST,
                "answers": of.answers,
                "result": of.result,
                "overall": of.levels.overall,
                "agreed_at": at[one.team.number],
                "agreed_by": people.get((one.team.number, RoleKind.LEAD)),
            }
            for one, of in zip(agreed, outcomes, strict=True)
        ),
    )
    categories = tuple(filling.rubric.category_by_key)
    return {
        one.team.number: CountedLine(
            ids[one.id],
            result_id,
            filling.rubric.key,
            one.unit.id,
            one.team.name,
            "",
            categories,
            Counted(one.id, None, cycle_id, ancestors(one.unit.path), of.levels),
        )
        for one, result_id, of in zip(agreed, results, outcomes, strict=True)
    }


def _begun(rubric: Rubric, answers: Answers) -> Answers:
    first = {category.key for category in rubric.categories[:BEGUN]}
    return {key: answer for key, answer in answers.items() if rubric.category_of[key].key in first}


def _alone(
    filling: Filling,
    place: int,
    asked: Sequence[Made],
    ids: Mapping[int, int],
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
    sheets = filling.number(
        table(Sheet),
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
    for sheet_id, (person_id, (one, kind)) in zip(sheets, own.items(), strict=True):
        given = one.played.answers[place]
        if one.part[place] not in done:
            given = _begun(filling.rubric, given)
        elif kind is RoleKind.MEMBER:
            given = seen_alone(one.team, given, filling.seed)
        said.append(Said(sheet_id, person_id, at[one.team.number], given))
    return said


def _save(filling: Filling, place: int, said: Sequence[Said]) -> None:
    """Put on the sheets what was said, by one mutation each."""
    if not said:
        return
    filling.put(table(Mutation), (_mutation(each) for each in said))
    _write(filling, said)
    if filling.has_history(place):
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


def _write(filling: Filling, said: Iterable[Said]) -> None:
    put_values(
        filling.connection,
        table(Answer),
        ANSWER,
        (
            [filling.organisation_id, each.sheet_id, key, answer.value, answer.reason, answer.note, FIRST, each.at]
            for each in said
            for key, answer in each.answers.items()
        ),
    )


def _keep_history(filling: Filling, first: int, last: int) -> None:
    """The answers are their own first change."""
    names = [column.name for column in _change if column.name != "client"]
    changes = select(*(_answer[name] for name in names), literal(None)).where(
        _answer.organisation_id == filling.organisation_id, _answer.sheet_id.between(first, last)
    )
    filling.connection.execute(insert(table(AnswerChange)).from_select([*names, "client"], changes))
