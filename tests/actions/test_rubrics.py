"""Publishing rubrics: what is new becomes the next version, and nothing ever changes."""

import dataclasses
import threading

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.actions.rubrics import load_shipped, publish
from app.db.engine import reading, writing
from app.db.tables.rubrics import RubricVersion, State
from app.domain.errors import Missing
from app.domain.organisations import VISITORS
from app.domain.rubric_file import shipped
from app.queries.rubrics import latest, offered, published
from tests.conftest import StatementCount
from tests.quick_check import NOW, RUBRIC


def test_it_works(session: Session) -> None:
    assert load_shipped(session, NOW) == tuple(shipped())
    assert load_shipped(session, NOW) == ()
    versions = offered(session.connection(), VISITORS)
    assert {version.key: version.rubric for version in versions} == dict(shipped())
    assert {version.number for version in versions} == {1}


def test_a_changed_text_is_the_next_version_and_the_old_one_stays(session: Session) -> None:
    old = shipped()[RUBRIC]
    new = dataclasses.replace(old, title="Another title")
    publish(session, VISITORS, [old], NOW)
    before = latest(session.connection(), VISITORS, RUBRIC)
    assert publish(session, VISITORS, [new], NOW) == (RUBRIC,)

    after = latest(session.connection(), VISITORS, RUBRIC)
    assert (before.number, after.number) == (1, 2)
    assert after.rubric == new
    assert published(session.connection(), VISITORS, before.id).rubric == old
    assert [version.number for version in offered(session.connection(), VISITORS)] == [2]


def test_translations_that_are_new_are_the_next_version(session: Session) -> None:
    """A server that is upgraded to a product that speaks another language."""
    before = dataclasses.replace(shipped()[RUBRIC], translations={})
    publish(session, VISITORS, [before], NOW)

    assert load_shipped(session, NOW) == tuple(shipped())
    after = latest(session.connection(), VISITORS, RUBRIC)
    assert after.number == 2
    assert after.rubric.translations.keys() == {"de"}
    assert load_shipped(session, NOW) == ()


def test_several_processes_at_once_publish_once(engine: Engine) -> None:
    rubric = shipped()[RUBRIC]
    start = threading.Barrier(4)

    def attempt() -> None:
        start.wait()
        with writing(engine) as session:
            publish(session, VISITORS, [rubric], NOW)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(RubricVersion)) == 1


def test_a_version_is_read_once(engine: Engine, count_statements: StatementCount) -> None:
    with writing(engine) as session:
        publish(session, VISITORS, [shipped()[RUBRIC]], NOW)
        version = latest(session.connection(), VISITORS, RUBRIC)
    with count_statements(engine) as statements, reading(engine) as session:
        assert published(session.connection(), VISITORS, version.id) is version
    assert statements == []


def test_what_belongs_to_another_organisation_does_not_exist(session: Session) -> None:
    publish(session, VISITORS, [shipped()[RUBRIC]], NOW)
    version = latest(session.connection(), VISITORS, RUBRIC)
    with pytest.raises(Missing):
        published(session.connection(), 2, version.id)
    with pytest.raises(Missing):
        latest(session.connection(), 2, RUBRIC)
    assert offered(session.connection(), 2) == ()


def test_drafts_are_not_published_and_retired_ones_are_still_read(session: Session) -> None:
    publish(session, VISITORS, [shipped()[RUBRIC]], NOW)
    row = session.scalars(select(RubricVersion)).one()
    row.state = State.RETIRED
    session.flush()
    assert published(session.connection(), VISITORS, row.id).rubric == shipped()[RUBRIC]
    with pytest.raises(Missing):
        latest(session.connection(), VISITORS, RUBRIC)


@pytest.mark.parametrize("key", ["none", "", "\x07", "../x"])
def test_an_unknown_key_is_missing_or_invalid(session: Session, key: str) -> None:
    with pytest.raises(Exception, match=r"no such rubric|printable"):
        latest(session.connection(), VISITORS, key)
