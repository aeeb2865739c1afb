"""Every page that there is, and how to get there: by plain forms, so that it is the same with script and without."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from app.domain.rubric_file import shipped
from tests.browser.sheet import MATURITY, POINTS

Going = Callable[[Page], None]


def begun(page: Page, rubric: str = MATURITY) -> str:
    return page.request.post(f"/check/{rubric}", max_redirects=0).headers["location"]


def save(page: Page, path: str, base: int, **fields: str) -> None:
    """One form of a browser without script. Each raises the version by one."""
    sheet = page.request.get(f"{path}").text().split('name="sheet" value="')[1].split('"')[0]
    category = fields.pop("category", "")
    posted: dict[str, str | float | bool] = {
        "sheet": sheet,
        "base": str(base),
        **({"category": category} if category else {}),
        **fields,
    }
    answer = page.request.post(f"{path}/answers", form=posted, max_redirects=0)
    assert answer.status == 303, answer.text()


def picked(page: Page, *levels: int) -> str:
    path = begun(page)
    for base, (category, level) in enumerate(zip(shipped()[MATURITY].categories, levels, strict=False)):
        save(page, path, base, pick=f"{category.key}.{level}")
    return path


def address(path: str) -> Going:
    return lambda page: void(page.goto(path))


def void(_: object) -> None:
    """Playwright answers what nobody asks here."""


def sheet_begun(page: Page) -> None:
    page.goto(begun(page))


def sheet_half(page: Page) -> None:
    page.goto(f"{picked(page, 2, 1)}/category/architecture")


def sheet_complete(page: Page) -> None:
    page.goto(f"{picked(page, 2, 2, 3, 2, 1)}/category/governance")


def sheet_points(page: Page) -> None:
    page.goto(begun(page, POINTS))


def sheet_conflict(page: Page) -> None:
    """A plain form that was overtaken: both answers side by side."""
    path = begun(page, POINTS)
    statement = shipped()[POINTS].categories[0].statements[0].key
    page.goto(path)
    save(page, path, 0, **{statement: "1"})
    send_plainly(page, f"input[name='{statement}'][value='0']", 409)


def sheet_refused(page: Page) -> None:
    """Not applicable without a reason, in a plain form."""
    page.goto(begun(page, POINTS))
    statement = shipped()[POINTS].categories[0].statements[0].key
    send_plainly(page, f"input[name='{statement}'][value='not_applicable']", 422)


def send_plainly(page: Page, answer: str, status: int) -> None:
    """Sends the form as a browser without script does, past the script that may be there."""
    page.locator(answer).evaluate("radio => { radio.checked = true; }")
    with page.expect_navigation() as answered:
        page.locator("#sheet").evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    assert answered.value
    assert answered.value.status == status, answered.value.request.post_data


def result(*levels: int) -> Going:
    return lambda page: void(page.goto(f"{picked(page, *levels)}/result"))


def result_open(page: Page) -> None:
    """Answers that are open and that do not apply, with what they mean for the level."""
    path = begun(page)
    ones = [each.key for each in shipped()[MATURITY].categories[0].statements if each.gate == 1]
    save(page, path, 0, pick="strategy.2")
    save(
        page,
        path,
        1,
        **{ones[0]: "unknown", ones[1]: "not_applicable", f"{ones[1]}.reason": "Bought in.", f"{ones[0]}.note": "Ask."},
    )
    page.goto(f"{path}/result")


def result_points(page: Page) -> None:
    path = begun(page, POINTS)
    save(page, path, 0, **{shipped()[POINTS].categories[0].statements[0].key: "0.5"})
    page.goto(f"{path}/result")


def delete(page: Page) -> None:
    page.goto(f"{picked(page, 1)}/delete")


def deleted(page: Page) -> None:
    delete(page)
    page.get_by_role("button", name="Delete my answers").click()
    page.wait_for_url("**/delete")


PAGES: Mapping[str, Going] = {
    "home": address("/"),
    "about": address("/about"),
    "introduction": address(f"/check/{MATURITY}"),
    "introduction, points": address(f"/check/{POINTS}"),
    "sheet begun": sheet_begun,
    "sheet half": sheet_half,
    "sheet complete": sheet_complete,
    "sheet, points": sheet_points,
    "sheet, two answers differ": sheet_conflict,
    "sheet, refused": sheet_refused,
    "result, nothing answered": result(),
    "result, interval": result(2, 1),
    "result, open answers": result_open,
    "result, settled": result(2, 2, 3, 2, 1),
    "result, top": result(4, 4, 4, 4, 4),
    "result, points": result_points,
    "delete": delete,
    "deleted": deleted,
    "nothing there": address("/c/wrong"),
    "sign in": address("/sign-in"),
    "reset": address("/reset"),
}
