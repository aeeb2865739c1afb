"""The teams of a very large example: copies of those that are made, with names of their own, by a few statements.

The database copies their results itself, a block of `ALIKE` teams at a time: making each of four hundred thousand would
take as many minutes as this takes seconds. Their tallies are counted with those that they are copies of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, insert, select

from app.actions.example_rows import Filling, Made, team_row
from app.db.base import table
from app.db.filling import learn_from_filling
from app.db.tables.assessments import Assessment, Sheet
from app.db.tables.findings import AgreedResult
from app.db.tables.org import Team, Unit
from app.db.tables.rollup import CountedLevel, CountedResult
from app.domain.example import ExampleTeam

LEVELS = table(CountedLevel).alias("source")


def copy_teams(
    filling: Filling,
    models: Sequence[Made],
    further: Iterator[ExampleTeam],
    units: Mapping[tuple[str, ...], Unit],
    tell: Callable[[int], None],
) -> None:
    """Write the further teams, each with what the model of its turn came to."""
    learn_from_filling(filling.connection)
    written = len(models)
    while block := list(islice(further, len(models))):
        rows = [team_row(filling, units, team, model.part) for team, model in zip(block, models, strict=False)]
        # Each copy is found by its distance from its model.
        distances = {id - model.id for id, model in zip(filling.number(table(Team), rows), models, strict=False)}
        if len(distances) != 1:
            raise AssertionError("Somebody else adds teams to this database meanwhile.")
        _copy_results(filling, models[0].id, models[len(block) - 1].id, distances.pop())
        written += len(block)
        tell(written)


def _copy_results(filling: Filling, first: int, last: int, distance: int) -> None:
    """What belongs to the teams from the first to the last is copied to those so far behind them."""
    model, copy = table(Assessment).alias("model"), table(Assessment).alias("copy")
    ours = and_(model.c.organisation_id == filling.organisation_id, model.c.team_id.between(first, last))
    _copy(filling, Assessment, model, ours, {"team_id": model.c.team_id + distance})
    both = model.join(
        copy,
        and_(
            copy.c.organisation_id == model.c.organisation_id,
            copy.c.cycle_id == model.c.cycle_id,
            copy.c.team_id == model.c.team_id + distance,
            copy.c.ml_system_id.is_(None),
        ),
    )
    to_copy = {"assessment_id": copy.c.id}
    named = {"team_id": copy.c.team_id, "name": table(Team).c.name}
    of_copy = and_(
        table(AgreedResult).c.organisation_id == copy.c.organisation_id,
        table(AgreedResult).c.assessment_id == copy.c.id,
    )
    of_team = and_(table(Team).c.organisation_id == copy.c.organisation_id, table(Team).c.id == copy.c.team_id)
    with_team, result = both.join(table(Team), of_team), {"result_id": table(AgreedResult).c.id}
    _copy(filling, Sheet, both, ours, to_copy)
    _copy(filling, AgreedResult, both, ours, to_copy)
    _copy(filling, CountedResult, with_team.join(table(AgreedResult), of_copy), ours, to_copy | named | result)
    # Of every category: else SQLite takes the index by levels, which holds all columns, and reads it for each model.
    _copy(filling, CountedLevel, with_team, and_(ours, LEVELS.c.category >= ""), to_copy | named)


def _copy(
    filling: Filling,
    entity: type[Any],
    of: FromClause,
    which: ColumnElement[bool],
    differing: Mapping[str, ColumnElement[Any]],
) -> None:
    """Rows of one table as they are but for some columns; `of` has the assessments, and what these columns need."""
    into = table(entity)
    source = LEVELS if entity is CountedLevel else into.alias("source")
    if entity is Assessment:
        source = of  # type: ignore[assignment]
    else:
        model = table(Assessment).alias("model")
        of = of.join(
            source,
            and_(source.c.organisation_id == model.c.organisation_id, source.c.assessment_id == model.c.id),
        )
    columns = {
        column.name: differing.get(column.name, source.c[column.name]) for column in into.columns if column.name != "id"
    }
    rows = select(*columns.values()).select_from(of).where(which)
    filling.connection.execute(insert(into).from_select(list(columns), rows))
