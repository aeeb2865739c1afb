"""The next cycle, carried forward: confirmed by one click, two levels until then, and the difference in sentences."""

import pytest
from sqlalchemy import update

from app.actions.jobs import enqueue
from app.db.engine import writing
from app.db.tables.jobs import Job
from app.queries.carrying import KIND, job_key
from app.worker.run import Worker
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.document import document, fields
from tests.web.test_asked_once_pages import CATEGORY as ONCE
from tests.web.test_asked_once_pages import KEY, say
from tests.web.test_assessing_pages import RUBRIC, SECRET_NOTE, Team, opened
from tests.web.trail import events
from tests.web.visitor import Clock

FIRST = RUBRIC.categories[0]


@pytest.fixture
def spring(browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Level 1 is agreed, and the cycle closed."""
    spring = opened(browser, cast, clock, "together")
    spring.pick(cast.lead, 1, "/agreed")
    spring.agreed(cast.lead)
    assert browser(cast.admin).post(f"{spring.cycle}/close").status_code == 303
    return spring


@pytest.fixture
def autumn(spring: Team, browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together", name="Autumn", carried_from="last")


def confirm(team: Team, cast: Cast, what: str, sheet: str = "/agreed") -> None:
    """Click one of the buttons of a category, or of a statement."""
    category = what.partition(".")[0]
    page = document(team.page(cast.member, f"{sheet}/category/{category}"))
    assert what in {button["value"] for button in page.all("button", name="confirm")}
    team.post(cast.member, f"{sheet}/answers", **fields(page.one("form", id="sheet")), confirm=what)


def test_it_works(autumn: Team, cast: Cast) -> None:
    assert "begins with what was agreed in Spring" in document(autumn.browser(cast.admin).get(autumn.cycle).text).text
    page = document(autumn.page(cast.member, f"/agreed/category/{FIRST.key}"))
    assert page.text.count("not confirmed since Spring") >= len(FIRST.statements)
    assert "Level 1" in page.one("p", class_="two-levels small").text
    assert "Nothing of it is confirmed yet" in autumn.text(cast.lead)

    confirm(autumn, cast, f"{FIRST.key}.{FIRST.statements[0].key}")
    assert events(cast.engine)[-1] == "answers confirmed"
    for category in RUBRIC.categories:
        confirm(autumn, cast, category.key)
    page = document(autumn.page(cast.member, f"/agreed/category/{FIRST.key}"))
    assert "not confirmed" not in page.text
    assert "two-levels" not in autumn.page(cast.lead)
    autumn.agreed(cast.lead)
    assert "Level 1" in document(autumn.page(cast.lead, "/agreed/result")).one("h1").text


def test_what_was_answered_above_is_confirmed_there(browser: Browser, cast: Cast, clock: Clock) -> None:
    spring = opened(browser, cast, clock, "together")
    say(spring, cast.admin, "1")
    assert browser(cast.admin).post(f"{spring.cycle}/close").status_code == 303
    autumn = opened(browser, cast, clock, "together", name="Autumn", carried_from="last")
    admin, here = browser(cast.admin), f"{autumn.cycle}/organisation"
    assert "1 carried over and not confirmed" in admin.get(autumn.cycle).text
    shown = document(autumn.page(cast.member, f"/agreed/category/{ONCE.key}"))
    statement = shown.one("fieldset", id=f"statement-{KEY}")
    assert "not confirmed since Spring" in statement.text
    assert "Whoever answers above confirms it" in statement.text
    assert "1 answer is carried over" in shown.one("p", class_="two-levels small").text
    assert not shown.all("button", name="confirm")
    assert "not confirmed since Spring" in autumn.page(cast.viewer, "/agreed")
    assert "not confirmed since Spring" in browser(cast.viewer).get(here).text

    page = document(admin.get(f"{here}/category/{ONCE.key}").text)
    assert {button["value"] for button in page.all("button", name="confirm")} == {ONCE.key, f"{ONCE.key}.{KEY}"}
    sent = fields(page.one("form", id="sheet")) | {"confirm": f"{ONCE.key}.{KEY}"}
    assert admin.post(f"{here}/answers", data=sent).status_code == 303
    assert events(cast.engine)[-1] == "answers confirmed"
    shown = document(autumn.page(cast.member, f"/agreed/category/{ONCE.key}"))
    assert "not confirmed" not in shown.text
    assert "Answered for the organisation by Admin" in shown.text


def test_copying_that_failed_is_told_and_tried_again(autumn: Team, cast: Cast) -> None:
    admin, number = autumn.browser(cast.admin), int(autumn.cycle.rpartition("/")[2])
    with writing(cast.engine) as session:
        organisation_id, now = cast.organisation_id, cast.clock()
        job = {"organisation": organisation_id, "cycle": number, "after": 0}
        enqueue(session, KIND, job, now, job_key(number, 0), organisation_id)
    assert "Being copied: 0 of 1 sheets so far" in admin.get(autumn.cycle).text
    assert admin.post(f"{autumn.cycle}/copying").status_code == 409
    with writing(cast.engine) as session:
        session.execute(update(Job).where(Job.kind == KIND).values(failed_at=now, attempts=8))

    page = admin.get(autumn.cycle).text
    assert "The copying stopped: 0 of 1 sheets" in page
    assert "Being copied" not in page
    assert "Copy the others now" not in autumn.browser(cast.lead).get(autumn.cycle).text
    assert autumn.browser(cast.lead).post(f"{autumn.cycle}/copying").status_code == 403
    assert admin.post(f"{autumn.cycle}/copying").headers["location"] == autumn.cycle
    assert events(cast.engine)[-1] == "copying tried again"

    worker = Worker(cast.engine, clock=cast.clock, periodic={})
    while worker.turn():
        pass
    page = admin.get(autumn.cycle).text
    assert "copied" not in page
    assert "begins with what was agreed in Spring" in page


def test_the_agree_page_warns_with_both_levels_and_open_counts(autumn: Team, cast: Cast) -> None:
    for category in RUBRIC.categories[1:]:
        confirm(autumn, cast, category.key)
    page = autumn.text(cast.lead, "/agree")
    assert "Not everything is confirmed" in page
    assert "Level 1" in page
    autumn.agreed(cast.lead)
    given = autumn.text(cast.viewer, "/revisions/1")
    assert "not confirmed since Spring" in given
    result = autumn.browser(cast.viewer).get(f"{autumn.home}/agreed/result.json").json()
    assert result["overall"] == 0


def test_the_script_gets_the_parts_that_changed(autumn: Team, cast: Cast) -> None:
    page = document(autumn.page(cast.member, f"/agreed/category/{FIRST.key}"))
    sent = {name: text for name, text in fields(page.one("form", id="sheet")).items() if name in {"sheet", "person"}}
    answer = autumn.browser(cast.member).post(
        f"{autumn.home}/agreed/answers",
        data={**sent, "base": "0", "mutation": "1" * 32, "confirm": FIRST.key},
        headers={"Shortstave-Fragment": "1"},
    )
    assert answer.status_code == 200
    assert f'id="since-{FIRST.statements[0].key}"' in answer.text
    assert f'id="confirm-{FIRST.key}"' in answer.text
    assert "not confirmed since" not in answer.text


def test_who_has_the_sheet_open_too_sees_the_marks_go(autumn: Team, cast: Cast) -> None:
    confirm(autumn, cast, FIRST.key)
    told = document(autumn.page(cast.lead, "/agreed/changes?since=0"))
    assert told.one("div", id=f"confirm-{FIRST.key}").text.strip() == ""
    assert told.one("p", id=f"since-{FIRST.statements[0].key}").text.strip() == ""


@pytest.mark.parametrize("wrong", ["nothing", f"{FIRST.key}.nothing", f"{FIRST.key}."])
def test_what_is_not_of_the_rubric_is_not_confirmed(autumn: Team, cast: Cast, wrong: str) -> None:
    page = document(autumn.page(cast.member, f"/agreed/category/{FIRST.key}"))
    data = fields(page.one("form", id="sheet")) | {"confirm": wrong}
    assert autumn.browser(cast.member).post(f"{autumn.home}/agreed/answers", data=data).status_code == 422


def test_alone_first_nobody_sees_what_somebody_confirmed(
    spring: Team, browser: Browser, cast: Cast, clock: Clock
) -> None:
    autumn = opened(browser, cast, clock, name="Autumn", carried_from="last")
    autumn.post(cast.member, "/own")
    assert "not confirmed since Spring" in autumn.page(cast.member, f"/own/category/{FIRST.key}")
    confirm(autumn, cast, FIRST.key, "/own")
    for name in ("lead", "admin", "manager", "viewer"):
        for path in ("/agreed", "/agreed/result", f"/sheets/{cast.member.id}", "/own", "/comparison"):
            answer = browser(getattr(cast, name)).get(f"{autumn.home}{path}")
            assert answer.status_code in {403, 404}, (name, path)
    assert SECRET_NOTE not in autumn.page(cast.lead)
    assert "begun" in autumn.page(cast.lead)


@pytest.mark.parametrize("wrong", ["x", "99999"])
def test_only_a_cycle_is_carried_forward(browser: Browser, cast: Cast, clock: Clock, wrong: str) -> None:
    with pytest.raises(AssertionError, match=r"no such cycle|Choose one"):
        opened(browser, cast, clock, carried_from=wrong)


def test_the_statements_of_each_page_are_counted(autumn: Team, cast: Cast, count_statements: StatementCount) -> None:
    lead = autumn.browser(cast.lead)
    for path, limit in {"": 8, "/agreed": 12, "/agree": 8}.items():
        lead.get(f"{autumn.home}{path}")
        with count_statements(cast.engine) as statements:
            lead.get(f"{autumn.home}{path}")
        assert len(statements) <= limit, (path, len(statements))
