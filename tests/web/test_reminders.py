"""Reminders from the worker to a real mailbox, by hand from a cycle's page, and what ends them."""

import datetime
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select, update

from app.actions import mail
from app.actions.reminders import LOOK
from app.db.base import table
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery
from app.db.tables.people import Membership
from app.main import work
from app.settings import Settings
from app.worker.mail import mail_errand
from app.worker.run import Worker
from tests.conftest import StatementCount
from tests.mail_server import Mailbox, mail_server
from tests.rights.rows import rows
from tests.web.cast import Browser, Cast
from tests.web.document import document, fields
from tests.web.test_assessing_pages import SECRET_NOTE, Team, opened
from tests.web.test_letters import link_in, text_of
from tests.web.trail import events
from tests.web.visitor import Clock

PUBLIC = "https://testserver"
DAY = datetime.timedelta(days=1)
WEEK_BEFORE = 21
"""Days after its opening, since the cycle is due after 28."""
EVERYBODY = ["lead@example.org", "member@example.org"]


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def settings(tmp_path: Path, database_url: str, mailbox: Mailbox) -> Settings:
    """Mail is set up."""
    database, url = SecretStr(database_url), SecretStr(mailbox.url())
    return Settings(data_dir=tmp_path, public_url=PUBLIC, worker="off", database_url=database, mail_url=url)


@pytest.fixture
def team(browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Reminded a week and a day before it is due, and three days after."""
    return opened(browser, cast, clock, after="3")


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together", after="3")


def worker(app: FastAPI, cast: Cast) -> Worker:
    errands = {mail.KIND: mail_errand(app.state.settings.mail)}
    hourly = {LOOK: datetime.timedelta(hours=1)}
    return Worker(cast.engine, work(app.state.letters), hourly, cast.clock, errands=errands)


def until_done(each: Worker) -> None:
    while each.turn():
        pass


def after(app: FastAPI, cast: Cast, mailbox: Mailbox, days: int = 0) -> list[str]:
    """To whom letters came when so many days have passed and the worker looked."""
    cast.clock.now += DAY * days
    before = len(mailbox.to)
    until_done(worker(app, cast))
    return sorted(mailbox.to[before:])


def test_it_works(app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    assert after(app, cast, mailbox, WEEK_BEFORE - 1) == []
    assert after(app, cast, mailbox, 1) == EVERYBODY
    assert after(app, cast, mailbox) == []

    came = mailbox.came[mailbox.to.index(cast.member.email)]
    assert came["Subject"].startswith("Spring is due on")
    assert link_in(came, "assessments") == team.home
    page = link_in(came, "unsubscribe")
    assert came["List-Unsubscribe"] == f"<{PUBLIC}{page}>"
    assert came["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with reading(cast.engine) as session:
        assert session.scalars(select(Delivery.text + func.coalesce(Delivery.unsubscribe, ""))).all() == ["", ""]

    left = browser.post(page, data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    assert "You get no reminders from Example organisation." in left.text
    assert after(app, cast, mailbox, 6) == [cast.lead.email]
    assert events(cast.engine)[-1] == "reminders switched off"


def test_the_letter_says_nothing_of_answers(app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    team.post(cast.member, "/own")
    team.pick(cast.member, 3, note=SECRET_NOTE)
    assert after(app, cast, mailbox, WEEK_BEFORE) == EVERYBODY
    same = {said(came) for came in mailbox.came}
    assert len(same) == 1
    assert SECRET_NOTE not in str(same)
    assert "evel 3" not in str(same)


def test_everybody_reads_it_in_their_language(
    app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox
) -> None:
    browser(cast.lead).post("/account/preferences", data={"language": "de"})
    assert after(app, cast, mailbox, WEEK_BEFORE) == EVERYBODY
    german, english = (mailbox.came[mailbox.to.index(each.email)] for each in (cast.lead, cast.member))

    assert english["Subject"].startswith("Spring is due on")
    assert not german["Subject"].startswith("Spring is due on")
    assert "MLOps maturity" in text_of(english, "plain")
    assert "MLOps-Reife" in text_of(german, "plain")


def said(came: EmailMessage) -> str:
    """All that a letter says, but for the link that is its reader's alone."""
    page = link_in(came, "unsubscribe")
    return "".join([came["Subject"], *(text_of(came, kind).replace(page, "") for kind in ("plain", "html"))])


@pytest.mark.parametrize("workers", [2, 5])
def test_several_workers_send_one_letter_each(
    app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox, workers: int
) -> None:
    cast.clock.now += DAY * WEEK_BEFORE
    each = [worker(app, cast) for _ in range(workers)]
    threads = [threading.Thread(target=until_done, args=(one,)) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until_done(worker(app, cast))
    assert sorted(mailbox.to) == EVERYBODY


def test_the_same_job_twice_writes_nothing_new(app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    """As where a process died after its work was kept."""
    assert after(app, cast, mailbox, WEEK_BEFORE) == EVERYBODY
    with writing(cast.engine) as session:
        session.execute(update(table(Job)).where(table(Job).c.kind == LOOK).values(finished_at=None))
        session.execute(table(Job).delete().where(table(Job).c.kind == "send reminders"))
    assert after(app, cast, mailbox) == []


def test_who_has_submitted_is_not_reminded(app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    team.submitted(cast.member, 1)
    assert after(app, cast, mailbox, WEEK_BEFORE) == [cast.lead.email]
    team.submitted(cast.lead, 1)
    assert after(app, cast, mailbox, 6) == []


def test_together_the_team_is_reminded_until_it_has_agreed(
    app: FastAPI, cast: Cast, together: Team, mailbox: Mailbox
) -> None:
    together.pick(cast.member, 1, "/agreed")
    assert after(app, cast, mailbox, WEEK_BEFORE) == EVERYBODY
    together.agreed(cast.lead)
    assert after(app, cast, mailbox, 6) == []


def test_more_time_is_a_new_reason(app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    assert after(app, cast, mailbox, WEEK_BEFORE) == EVERYBODY
    later = (cast.clock.now + DAY * 14).date().isoformat()
    assert browser(cast.admin).post(f"{team.cycle}/due", data={"due_on": later}).status_code == 303
    assert after(app, cast, mailbox, 6) == []
    assert after(app, cast, mailbox, 1) == EVERYBODY


def test_a_closed_cycle_sends_nothing(app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    assert browser(cast.admin).post(f"{team.cycle}/close").status_code == 303
    assert after(app, cast, mailbox, WEEK_BEFORE) == []
    refused = browser(cast.admin).post(f"{team.cycle}/remind")
    assert refused.status_code == 409
    assert "This cycle is closed" in refused.text


def test_what_was_sent_long_ago_is_not_sent_again_when_it_is_forgotten(
    app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox
) -> None:
    assert after(app, cast, mailbox, WEEK_BEFORE + 10) == EVERYBODY
    cast.clock.now += DAY * 100
    with writing(cast.engine) as session:
        mail.purge_mail(session, cast.clock.now)
        assert session.scalars(select(Delivery.id)).all() == []
    assert after(app, cast, mailbox) == []


def test_by_hand_once_a_day(app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    admin = browser(cast.admin)
    assert "Send 2 letters?" in admin.get(f"{team.cycle}/remind").text
    sent = admin.post(f"{team.cycle}/remind")
    assert sent.status_code == 303
    assert "The letters are on their way" in admin.get(sent.headers["location"]).text
    assert events(cast.engine)[-1] == "reminders asked for"
    assert after(app, cast, mailbox) == EVERYBODY

    again = browser(cast.manager_of_all).post(f"{team.cycle}/remind")
    assert again.status_code == 409
    assert "try again tomorrow" in again.text
    cast.clock.now += DAY
    assert admin.post(f"{team.cycle}/remind").status_code == 303
    assert after(app, cast, mailbox) == EVERYBODY


def test_by_hand_is_for_who_looks_after_the_cycle(browser: Browser, cast: Cast, team: Team) -> None:
    for player in (cast.lead, cast.member, cast.viewer, cast.manager, cast.manager_elsewhere):
        for answer in (browser(player).get(f"{team.cycle}/remind"), browser(player).post(f"{team.cycle}/remind")):
            assert answer.status_code == 403, player
    assert browser(cast.outsider).post(f"{team.cycle}/remind").status_code == 404


def test_by_hand_counts_who_wants_letters(
    app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox
) -> None:
    for player in (cast.lead, cast.member):
        off = browser(player).post("/account/reminders")
        assert off.headers["location"] == "/account?done=reminders"
    page = browser(cast.admin).get(f"{team.cycle}/remind").text
    assert "Nobody to remind" in page
    assert "2 people who are waited for want no reminders" in page
    assert browser(cast.admin).post(f"{team.cycle}/remind").status_code == 409
    assert after(app, cast, mailbox, WEEK_BEFORE) == []

    assert browser(cast.member).post("/account/reminders", data={"reminders": "1"}).status_code == 303
    assert after(app, cast, mailbox, 6) == [cast.member.email]
    assert events(cast.engine)[-1] == "reminders switched on"


def test_the_account_shows_whether(browser: Browser, cast: Cast) -> None:
    member = browser(cast.member)
    assert "checked" in document(member.get("/account").text).one("input", id="reminders-on")
    member.post("/account/reminders")
    assert "checked" not in document(member.get("/account?done=reminders").text).one("input", id="reminders-on")
    assert member.post("/account/reminders", data={"reminders": "perhaps"}).status_code == 422


def test_looking_at_the_link_ends_nothing(
    app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox
) -> None:
    after(app, cast, mailbox, WEEK_BEFORE)
    page = link_in(mailbox.came[0], "unsubscribe")
    before = rows(cast.engine)
    shown = browser.get(page)
    assert "No more reminders from Example organisation?" in shown.text
    assert rows(cast.engine) == before
    [form] = [form for form in document(shown.text).all("form") if form["action"] == page]
    assert browser.post(page, data=fields(form)).status_code == 200
    with reading(cast.engine) as session:
        off = session.scalars(select(Membership.person_id).where(Membership.reminders.is_(False)))
        assert off.all() == [{"lead@example.org": cast.lead, "member@example.org": cast.member}[mailbox.to[0]].id]
    assert browser.post(page).status_code == 200
    assert events(cast.engine)[-2:].count("reminders switched off") == 1


@pytest.mark.parametrize("secret", ["x", "1-2", "1-2-3", "-", "--", "9" * 30, "²-1-x", "1-1-%C3%28"])
def test_a_link_that_is_none(browser: Browser, cast: Cast, secret: str) -> None:
    assert browser.get(f"/unsubscribe/{secret}").status_code == 404
    assert browser.post(f"/unsubscribe/{secret}").status_code == 404


def test_the_link_of_one_person_is_not_that_of_another(
    app: FastAPI, browser: Browser, cast: Cast, team: Team, mailbox: Mailbox
) -> None:
    after(app, cast, mailbox, WEEK_BEFORE)
    _, _, secret = link_in(mailbox.came[0], "unsubscribe").split("/")
    organisation_id, _, signature = secret.split("-")
    assert browser.post(f"/unsubscribe/{organisation_id}-{cast.admin.id}-{signature}").status_code == 404


def test_the_audit_trail_counts_and_names_nobody(app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox) -> None:
    after(app, cast, mailbox, WEEK_BEFORE)
    with reading(cast.engine) as session:
        told = session.execute(
            select(AuditEvent.details, AuditEvent.person_id).where(AuditEvent.action == "reminders sent")
        ).one()
    assert told == ({"letters": 2}, None)


def test_the_cycle_says_who_is_waited_for(browser: Browser, cast: Cast, team: Team) -> None:
    assert "Lead and Member" in browser(cast.admin).get(team.cycle).text
    assert "Waited for" not in browser(cast.viewer).get(team.cycle).text
    assert "Waited for" not in browser(cast.lead).get(team.cycle).text
    team.submitted(cast.member, 3, note=SECRET_NOTE)
    page = document(browser(cast.manager_of_all).get(team.cycle).text)
    assert [cell.text for cell in page.all("td")][2:3] == ["Lead"]
    team.submitted(cast.lead, 3)
    assert "the lead, to agree" in browser(cast.admin).get(team.cycle).text
    assert SECRET_NOTE not in browser(cast.admin).get(team.cycle).text


def test_writing_to_a_page_of_people_is_few_statements(
    app: FastAPI, cast: Cast, team: Team, mailbox: Mailbox, count_statements: StatementCount
) -> None:
    cast.clock.now += DAY * WEEK_BEFORE
    each = worker(app, cast)
    each.turn()
    with count_statements(cast.engine) as statements:
        each.turn()
    assert any("INSERT INTO delivery" in statement for statement in statements)
    assert len(statements) <= 17, (len(statements), statements)


class TestWithoutMail:
    @pytest.fixture
    def settings(self, tmp_path: Path, database_url: str) -> Settings:
        return Settings(data_dir=tmp_path, public_url=PUBLIC, worker="off", database_url=SecretStr(database_url))

    def test_nothing_is_written(self, app: FastAPI, browser: Browser, cast: Cast, team: Team) -> None:
        cast.clock.now += DAY * WEEK_BEFORE
        until_done(worker(app, cast))
        refused = browser(cast.admin).post(f"{team.cycle}/remind")
        assert refused.status_code == 409
        assert "Mail is not set up" in refused.text
        with reading(cast.engine) as session:
            assert session.scalars(select(Delivery.id)).all() == []
            assert session.scalars(select(Job.id).where(Job.failed_at.is_not(None))).all() == []
