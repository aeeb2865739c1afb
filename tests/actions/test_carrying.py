"""Answers carried forward: what the next cycle begins with, what confirms it, and what is agreed without that."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.actions import carrying, sheets
from app.actions.assessing import reopen
from app.actions.cycles import ask_more, close_cycle, open_cycle, reopen_cycle
from app.db.engine import reading, writing
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, MutationKind, Sheet
from app.db.tables.findings import AgreedResult
from app.db.tables.jobs import Job
from app.domain.answers import Value
from app.domain.cycles import Mode, Stage
from app.domain.errors import Invalid
from app.domain.scoring import score
from app.domain.sheets import Change, values
from app.domain.sheets import Mutation as Asked
from app.queries import cycles
from app.queries.agreed import result_of
from app.queries.carrying import KIND, copying
from tests.cast import NOW, Cast
from tests.conftest import StatementCount
from tests.teamwork import CYCLE, TODAY, Teamwork, begun, new_id

TOGETHER = replace(CYCLE, mode=Mode.TOGETHER)


@pytest.fixture
def spring(cast: Cast) -> Teamwork:
    """Risk agreed on level 2 together; the cycle is closed."""
    teamwork = begun(cast, TOGETHER)
    teamwork.pick(teamwork.assessing().sheet, 2)
    teamwork.agree()
    with writing(cast.engine) as session:
        close_cycle(session, teamwork.actor("admin"), teamwork.cycle_id, NOW)
    return teamwork


def next_cycle(before: Teamwork, mode: Mode = Mode.TOGETHER, name: str = "Autumn") -> Teamwork:
    cast = before.cast
    with writing(cast.engine) as session:
        asked = replace(CYCLE, name=name, mode=mode, teams=(cast.teams["Risk"],), carried_from=before.cycle_id)
        cycle = open_cycle(session, cast.actor("admin"), asked, NOW).id
        of_risk = select(Assessment.id).where(Assessment.cycle_id == cycle, Assessment.team_id.is_not(None))
        assessment = session.scalars(of_risk).one()
    return replace(before, cycle_id=cycle, assessment_id=assessment)


def confirm(teamwork: Teamwork, statements: tuple[str, ...], id: str = "", by: str = "lead") -> int:
    sheet = teamwork.assessing().sheet
    with writing(teamwork.engine) as session:
        saved = sheets.confirm(
            session,
            sheet,
            teamwork.rubric,
            id or new_id(),
            sheet.version,
            statements,
            NOW,
            by=teamwork.people[by],
        )
    return saved.version


def test_it_works(spring: Teamwork) -> None:
    autumn = next_cycle(spring)
    sheet = autumn.assessing().sheet
    carried = autumn.answers(sheet)

    assert all(each.waits and each.carried_from == spring.cycle_id for each in carried.values())
    assert {key: each.value for key, each in carried.items()} == values(spring.answers(spring.assessing().sheet))
    assert (sheet.version, values(carried)) == (0, {})
    with reading(autumn.engine) as session:
        connection = session.connection()
        assert cycles.counts(connection, autumn.cast.tram, [autumn.cycle_id])[autumn.cycle_id][Stage.NOT_BEGUN] == 1
        assert copying(connection, autumn.cast.tram, autumn.cycle_id) is None

    assert confirm(autumn, tuple(autumn.rubric.statements)) == 1
    result = score(autumn.rubric, values(autumn.answers(autumn.assessing().sheet)))
    assert result.overall == 2
    assert autumn.agree() == 1


def test_who_confirmed_is_in_the_history(spring: Teamwork) -> None:
    autumn = next_cycle(spring)
    first = next(iter(autumn.rubric.statements))
    confirm(autumn, (first,), by="member")
    sheet_id = autumn.assessing().sheet.sheet_id
    with reading(autumn.engine) as session:
        history = session.execute(
            select(AnswerChange.version, AnswerChange.value, AnswerChange.carried_from)
            .where(AnswerChange.sheet_id == sheet_id, AnswerChange.statement == first)
            .order_by(AnswerChange.version)
        ).all()
        who = session.execute(select(Mutation.kind, Mutation.person_id).where(Mutation.sheet_id == sheet_id)).all()
    assert [tuple(row) for row in history] == [(0, history[0].value, spring.cycle_id), (1, history[0].value, None)]
    assert [tuple(row) for row in who] == [(MutationKind.CONFIRM, autumn.people["member"])]


def test_confirming_again_is_recognised_and_changes_nothing(spring: Teamwork) -> None:
    autumn = next_cycle(spring)
    first, id = next(iter(autumn.rubric.statements)), new_id()
    assert confirm(autumn, (first,), id) == confirm(autumn, (first,), id) == 1
    assert confirm(autumn, (first,)) == 1


def test_answering_confirms_and_a_note_does_not(spring: Teamwork) -> None:
    autumn = next_cycle(spring)
    one, other, third, *_ = autumn.rubric.statements
    sheet = autumn.assessing().sheet
    same = autumn.answers(sheet)[other].value
    changes = {one: Change(Value.HALF), other: Change(same), third: Change(note="Look at the wiki.")}
    with writing(autumn.engine) as session:
        sheets.save(session, sheet, autumn.rubric, Asked(new_id(), 0, changes), NOW, by=autumn.people["lead"])
    found = autumn.answers(sheet)
    assert [found[key].waits for key in (one, other, third)] == [False, False, True]
    assert found[third].note == "Look at the wiki."


def test_an_undone_pick_leaves_what_was_carried(spring: Teamwork) -> None:
    autumn = next_cycle(spring)
    sheet, category = autumn.assessing().sheet, autumn.rubric.categories[0]
    before = autumn.answers(sheet)
    by = autumn.people["lead"]
    with writing(autumn.engine) as session:
        sheets.pick(session, sheet, autumn.rubric, new_id(), 0, category.key, 2, NOW, by=by)
    assert not any(autumn.answers(sheet)[each.key].waits for each in category.statements)
    with writing(autumn.engine) as session:
        sheets.undo_pick(session, sheet, autumn.rubric, new_id(), 1, category.key, NOW, by=by)
    assert autumn.answers(sheet) == before


def test_what_nobody_confirmed_is_agreed_as_open_and_keeps_its_cycle(spring: Teamwork) -> None:
    autumn = next_cycle(spring)
    with pytest.raises(Invalid, match="confirmed"):
        autumn.agree()
    confirmed, *waiting = autumn.rubric.statements
    confirm(autumn, (confirmed,))
    autumn.agree()
    with reading(autumn.engine) as session:
        agreed = result_of(session.connection(), autumn.actor("lead"), autumn.assessment_id)
    assert list(values(agreed.answers)) == [confirmed]
    assert all(agreed.answers[key].carried_from == spring.cycle_id for key in waiting)

    winter = next_cycle(autumn, name="Winter")
    since = {key: each.carried_from for key, each in winter.answers(winter.assessing().sheet).items()}
    assert since == {confirmed: autumn.cycle_id} | dict.fromkeys(waiting, spring.cycle_id)


def test_what_was_reopened_is_not_carried(spring: Teamwork) -> None:
    with writing(spring.engine) as session:
        reopen_cycle(session, spring.actor("admin"), spring.cycle_id, "Too early.", TODAY, NOW)
    with writing(spring.engine) as session:
        reopen(session, spring.actor("lead"), spring.assessment_id, "Too early.", TODAY, NOW)
    autumn = next_cycle(spring)
    assert autumn.answers(autumn.assessing().sheet) == {}


def test_alone_first_each_own_sheet_begins_with_the_team_s_last_word(spring: Teamwork) -> None:
    autumn = next_cycle(spring, Mode.ALONE_FIRST)
    assert autumn.answers(autumn.assessing().sheet) == {}
    autumn.begin("member")
    own = autumn.own("member")
    assert all(each.waits for each in autumn.answers(own).values())
    assert own.version == 0
    with pytest.raises(Invalid, match="Nothing is answered"):
        autumn.submit("member")


def test_another_rubric_or_unit_is_not_carried(spring: Teamwork) -> None:
    cast = spring.cast
    for more in ({"unit_id": cast.units["Data"]}, {"rubric": "production-readiness"}):
        asked = replace(CYCLE, name="Autumn", carried_from=spring.cycle_id, **more)
        with pytest.raises(Invalid, match="another rubric or unit"), writing(cast.engine) as session:
            open_cycle(session, cast.actor("admin"), asked, NOW)


def test_many_are_copied_in_batches(
    spring: Teamwork, monkeypatch: pytest.MonkeyPatch, count_statements: StatementCount
) -> None:
    """The rest by jobs; an answer that came before its copy stays."""
    cast = spring.cast
    second = _two_agreed(spring)
    monkeypatch.setattr(carrying, "AT_ONCE", 1)
    with writing(cast.engine) as session:
        asked = replace(TOGETHER, name="Winter", carried_from=second)
        cycle = open_cycle(session, cast.actor("admin"), asked, NOW).id
    with reading(cast.engine) as session:
        progress = copying(session.connection(), cast.tram, cycle)
        job = session.scalars(select(Job).where(Job.kind == KIND)).one()
        payload = dict(job.payload)
    assert progress is not None
    assert (progress.done, progress.count) == (1, 4)
    with writing(cast.engine) as session, count_statements(cast.engine) as statements:
        carrying.carry_on(session, payload, NOW)
    assert len(statements) <= 6
    with reading(cast.engine) as session:
        assert copying(session.connection(), cast.tram, cycle) is not None
        here = select(Assessment.id).where(Assessment.cycle_id == cycle)
        begun = (
            select(Sheet.assessment_id).join(Answer, Answer.sheet_id == Sheet.id).where(Sheet.assessment_id.in_(here))
        )
        assert len(set(session.scalars(begun))) == 2
    with writing(cast.engine) as session:
        assert ask_more(session, cast.actor("admin"), cycle, (), (), NOW) == 0


def _two_agreed(spring: Teamwork) -> int:
    """A cycle of all four teams, with a result of two of them."""
    cast = spring.cast
    with writing(cast.engine) as session:
        cycle = open_cycle(session, cast.actor("admin"), replace(TOGETHER, name="Autumn"), NOW).id
        here = select(Assessment.id).where(Assessment.cycle_id == cycle, Assessment.team_id.is_not(None))
        agreed = session.scalars(select(AgreedResult)).one()
        same = {each.name: getattr(agreed, each.name) for each in AgreedResult.__table__.columns if each.name != "id"}
        for assessment_id in session.scalars(here.order_by(Assessment.id).limit(2)).all():
            session.add(AgreedResult(**same | {"assessment_id": assessment_id}))
    return cycle
