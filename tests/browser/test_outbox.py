"""Every click arrives exactly once on its own sheet, whatever becomes of the network, the server and the browser."""

import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, Route, expect

from tests.browser.chromium import ARGUMENTS
from tests.browser.conftest import Visit, watch
from tests.browser.sheet import POINTS, Past, Sheet, begin, first, history
from tests.server import Server

pytestmark = pytest.mark.usefixtures("trouble")

ANSWERS = "**/answers"
GOES_ON = re.compile(r"will be sent")


@pytest.fixture
def sheet(product: Server, visit: Visit) -> Sheet:
    return begin(visit(), POINTS)


@pytest.mark.both
def test_a_server_killed_between_click_and_answer(server: Server, page: Page) -> None:
    sheet = begin(page, POINTS)
    one, two, three, *_ = first(sheet.rubric)
    page.route(ANSWERS, lambda route: (route.fetch(), route.abort()), times=1)

    sheet.answer(one, "1")  # saved, but the browser never hears of it, and asks again
    sheet.saved()
    assert server.process
    server.process.send_signal(signal.SIGSTOP)
    sheet.answer(two, "0.5")  # under way when the server dies
    server.kill()
    sheet.answer(three, "0")
    sheet.state("offline", "2")
    server.start()

    sheet.saved()
    assert history(server, sheet) == [Past(one, "1"), Past(two, "0.5"), Past(three, "0")]


def test_reload_and_restart_of_the_browser_while_the_server_is_away(
    own_server: Server, playwright: Playwright, chromium_path: str, console: list[str], tmp_path: Path
) -> None:
    def opened() -> Page:
        context = playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium_path, args=list(ARGUMENTS), base_url=own_server.address
        )
        watch(context, console)
        return context.pages[0]

    sheet = begin(opened(), POINTS)
    one, two, *_ = first(sheet.rubric)
    own_server.kill()
    sheet.answer(one, "1")
    sheet.state("offline", "1")
    sheet.unfold(two)
    sheet.field(two, "note").fill("Written while the server was away.")
    sheet.state("offline", "2")
    with pytest.raises(Exception, match="ERR_CONNECTION_REFUSED"):
        sheet.page.reload()
    sheet.page.context.close()
    own_server.start()
    page = opened()

    sheet.again(page).saved()
    assert history(own_server, sheet) == [Past(one, "1"), Past(two, None, "", "Written while the server was away.")]
    page.context.close()


def test_offline_and_back(product: Server, sheet: Sheet) -> None:
    one, two, *_ = first(sheet.rubric)
    sheet.page.context.set_offline(True)
    sheet.answer(one, "1")
    sheet.answer(two, "1")
    sheet.answer(one, "0")
    sheet.state("offline", GOES_ON)
    sheet.state("offline", "3")

    sheet.page.context.set_offline(False)

    sheet.saved()
    assert history(product, sheet) == [Past(one, "1"), Past(two, "1"), Past(one, "0")]


def test_a_second_tab(product: Server, sheet: Sheet) -> None:
    one, two, three, *_ = first(sheet.rubric)
    other = sheet.again(sheet.page.context.new_page())
    sheet.answer(one, "1")
    other.shows(one, "1")
    expect(other.page.locator("#rail")).to_contain_text("1 of")

    sheet.page.context.set_offline(True)
    sheet.answer(two, "1")
    other.shows(two, "1")
    other.answer(two, "0")
    sheet.shows(two, "0")
    sheet.answer(three, "0.5")
    other.state("offline", "3")
    sheet.page.context.set_offline(False)

    sheet.saved()
    other.saved()
    assert history(product, sheet) == [Past(one, "1"), Past(two, "1"), Past(two, "0"), Past(three, "0.5")]


def test_a_tab_closed_before_it_could_send_leaves_its_answers_to_the_other(product: Server, sheet: Sheet) -> None:
    one, *_ = first(sheet.rubric)
    other = sheet.again(sheet.page.context.new_page())
    sheet.page.route(ANSWERS, lambda route: route.abort())
    sheet.answer(one, "1")
    sheet.state("offline")

    sheet.page.close()

    other.saved()
    assert history(product, sheet) == [Past(one, "1")]


def test_two_sheets_open_at_once(product: Server, sheet: Sheet) -> None:
    other = begin(sheet.page.context.new_page(), POINTS)
    one, *_ = first(sheet.rubric)
    sheet.page.context.set_offline(True)
    sheet.answer(one, "1")
    other.answer(one, "0")
    sheet.state("offline", "1")
    other.state("offline", "1")

    sheet.page.context.set_offline(False)

    sheet.saved()
    other.saved()
    assert history(product, sheet) == [Past(one, "1")]
    assert history(product, other) == [Past(one, "0")]


@pytest.mark.parametrize("status", [503, 429, 500, 408])
def test_a_server_that_asks_to_come_again(product: Server, sheet: Sheet, status: int) -> None:
    one, *_ = first(sheet.rubric)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.post_data or "")
        route.fulfill(status=status, headers={"Retry-After": "1"}, body="Not now.")

    sheet.page.route(ANSWERS, refuse, times=2)
    sheet.answer(one, "1")

    sheet.state("offline", GOES_ON)
    sheet.saved()
    assert len(asked) == 2
    assert len(set(asked)) == 1, "the same mutation is asked again"
    assert history(product, sheet) == [Past(one, "1")]


def test_the_page_of_a_network_that_wants_a_sign_in_is_no_answer(product: Server, sheet: Sheet) -> None:
    one, *_ = first(sheet.rubric)
    sheet.page.route(ANSWERS, lambda route: route.fulfill(body="<h1>Sign in to the hotel</h1>"), times=2)

    sheet.answer(one, "1")

    sheet.state("offline", "1")
    sheet.saved()
    assert history(product, sheet) == [Past(one, "1")]


def test_a_slow_answer_never_takes_back_what_was_given_meanwhile(product: Server, sheet: Sheet) -> None:
    one, *_ = first(sheet.rubric)
    held: list[Route] = []
    sheet.page.route(ANSWERS, lambda route: held.append(route), times=1)
    sheet.answer(one, "1")
    sheet.answer(one, "0.5")
    sheet.state("saving", "Saving")
    sheet.radio(one, "not_applicable").click()  # nothing to send before there is a reason

    held[0].continue_()

    sheet.state("unfinished", "say why")
    sheet.shows(one, "not_applicable")
    expect(sheet.field(one, "reason")).to_be_focused()
    sheet.field(one, "reason").fill("We have no features.")
    sheet.saved()
    sheet.shows(one, "not_applicable")
    assert history(product, sheet) == [
        Past(one, "1"), Past(one, "0.5"), Past(one, "not_applicable", "We have no features."),
    ]  # fmt: skip


FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"
FORBIDDEN = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
)


@pytest.mark.parametrize("storage", [FULL, FORBIDDEN], ids=["full", "forbidden"])
def test_a_browser_that_keeps_nothing_says_so(product: Server, visit: Visit, storage: str) -> None:
    page = visit()
    page.add_init_script(storage)
    sheet = begin(page, POINTS)
    one, two, *_ = first(sheet.rubric)
    page.context.set_offline(True)
    sheet.answer(one, "1")
    sheet.answer(two, "0")
    sheet.state("unkept", "leave the page open")
    page.once("dialog", lambda dialog: dialog.dismiss())
    with page.expect_event("dialog"):  # leaving is asked about
        page.close(run_before_unload=True)
    sheet.shows(two, "0")

    page.context.set_offline(False)

    sheet.saved()
    assert history(product, sheet) == [Past(one, "1"), Past(two, "0")]


def test_a_check_deleted_elsewhere(sheet: Sheet) -> None:
    one, two, *_ = first(sheet.rubric)
    asked: list[str] = []
    sheet.page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    assert sheet.page.request.post(f"{sheet.path}/delete").ok

    sheet.answer(one, "1")
    sheet.state("gone", "deleted or has ended")
    sheet.answer(two, "1")
    sheet.state("gone")

    assert len(asked) == 1, "nothing is sent to what is gone"


def test_a_page_that_the_server_refuses(product: Server, sheet: Sheet) -> None:
    one, *_ = first(sheet.rubric)
    sheet.page.route(ANSWERS, lambda route: route.fulfill(status=403, body="no"), times=1)
    sheet.answer(one, "1")
    sheet.state("forbidden", "Reload")

    sheet.page.reload()

    sheet.saved()
    assert history(product, sheet) == [Past(one, "1")]


def test_what_is_refused_stays_in_sight_until_it_is_mended(product: Server, sheet: Sheet) -> None:
    one, two, *_ = first(sheet.rubric)
    sheet.unfold(one)
    note = sheet.field(one, "note")
    note.evaluate("note => note.removeAttribute('maxlength')")
    note.fill("x" * 4001)
    sheet.state("refused", sheet.rubric.categories[0].name)
    expect(sheet.page.locator(f"#problem-{one}")).to_contain_text("4")
    sheet.answer(two, "1")
    sheet.state("refused")

    sheet.page.reload()
    sheet.state("refused")
    expect(note).to_have_value("x" * 4001)
    expect(sheet.page.locator(f"#problem-{one}")).to_be_visible()
    note.fill("Short.")

    sheet.saved()
    expect(sheet.page.locator(f"#problem-{one}")).to_be_empty()
    assert history(product, sheet) == [Past(two, "1"), Past(one, None, "", "Short.")]


def test_an_entry_for_a_statement_that_there_is_not_is_let_go(product: Server, sheet: Sheet) -> None:
    one, *_ = first(sheet.rubric)
    home = sheet.path
    entry = '{"id": "%s", "fields": [["gone", "1"]], "touches": ["gone"], "base": 0}' % ("a" * 32)
    sheet.page.evaluate(
        "([key, entry]) => localStorage.setItem(key, entry)", [f"shortstave:{home}:entry:000000000000001:a", entry]
    )
    sheet.page.reload()

    sheet.answer(one, "1")

    sheet.saved()
    assert history(product, sheet) == [Past(one, "1")]


def test_notes_are_kept_while_they_are_written(product: Server, sheet: Sheet) -> None:
    one, *_ = first(sheet.rubric)
    sheet.unfold(one)
    sheet.field(one, "note").press_sequentially("Half a sen")
    sheet.saved()
    sheet.field(one, "note").press_sequentially("tence")
    sheet.page.goto("/about")  # before the pause after the last letter is over

    sheet.again(sheet.page)
    expect(sheet.field(one, "note")).to_have_value("Half a sentence")
    sheet.saved()
    assert history(product, sheet)[-1] == Past(one, None, "", "Half a sentence")
