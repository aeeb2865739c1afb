"""Claiming a quick check for a team, and reading what was claimed."""

import pytest
from sqlalchemy import Engine, select

from app.db.engine import reading
from app.db.tables.assessments import Answer, AnswerChange, Assessment, Mutation, Sheet
from app.db.tables.rubrics import RubricVersion, State
from app.domain.answers import Value
from app.domain.organisations import VISITORS
from app.domain.sheets import Change
from tests.conftest import StatementCount
from tests.quick_check import QuickCheck
from tests.web.cast import Browser, Cast
from tests.web.document import document
from tests.web.trail import events

DOWNLOADS = ("answers.yaml", "result.json", "radar.svg", "radar.csv")


def claim(browser: Browser, cast: Cast, quick_check: QuickCheck) -> str:
    """The path of the assessment that the lead made of it."""
    answer = browser(cast.lead).post(f"/c/{quick_check.secret}/claim", data={"team_id": cast.fraud.id})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_it_works(browser: Browser, cast: Cast, quick_check: QuickCheck) -> None:
    quick_check.pick(0, 2)
    quick_check.save(1, a=Change(Value.NO, note="Only on *Fridays*"))
    lead = browser(cast.lead)

    assert "Claim it for your team" in lead.get(f"/c/{quick_check.secret}").text
    assert ">Fraud (Risk)<" in lead.get(f"/c/{quick_check.secret}/claim").text
    assessment = claim(browser, cast, quick_check)

    assert "Nothing is agreed yet." in document(lead.get(assessment).text).one("main").text
    page = browser(cast.viewer).get(f"{assessment}/agreed").text
    assert quick_check.rubric.title in page
    assert "Only on <em>Fridays</em>" in page
    team = lead.get(f"/teams/{cast.fraud.id}").text
    assert f'href="{assessment}/agreed/result"' in team
    assert "Level" in lead.get(f"{assessment}/agreed/result").text
    assert events(cast.engine)[-1] == "quick check claimed"
    assert "1 assessment" in lead.get("/").text


def test_answers_and_their_history_are_copied(browser: Browser, cast: Cast, quick_check: QuickCheck) -> None:
    quick_check.pick(0, 2)
    quick_check.save(1, a=Change(Value.UNKNOWN, note="ask"))
    before = quick_check.answers
    claim(browser, cast, quick_check)

    with reading(cast.engine) as session:
        ours = select(Sheet.id, Sheet.version).where(Sheet.organisation_id == cast.organisation_id)
        sheet_id, version = session.execute(ours).one()
        assert version == 2
        for entity in (Answer, AnswerChange, Mutation):
            columns = [c for c in entity.__table__.c if c.name not in {"organisation_id", "sheet_id"}]
            theirs, copied = (
                session.execute(
                    select(*columns)
                    .where(entity.organisation_id == organisation, entity.sheet_id == sheet)
                    .order_by(*columns[:3])
                ).all()
                for organisation, sheet in (
                    (VISITORS, quick_check.sheet.sheet_id),
                    (cast.organisation_id, sheet_id),
                )
            )
            assert theirs
            assert theirs == copied
    assert quick_check.answers == before


def test_the_link_goes_on_to_be_read_and_is_changed_no_more(
    browser: Browser, cast: Cast, quick_check: QuickCheck
) -> None:
    quick_check.pick(0, 2)
    claim(browser, cast, quick_check)
    home = f"/c/{quick_check.secret}"
    category, statement = (quick_check.rubric.categories[0], quick_check.rubric.categories[0].statements[0])

    page = browser.get(home).text
    assert "Claimed for a team" in page
    assert 'type="radio"' not in page
    assert browser.get(f"{home}/category/{category.key}").text == page
    assert browser.get(f"{home}/result").status_code == 200
    for name in DOWNLOADS:
        assert browser.get(f"{home}/{name}").status_code == 200
    sheet = quick_check.sheet
    form = {"sheet": sheet.sheet_id, "category": category.key, "base": sheet.version, statement.key: "1"}
    assert browser.post(f"{home}/answers", data=form).status_code == 403
    assert "Delete this link" in page
    assert browser.post(f"{home}/delete").status_code == 200
    assert browser.get(home).status_code == 404
    with reading(cast.engine) as session:
        left = select(Assessment.id).where(Assessment.organisation_id == cast.organisation_id)
        assert len(session.scalars(left).all()) == 1


def test_it_is_claimed_once(browser: Browser, cast: Cast, quick_check: QuickCheck) -> None:
    claim(browser, cast, quick_check)

    for who, team in ((cast.lead, cast.fraud.id), (cast.member_elsewhere, cast.prices.id)):
        again = browser(who)
        assert again.get(f"/c/{quick_check.secret}/claim").status_code == 403
        assert again.post(f"/c/{quick_check.secret}/claim", data={"team_id": team}).status_code == 403
    with reading(cast.engine) as session:
        ours = select(Assessment.id).where(Assessment.organisation_id != VISITORS)
        assert len(session.scalars(ours).all()) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("admin", 403), ("manager", 403), ("viewer", 403), ("member_elsewhere", 403), ("outsider", 404)],
)
def test_who_may_not_claim_for_a_team(
    browser: Browser, cast: Cast, quick_check: QuickCheck, who: str, status: int
) -> None:
    refused = browser(getattr(cast, who)).post(f"/c/{quick_check.secret}/claim", data={"team_id": cast.fraud.id})

    assert refused.status_code == status
    assert quick_check.sheet.closed_at is None


def test_a_visitor_signs_in_first(browser: Browser, cast: Cast, quick_check: QuickCheck) -> None:
    for answer in (
        browser.get(f"/c/{quick_check.secret}/claim"),
        browser.post(f"/c/{quick_check.secret}/claim", data={"team_id": cast.fraud.id}),
    ):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "Fill this in."),
        ({"team_id": "x"}, "whole number"),
        ({"team_id": "9" * 40}, "too large"),
        ({"team_id": "1", "organisation_id": "2"}, "does not ask for"),
    ],
)
def test_bad_input_is_said(
    browser: Browser, cast: Cast, quick_check: QuickCheck, typed: dict[str, str], says: str
) -> None:
    answer = browser(cast.lead).post(f"/c/{quick_check.secret}/claim", data=typed)

    assert answer.status_code == 422
    assert says in answer.text


def test_for_an_archived_team_nothing_is_claimed(browser: Browser, cast: Cast, quick_check: QuickCheck) -> None:
    browser(cast.admin).post(f"/teams/{cast.fraud.id}/archive")
    answer = browser(cast.lead).post(f"/c/{quick_check.secret}/claim", data={"team_id": cast.fraud.id})

    assert answer.status_code == 422
    assert "This team is archived." in answer.text
    assert quick_check.sheet.closed_at is None


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("manager", 200),
        ("viewer", 200),
        ("member", 200),
        ("member_elsewhere", 404),
        ("manager_elsewhere", 404),
        ("outsider", 404),
    ],
)
def test_who_reads_what_was_claimed(
    browser: Browser, cast: Cast, quick_check: QuickCheck, who: str, status: int
) -> None:
    quick_check.pick(0, 1)
    assessment = claim(browser, cast, quick_check)
    reader, category = browser(getattr(cast, who)), quick_check.rubric.categories[0].key

    assert reader.get(assessment).status_code == status
    for path in ("", "/result", f"/category/{category}", *(f"/{name}" for name in DOWNLOADS)):
        assert reader.get(f"{assessment}/agreed{path}").status_code == status
    assert reader.get(f"{assessment}/agreed/category/nowhere").status_code == 404


def test_a_second_claim_takes_the_rubric_that_is_there(
    browser: Browser, cast: Cast, quick_check: QuickCheck, engine: Engine
) -> None:
    claim(browser, cast, quick_check)
    begun = browser.post(f"/check/{quick_check.rubric.key}").headers["location"]
    answer = browser(cast.lead).post(f"{begun}/claim", data={"team_id": cast.fraud.id})

    assert answer.status_code == 303
    with reading(engine) as session:
        versions = select(RubricVersion.number, RubricVersion.state).where(
            RubricVersion.organisation_id == cast.organisation_id
        )
        assert session.execute(versions).all() == [(1, State.PUBLISHED)]


def test_the_sql_of_a_teams_results_does_not_grow(
    browser: Browser, cast: Cast, quick_check: QuickCheck, count_statements: StatementCount
) -> None:
    claim(browser, cast, quick_check)
    lead, path = browser(cast.lead), f"/teams/{cast.fraud.id}"
    engine: Engine = browser.app.state.engine  # type: ignore[attr-defined]
    lead.get(path)
    with count_statements(engine) as one:
        lead.get(path)
    begun = browser.post(f"/check/{quick_check.rubric.key}").headers["location"]
    lead.post(f"{begun}/claim", data={"team_id": cast.fraud.id})
    with count_statements(engine) as two:
        lead.get(path)

    assert len(one) == len(two) == 2 + 5
