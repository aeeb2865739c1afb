"""The tables that are taken away, the same in every format: teams, answers and blockers."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.exported import Exported, ExportedPart, ExportedTeam, in_words

Cell = str | int | datetime.date | None


class ColumnKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    LEVEL = "level"
    DATE = "date"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is in characters."""

    name: str
    width: int = 24
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` reads them from the beginning, as often as it is called; a cell for each column."""

    name: str
    columns: Sequence[Column]
    rows: Callable[[], Iterator[Sequence[Cell]]]


SUBJECT = (Column("Unit", 34), Column("Team"), Column("ML system", 18))
OVERALL = Column("Overall", 9, ColumnKind.LEVEL)


def teams(exported: Exported) -> Table:
    """A row for each agreed result."""
    part = exported.part
    categories = [Column(category.name, 14, ColumnKind.LEVEL) for category in part.rubric.categories]
    before = [Column(f"Overall in {part.before}", 14, ColumnKind.LEVEL), Column("Movement", 11, ColumnKind.NUMBER)]
    columns = [*SUBJECT, OVERALL, *categories, Column("Limited by", 30), *(before if part.before else [])]
    return Table(
        "Teams",
        [*columns, Column("Agreed on", 12, ColumnKind.DATE)],
        lambda: (_team(part, team) for team in exported.teams(False)),
    )


def answers(exported: Exported) -> Table:
    """A row for each statement of each agreed result, as it was agreed; also for those that nobody answered."""
    columns = [
        *SUBJECT,
        Column("Category", 22),
        Column("Statement", 26),
        Column("Text", 70),
        Column("Level that it gates", 10, ColumnKind.NUMBER),
        Column("Answer", 16),
        Column("Reason", 40),
        Column("Note", 60),
    ]
    return Table("Answers", columns, lambda: (row for team in exported.teams(True) for row in _answers(team)))


def blockers(exported: Exported) -> Table:
    """A row for each statement that keeps a team from its next overall level."""
    columns = [
        *SUBJECT,
        OVERALL,
        Column("Category", 22),
        Column("Statement", 26),
        Column("Text", 70),
        Column("What to do", 70),
    ]
    return Table("Blockers", columns, lambda: (row for team in exported.teams(False) for row in _blockers(team)))


def _subject(team: ExportedTeam) -> tuple[str, str, str]:
    return team.unit_path, team.team, team.system


def _team(part: ExportedPart, team: ExportedTeam) -> Sequence[Cell]:
    names = part.rubric.category_by_key
    limiting = ", ".join(names[key].name for key in team.limiting if key in names)
    levels = [team.levels.get(category.key) for category in part.rubric.categories]
    moved = [team.then, team.moved] if part.before else []
    return [*_subject(team), team.overall, *levels, limiting, *moved, team.agreed_at.date()]


def _answers(team: ExportedTeam) -> Iterator[Sequence[Cell]]:
    subject = _subject(team)
    for category, statement, answer in team.statements():
        said = in_words(team.rubric, statement, answer)
        about = (category.name, statement.key, statement.text, statement.gate)
        yield *subject, *about, said, answer.reason, answer.note


def _blockers(team: ExportedTeam) -> Iterator[Sequence[Cell]]:
    subject = _subject(team)
    for category, statement in team.blockers():
        yield *subject, team.overall, category.name, statement.key, statement.text, statement.do
