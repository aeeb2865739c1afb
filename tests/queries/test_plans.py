"""The embedded database finds what belongs to one team without reading what belongs to the whole organisation."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from app.actions.example import add_example
from app.actions.people import create_person
from app.actions.rubrics import load_shipped
from app.db.base import table
from app.db.engine import make_engine, reading, writing
from app.db.tables.assessments import Assessment
from app.db.tables.findings import AgreedResult
from app.domain.people import Actor
from app.queries.agreed import results_of_team
from app.queries.asked_once import given_above
from app.queries.assessing import assessing
from tests.cast import NOW

LARGE = "answer|agreed_result|membership|person|sheet|assessment|role|team"
WHOLE = re.compile(rf"SCAN ({LARGE})\b|SEARCH ({LARGE}) USING .*\(organisation_id=\?\)")
"""A step that reads a table from its beginning to its end, or all that the organisation has in it."""

Query = Callable[[Connection, int, int], object]
QUERIES: dict[str, Query] = {
    "given above": lambda connection, organisation_id, _: given_above(connection, organisation_id, [3], ["/1/"]),
    "results of a team": lambda connection, organisation_id, _: results_of_team(connection, organisation_id, 1),
    "assessing": lambda connection, organisation_id, assessment_id: assessing(
        connection, Actor(organisation_id, None, "service", admin=True), assessment_id
    ),
}


@pytest.fixture
def example(sqlite_url: str) -> Iterator[tuple[Engine, int, int]]:
    """An example with three hundred teams; its number, and that of an assessment in which people answer alone."""
    engine = make_engine(sqlite_url)
    with writing(engine) as session:
        load_shipped(session, NOW)
        person = create_person(session, "admin@tram.example", "Admin", None, NOW)
        assert person is not None
        organisation_id = add_example(session, person, NOW, teams=300)
        alone = select(Assessment.id).where(
            Assessment.organisation_id == organisation_id,
            Assessment.team_id.is_not(None),
            Assessment.revealed_at.is_not(None),
        )
        assessment_id = session.scalars(alone.limit(1)).one()
    engine.dispose()  # a new connection knows what was learned
    yield engine, organisation_id, assessment_id
    engine.dispose()


def plans(engine: Engine, query: Query, organisation_id: int, assessment_id: int) -> list[str]:
    """The steps by which SQLite answers all statements of a query."""
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with reading(engine) as session:
        query(session.connection(), organisation_id, assessment_id)
    event.remove(engine, "before_cursor_execute", note)
    with reading(engine) as session:
        asked = [session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given) for text, given in sent]
        return [str(row.detail) for rows in asked for row in rows]


@pytest.mark.parametrize("name", QUERIES)
def test_it_works(example: tuple[Engine, int, int], name: str) -> None:
    engine, organisation_id, assessment_id = example
    steps = plans(engine, QUERIES[name], organisation_id, assessment_id)
    assert steps
    assert [step for step in steps if WHOLE.match(step)] == []


def test_a_query_that_reads_all_is_found(example: tuple[Engine, int, int]) -> None:
    engine, organisation_id, _ = example
    agreed = table(AgreedResult).c
    everything = select(agreed.answers).where(agreed.organisation_id == organisation_id)
    steps = plans(engine, lambda connection, *_: connection.execute(everything).all(), organisation_id, 0)
    assert any(WHOLE.match(step) for step in steps)
