"""Four people of one team at two browsers: each alone, the reveal, three disagreements, evidence, and the next cycle.

The head of the unit, who is a member of the team too, opens the cycles and shares a browser with the lead; the two
members share the other one. Everybody comes in by the front page and goes where it leads them.
"""

import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app.actions.people import add_person
from app.db.engine import make_engine, writing
from app.domain.people import Role, RoleKind
from app.domain.rubric_file import shipped
from tests.browser.conftest import Visit
from tests.browser.sheet import MATURITY, Sheet
from tests.browser.team import give_passwords, sign_in, sign_out
from tests.browser.test_journey import drawn_by_plotly
from tests.cast import NOW, address, cast_of
from tests.server import Server

RUBRIC = shipped()[MATURITY]
LEVELS = {"strategy": 2, "architecture": 2, "modeling": 2, "processes": 1, "governance": 2}
"""What all four pick."""
RELEASES, REGISTRY, METRICS = "releases-tracked", "models-managed", "metrics-in-place"
"""Two see the first one otherwise than two; one sees the second one as the opposite; one sees half of the third."""
ITERATIVE = "development-iterative"
TELLING = "the registry has been empty for a year"
DIFFERENT = "The dashboards of the fraud scores count for something."
REFUSED = (
    "/comparison",
    "/agreed",
    "/agreed/result",
    "/agreed/answers.yaml",
    "/agreed/radar.json",
    "/agreed/changes?since=0",
    f"/agreed/history/{REGISTRY}",
    f"/comments/{REGISTRY}",
)
PAPER = "Scores 14 · 3 November\r\nScores 15 · 17 November\n".encode() * 400


@dataclass(frozen=True)
class Seat:
    """A browser, and who sits at it."""

    page: Page

    def taken_by(self, name: str) -> Page:
        if self.page.get_by_role("button", name="Sign out").count():
            sign_out(self.page)
        sign_in(self.page, name)
        return self.page


@pytest.fixture
def team(server: Server) -> Iterator[Server]:
    """The team Risk has a lead, two members, and the head of its unit as a third one."""
    engine = make_engine(server.settings["DATABASE_URL"])
    cast = cast_of(engine)
    member = Role(RoleKind.MEMBER, team_id=cast.teams["Risk"])
    head = [Role(RoleKind.MANAGER, unit_id=cast.units["Data"]), member]
    with writing(engine) as session:
        add_person(session, cast.tram, address("second member"), "Second Member", [member], NOW)
        add_person(session, cast.tram, address("head"), "Head", head, NOW)
    give_passwords(engine)
    yield server
    engine.dispose()


@pytest.mark.usefixtures("team", "trouble")  # pages that are refused are among those that are opened
def test_a_team_from_four_opinions_to_a_finding_and_to_the_next_one(visit: Visit, tmp_path: Path) -> None:
    begun = time.monotonic()
    one, other = Seat(visit()), Seat(visit())

    open_cycle(one.taken_by("head"), "Spring", "Alone first")
    alone(other.taken_by("second member"), {METRICS: "0.5", RELEASES: "0"}, telling=True)
    alone(other.taken_by("member"), {RELEASES: "0"})
    alone(one.taken_by("lead"), {REGISTRY: "0"})
    alone(one.taken_by("head"), {})

    lead, member = one.taken_by("lead"), other.taken_by("second member")
    compare(lead)
    decide(lead)
    dissent(member)
    take_the_rest(lead)
    attach(lead, tmp_path)
    agree(lead, "Level 1, because Processes and Governance are at 1")
    read_result(member)

    head = one.taken_by("head")
    close_cycle(head)
    open_cycle(head, "Autumn", "Together")
    expect(head.locator("main")).to_contain_text("It begins with what was agreed in Spring.")

    lead = one.taken_by("lead")
    member = other.taken_by("member")
    confirm(member, lead)
    rise(lead)
    agree(lead, "Level 2")
    look_back(lead)
    sys.stdout.write(f"{time.monotonic() - begun:.1f} s for two cycles of a team of four\n")


def open_cycle(page: Page, name: str, mode: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Cycles").click()
    page.get_by_role("link", name="Open").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label(mode).check()
    page.get_by_text("Ask some units or teams only").click()
    page.get_by_label("Risk (Models)").check()
    page.get_by_role("button", name="Open the cycle").click()
    expect(heading(page)).to_have_text(f"{name}: 0 of 1 agreed")


def alone(page: Page, otherwise: Mapping[str, str], *, telling: bool = False) -> None:
    """Five picks and a few clicks, seen by nobody; before and after the others have submitted theirs."""
    expect(heading(page)).to_have_text("1 sheet waits for you.")
    page.get_by_role("link", name="Risk: Spring").click()
    page.wait_for_url("**/assessments/*")
    if not telling:
        nothing_is_told(page)
    page.get_by_role("button", name="Answer alone").click()
    sheet = Sheet(page, "", RUBRIC)
    for category, level in LEVELS.items():
        sheet.pick(category, level)
    for key, value in otherwise.items():
        to_category(page, key)
        sheet.answer(key, value)
    if telling:
        to_category(page, REGISTRY)
        sheet.unfold(REGISTRY)
        sheet.field(REGISTRY, "note").fill(TELLING)
        sheet.field(REGISTRY, "note").blur()
        sheet.saved()
        link_to_evidence(page, REGISTRY)
        page.get_by_role("link", name="Back to the sheet").click()
    sheet.saved()
    page.locator("#go-result").click()
    expect(page.locator("main")).to_contain_text("Nobody else sees this.")
    if not telling:
        nothing_is_told(page)
    page.get_by_role("link", name="Submit your sheet").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#way")).to_contain_text(re.compile("You have submitted your sheet|4 sheets were submitted"))


def nothing_is_told(page: Page) -> None:
    """Neither what the page says nor any address that it could ask has a word of what somebody else has answered."""
    home = f"/assessments/{page.url.split('/')[4]}"
    assert TELLING not in page.content()
    for path in ("", f"/own/history/{REGISTRY}", f"/evidence/{REGISTRY}", "/own", "/own/result", "/own/answers.yaml"):
        assert TELLING not in page.request.get(f"{home}{path}").text(), path
    for path in REFUSED:
        answer = page.request.get(f"{home}{path}")
        assert TELLING not in answer.text(), path
        assert answer.status == 403, (path, answer.status)
        assert re.search("alone first|after the reveal", answer.text()), (path, answer.text())


def compare(page: Page) -> None:
    """The farthest apart first: two against two, one against three, half a step."""
    expect(page.locator("#waiting")).to_contain_text("compare and agree")
    page.get_by_role("link", name="Risk: Spring").click()
    expect(page.locator("#way")).to_contain_text("4 sheets were submitted.")
    page.get_by_role("link", name="Compare the answers").click()
    expect(heading(page)).to_have_text("3 statements are seen differently and not decided yet")
    texts = [RUBRIC.statements[key].text for key in (RELEASES, REGISTRY, METRICS)]
    expect(page.locator("#apart article h3")).to_have_text(texts)
    expect(card(page, REGISTRY).get_by_role("listitem").filter(has_text="Lead")).to_contain_text("Not yet")
    expect(card(page, REGISTRY).get_by_role("listitem").filter(has_text="Second Member")).to_contain_text(TELLING)
    expect(page.locator("main")).to_contain_text("You agree well")


def decide(page: Page) -> None:
    """One as most say, one as nobody said, with a note, and one over the head of somebody."""
    decided(page, REGISTRY, "In place")
    card(page, RELEASES).get_by_text("Note, or why it does not apply").click()
    card(page, RELEASES).get_by_label("Note").fill("For the newest models only, as we found out together.")
    decided(page, RELEASES, "Partly")
    decided(page, METRICS, "Not yet")
    expect(heading(page)).to_have_text("Everything that was seen differently is decided")


def decided(page: Page, key: str, word: str) -> None:
    card(page, key).get_by_label(word, exact=True).check()
    card(page, key).get_by_role("button", name="Agree on this").click()
    expect(card(page, key)).to_contain_text(f"agreed: {word}")


def dissent(page: Page) -> None:
    page.get_by_role("link", name="Risk", exact=True).click()
    page.get_by_role("link", name="Spring").click()
    page.get_by_role("link", name="Compare the answers").click()
    card(page, METRICS).get_by_text("I see it differently").click()
    card(page, METRICS).get_by_label("Why?").fill(DIFFERENT)
    card(page, METRICS).get_by_role("button", name="Put it on record").click()
    expect(card(page, METRICS)).to_contain_text(f"Second Member dissents: {DIFFERENT}")
    expect(page.get_by_role("button", name="Agree on this")).to_have_count(0)


def take_the_rest(page: Page) -> None:
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("#alike")).to_contain_text("All of them are on the agreed sheet.")
    expect(card(page, METRICS)).to_contain_text(DIFFERENT)


def attach(page: Page, folder: Path) -> None:
    """A link where somebody doubted, and a file, which comes back byte by byte."""
    link_to_evidence(page, REGISTRY, "registry of models")
    expect(page.locator("#standing")).to_contain_text(TELLING)
    page.get_by_role("link", name="Back to the comparison").click()
    page.locator(f"#statement-{RELEASES}").get_by_role("link", name="Add evidence").click()
    (folder / "releases.txt").write_bytes(PAPER)
    form = page.locator("form").filter(has=page.get_by_role("button", name="Add the file"))
    form.get_by_label("File", exact=True).set_input_files(folder / "releases.txt")
    form.get_by_label("Title").fill("list of releases")
    form.get_by_role("button", name="Add the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="list of releases").click()
    assert download.value.path().read_bytes() == PAPER
    assert download.value.suggested_filename == "releases.txt"
    page.get_by_role("link", name="Back to the sheet").click()
    expect(card(page, RELEASES)).to_contain_text("Evidence (1)")


def link_to_evidence(page: Page, key: str, title: str = TELLING) -> None:
    page.locator(f"#statement-{key}").get_by_role("link", name="evidence").click()
    form = page.locator("form").filter(has=page.get_by_role("button", name="Add the link"))
    form.get_by_label("Address").fill(f"https://wiki.example.org/{title.replace(' ', '-')}")
    form.get_by_label("Title").fill(title)
    form.get_by_role("button", name="Add the link").click()
    expect(page.locator("#standing").get_by_role("link", name=title)).to_be_visible()


def agree(page: Page, headline: str) -> None:
    page.locator("#go-result").click()
    page.get_by_role("link", name="Agree on this result").click()
    page.get_by_role("button", name="Agree").click()
    expect(heading(page)).to_contain_text(headline)
    expect(page.locator("main")).to_contain_text("Agreed on")


def read_result(page: Page) -> None:
    """What a member sees of it: level, radar, and both readings."""
    page.get_by_role("link", name="Spring").click()
    page.get_by_role("link", name="Show the result").click()
    expect(heading(page)).to_contain_text("Level 1, because Processes and Governance are at 1")
    drawn_by_plotly(page, len(LEVELS))
    expect(page.locator("#evidence h2")).to_have_text("As claimed: level 1; with evidence: level 0")
    expect(page.locator("#evidence tr").filter(has_text="Modeling")).to_contain_text("1 of 4 statements shown")


def close_cycle(page: Page) -> None:
    page.get_by_role("link", name="Spring").click()
    expect(heading(page)).to_have_text("Spring: 1 of 1 agreed")
    page.get_by_role("button", name="Close the cycle").click()
    expect(page.locator("#manage")).to_contain_text("nothing of it is answered any more")


def confirm(page: Page, watched: Page) -> None:
    """Two levels until everything is confirmed; somebody else sees it come in."""
    for each in (page, watched):
        each.get_by_role("link", name="Risk: Autumn").click()
        each.get_by_role("link", name="Begin to answer").click()
    expect(page.locator("#standing .verdict")).to_contain_text("Nothing is answered yet")
    expect(page.locator("#standing")).to_contain_text("If all of that still holds: Level 1")
    expect(watched.locator("#present")).to_contain_text("Also here: Member")
    for category in LEVELS:
        page.locator(f"#go-{category}").click()
        if category == "modeling":
            expect(card(page, REGISTRY)).to_contain_text("not confirmed since Spring")
        if category != "processes":
            page.get_by_role("button", name="Confirm all of them").locator("visible=true").click()
            expect(page.locator(f"#confirm-{category}")).to_be_empty()
    expect(page.locator("#standing .verdict")).to_contain_text("Between level 0 and")
    expect(watched.locator(f"#since-{REGISTRY}")).to_be_empty()


def rise(page: Page) -> None:
    """What was missing in Processes and Governance is in place now."""
    sheet = Sheet(page, "", RUBRIC)
    to_category(page, METRICS)
    page.get_by_role("button", name="Confirm all of them").locator("visible=true").click()
    expect(page.locator("#standing")).not_to_contain_text("If all of that still holds")
    sheet.answer(METRICS, "1")
    sheet.answer(ITERATIVE, "1")
    to_category(page, RELEASES)
    sheet.answer(RELEASES, "1")
    sheet.saved()


def look_back(page: Page) -> None:
    """The difference in sentences, the trend, and both results over each other."""
    expect(page.locator("#changed")).to_contain_text("What changed since Spring")
    page.get_by_role("link", name="Risk", exact=True).click()
    page.get_by_role("link", name="History: what changed").click()
    for category, key in (("Processes", METRICS), ("Governance", RELEASES)):
        sentence = page.locator(".changed li").filter(has_text=f"{category} 1 to 2:")
        expect(sentence).to_contain_text(f"“{RUBRIC.statements[key].text.rstrip('.')}” now in place")
        expect(sentence).to_contain_text("still true or open:")
    for width in (360, 1280):  # on a phone too: nothing else is drawn there
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator(".trend[data-drawn=plotly] .plotly .trace").first).to_be_visible()
    expect(page.locator("tfoot")).to_contain_text("12")
    page.get_by_role("link", name="Autumn beside Spring").click()
    expect(heading(page)).to_have_text("Autumn beside Spring: 1 level higher")
    drawn_by_plotly(page, len(LEVELS))
    expect(page.locator("#radar .plotly .trace")).to_have_count(2)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1).locator("visible=true")


def card(page: Page, key: str) -> Locator:
    return page.locator(f"#statement-{key}")


def to_category(page: Page, statement: str) -> None:
    page.locator(f"#go-{RUBRIC.category_of[statement].key}").click()
