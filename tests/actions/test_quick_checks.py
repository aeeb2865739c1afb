"""Quick checks: begun within an allowance, found by their secret alone, ended, and really deleted."""

import datetime
import threading

import pytest
from sqlalchemy import Engine, func, select, text

from app.actions.allowances import HOUR, UsedUp, network, purge_allowances
from app.actions.quick_checks import BEGUN_AN_HOUR, begin, delete_quick_check, purge_ended
from app.actions.rubrics import publish
from app.db.base import Base
from app.db.engine import reading, writing
from app.db.tables.assessments import QuickCheck as Row
from app.db.tables.audit import AuditEvent
from app.db.tables.org import Allowance
from app.domain.answers import Value
from app.domain.errors import Missing
from app.domain.organisations import VISITORS
from app.domain.rubric_file import shipped
from app.domain.sheets import Change
from app.queries.rubrics import latest
from app.queries.sheets import ENDS_AFTER, digest, sheet_by_secret
from tests.conftest import StatementCount
from tests.quick_check import NOW, RUBRIC, QuickCheck, begun

SECOND = datetime.timedelta(seconds=1)


def found(quick_check: QuickCheck, now: datetime.datetime) -> bool:
    try:
        with reading(quick_check.engine) as session:
            sheet_by_secret(session.connection(), quick_check.secret, now)
    except Missing:
        return False
    return True


def rows(engine: Engine) -> dict[str, int]:
    with reading(engine) as session:
        return {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
        }


def test_it_works(quick_check: QuickCheck) -> None:
    sheet = quick_check.sheet
    assert (sheet.organisation_id, sheet.version, sheet.begun_at, sheet.answered_at) == (VISITORS, 0, NOW, None)
    assert sheet.ends_at == NOW + ENDS_AFTER
    assert quick_check.answers == {}


def test_only_the_hash_of_a_secret_is_kept(quick_check: QuickCheck) -> None:
    assert len(quick_check.secret) == 43
    with reading(quick_check.engine) as session:
        assert session.scalar(select(Row.secret_digest)) == digest(quick_check.secret)


@pytest.mark.parametrize("secret", ["", "x", "\x00", "\ud800", "ß" * 10_000])
def test_any_wrong_link_is_the_same(quick_check: QuickCheck, secret: str, count_statements: StatementCount) -> None:
    with count_statements(quick_check.engine) as statements, reading(quick_check.engine) as session:
        with pytest.raises(Missing) as raised:
            sheet_by_secret(session.connection(), secret, NOW)
        with pytest.raises(Missing) as other:
            sheet_by_secret(session.connection(), digest(secret).hex(), NOW)
    assert str(raised.value) == str(other.value)
    assert len(statements) == 2


def test_it_ends_90_days_after_it_was_begun_or_last_answered(quick_check: QuickCheck) -> None:
    assert found(quick_check, NOW + ENDS_AFTER - SECOND)
    assert not found(quick_check, NOW + ENDS_AFTER)
    with writing(quick_check.engine) as session:
        session.execute(text("UPDATE quick_check SET begun_at = '2020-01-01 00:00:00+00:00'"))
    assert not found(quick_check, NOW)


def test_every_answer_makes_it_last_longer(quick_check: QuickCheck) -> None:
    with writing(quick_check.engine) as session:
        session.execute(text("UPDATE quick_check SET begun_at = :then"), {"then": "2026-08-10 00:00:00.000000+00:00"})
    quick_check.save(0, a=Value.YES)
    assert found(quick_check, NOW + ENDS_AFTER - SECOND)


def test_delete_leaves_nothing_but_the_audit_trail(quick_check: QuickCheck) -> None:
    other = begun(quick_check.engine)
    before = rows(quick_check.engine)
    third = begun(quick_check.engine)
    third.pick(0, 2)
    third.save(1, a=Change(Value.NOT_APPLICABLE, reason="no cloud", note="a note"))
    sheet = third.sheet
    with writing(quick_check.engine) as session:
        delete_quick_check(session, sheet, NOW)

    assert not found(third, NOW)
    assert found(other, NOW)
    after = rows(quick_check.engine)
    assert after.pop("audit_event") == before.pop("audit_event") + 4
    assert after == before
    with reading(quick_check.engine) as session:
        events = [str(event.details) for event in session.scalars(select(AuditEvent))]
    assert not any("no cloud" in event or "a note" in event for event in events)


def test_a_number_is_never_given_twice(quick_check: QuickCheck) -> None:
    deleted = quick_check.sheet
    with writing(quick_check.engine) as session:
        delete_quick_check(session, deleted, NOW)
    following = begun(quick_check.engine).sheet
    assert following.assessment_id > deleted.assessment_id
    assert following.sheet_id > deleted.sheet_id


def test_ended_ones_are_purged_and_others_stay(quick_check: QuickCheck) -> None:
    quick_check.save(0, a=Value.YES)
    with writing(quick_check.engine) as session:
        assert purge_ended(session, NOW + ENDS_AFTER - SECOND) == 0
    with writing(quick_check.engine) as session:
        assert purge_ended(session, NOW + ENDS_AFTER) == 1
    counts = rows(quick_check.engine)
    gone = ("assessment", "quick_check", "sheet", "answer", "answer_change", "mutation")
    assert not any(counts[name] for name in gone)


def test_the_allowance_is_per_address_and_hour(quick_check: QuickCheck) -> None:
    engine = quick_check.engine

    def more(times: int, address: str, now: datetime.datetime) -> None:
        with writing(engine) as session:
            version = latest(session.connection(), VISITORS, RUBRIC)
            for _ in range(times):
                begin(session, version, address, now)

    more(BEGUN_AN_HOUR, "198.51.100.1", NOW)
    with pytest.raises(UsedUp, match="in 30 min") as raised:
        more(1, "198.51.100.1", NOW + HOUR / 2)
    assert raised.value.until == NOW + HOUR
    more(1, "198.51.100.2", NOW + HOUR / 2)
    more(1, "198.51.100.1", NOW + HOUR)


def test_the_allowance_is_exact_under_a_crowd(engine: Engine) -> None:
    with writing(engine) as session:
        publish(session, VISITORS, [shipped()[RUBRIC]], NOW)
        version = latest(session.connection(), VISITORS, RUBRIC)
    outcomes: list[bool] = []

    def attempt() -> None:
        for _ in range(10):
            try:
                with writing(engine) as session:
                    begin(session, version, "2001:db8::1", NOW)
                outcomes.append(True)
            except UsedUp:
                outcomes.append(False)

    threads = [threading.Thread(target=attempt) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(True) == BEGUN_AN_HOUR
    assert rows(engine)["quick_check"] == BEGUN_AN_HOUR


def test_an_address_is_never_kept(quick_check: QuickCheck) -> None:
    with reading(quick_check.engine) as session:
        kept = session.scalars(select(Allowance.key_digest)).one()
        assert len(kept) == 32
        everything = [str(session.execute(table.select()).all()) for table in Base.metadata.tables.values()]
    assert not any("192.0.2.7" in text for text in everything)


def test_used_up_hours_are_purged(quick_check: QuickCheck) -> None:
    with writing(quick_check.engine) as session:
        purge_allowances(session, NOW + HOUR - SECOND)
    assert rows(quick_check.engine)["allowance"] == 1
    with writing(quick_check.engine) as session:
        purge_allowances(session, NOW + HOUR)
    assert rows(quick_check.engine)["allowance"] == 0


@pytest.mark.parametrize(
    ("address", "whom"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "'testclient'"),
        ("\ud800", "'\\ud800'"),
    ],
)
def test_whom_an_address_stands_for(address: str, whom: str) -> None:
    assert network(address) == whom
