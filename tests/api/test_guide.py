"""The guide to the API: every example in it is run, and every problem is in its table."""

import re
import shlex
from pathlib import Path

from httpx2 import Response

from app.domain.tokens import PATTERN
from app.web.errors import TYPES
from tests.api.program import Program
from tests.web.cast import Browser, Cast
from tests.web.document import document

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
EXAMPLES = [line for block in BLOCKS for line in block.splitlines()]


def curl(browser: Browser, line: str, values: dict[str, str]) -> Response:
    """What curl would send, by the few options that the guide uses; any other is an error."""
    words = iter(shlex.split(re.sub(r"\$([A-Z]+)", lambda name: values[name[1]].replace('"', '\\"'), line))[1:])
    method, url, headers, body = "GET", "", {"accept": "*/*"}, None
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name.lower()] = value
        elif word == "--json":
            body, headers["content-type"] = next(words), "application/json"
        else:
            assert not word.startswith("-"), word
            url = word
    return browser.request(method, url, content=body, headers=headers)


def test_it_works(program: Program, browser: Browser, cast: Cast) -> None:
    token = program(cast.admin)
    team = token.get(f"/teams/{cast.fraud.id}")
    values = {
        "SHORTSTAVE": "https://testserver",
        "TOKEN": token.secret,
        "TEAM": str(cast.fraud.id),
        "UNIT": str(cast.risk.id),
        "VERSION": team.headers["etag"],
    }
    lines = [line for line in EXAMPLES if line.startswith("curl ")]

    statuses = [curl(browser, line, values).status_code for line in lines]

    assert statuses == [200, 200, 200, 304, 200, 201, 202]
    assert token.get(f"/teams/{cast.fraud.id}").json()["name"] == "Fraud and abuse"


def test_every_kind_of_problem_stands_in_it(browser: Browser) -> None:
    page = document(browser.get("/api").text)
    for status, kind in TYPES.items():
        [row] = page.all("tr", id=kind)
        assert str(status) in row.text


def test_the_page_is_the_guide(browser: Browser) -> None:
    answer = browser.get("/api")

    assert answer.status_code == 200
    page = document(answer.text)
    assert [each.text for each in page.all("h1")] == ["The API"]
    assert "nightly export" in answer.text
    assert len(page.all("pre")) >= 5


def test_the_pattern_for_scanners_is_ours() -> None:
    assert f"`{PATTERN}`" in GUIDE
