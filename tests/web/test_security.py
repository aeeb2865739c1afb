"""What every answer tells the browser, and what is refused before any page's code runs."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from app.web.security import HEADERS, POLICY, host_name, is_cross_origin

ROUTES_AT_LEAST = 7


def paths(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every route with each of its methods, its parameters filled in with something."""
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            yield method, (context.path_format or "").replace("{", "").replace("}", "").replace(":path", "")


def test_every_route_sends_the_strict_headers(app: FastAPI, browser: TestClient) -> None:
    answers = {(method, path): browser.request(method, path) for method, path in paths(app)}

    assert len(answers) >= ROUTES_AT_LEAST
    for route, answer in answers.items():
        missing = {name for name, value in HEADERS.items() if answer.headers.get(name) != value}
        assert not missing, route
        assert answer.headers["cache-control"], route
        assert answer.headers["strict-transport-security"], route


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'")


def test_errors_carry_the_headers_too(app: FastAPI, browser: TestClient) -> None:
    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError

    for answer in (browser.get("/breaks"), browser.get("/nowhere"), browser.get("/", headers={"host": "evil.example"})):
        assert answer.status_code >= 400
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["cache-control"] == "no-store"


def test_plain_http_is_not_told_to_keep_to_https(app: FastAPI) -> None:
    kwargs: dict[str, object] = app.user_middleware[0].kwargs
    kwargs["https"] = False
    with TestClient(app, base_url="http://localhost") as plain:
        assert "strict-transport-security" not in plain.get("/health").headers


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "testserver", "TESTSERVER:443"])
def test_it_answers_to_its_own_names(browser: TestClient, host: str) -> None:
    assert browser.get("/about", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "[", "evil@testserver", "a b"])
def test_it_does_not_answer_to_foreign_names(browser: TestClient, host: str) -> None:
    answer = browser.get("/about", headers={"host": host})

    assert answer.status_code == 400
    assert "SHORTSTAVE_PUBLIC_URL" in answer.text


def test_probes_may_use_any_name(browser: TestClient) -> None:
    assert browser.get("/health", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("header", "name"),
    [("A.example:80", "a.example"), ("[::1]:80", "::1"), ("[::1", ""), ("user@a.example", "")],
)
def test_the_name_in_a_host_header(header: str, name: str) -> None:
    assert host_name(header) == name


TRUSTED = ("https://maturity.example",)
CROSS_ORIGIN_CASES = [
    # method, Sec-Fetch-Site, Origin, refused; Host is always maturity.internal
    ("GET", "cross-site", "https://evil.example", False),
    ("HEAD", "cross-site", "https://evil.example", False),
    ("OPTIONS", "cross-site", "https://evil.example", False),
    ("POST", "same-origin", "", False),
    ("POST", "same-origin", "https://evil.example", False),
    ("POST", "none", "", False),
    ("POST", "same-site", "", True),
    ("POST", "cross-site", "", True),
    ("POST", "cross-site", "https://maturity.internal", True),
    ("POST", "cross-site", "https://maturity.example", False),
    ("POST", "nonsense", "", True),
    ("POST", "", "", False),
    ("POST", "", "https://maturity.internal", False),
    ("POST", "", "http://maturity.internal", False),
    ("POST", "", "https://maturity.example", False),
    ("POST", "", "https://maturity.internal:444", True),
    ("POST", "", "https://evil.example", True),
    ("POST", "", "null", True),
    ("POST", "", "https://[", True),
    ("PUT", "", "https://evil.example", True),
    ("DELETE", "cross-site", "", True),
    ("BREW", "cross-site", "", True),
]


@pytest.mark.parametrize(("method", "site", "origin", "refused"), CROSS_ORIGIN_CASES)
def test_cross_origin_requests(method: str, site: str, origin: str, refused: bool) -> None:
    sent = {"host": "maturity.internal"} | {k: v for k, v in (("sec-fetch-site", site), ("origin", origin)) if v}

    assert is_cross_origin(method, Headers(sent), TRUSTED) is refused


def test_without_a_public_address_no_origin_is_trusted() -> None:
    assert is_cross_origin("POST", Headers({"host": "a", "sec-fetch-site": "cross-site"}), ("",))


def test_another_sites_form_is_refused_with_a_page(app: FastAPI, browser: TestClient) -> None:
    reached = []

    @app.post("/change")
    def change() -> str:
        reached.append(True)
        return "done"

    assert browser.post("/change", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post("/change", headers={"origin": "https://evil.example"}).status_code == 403
    assert not reached
    assert browser.post("/change", headers={"origin": "https://testserver"}).status_code == 200
