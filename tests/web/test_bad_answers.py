"""What bad answers get, from a plain browser and from our script: the reason; and the sheet stays as it is."""

from collections.abc import Mapping

import pytest
from httpx2 import Response

from app.actions.people import deactivate
from app.db.engine import writing
from app.domain.people import Actor
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document, fields
from tests.web.test_assessing_pages import RUBRIC, Team, opened
from tests.web.visitor import SCRIPT, Clock

PLAIN: Mapping[str, str] = {}
CATEGORY = RUBRIC.categories[0]
STATEMENT = CATEGORY.statements[0].key
BOTH_WAYS = pytest.mark.parametrize("way", [PLAIN, SCRIPT], ids=["plain", "script"])


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    """Answered at level 1."""
    team = opened(browser, cast, clock, "together")
    team.pick(cast.lead, 1, "/agreed")
    return team


def form(team: Team, player: Player) -> dict[str, str]:
    """The form of the sheet as it stands, with one answer that is not the one it has."""
    page = document(team.page(player, f"/agreed/category/{CATEGORY.key}"))
    return fields(page.one("form", id="sheet")) | {STATEMENT: "0.5", f"{STATEMENT}.note": "typed"}


def sent(browser: Browser, team: Team, form: Mapping[str, str], way: Mapping[str, str]) -> Response:
    one = {name: text for name, text in form.items() if name.split(".")[0] in {STATEMENT, "sheet", "person", "base"}}
    return browser.post(f"{team.home}/agreed/answers", data=one if way else dict(form), headers=way)


def answers(team: Team, cast: Cast) -> str:
    return team.page(cast.viewer, "/agreed/answers.yaml")


@BOTH_WAYS
def test_to_a_closed_cycle(together: Team, cast: Cast, way: Mapping[str, str]) -> None:
    typed, before = form(together, cast.member), answers(together, cast)
    assert together.browser(cast.admin).post(f"{together.cycle}/close").status_code == 303
    refused = sent(together.browser(cast.member), together, typed, way)
    assert refused.status_code == 403
    assert "This cycle is closed" in refused.text
    assert answers(together, cast) == before


@BOTH_WAYS
def test_to_another_team_s_sheet(browser: Browser, together: Team, cast: Cast, way: Mapping[str, str]) -> None:
    """At its address it does not exist; under the own address the number of the sheet tells."""
    today = cast.clock().date()
    data = {"name": "Other", "rubric": RUBRIC.key, "mode": "together", "teams": str(cast.prices.id)}
    days = {"opens_on": today.isoformat(), "due_on": today.isoformat()}
    assert browser(cast.admin).post("/cycles/new", data={**data, **days}).status_code == 303
    typed, before = form(together, cast.member), answers(together, cast)
    elsewhere = browser(cast.member_elsewhere)
    assert sent(elsewhere, together, {**typed, "person": str(cast.member_elsewhere.id)}, way).status_code == 404

    refused = sent(browser(cast.member), together, {**typed, "sheet": str(int(typed["sheet"]) + 1)}, way)
    assert refused.status_code == 409
    assert "belong to another sheet" in refused.text
    assert answers(together, cast) == before


@pytest.mark.both
@BOTH_WAYS
def test_with_a_stale_version(together: Team, cast: Cast, way: Mapping[str, str]) -> None:
    typed = form(together, cast.member)
    together.pick(cast.lead, 0, "/agreed")
    before = answers(together, cast)
    refused = sent(together.browser(cast.member), together, typed, way)
    assert refused.status_code == 409
    # The script has what was typed, and gets what stands there.
    assert (f'data-statement="{STATEMENT}"' if way else "typed") in refused.text
    assert answers(together, cast) == before


@BOTH_WAYS
def test_after_deactivation(together: Team, cast: Cast, way: Mapping[str, str]) -> None:
    typed, before, browser = form(together, cast.member), answers(together, cast), together.browser(cast.member)
    with writing(cast.engine) as session:
        deactivate(session, Actor(cast.organisation_id, None, "", admin=True), cast.member.id, cast.clock())
    refused = sent(browser, together, typed, way)
    # The script holds what was typed until its person signs in again.
    assert refused.status_code in {303, 401}
    assert refused.status_code == 401 or refused.headers["location"].startswith("/sign-in")
    assert answers(together, cast) == before
