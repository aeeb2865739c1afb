"""The rubric studio in a real browser: an edit, a stricter gate, who would fall by it, and what stays as it was."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import Engine, select

from app.actions.example import add_example
from app.actions.passwords import hashed
from app.actions.people import create_person
from app.db.engine import make_engine, reading, writing
from app.db.tables.findings import AgreedResult
from app.domain.rubric import Category, Rubric, Statement
from app.domain.rubric_file import check_document, document, shipped
from app.queries.impact import Impact, impact
from tests.browser.conftest import Visit
from tests.browser.sheet import MATURITY
from tests.browser.team import PASSWORD
from tests.browser.test_pages import is_fine
from tests.cast import NOW
from tests.server import Server

RUBRIC = shipped()[MATURITY]
EMAIL = "studio@tram.example"
REWORDED = RUBRIC.categories[0].statements[0]
SCRIPT = "<script>window.broken=1</script><img src=x onerror=window.broken=1>"


@dataclass(frozen=True)
class Studio:
    server: Server
    engine: Engine
    organisation_id: int

    def impact(self, rubric: Rubric) -> Impact:
        with reading(self.engine) as session:
            return impact(session.connection(), self.organisation_id, rubric)

    def results(self) -> list[tuple[int, object]]:
        """What was agreed, as it stands in the database."""
        with reading(self.engine) as session:
            asked = select(AgreedResult.id, AgreedResult.result).order_by(AgreedResult.id)
            return [(row.id, row.result) for row in session.execute(asked)]


@pytest.fixture
def studio(server: Server) -> Iterator[Studio]:
    engine = make_engine(server.settings["DATABASE_URL"])
    with writing(engine) as session:
        person = create_person(session, EMAIL, "Admin", hashed(PASSWORD), NOW)
        assert person is not None
        organisation_id = add_example(session, person, NOW, teams=20)
    yield Studio(server, engine, organisation_id)
    engine.dispose()


def come_in(page: Page) -> Page:
    page.goto("/sign-in?next=/rubrics")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main button.primary").click()
    page.wait_for_url("**/rubrics")
    return page


def begun(page: Page) -> str:
    page.locator(f"#{MATURITY}").get_by_role("button", name="Begin a draft").click()
    page.wait_for_url("**/rubrics/drafts/*")
    return page.url


def stricter(rubric: Rubric, key: str) -> Rubric:
    """The rubric with a practice asked for one level earlier."""

    def asked(statement: Statement) -> Statement:
        level = (statement.level or 0) - 1
        return replace(statement, level=level, gate=level) if statement.key == key else statement

    def changed(category: Category) -> Category:
        return replace(category, statements=tuple(map(asked, category.statements)))

    return replace(rubric, categories=tuple(map(changed, rubric.categories)))


def falling(studio: Studio) -> tuple[str, Impact]:
    """A practice by which at least two teams would fall, were it asked for a level earlier."""
    practices = [key for key, each in RUBRIC.statements.items() if each.level == each.gate and (each.level or 0) > 1]
    allowed = [key for key in practices if check_document(document(stricter(RUBRIC, key)), lambda _: None).rubric]
    found = ((key, studio.impact(stricter(RUBRIC, key))) for key in allowed)
    return next((key, each) for key, each in found if each.fall >= 2)


def test_it_works(studio: Studio, visit: Visit) -> None:
    """An admin rewrites a statement, asks for another one earlier, sees who falls, and publishes."""
    practice, expected = falling(studio)
    before = studio.results()
    page = come_in(visit(viewport={"width": 1280, "height": 900}))
    draft = begun(page)

    page.get_by_role("link", name=REWORDED.text).click()
    page.get_by_label("Text").fill("Somebody at the top asks for machine learning.")
    page.get_by_label("What to do").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(page.locator("#draft-bar")).to_contain_text(f"statements.{REWORDED.key}")

    page.goto(draft)
    page.get_by_role("link", name=RUBRIC.statements[practice].text).click()
    page.get_by_label("Level that shows it").fill(str((RUBRIC.statements[practice].level or 0) - 1))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(page.get_by_label("Gate")).to_have_value(str((RUBRIC.statements[practice].level or 0) - 1))

    page.get_by_role("link", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"{expected.fall} would fall and {expected.rise} would rise"
    )
    fallen = page.get_by_role("region", name="Whose level would move").locator("tbody tr")
    expect(fallen).to_have_count(expected.fall)
    expect(fallen.first).to_contain_text(practice)
    page.get_by_role("button", name="Publish it as version 2").click()
    page.wait_for_url("**/rubrics/versions/*")
    expect(page.get_by_text("Somebody at the top asks for machine learning.")).to_be_visible()
    assert studio.results() == before, "what was agreed is as it was"


def test_a_change_is_undone(studio: Studio, visit: Visit) -> None:
    page = come_in(visit())
    draft = begun(page)
    page.get_by_role("link", name=REWORDED.text).click()
    page.get_by_role("button", name="Remove it from the draft").click()
    page.goto(draft)
    expect(page.get_by_role("link", name=REWORDED.text)).to_have_count(0)

    page.get_by_role("button", name="Undo the last change").click()

    expect(page.get_by_role("link", name=REWORDED.text)).to_have_count(1)


def test_what_was_typed_before_the_script_came_is_saved(studio: Studio, visit: Visit) -> None:
    page = come_in(visit())
    begun(page)
    held = list[Route]()
    page.route("**/js/studio.js", lambda route: held.append(route))
    page.get_by_role("link", name=REWORDED.text).click()
    page.get_by_label("Text").fill("Typed on a slow network.")
    page.get_by_label("Effort").select_option("large")
    page.get_by_label("What to do").click()
    expect(page.locator("#saved")).to_have_text("")

    [script] = held
    script.continue_()

    expect(page.locator("#saved")).to_have_text("Saved")
    page.unroute_all()
    page.reload()
    expect(page.get_by_label("Text")).to_have_value("Typed on a slow network.")
    expect(page.get_by_label("Effort")).to_have_value("L")


@pytest.mark.usefixtures("trouble")  # an edit that was overtaken is answered 409
def test_two_admins_at_one_field(studio: Studio, visit: Visit) -> None:
    """By script both are saved as they are typed: the second is shown what the first one wrote, and decides."""
    first, second = come_in(visit()), come_in(visit())
    begun(first)
    first.get_by_role("link", name=REWORDED.text).click()
    second.goto(first.url)
    first.get_by_label("Text").fill("By the first.")
    first.get_by_label("What to do").click()
    expect(first.locator("#saved")).to_have_text("Saved")

    second.get_by_label("Text").fill("By the second.")
    second.get_by_label("What to do").click()

    expect(second.locator("#told-text blockquote")).to_have_text("By the first.")
    expect(second.get_by_label("Text")).to_have_value("By the second.")
    second.get_by_label("Text").fill("By the second, knowing of the first.")
    second.get_by_label("What to do").click()
    expect(second.locator("#saved")).to_have_text("Saved")
    first.reload()
    expect(first.get_by_label("Text")).to_have_value("By the second, knowing of the first.")


def test_no_script_runs_that_stands_in_a_text(studio: Studio, visit: Visit) -> None:
    page = come_in(visit())
    draft = begun(page)
    for place, label in (
        ("", "Title"),
        ("source", "Title of the work"),
        ("categories.strategy", "Name"),
        (f"statements.{REWORDED.key}", "Text"),
        (f"statements.{REWORDED.key}", "Help"),
        ("levels.1", "Name"),
        ("stories.0", "Text"),
    ):
        page.goto(f"{draft}/edit?at={place}")
        page.get_by_label(label, exact=True).fill(SCRIPT)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#saved")).to_have_text("Saved")

    page.goto(draft)
    page.get_by_label("Add a language").fill("nl")
    page.locator("#languages").get_by_role("button", name="Add").click()
    for part, label in (("", "Title"), ("levels", "Summary"), ("categories.strategy", "Text"), ("stories", "Text")):
        page.goto(f"{draft}/languages/nl?part={part}")
        page.get_by_label(label, exact=True).first.fill(SCRIPT)
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#saved")).to_have_text("Saved")

    texts = ("/languages/nl", "/languages/nl?part=categories.strategy", "/preview?language=nl")
    for path in ("", "/preview", "/history", "/publish", "/edit?at=categories.strategy", "/edit?at=", *texts):
        page.goto(f"{draft}{path}")
        assert page.evaluate("window.broken") is None
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish it").click()
    page.wait_for_url("**/rubrics/versions/*")
    for path in (
        page.url,
        f"{page.url}?language=nl",
        f"{page.url}/print",
        f"{page.url}/quality",
        "/rubrics",
        "/cycles/new",
    ):
        page.goto(path)
        assert page.evaluate("window.broken") is None


WAYS = [("light", "real", 1280), ("dark", "empty", 360), ("dark", "real", 768)]
EVERY = slice(None)


@pytest.mark.parametrize(
    ("theme", "scripts", "width", "chosen"),
    [(*way, slice(place, None, len(WAYS))) for place, way in enumerate(WAYS)]
    + [pytest.param(*way, EVERY, marks=pytest.mark.long) for way in WAYS],
    ids=lambda value: str(value) if not isinstance(value, slice) else "every" if value == EVERY else "some",
)
def test_anybody_can_use_the_pages(
    studio: Studio, visit: Visit, axe: Callable[[Page], None], theme: str, scripts: str, width: int, chosen: slice
) -> None:
    """In the usual run each page in one of the ways, what follows on a publication in each."""
    size = {"width": width, "height": 800}
    page = come_in(visit(scripts, color_scheme=theme, viewport=size, reduced_motion="reduce"))
    draft = begun(page)
    page.goto(f"{draft}/edit?at=statements.{REWORDED.key}")
    page.get_by_label("Text").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is empty.")).to_be_visible()
    page.goto(draft)
    page.get_by_label("Add a language").fill("nl")
    page.locator("#languages").get_by_role("button", name="Add").click()
    page.wait_for_url("**/languages/nl**")
    pages = (
        "/rubrics",
        "/rubrics/new",
        "/rubrics/read",
        f"/rubrics/shipped/{MATURITY}",
        f"/rubrics/shipped/{MATURITY}/print",
        f"{draft}/read",
        draft,
        f"{draft}/edit?at=statements.{REWORDED.key}",
        f"{draft}/edit?at=categories.strategy",
        f"{draft}/add?into=categories.strategy&level=1",
        f"{draft}/languages/nl?part=categories.strategy",
        f"{draft}/languages/nl?part=levels&missing=1",
        f"{draft}/history",
        f"{draft}/publish",
        f"{draft}/discard",
    )
    for path in pages[chosen]:
        page.goto(path)
        is_fine(page, axe)
    page.goto(draft)
    page.get_by_role("button", name="Undo the last change").click()
    page.get_by_role("button", name="Undo the last change").click()
    for path in ("preview", "publish"):
        page.goto(f"{draft}/{path}")
        is_fine(page, axe)
    page.goto(f"{draft}/edit?at=statements.{REWORDED.key}")
    page.get_by_label("Text").fill("It reads otherwise.")
    page.get_by_role("button", name="Save").click()
    if scripts == "real":
        expect(page.locator("#saved")).to_have_text("Saved")
    page.goto(f"{draft}/publish")
    page.get_by_role("button", name="Publish it").click()
    page.wait_for_url("**/rubrics/versions/*")
    page.get_by_role("link", name="Quality").click()
    page.wait_for_url("**/quality")
    is_fine(page, axe)
