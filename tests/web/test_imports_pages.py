"""Importing from a file: the page teaches, shows what would happen, and does that or nothing."""

import csv
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from httpx2 import Response
from sqlalchemy import Engine, func, select

from app.actions.addresses import normalised
from app.db.engine import reading
from app.db.tables.org import Team, Unit
from app.db.tables.people import Invitation
from app.domain.people_file import read_people, write_people
from app.web.admission import BODY_LIMIT
from app.web.imports import LINKS, SHOWN, TEMPLATE
from tests.conftest import StatementCount
from tests.web.cast import PASSWORD, Browser, Cast
from tests.web.document import document
from tests.web.test_structure import faults
from tests.web.trail import events

PATH = "/people/import"
EXAMPLE = (Path(__file__).parents[1] / "example-people.csv").read_bytes()
HEAD = b"unit,team,name,email,role\n"


def upload(browser: Browser, data: bytes, name: str = "people.csv") -> Response:
    return browser.post(PATH, files={"file": (name, data, "application/vnd.ms-excel")})


def fields_of(answer: Response) -> dict[str, str]:
    """What the page with the plan would send."""
    return {each["name"]: each["value"] for each in document(answer.text).all("input", type="hidden")}


def agree(browser: Browser, shown: Response) -> Response:
    """Send the page's form as a browser does: in parts, and every line end of a field as two characters."""
    fields = fields_of(shown)
    text = re.sub(r"\r\n|\r|\n", "\r\n", fields["text"])
    return browser.post(PATH, files={"text": (None, text), "agreed": (None, fields["agreed"])})


def counts(engine: Engine) -> list[int]:
    with reading(engine) as session:
        return [session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Unit, Team, Invitation)]


def test_it_works(browser: Browser, cast: Cast) -> None:
    admin, before = browser(cast.admin), counts(cast.engine)
    assert all(f'href="{PATH}"' in admin.get(page).text for page in ("/people", "/teams"))
    assert "Take this example as a file to begin with" in admin.get(PATH).text

    shown = upload(admin, EXAMPLE)
    assert shown.status_code == 200
    for sentence in ("This would happen.", "3 new units", "10 new teams", "40 people to invite", "Invited as Lead"):
        assert sentence in shown.text
    assert counts(cast.engine) == before
    assert events(cast.engine) == []

    done = agree(admin, shown)
    assert done.status_code == 200
    assert "The file is imported." in done.text
    assert "40 people invited" in done.text
    assert [now - then for now, then in zip(counts(cast.engine), before, strict=True)] == [3, 10, 40]
    assert events(cast.engine)[-1] == "people imported"
    assert "no-store" in done.headers["cache-control"]

    again = upload(admin, EXAMPLE)
    assert "There is nothing to do." in again.text
    assert "40 people are invited already" in again.text
    assert fields_of(again).get("text") is None


def test_the_links_can_be_taken_away_and_let_in(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    page = document(agree(admin, upload(admin, EXAMPLE)).text)

    download = next(each for each in page.all("a") if "download" in each)
    head, *lines = csv.reader(io.StringIO(unquote(download["href"]).partition(",\ufeff")[2]))
    assert head == ["name", "email", "link"]
    assert len(lines) == 40
    name, email, link = lines[6]
    assert (name, email) == ("Member 07", "member-07@example.org")
    assert link in [each.text for each in page.all("code")]
    joined = browser.post(link, data={"name": name, "password": PASSWORD})
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    assert "Demand" in browser.get("/").text


def test_pages_are_sound(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    shown = upload(admin, EXAMPLE)
    for page in (admin.get(PATH), upload(admin, b""), upload(admin, b"risk\n"), shown, agree(admin, shown)):
        assert faults(document(page.text)) == []


@pytest.mark.parametrize("who", ["manager_of_all", "manager", "lead", "member", "viewer"])
def test_it_is_for_admins(browser: Browser, cast: Cast, who: str) -> None:
    somebody = browser(getattr(cast, who))

    assert somebody.get(PATH).status_code == 403
    assert somebody.get(f"{PATH}/template.csv").status_code == 403
    assert upload(somebody, EXAMPLE).status_code == 403
    assert all(PATH not in somebody.get(page).text for page in ("/people", "/teams"))


def test_the_template_is_a_file_that_can_be_imported(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    template = admin.get(f"{PATH}/template.csv")

    assert 'filename="people.csv"' in template.headers["content-disposition"]
    assert read_people(template.content, normalised).rows == TEMPLATE
    assert "3 people to invite" in upload(admin, template.content).text


@pytest.mark.both
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Choose a file first."),
        (HEAD + "Küche".encode("latin-1"), "This file is not written in UTF-8."),
        (HEAD + b"\"=cmd|' /C calc'!A0\"", "This looks like a formula"),
        (HEAD + b"Risk,Fr\0aud", "no text holds"),
        (HEAD + b"Risk,Fr\x07aud", "(U+0007) is not a printable one."),
        (HEAD + b'Risk,"Fraud', "This line cannot be read"),
        (b"unit,salary\nRisk,1", "There is no column “salary”."),
        (b"PK\x03\x04\0\0", "This is a workbook"),
        (b"unit\n" + b"Risk\n" * 100_000, "This file is too long: 20,000 lines fit."),
        (HEAD + b"risk", "Did you mean “Risk”?"),
        (HEAD + b"Risk,Fraud,,deactivated@example.org,", "This person was deactivated here."),
        (bytes(range(256)), "not written in UTF-8"),
        (b"<script>alert(1)</script>", "There is no column “&lt;script&gt;"),
    ],
)
def test_a_bad_file_changes_nothing(browser: Browser, cast: Cast, data: bytes, says: str) -> None:
    before = counts(cast.engine)
    answer = upload(browser(cast.admin), data)

    assert answer.status_code == 422
    assert says in answer.text
    assert "Do all of this" not in answer.text
    assert counts(cast.engine) == before
    assert events(cast.engine) == []


def test_what_is_too_large_is_refused_at_the_door(browser: Browser, cast: Cast) -> None:
    answer = upload(browser(cast.admin), b"unit\n" + b"Risk and some more\n" * (BODY_LIMIT // 19))

    assert answer.status_code == 413
    assert "one megabyte" in answer.text


def test_the_largest_file_that_is_read_can_be_agreed_to(browser: Browser, cast: Cast) -> None:
    """What the page carries has to pass the door again, with longer line ends."""
    admin = browser(cast.admin)
    name = "ü" * 100
    data = "".join(f"{name} {number:05}\n" for number in range(1_000_000 // 208 - 1)).encode()
    shown = upload(admin, b"unit\n" + data)

    assert shown.status_code == 200, shown.text[:2000]
    assert agree(admin, shown).status_code == 200
    assert counts(cast.engine)[0] == 3 + data.count(b"\n")


def test_what_changed_meanwhile_is_shown_again(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    shown = upload(admin, HEAD + b"Risk,Claims\nRisk,Cards\n")
    assert admin.post("/teams/new", data={"name": "Claims", "unit_id": str(cast.risk.id)}).status_code == 303

    again = agree(admin, shown)
    assert again.status_code == 409
    assert "Something changed since you looked." in again.text
    assert "1 new team" in again.text
    assert "team created" in events(cast.engine)
    assert "people imported" not in events(cast.engine)

    assert agree(admin, again).status_code == 200
    assert events(cast.engine)[-1] == "people imported"


@pytest.mark.both
@pytest.mark.parametrize(
    "changed",
    [{"agreed": "0" * 64}, {"text": "unit\nOther\n"}, {"text": "unit\nrisk\n"}, {"text": "unit\n\ud800\n"}],
)
def test_only_what_was_shown_is_done(browser: Browser, cast: Cast, changed: dict[str, str]) -> None:
    admin, before = browser(cast.admin), counts(cast.engine)
    fields = fields_of(upload(admin, HEAD + b"Risk,Claims\n"))
    sent = {name: value.encode("utf-8", "surrogatepass") for name, value in (fields | changed).items()}

    assert admin.post(PATH, files={name: (None, value) for name, value in sent.items()}).status_code == 409
    assert counts(cast.engine) == before


@pytest.mark.parametrize("extra", [{"admin": "1"}, {"organisation_id": "2"}])
def test_what_is_not_asked_for_is_refused(browser: Browser, cast: Cast, extra: dict[str, str]) -> None:
    admin = browser(cast.admin)
    fields = fields_of(upload(admin, HEAD + b"Risk,Claims\n"))

    assert admin.post(PATH, data=fields | extra).status_code == 422
    assert events(cast.engine) == []


def test_names_are_shown_as_text(browser: Browser, cast: Cast) -> None:
    admin = browser(cast.admin)
    shown = upload(admin, HEAD + b'"<b>Bold</b>","<i>""quoted""</i>",<u>U</u>,u@example.org,\n')

    assert "<b>Bold" not in shown.text
    assert "<u>U" not in shown.text
    done = agree(admin, shown)
    assert done.status_code == 200
    assert "<u>U" not in done.text
    with reading(cast.engine) as session:
        assert session.scalar(select(Team.name).where(Team.name.contains("quoted"))) == '<i>"quoted"</i>'


def test_many_lines_are_folded_and_links_come_in_parts(
    browser: Browser, cast: Cast, count_statements: StatementCount
) -> None:
    admin = browser(cast.admin)
    people = LINKS + 1
    lines = "".join(f"Risk,Fraud,Member {n},m{n}@example.org,viewer\n" for n in range(people))
    with count_statements(cast.engine) as statements:
        shown = upload(admin, HEAD + lines.encode())
    assert len(statements) <= 2 + 2 + 3 * 2
    assert f"{people - SHOWN} more lines" in shown.text
    assert all(f"m{n}@example.org" in shown.text for n in (0, SHOWN, people - 1)), "line by line"

    with count_statements(cast.engine) as statements:
        done = agree(admin, shown)
    assert len(statements) <= 30
    assert [each["download"] for each in document(done.text).all("a") if "download" in each] == [
        "invitations-1.csv",
        "invitations-2.csv",
    ]


def test_the_example_of_the_documentation_is_the_template() -> None:
    words = (Path(__file__).parents[2] / "docs" / "admins.md").read_text(encoding="utf-8")

    assert words.split("```csv\n")[1].split("```")[0] == write_people(TEMPLATE)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 422),
        ("text/plain", b"unit", 422),
        ("multipart/form-data", b"unit", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nunit", 422),
        ("multipart/form-data; boundary=x; charset=utf-7", b"--x--", 400),
        ("application/x-www-form-urlencoded", b"file=unit", 422),
        ("application/x-www-form-urlencoded", b"text=%ff&agreed=%00", 409),
        ("application/x-www-form-urlencoded", b"text=unit%0ARisk&agreed=%F0%9F", 409),
    ],
)
def test_whatever_is_sent_is_answered(
    browser: Browser, cast: Cast, content_type: str, body: bytes, status: int
) -> None:
    answer = browser(cast.admin).post(PATH, content=body, headers={"content-type": content_type})

    assert answer.status_code == status
    assert events(cast.engine) == []
