"""What no database takes is refused before it gets there, in words and the same on both."""

import datetime

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.db.tables.org import Allowance, Organisation
from app.db.tables.rubrics import RubricVersion, State
from app.domain.errors import Conflict, Invalid
from app.domain.rubric import Kind, Subject

NOW = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))


@pytest.mark.parametrize(
    "text", ["nul \x00", "surrogate \ud800", "bell \x07", "escape \x9b", "carriage \r", "long " * 41]
)
def test_hostile_text_is_invalid(session: Session, text: str) -> None:
    with pytest.raises(Invalid, match="text"):
        session.execute(insert(Organisation).values(name=text, created_at=NOW))


@pytest.mark.parametrize("text", ["", "two\nlines\tand a tab", "Straßenbahn 東京 🚋", "'; DROP TABLE organisation; --"])
def test_any_other_text_comes_back_as_it_was(session: Session, text: str) -> None:
    session.add(Organisation(name=text, created_at=NOW))
    session.flush()
    session.expire_all()
    assert session.scalars(select(Organisation.name).order_by(Organisation.id.desc())).first() == text


def test_the_line_ends_of_browsers_become_ours(session: Session) -> None:
    session.execute(insert(Organisation).values(name="a\r\nb", created_at=NOW))
    assert session.scalar(select(Organisation.name).where(Organisation.id != 1)) == "a\nb"


@pytest.mark.parametrize("number", [2**63, -(2**63), 10**30])
def test_a_number_beyond_64_bits_is_invalid(session: Session, number: int) -> None:
    with pytest.raises(Invalid):
        session.execute(select(Organisation).where(Organisation.id == number))
    with pytest.raises(Invalid):
        session.execute(insert(Allowance).values(key_digest=b"k", window_start=NOW, used=number))


def test_the_largest_number_fits(session: Session) -> None:
    session.execute(insert(Allowance).values(key_digest=b"k", window_start=NOW, used=2**63 - 1))
    assert session.scalar(select(Allowance.used)) == 2**63 - 1


def test_a_time_comes_back_aware_and_in_utc(session: Session) -> None:
    session.add(Allowance(key_digest=b"k", window_start=NOW, used=1))
    session.flush()
    session.expire_all()
    found = session.scalar(select(Allowance.window_start))
    assert found == NOW
    assert found is not None
    assert found.tzinfo is datetime.UTC


def test_a_time_without_a_zone_is_a_mistake_of_ours(session: Session) -> None:
    with pytest.raises(Exception, match="without a zone"):
        session.execute(insert(Allowance).values(key_digest=b"k", window_start=datetime.datetime(2026, 1, 1), used=1))  # noqa: DTZ001


def draft(state: State = State.DRAFT) -> RubricVersion:
    return RubricVersion(
        organisation_id=1,
        key="tram",
        number=1,
        state=state,
        title="Tram",
        kind=Kind.LADDER,
        subject=Subject.TEAM,
        digest=b"d",
        document={"key": "tram"},
        created_at=NOW,
    )


def test_a_draft_may_be_edited(session: Session) -> None:
    version = draft()
    session.add(version)
    session.flush()
    version.title, version.state = "Bus", State.PUBLISHED
    session.flush()


@pytest.mark.parametrize(("column", "value"), [("title", "Bus"), ("document", {}), ("state", State.DRAFT)])
def test_a_published_version_never_changes(session: Session, column: str, value: object) -> None:
    version = draft(State.PUBLISHED)
    session.add(version)
    session.flush()
    session.refresh(version)
    setattr(version, column, value)
    with pytest.raises(Conflict):
        session.flush()


def test_a_published_version_may_be_retired(session: Session) -> None:
    version = draft(State.PUBLISHED)
    session.add(version)
    session.flush()
    version.state = State.RETIRED
    session.flush()
