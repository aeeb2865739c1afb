"""Removing the example organisation: asked for first, by its admin, who goes on in another organisation."""

import pytest
from sqlalchemy import Engine, select

from app.actions.example import add_example
from app.actions.people import join
from app.actions.rubrics import load_shipped
from app.db.engine import reading, writing
from app.db.tables.org import Organisation
from app.domain.people import Role, RoleKind
from tests.web.cast import Browser, Cast, Player

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def example(cast: Cast) -> int:
    """The example organisation that the admin has beside their own."""
    with writing(cast.engine) as session:
        load_shipped(session, cast.clock())
    with writing(cast.engine) as session:
        return add_example(session, cast.admin.id, cast.clock(), 3)


def within(player: Player, organisation_id: int) -> Player:
    return Player(player.id, organisation_id, player.name, player.email)


def is_there(engine: Engine, organisation_id: int) -> bool:
    with reading(engine) as session:
        return session.scalar(select(Organisation.id).where(Organisation.id == organisation_id)) is not None


def test_it_works(browser: Browser, cast: Cast, example: int) -> None:
    admin = browser(within(cast.admin, example))
    assert "/organisation/remove" in admin.get("/organisation").text
    asked = admin.get("/organisation/remove")
    assert "Remove Example organisation for good?" in asked.text
    assert is_there(cast.engine, example), "a GET removes nothing"

    answer = admin.post("/organisation/remove")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert not is_there(cast.engine, example)
    page = admin.get("/organisation").text
    assert "Remove the example" not in page
    assert cast.risk.name in admin.get("/units").text


def test_who_may_not(browser: Browser, cast: Cast, example: int) -> None:
    with writing(cast.engine) as session:
        join(session, example, cast.manager.id, [Role(RoleKind.MANAGER)], cast.clock())
    manager = browser(within(cast.manager, example))

    assert "/organisation/remove" not in manager.get("/organisation").text
    assert manager.get("/organisation/remove").status_code == 403
    assert manager.post("/organisation/remove").status_code == 403
    assert browser(cast.outsider).post("/organisation/remove").status_code == 409
    assert is_there(cast.engine, example)


def test_nothing_but_an_example_is_removed(browser: Browser, cast: Cast, example: int) -> None:
    admin = browser(cast.admin)

    assert "/organisation/remove" not in admin.get("/organisation").text
    assert admin.get("/organisation/remove").status_code == 409
    assert admin.post("/organisation/remove").status_code == 409
    assert is_there(cast.engine, cast.organisation_id)


def test_the_name_in_the_bar_leads_to_the_other_organisations(browser: Browser, cast: Cast, example: int) -> None:
    assert 'href="/account#organisations"' in browser(cast.admin).get("/").text
    assert 'href="/account#organisations"' not in browser(cast.lead).get("/").text
