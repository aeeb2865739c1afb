"""What a new version would do is what it does: on the sheets of a cycle that follows, and where answers are carried."""

import datetime
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.actions.following import follow
from app.actions.rubrics import publish
from app.actions.running_cycles import close_cycle
from app.db.engine import reading, writing
from app.db.tables.assessments import AnswerChange
from app.db.tables.cycles import Cycle
from app.domain.answers import Value
from app.domain.cycles import Mode
from app.domain.errors import Conflict, Missing, NotAllowed
from app.domain.rollup import levels
from app.domain.rubric import Category, Rubric, Statement, StatementKind
from app.domain.rubric_file import shipped
from app.domain.scoring import score
from app.domain.sheets import values
from app.queries import rubrics
from app.queries.agreed import result_of
from app.queries.counting import recounts
from app.queries.impact import impact
from tests.actions.test_carrying import next_cycle
from tests.cast import NOW, Cast
from tests.teamwork import CYCLE, Teamwork, begun

RUBRIC = shipped()["gigaom-mlops"]
PRACTICE = next(each for each in RUBRIC.statements.values() if each.gate == 3 and each.level == 3)
MET = next(each for each in RUBRIC.statements.values() if each.gate == 2 and each.level == 2)


def with_statement(rubric: Rubric, statement: Statement) -> Rubric:
    def changed(category: Category) -> Category:
        same = tuple(statement if each.key == statement.key else each for each in category.statements)
        return replace(category, statements=same)

    return replace(rubric, categories=tuple(changed(category) for category in rubric.categories))


STRICTER = with_statement(RUBRIC, replace(PRACTICE, level=2, gate=2))
TURNED = with_statement(RUBRIC, replace(MET, kind=StatementKind.GAP, level=1))
REWORDED = with_statement(RUBRIC, replace(MET, text="The same in other words."))


@pytest.fixture
def spring(cast: Cast) -> Teamwork:
    """Risk answers together, at level 2, and has not agreed yet."""
    teamwork = begun(cast, replace(CYCLE, mode=Mode.TOGETHER))
    teamwork.pick(teamwork.assessing().sheet, 2)
    return teamwork


def published(teamwork: Teamwork, rubric: Rubric) -> int:
    with writing(teamwork.engine) as session:
        publish(session, teamwork.cast.tram, [rubric], NOW)
        return rubrics.latest(session.connection(), teamwork.cast.tram, rubric.key).id


def moved(teamwork: Teamwork, version: int, by: str = "admin") -> Teamwork:
    with writing(teamwork.engine) as session:
        follow(session, teamwork.actor(by), teamwork.cycle_id, version, NOW)
    with reading(teamwork.engine) as session:
        rubric = rubrics.published(session.connection(), teamwork.cast.tram, version).rubric
    return replace(teamwork, rubric=rubric)


def agreed_level(teamwork: Teamwork) -> int | None:
    with reading(teamwork.engine) as session:
        found = result_of(session.connection(), teamwork.actor("lead"), teamwork.assessment_id)
    return score(found.rubric, values(found.answers)).overall  # type: ignore[return-value] # a ladder's


@pytest.mark.parametrize(("rubric", "level"), [(STRICTER, 1), (TURNED, 1), (REWORDED, 2), (RUBRIC, 2)])
def test_impact_is_what_happens(spring: Teamwork, rubric: Rubric, level: int) -> None:
    """Agreed by the old version, carried into a cycle by the new one, and on a sheet of a cycle that follows."""
    with writing(spring.engine) as session:
        before = impact(session.connection(), spring.cast.tram, rubric)
        assert before.results == 0, "what nobody agreed on is no result"
    spring.agree()
    with reading(spring.engine) as session:
        found = impact(session.connection(), spring.cast.tram, rubric)
    assert (found.results, found.fall, found.stay) == (1, int(level < 2), int(level == 2))
    assert {each.effect.after.overall for each in found.touched if each.effect.after} <= {level}
    assert found.through == ({PRACTICE.key: 1} if rubric is STRICTER else {MET.key: 1} if rubric is TURNED else {})
    assert found.lost_answers == int(rubric is TURNED)

    published(spring, rubric)
    assert agreed_level(spring) == 2, "publishing changes no result"
    with writing(spring.engine) as session:
        close_cycle(session, spring.actor("admin"), spring.cycle_id, NOW)
    autumn = next_cycle(spring)
    carried = {key: each.value for key, each in autumn.answers(autumn.assessing().sheet).items() if each.value}
    onto = levels(rubric, score(rubric, carried))
    assert onto
    assert onto.overall == level


def test_a_cycle_that_follows_keeps_all_answers(spring: Teamwork) -> None:
    before = spring.answers(spring.assessing().sheet)

    autumn = moved(spring, published(spring, STRICTER))

    after = autumn.answers(autumn.assessing().sheet)
    assert after == before
    assert score(autumn.rubric, values(after)).overall == 1
    assert autumn.agree() == 1
    assert agreed_level(autumn) == 1
    with reading(autumn.engine) as session:
        assert [each.wrong for each in recounts(session.connection())] == [(), (), ()]


def test_what_was_agreed_stays_by_its_own_version(spring: Teamwork) -> None:
    spring.agree()

    moved(spring, published(spring, STRICTER))

    assert agreed_level(spring) == 2
    with reading(spring.engine) as session:
        assert [each.wrong for each in recounts(session.connection())] == [(), (), ()]


def test_where_a_practice_became_a_gap_the_answer_goes_and_its_note_stays(spring: Teamwork) -> None:
    spring.save(spring.assessing().sheet, MET.key, Value.YES, note="Since March.")
    before = spring.assessing().sheet.version

    turned = moved(spring, published(spring, TURNED))

    sheet = turned.assessing().sheet
    answer = turned.answers(sheet)[MET.key]
    assert (answer.value, answer.note, sheet.version) == (None, "Since March.", before + 1)
    with reading(turned.engine) as session:
        history = session.scalars(
            select(AnswerChange.value)
            .where(AnswerChange.sheet_id == sheet.sheet_id, AnswerChange.statement == MET.key)
            .order_by(AnswerChange.version)
        ).all()
    assert history[-2:] == [Value.YES, None]
    assert len(turned.answers(sheet)) == len(spring.rubric.statements)


def test_who_may_and_where_to(spring: Teamwork) -> None:
    old = spring.rubric
    version = published(spring, STRICTER)
    for who in ("lead", "member", "data manager"):
        with pytest.raises(NotAllowed):
            moved(spring, version, by=who)
    with pytest.raises(Missing):
        moved(spring, 999_999)
    moved(spring, version)
    with pytest.raises(Conflict, match="already"):
        moved(spring, version)
    with reading(spring.engine) as session:
        first = rubrics.published(session.connection(), spring.cast.tram, version - 1)
    assert first.rubric == old
    with pytest.raises(Conflict, match="already"):
        moved(spring, first.id)
    other = published(spring, shipped()["ml-test-score"])
    with pytest.raises(Missing):
        moved(spring, other)
    with writing(spring.engine) as session:
        close_cycle(session, spring.actor("admin"), spring.cycle_id, NOW + datetime.timedelta(days=1))
    with pytest.raises(Conflict, match="closed"):
        moved(spring, published(spring, REWORDED))


def test_of_another_organisation(spring: Teamwork) -> None:
    with writing(spring.engine) as session:
        publish(session, spring.cast.ferry, [RUBRIC], NOW)
        publish(session, spring.cast.ferry, [STRICTER], NOW)
        theirs = rubrics.latest(session.connection(), spring.cast.ferry, RUBRIC.key).id
        assert session.get_one(Cycle, spring.cycle_id).rubric_version_id != theirs
    with pytest.raises(Missing):
        moved(spring, theirs)
