"""What became of mail, for admins."""

import datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select, text

from app.actions.mail import send
from app.db.engine import reading, writing
from app.db.tables.mail import Delivery
from app.domain.errors import Invalid
from app.domain.mail import Letter
from app.web.letters import (
    AnyLetter,
    InvitationLetter,
    Letters,
    PasswordLetter,
    ResetLetter,
    SecondFactorLetter,
    TryoutLetter,
)
from app.web.render import Templates
from tests.web.cast import Browser, Cast

THEN = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.UTC)
PUBLIC = "https://maturity.example.org"
ALL: list[AnyLetter] = [
    InvitationLetter("/invitation/s", "R&D <b>", "O'Brien & Sons", THEN),
    InvitationLetter("/invitation/s", "R&D\r\nBcc: all@example.org", "", THEN),
    ResetLetter("/reset/s", THEN),
    SecondFactorLetter("/account", THEN, on=True),
    SecondFactorLetter("/account", THEN, on=False),
    PasswordLetter("/reset", THEN),
    TryoutLetter("/deliveries"),
]


def written(cast: Cast, count: int = 1, state: str = "failed") -> None:
    letter = Letter("Come", "https://maturity.example.org/invitation/secret-link", "secret-link")
    with writing(cast.engine) as session:
        for number in range(count):
            send(session, cast.organisation_id, f"to{number}@example.org", letter, f"reason {number}", THEN)
        session.execute(text("UPDATE delivery SET state = :state, last_error = '550 no'"), {"state": state})
        session.execute(text("UPDATE job SET failed_at = '2026-11-02 09:30:00+00:00'"))


def delivery(engine: Engine) -> Delivery:
    with reading(engine) as session:
        found = session.scalars(select(Delivery)).one()
        session.expunge(found)
        return found


def test_it_works(browser: Browser, cast: Cast) -> None:
    written(cast)
    page = browser(cast.admin).get("/deliveries")

    assert page.status_code == 200
    for words in ("to0@example.org", "Come", "failed", "550 no", "Send again"):
        assert words in page.text
    assert "secret-link" not in page.text


def test_only_an_admin_sees_and_sends(browser: Browser, cast: Cast) -> None:
    written(cast)
    again = f"/deliveries/{delivery(cast.engine).id}/again"
    for player in (cast.manager_of_all, cast.lead, cast.viewer):
        assert browser(player).get("/deliveries").status_code == 403
        assert browser(player).post("/deliveries/test").status_code == 403
        assert browser(player).post(again).status_code == 403


def test_another_organisation_does_not_even_see_it(browser: Browser, cast: Cast) -> None:
    written(cast)
    assert "to0@example.org" not in browser(cast.outsider).get("/deliveries").text
    assert browser(cast.outsider).post(f"/deliveries/{delivery(cast.engine).id}/again").status_code == 404


def test_sending_again(browser: Browser, cast: Cast) -> None:
    written(cast)
    admin, again = browser(cast.admin), f"/deliveries/{delivery(cast.engine).id}/again"

    assert admin.post(again).status_code == 303
    assert delivery(cast.engine).state == "waiting"
    assert admin.post(again).status_code == 409


def test_a_test_message_goes_to_the_admin(app: FastAPI, browser: Browser, cast: Cast) -> None:
    assert browser(cast.admin).post("/deliveries/test").status_code == 422
    app.state.letters = Letters(app.state.templates, PUBLIC, able=True)

    assert browser(cast.admin).post("/deliveries/test", headers={"x-forwarded-host": "evil.example"}).status_code == 303
    sent = delivery(cast.engine)
    assert (sent.to_address, sent.subject, sent.organisation_id) == (
        cast.admin.email,
        "Mail works",
        cast.organisation_id,
    )
    assert f"{PUBLIC}/deliveries" in sent.text


def test_it_is_searched_by_pages(browser: Browser, cast: Cast) -> None:
    written(cast, 60)
    admin = browser(cast.admin)

    assert admin.get("/deliveries").text.count("<td>to") == 50
    assert 'rel="next"' in admin.get("/deliveries").text
    assert admin.get("/deliveries?q=to59@&state=failed").text.count("<td>to") == 1
    assert "No mail fits" in admin.get("/deliveries?state=sent").text
    assert admin.get("/deliveries?state=lost").status_code == 422


@pytest.mark.parametrize("words", ALL, ids=lambda words: words.kind)
def test_a_letter_leads_to_the_public_address_in_both_its_texts(words: AnyLetter) -> None:
    letter = Letters(Templates(), PUBLIC, able=True).write(words)

    assert "\n" not in letter.subject
    assert PUBLIC + words.path in letter.text
    assert f'href="{PUBLIC}{words.path}"' in letter.html
    assert "&amp;" not in letter.text + letter.subject
    assert "<b>" not in letter.html


@pytest.mark.parametrize("words", ALL, ids=lambda words: words.kind)
def test_a_letter_is_in_the_language_of_its_reader(words: AnyLetter) -> None:
    letters = Letters(Templates(), PUBLIC, able=True)
    german, english = letters.write(words, "de"), letters.write(words)

    assert '<html lang="de">' in german.html
    assert '<html lang="en">' in english.html
    assert german.text != english.text
    assert letters.write(words, "tlh") == english


def test_names_are_themselves_in_text_and_escaped_in_html() -> None:
    letter = Letters(Templates(), PUBLIC, able=True).write(ALL[0])

    assert letter.subject == "Invitation to R&D <b>"
    assert "O'Brien & Sons invites you to R&D <b>" in letter.text
    assert "R&amp;D &lt;b&gt;" in letter.html


@pytest.mark.parametrize(("public", "able"), [("", True), (PUBLIC, False)])
def test_without_mail_or_a_public_address_no_letter_is_written(public: str, able: bool) -> None:
    letters = Letters(Templates(), public, able=able)

    assert not letters.able
    with pytest.raises(Invalid, match="not set up"):
        letters.write(ALL[0])
