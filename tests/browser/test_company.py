"""A company arrives: from the set-up link to a member who is refused, with every part real.

The product and its worker are processes of their own on PostgreSQL, mail goes over SMTP to a server that takes it, the
identity provider is asked by pages and redirects, and everybody has a browser of their own.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.databases import Postgres, Sqlite
from tests.mail_server import Mailbox, mail_server
from tests.oidc.forger import CLIENT, SECRET
from tests.oidc.real import Real, mock
from tests.server import COMMAND, Server

PEOPLE = Path(__file__).parents[1] / "example-people.csv"
UNITS, TEAMS, INVITED = 3, 10, 40
COMPANY, ADMIN = "Northern Tramways", "admin@tram.example"
MEMBER = "member-18@example.org"  # of the team Fraud
PASSWORD = "tram bells at noon 7 stave"
WITHIN = 60.0  # seconds for all letters


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def provider() -> Iterator[Real]:
    with mock() as real:
        yield real


@pytest.fixture
def works(postgresql_source: Sqlite | Postgres, mailbox: Mailbox, tmp_path: Path) -> Iterator[Server]:
    """The product on an empty PostgreSQL, brought to its schema by its own command, with its worker beside it."""
    with postgresql_source.empty() as url:
        server = Server(tmp_path, url, WORKER="off", MAIL_URL=mailbox.url())
        server.settings["PUBLIC_URL"] = server.address
        environment = server.environment()
        subprocess.run([*COMMAND, "migrate"], cwd=tmp_path, env=environment, check=True, capture_output=True)
        server.start()
        with (
            server.log_file.open("ab") as log,
            subprocess.Popen([*COMMAND, "worker"], cwd=tmp_path, env=environment, stdout=log, stderr=log) as worker,
        ):
            yield server
            worker.terminate()
        server.kill()


# The provider's own page asks for a style sheet of the network, and pages that refuse are among those that are opened.
@pytest.mark.usefixtures("trouble")
def test_a_company(works: Server, mailbox: Mailbox, provider: Real, visit: Visit) -> None:
    admin = visit()
    set_up(admin, works)
    import_people(admin)
    letters = arrived(mailbox, INVITED)
    connect(admin, provider)

    member = visit()
    accept(member, link_in(letters[MEMBER]))
    refused(member)

    colleague = visit()
    come_in_by_single_sign_on(colleague, provider)
    refused(colleague)

    told(admin)
    proven = subprocess.run(
        [*COMMAND, "verify"], cwd=works.folder, env=works.environment(), check=True, capture_output=True
    )
    assert proven.returncode == 0


def set_up(page: Page, server: Server) -> None:
    """The link that the server wrote into its log, once."""
    link = re.search(r"http://\S+/set-up/\S+", server.log())
    assert link, server.log()
    page.goto(link[0])
    page.get_by_label("Name of the organisation").fill(COMPANY)
    page.get_by_label("Your name").fill("First Admin")
    page.get_by_label("Your e-mail address").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything is ready. Begin with a unit.")
    again = page.request.get(link[0])
    assert again.status == 404, "the link is dead after use"


def import_people(page: Page) -> None:
    """First what would happen, and nothing does; then that."""
    page.goto("/")
    page.get_by_role("link", name="Import units, teams and people from a file").click()
    page.get_by_label("The file").set_input_files(PEOPLE)
    page.get_by_role("button", name="Look at what would happen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This would happen.")
    plan = page.locator("main")
    expect(plan).to_contain_text(f"{UNITS} new units")
    expect(plan).to_contain_text(f"{TEAMS} new teams")
    expect(plan).to_contain_text(f"{INVITED} people to invite")
    assert "Fraud" not in page.request.get("/teams").text()

    page.get_by_role("button", name="Do all of this").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The file is imported.")
    expect(plan).to_contain_text(f"{INVITED} people invited")
    page.goto("/teams")
    expect(page.locator("tbody tr")).to_have_count(TEAMS)


def arrived(mailbox: Mailbox, number: int) -> dict[str, EmailMessage]:
    """The letters that the worker brought to the mail server, by address."""
    given_up = time.monotonic() + WITHIN
    while len(mailbox.came) < number and time.monotonic() < given_up:
        time.sleep(0.05)
    assert sorted(mailbox.to) == sorted({f"member-{place:02}@example.org" for place in range(1, number + 1)})
    return dict(zip(mailbox.to, mailbox.came, strict=True))


def link_in(letter: EmailMessage) -> str:
    text = letter.get_body(("plain",))
    assert text
    link = re.search(r"http://\S+/invitation/\S+", text.get_content())
    assert link, text.get_content()
    return link[0]


def connect(page: Page, provider: Real) -> None:
    """Try the provider, keep it, and let its group give a role."""
    page.goto("/organisation/sign-on")
    page.get_by_label("Issuer").fill(provider.issuer)
    page.get_by_label("Client id").fill(CLIENT)
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("status")).to_contain_text("The trial went well")
    page.get_by_label("Client secret").fill(SECRET)
    page.get_by_role("button", name="Keep this").click()
    page.get_by_label("Group", exact=True).fill("/risk/fraud")
    page.get_by_label("Role").select_option("member")
    page.get_by_label("Of", exact=True).select_option(label="Fraud (Risk)")
    page.get_by_role("button", name="Add the line").click()
    expect(page.locator("#groups li")).to_contain_text("Member of Fraud")


def accept(page: Page, link: str) -> None:
    """Looking at the link uses nothing up; accepting does. Then sign in as on any later day."""
    page.goto(link)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Join {COMPANY}")
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_role("button", name=f"Join {COMPANY}").click()
    expect(page.locator("#my-teams")).to_contain_text("Fraud")
    page.get_by_role("button", name="Sign out").click()
    assert page.request.get(link).status == 404, "an invitation is good once"

    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(MEMBER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("#my-teams")).to_contain_text("Fraud")


def come_in_by_single_sign_on(page: Page, provider: Real) -> None:
    """Somebody else, who was never invited: the provider's word and their group are enough."""
    page.context.route("https://**", lambda route: route.abort())
    page.goto("/sign-in")
    page.get_by_role("button", name="Go to single sign-on").click()
    page.wait_for_url(f"{provider.issuer}/**")
    page.locator("input[name=sub]").fill("one")
    page.keyboard.press("Enter")
    expect(page.locator("#my-teams")).to_contain_text("Fraud")


def refused(page: Page) -> None:
    """A member opens a manager's pages: the answer says why, and leads back."""
    for path, reason in (
        ("/units", "The units of the organisation are for its managers and admins."),
        ("/people", "The list of people is for leads, managers and admins."),
    ):
        answer = page.goto(path)
        assert answer
        assert answer.status == 403
        expect(page.locator("main")).to_contain_text(reason)
    page.get_by_role("link", name="To the home page").click()
    expect(page.locator("#my-teams")).to_contain_text("Fraud")


def told(page: Page) -> None:
    """All of it stands in the audit trail."""
    page.goto("/audit")
    for action in ("invitation accepted", "single sign-on set up", "group mapped"):
        expect(page.locator("tbody")).to_contain_text(action)
