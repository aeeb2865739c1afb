"""The pages that anybody may see."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.domain.rubric_file import shipped
from app.main import create_app
from app.settings import Settings

BEGIN = "/check/"


def test_it_works(browser: TestClient) -> None:
    page = browser.get("/")

    assert page.status_code == 200
    assert "You are as mature as your weakest category." in page.text
    assert 'href="/check/gigaom-mlops"' in page.text
    assert page.headers["cache-control"] == "no-cache"


def test_every_shipped_rubric_is_listed_with_what_it_measures(browser: TestClient) -> None:
    page = browser.get("/").text

    assert len(shipped()) == 7
    for key, rubric in shipped().items():
        assert f'href="/check/{key}"' in page
        assert rubric.title in page
        assert rubric.summary.split(".")[0].split("'")[0] in page
        assert f"{rubric.minutes} minutes" in page


def test_about_names_every_source(browser: TestClient) -> None:
    page = browser.get("/about").text

    for rubric in shipped().values():
        assert str(rubric.source.year) in page
        assert rubric.title in page
    assert "How a level comes about" in page


@pytest.mark.parametrize("path", ["/", "/about"])
def test_the_current_page_is_marked_and_the_example_needs_no_script(browser: TestClient, path: str) -> None:
    page = browser.get(path).text

    assert f'href="{path}" aria-current="page"' in page
    assert page.count('type="radio"') == 4
    assert "<script" not in page


@pytest.mark.parametrize("path", ["/", "/about"])
def test_without_quick_checks_nothing_offers_one(tmp_path: Path, path: str) -> None:
    settings = Settings(data_dir=tmp_path, quick_check="off", worker="off")
    app = create_app(settings)
    app.state.has_account = True
    with TestClient(app, base_url="http://localhost") as visitor:
        assert BEGIN not in visitor.get(path).text


@pytest.mark.parametrize("path", ["/", "/about", "/nowhere"])
def test_a_page_is_small(app: FastAPI, browser: TestClient, path: str) -> None:
    """HTML, CSS and our modules stay below 60 KB compressed."""
    compressed = {"accept-encoding": "br, gzip"}
    html = int(browser.get(path, headers=compressed).headers["content-length"])
    css = sum(
        int(browser.get(app.state.assets.address(f"css/{name}.css"), headers=compressed).headers["content-length"])
        for name in ("tokens", "base", "layout", "parts", "print")
    )

    assert html + css < 60_000


def test_robots_keep_away_from_secret_links(browser: TestClient) -> None:
    assert "Disallow: /c/" in browser.get("/robots.txt").text


def test_the_icon_is_found_where_browsers_look(browser: TestClient) -> None:
    icon = browser.get(browser.get("/favicon.ico").headers["location"])

    assert icon.headers["content-type"] == "image/svg+xml"
