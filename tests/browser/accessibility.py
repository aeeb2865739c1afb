"""axe-core on a page: what it finds against WCAG 2.2 AA and its own best practices, as lines that people can act on."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# A colour that is on its way to another one is neither of them.
SETTLED = """() => Promise.all(document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().endTime < Infinity)
    .map((each) => each.finished.catch(() => null)))"""
START = """rules => {
    window.axeFound = null;
    axe.run({runOnly: rules, resultTypes: ["violations"]}).then(found => { window.axeFound = found; });
}"""


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule: the rule, how bad it is, where, and what would be right.

    axe is evaluated, not inserted, so that it runs under a strict Content-Security-Policy. It waits for timers, which
    a browser with its scripts switched off never lets run: use `visit(scripts="empty")` for a page without script.
    """
    page.evaluate(SETTLED)
    page.evaluate(axe_script())
    page.evaluate(START, list(RULES))
    found = page.wait_for_function("() => window.axeFound").json_value()
    return [line(violation, node) for violation in found["violations"] for node in violation["nodes"]]


def line(violation: dict[str, Any], node: dict[str, Any]) -> str:
    place = " ".join(str(part) for part in node["target"])
    summary = " ".join(node["failureSummary"].split())
    return f"{violation['id']} ({violation['impact']}) at {place}: {summary}"


@cache
def axe_script() -> str:
    """axe-core as the package axe-playwright-python brings it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
