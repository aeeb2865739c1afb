"""Who changed an answer, when, from what to what; of an own sheet nobody but its author reads it."""

import pytest

from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.document import document, fields
from tests.web.test_assessing_pages import RUBRIC, SECRET_NOTE, Team, opened
from tests.web.visitor import Clock

STATEMENT = RUBRIC.categories[0].statements[0]


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


def test_it_works(together: Team, cast: Cast, count_statements: StatementCount) -> None:
    path = f"/agreed/history/{STATEMENT.key}"
    assert "Nobody has answered this yet." in together.text(cast.lead, path)
    for player, value, note in ((cast.member, "1", ""), (cast.lead, "0", "<i>no</i>")):
        sent = fields(document(together.page(player, "/agreed")).one("form", id="sheet"))
        given = {STATEMENT.key: value, f"{STATEMENT.key}.note": note}
        together.post(player, "/agreed/answers", **(sent | given))

    viewer = together.browser(cast.viewer)
    with count_statements(cast.engine) as statements:
        page = viewer.get(f"{together.home}{path}")
    last, first = document(page.text).all("tr")[1:]
    words = [word.name for word in RUBRIC.words(STATEMENT)]
    assert cast.lead.name in last.text
    assert last.text.index(words[2]) < last.text.index(words[0])
    assert cast.member.name in first.text
    assert "<i>no</i>" not in page.text
    assert len(statements) <= 7, statements
    assert together.browser(cast.lead).get(f"{together.home}/agreed/history/no.such").status_code == 404
    assert together.browser(cast.outsider).get(f"{together.home}{path}").status_code == 404
    assert f"{together.home}{path}" in together.page(cast.lead, "/agreed")


def test_an_own_answer_s_history_is_its_author_s_alone(browser: Browser, cast: Cast, clock: Clock) -> None:
    team = opened(browser, cast, clock)
    team.submitted(cast.member, 1, note=SECRET_NOTE)
    paths = [f"/{sheet}/history/{STATEMENT.key}" for sheet in ("own", "agreed")]
    assert SECRET_NOTE in team.page(cast.member, paths[0])
    for player in (cast.lead, cast.admin, cast.viewer, cast.manager):
        for path in paths:
            answer = team.browser(player).get(f"{team.home}{path}")
            assert answer.status_code in {403, 404}
            assert SECRET_NOTE not in answer.text
    team.submitted(cast.lead, 2)
    assert SECRET_NOTE not in team.page(cast.lead, paths[0])
    assert SECRET_NOTE not in team.page(cast.lead, paths[1])
