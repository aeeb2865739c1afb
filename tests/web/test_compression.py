"""Pages leave compressed, in a form that the browser takes."""

import pytest
from fastapi import FastAPI
from starlette.responses import Response, StreamingResponse
from starlette.testclient import TestClient


@pytest.mark.parametrize(("accepted", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)])
def test_a_page_is_compressed(browser: TestClient, accepted: str, coding: str | None) -> None:
    plain = browser.get("/", headers={"accept-encoding": "identity"})
    answer = browser.get("/", headers={"accept-encoding": accepted})

    assert answer.text == plain.text
    assert answer.headers.get("content-encoding") == coding
    assert "Accept-Encoding" in answer.headers["vary"]
    assert (int(answer.headers["content-length"]) < len(plain.content) / 2) is (coding is not None)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (Response(b"short", media_type="text/plain"), "short"),
        (Response(b"x" * 1000, media_type="image/png"), "x" * 1000),
        (Response(b"x" * 1000, media_type="text/plain", headers={"content-encoding": "identity"}), "x" * 1000),
        (StreamingResponse(iter(["x" * 600, "y" * 600]), media_type="text/plain"), "x" * 600 + "y" * 600),
        (Response(status_code=304), ""),
    ],
)
def test_what_gains_nothing_passes_as_it_is(app: FastAPI, browser: TestClient, answer: Response, text: str) -> None:
    @app.get("/other")
    def other() -> Response:
        return answer

    got = browser.get("/other", headers={"accept-encoding": "br"})

    assert got.text == text
    assert got.headers.get("content-encoding") in {None, "identity"}
