"""Letters that pages send, through the worker and a real mail server, to what is done with the link in them."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pyotp
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select, update

from app.actions import mail, reset_letters
from app.actions.reset_letters import FROM_ONE_NETWORK, TO_ONE_ADDRESS
from app.actions.tokens import create_token
from app.db.base import table
from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery
from app.db.tables.org import Organisation
from app.domain.mail import mail_server as mail_server_of
from app.domain.people import Scope
from app.domain.tokens import WantedToken
from app.main import work
from app.queries import people
from app.settings import Settings
from app.worker.mail import mail_errand
from app.worker.run import Worker
from tests.conftest import StatementCount
from tests.mail_server import Mailbox, mail_server
from tests.rights.rows import changed, rows
from tests.web.cast import PASSWORD, Browser, Cast, Player
from tests.web.document import document, fields
from tests.web.trail import events

PUBLIC = "https://testserver"
NEWCOMER = "newcomer@example.org"
NEW = "seven ferries in the fog"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def settings(tmp_path: Path, database_url: str, mailbox: Mailbox) -> Settings:
    """Mail is set up."""
    database, url = SecretStr(database_url), SecretStr(mailbox.url())
    return Settings(data_dir=tmp_path, public_url=PUBLIC, worker="off", database_url=database, mail_url=url)


def worked(app: FastAPI, cast: Cast, mailbox: Mailbox) -> None:
    """Do what background work there is, at the time of the test."""
    errands = {mail.KIND: mail_errand(mail_server_of(mailbox.url()))}
    worker = Worker(cast.engine, work(app.state.letters), {}, cast.clock, errands=errands)
    while worker.turn():
        pass


def text_of(came: EmailMessage, kind: str = "plain") -> str:
    part = came.get_body((kind,))
    assert part
    return str(part.get_content())


def link_in(came: EmailMessage, path: str) -> str:
    """The path of the link, which is the same in both texts and leads to the public address."""
    found = re.search(rf"{PUBLIC}(/{path}/[\w-]+)", text_of(came))
    assert found, text_of(came)
    assert f'href="{PUBLIC}{found[1]}"' in text_of(came, "html")
    return found[1]


def invited(browser: Browser, cast: Cast, by: Player, **headers: str) -> str:
    data = {"name": "Newcomer", "email": "NewComer@example.org", "kind": "member", "place": f"team.{cast.fraud.id}"}
    return browser(by).post("/invitations/new", data=data, headers=headers).text


def asked(browser: Browser, email: str) -> int:
    return browser.post("/reset", data={"email": email}).status_code


def test_it_works(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    """Invited, sent, received, opened, accepted."""
    page = invited(browser, cast, cast.lead)
    assert f"A letter with the link was sent to {NEWCOMER}." in page
    worked(app, cast, mailbox)

    (came,) = mailbox.came
    assert mailbox.to == [NEWCOMER]
    assert came["Subject"] == "Invitation to Example organisation"
    assert "Lead invites you to Example organisation" in text_of(came)
    link = link_in(came, "invitation")
    assert f'value="{PUBLIC}{link}"' in page, "the same link can be copied"
    assert "Join Example organisation" in browser.get(link).text
    assert browser.post(link, data={"name": "Newcomer", "password": PASSWORD}).headers["location"] == "/"
    assert browser.get(f"/teams/{cast.fraud.id}").status_code == 200
    assert "Invitation to Example organisation" in browser(cast.admin).get("/deliveries?state=sent").text


def test_a_new_password_by_mail(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    """Asked for, sent, received, opened, chosen; and told of."""
    assert 'action="/reset"' in browser.get("/reset").text
    answer = browser.post("/reset", data={"email": f" {cast.lead.email.upper()} "})
    assert answer.headers["location"] == "/reset?done=asked"
    assert "Look into your mailbox." in browser.get("/reset?done=asked").text
    worked(app, cast, mailbox)

    link = link_in(mailbox.came[0], "reset")
    assert cast.lead.email in browser.get(link).text
    assert browser.post(link, data={"password": NEW}).status_code == 303
    assert browser.post("/sign-in", data={"email": cast.lead.email, "password": NEW}).headers["location"] == "/"
    worked(app, cast, mailbox)

    assert [came["Subject"] for came in mailbox.came] == ["Choose a new password", "Your password was changed"]
    assert mailbox.to == [cast.lead.email] * 2
    assert f"{PUBLIC}/reset" in text_of(mailbox.came[1]).splitlines()
    assert events(cast.engine)[0] == "reset letter asked for"


def test_an_unknown_address_looks_the_same(
    app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox, count_statements: StatementCount
) -> None:
    assert asked(browser, "first-of-this-network@example.org") == 303
    found = []
    for email in (cast.lead.email, "nobody@example.org", cast.deactivated.email):
        before = rows(cast.engine)
        with count_statements(cast.engine) as statements:
            answer = browser.post("/reset", data={"email": email})
        after = rows(cast.engine)
        added = {name: len(after[name]) - len(before[name]) for name in changed(before, after)}
        found.append((answer.status_code, answer.headers["location"], answer.text, list(statements), added))
    known, *unknown = found
    assert unknown == [known, known]
    assert known[-1] == {"job": 1, "audit_event": 1, "allowance": 1}, "a job, its event, and the count for the address"

    worked(app, cast, mailbox)
    assert mailbox.to == [cast.lead.email]
    with reading(cast.engine) as session:
        assert not any("@" in str(job) for job in session.scalars(select(Job.payload)))


def test_whoever_comes_in_by_single_sign_on_alone_gets_no_letter(
    app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox
) -> None:
    with writing(cast.engine) as session:
        session.execute(update(Organisation).values(single_sign_on_only=True))
    assert asked(browser, cast.lead.email) == 303
    worked(app, cast, mailbox)
    assert mailbox.came == []


@pytest.mark.both
@pytest.mark.parametrize("email", ["", "nobody", "a@", "a b@example.org", "a@b\n.de", "a\x00@example.org", "x" * 400])
def test_what_is_no_address_is_refused(browser: Browser, cast: Cast, email: str) -> None:
    before = rows(cast.engine)
    assert asked(browser, email) == 422
    assert rows(cast.engine) == before


@pytest.mark.parametrize("who", ["lead@example.org", "nobody@example.org"])
def test_nobodys_mailbox_is_filled(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox, who: str) -> None:
    assert [asked(browser, who) for _ in range(TO_ONE_ADDRESS)] == [303] * TO_ONE_ADDRESS
    refused = browser.post("/reset", data={"email": who.upper()})

    assert refused.status_code == 429
    assert "Asked too often" in refused.text
    assert asked(browser, "somebody-else@example.org") == 303
    worked(app, cast, mailbox)
    assert len(mailbox.came) == (TO_ONE_ADDRESS if who == cast.lead.email else 0)


def test_nor_are_all_addresses_tried_from_one_network(browser: Browser, cast: Cast) -> None:
    answers = [asked(browser, f"nobody{number}@example.org") for number in range(FROM_ONE_NETWORK + 1)]
    assert answers == [303] * FROM_ONE_NETWORK + [429]
    with reading(cast.engine) as session:
        asked_for = select(func.count()).where(Job.kind == reset_letters.KIND)
        assert session.scalar(asked_for) == FROM_ONE_NETWORK


def test_a_foreign_host_does_not_reach_a_mail(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    foreign = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "referer": "https://evil.example/"}
    invited(browser, cast, cast.lead, host="evil.example")
    browser.post("/reset", data={"email": cast.lead.email}, headers={"host": "evil.example"})
    worked(app, cast, mailbox)
    assert mailbox.came == []

    invited(browser, cast, cast.lead, **foreign)
    browser.post("/reset", data={"email": cast.lead.email}, headers=foreign)
    worked(app, cast, mailbox)
    assert len(mailbox.came) == 2
    assert not any(b"evil.example" in bytes(came) for came in mailbox.came)
    link_in(mailbox.came[0], "invitation")


def test_inviting_again_sends_the_new_link(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    for _ in range(2):
        invited(browser, cast, cast.lead)
    worked(app, cast, mailbox)

    first, second = (link_in(came, "invitation") for came in mailbox.came)
    assert browser.get(first).status_code == 404
    assert browser.get(second).status_code == 200


def test_what_is_refused_sends_nothing(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    data = {"name": "x", "email": cast.member.email, "kind": "member", "place": f"team.{cast.fraud.id}"}
    assert browser(cast.admin).post("/invitations/new", data=data).status_code == 422
    assert browser(cast.member).post("/invitations/new", data={**data, "email": NEWCOMER}).status_code == 403
    wrong = {"present": "wrong", "password": NEW}
    assert browser(cast.member).post("/account/password", data=wrong).status_code == 422
    worked(app, cast, mailbox)
    assert mailbox.came == []


def test_whoever_is_imported_gets_a_letter(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    admin, lines = browser(cast.admin), "unit,team,name,email,role\nRisk,Fraud,Newcomer,newcomer@example.org,member\n"
    file = {"file": ("people.csv", lines.encode(), "text/csv")}
    plan = document(admin.post("/people/import", files=file).text)
    [form] = [form for form in plan.all("form") if form.all("input", name="agreed")]
    done = admin.post("/people/import", files={name: (None, text) for name, text in fields(form).items()})
    assert "A letter is on its way" in done.text
    worked(app, cast, mailbox)
    (came,) = mailbox.came
    assert browser.get(link_in(came, "invitation")).status_code == 200


def test_whoever_is_invited_by_the_api_gets_a_letter(
    app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox
) -> None:
    with writing(cast.engine) as session:
        admin = people.actor(session.connection(), cast.admin.id, cast.organisation_id)
        wanted = WantedToken("Walk", frozenset({Scope.ADMIN}))
        secret = create_token(session, admin, wanted, None, cast.clock()).secret
    roles = [{"kind": "member", "team_id": cast.fraud.id}]
    invited = browser.post(
        "/api/v1/people",
        json={"email": NEWCOMER, "name": "Newcomer", "roles": roles},
        headers={"authorization": f"Bearer {secret}", "accept": "application/json", "idempotency-key": "a-1"},
    )
    assert invited.status_code == 202, invited.text
    worked(app, cast, mailbox)
    (came,) = mailbox.came
    assert invited.json()["link"] == f"{PUBLIC}{link_in(came, 'invitation')}"


def test_a_changed_password_is_told(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    changed = browser(cast.member).post("/account/password", data={"present": PASSWORD, "password": NEW})
    assert changed.headers["location"] == "/account?done=password"
    worked(app, cast, mailbox)

    assert [came["Subject"] for came in mailbox.came] == ["Your password was changed"]
    assert mailbox.to == [cast.member.email]
    assert NEW not in text_of(mailbox.came[0])


def test_so_is_the_second_factor_on_and_off(app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox) -> None:
    member, secret = browser(cast.member), pyotp.random_base32()
    code = {step: pyotp.HOTP(secret).at(int(cast.clock().timestamp()) // 30 + step) for step in (-1, 0)}
    typed = {"secret": secret, "code": code[-1], "password": PASSWORD}
    assert member.post("/account/second-factor", data={**typed, "code": "x"}).status_code == 422
    assert member.post("/account/second-factor", data=typed).status_code == 200
    off = {"code": code[0], "password": PASSWORD}
    assert member.post("/account/second-factor/off", data=off).status_code == 303
    worked(app, cast, mailbox)

    assert [came["Subject"] for came in mailbox.came] == [
        "A second factor was added to your account",
        "The second factor of your account was switched off",
    ]
    assert mailbox.to == [cast.member.email] * 2
    assert not any(secret in text_of(came) for came in mailbox.came)


def test_an_invitation_that_could_not_be_sent_is_made_all_the_same(
    app: FastAPI, browser: Browser, cast: Cast, mailbox: Mailbox
) -> None:
    mailbox.answers_to_address = ["550 no such mailbox"]
    page = invited(browser, cast, cast.admin)
    worked(app, cast, mailbox)

    found = re.search(rf'value="{PUBLIC}(/invitation/[^"]+)"', page)
    assert found
    assert browser.get(found[1]).status_code == 200
    assert "no such mailbox" in browser(cast.admin).get("/deliveries?state=failed").text


class TestWithoutMail:
    """As on most machines that it is tried out on."""

    @pytest.fixture
    def settings(self, tmp_path: Path, database_url: str) -> Settings:
        return Settings(data_dir=tmp_path, public_url=PUBLIC, worker="off", database_url=SecretStr(database_url))

    def test_the_link_is_copied(self, browser: Browser, cast: Cast) -> None:
        page = invited(browser, cast, cast.lead)
        assert f"Give this link to {NEWCOMER}" in page
        assert "was sent" not in page
        with reading(cast.engine) as session:
            assert session.scalars(select(Delivery.id)).all() == []

    def test_asking_for_a_password_leads_to_an_admin(self, browser: Browser, cast: Cast) -> None:
        assert "Ask an admin of your organisation" in browser.get("/reset").text
        before = rows(cast.engine)
        assert asked(browser, cast.lead.email) == 409
        assert rows(cast.engine) == before

    def test_what_changes_an_account_sends_nothing(self, browser: Browser, cast: Cast) -> None:
        changed = browser(cast.member).post("/account/password", data={"present": PASSWORD, "password": NEW})
        assert changed.status_code == 303
        with reading(cast.engine) as session:
            assert session.scalars(select(table(Delivery).c.id)).all() == []
