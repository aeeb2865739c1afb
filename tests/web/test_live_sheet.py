"""Several at one agreed sheet: what the page asks every other second, and what it says of its reader."""

import datetime

import pytest
from sqlalchemy import func, select

from app.db.engine import reading
from app.db.tables.audit import AuditEvent
from app.db.tables.cycles import Presence
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document, fields
from tests.web.test_assessing_pages import RUBRIC, SECRET_NOTE, Team, opened
from tests.web.visitor import Clock

FIRST, SECOND = (statement.key for statement in RUBRIC.categories[0].statements[:2])


@pytest.fixture
def together(browser: Browser, cast: Cast, clock: Clock) -> Team:
    return opened(browser, cast, clock, "together")


def save(team: Team, player: Player, **given: str) -> None:
    sent = fields(document(team.page(player, "/agreed")).one("form", id="sheet"))
    team.post(player, "/agreed/answers", **(sent | given))


def say(team: Team, player: Player, at: str = "", person: int | None = None) -> int:
    data = {"person": str(person or player.id), "at": at}
    return team.browser(player).post(f"{team.home}/agreed/presence", data=data).status_code


def asked(team: Team, player: Player, since: int, tag: str = "") -> tuple[int, str, str]:
    headers = {"If-None-Match": tag} if tag else {}
    answer = team.browser(player).get(f"{team.home}/agreed/changes?since={since}", headers=headers)
    return answer.status_code, answer.text, answer.headers.get("etag", "")


def test_it_works(together: Team, cast: Cast) -> None:
    status, text, tag = asked(together, cast.lead, 0)
    assert (status, document(text).one("p", id="present").text) == (200, "")
    assert "data-version" not in text
    assert asked(together, cast.lead, 0, tag)[:2] == (304, "")

    save(together, cast.member, **{FIRST: "1", f"{FIRST}.note": "<b>we do</b>"})
    status, text, again = asked(together, cast.lead, 0, tag)

    assert status == 200
    [moved] = [each for each in document(text).all("i") if each.attributes.get("data-statement") == FIRST]
    assert (moved["data-value"], moved["data-note"]) == ("1", "<b>we do</b>")
    assert document(text).one("p", id=f"by-{FIRST}").text == f"{cast.member.name} changed this a moment ago."
    assert "Needed answers given" in text
    # Whoever changed it is not told that they did.
    assert f"by-{FIRST}" not in asked(together, cast.member, 0)[1]
    assert asked(together, cast.lead, 1, again)[0] == 304
    save(together, cast.lead, **{SECOND: "0"})
    assert FIRST not in asked(together, cast.lead, 1)[1].partition("</template>")[0]


@pytest.mark.both
@pytest.mark.parametrize("since", ["-1", "99", str(2**70)])
def test_a_version_that_the_sheet_never_had_is_told_everything(together: Team, cast: Cast, since: str) -> None:
    save(together, cast.member, **{FIRST: "1"})
    answer = together.browser(cast.lead).get(f"{together.home}/agreed/changes?since={since}")
    assert answer.status_code == 200
    assert f'data-statement="{FIRST}"' in answer.text


@pytest.mark.both
def test_who_is_here(together: Team, cast: Cast, clock: Clock) -> None:
    assert say(together, cast.member, FIRST) == 204
    _, text, tag = asked(together, cast.lead, 0)
    here = document(text).one("p", id="present")
    assert cast.member.name in here.text
    assert RUBRIC.categories[0].name in here.text
    assert cast.member.name not in asked(together, cast.member, 0)[1]

    assert say(together, cast.member, "no.such\x00"[:7]) == 204
    assert asked(together, cast.lead, 0, tag)[0] == 200
    clock.now += datetime.timedelta(seconds=31)
    assert document(asked(together, cast.lead, 0)[1]).one("p", id="present").text == ""


def test_who_stays_is_not_written_down_again_and_again(
    together: Team, cast: Cast, clock: Clock, count_statements: StatementCount
) -> None:
    member = together.browser(cast.member)
    path, sent = f"{together.home}/agreed/presence", {"person": str(cast.member.id), "at": FIRST}
    assert member.post(path, data=sent).status_code == 204
    with count_statements(cast.engine) as statements:
        assert member.post(path, data=sent).status_code == 204
    assert not [each for each in statements if each.startswith(("INSERT", "UPDATE"))]
    assert len(statements) <= 4
    clock.now += datetime.timedelta(seconds=6)
    assert member.post(path, data=sent).status_code == 204
    with reading(cast.engine) as session:
        assert session.scalars(select(Presence.seen_at)).all() == [clock.now]
        # It is no change that anybody looks up later.
        assert not session.scalar(select(func.count()).where(AuditEvent.action.contains("presen")))


def test_nobody_says_that_somebody_else_is_here(together: Team, cast: Cast) -> None:
    assert say(together, cast.member, person=cast.lead.id) == 403
    assert say(together, cast.viewer) == 403
    assert say(together, cast.outsider) == 404
    assert together.browser(cast.member).post(f"{together.home}/agreed/presence", data={"x": "1"}).status_code == 422
    assert together.browser(cast.outsider).get(f"{together.home}/agreed/changes").status_code == 404


def test_before_the_reveal_there_is_nothing_to_ask(browser: Browser, cast: Cast, clock: Clock) -> None:
    team = opened(browser, cast, clock)
    team.submitted(cast.member, 1, note=SECRET_NOTE)
    for player in (cast.lead, cast.member, cast.admin):
        assert asked(team, player, 0)[0] == 403
        assert say(team, player) == 403


def test_where_nothing_moved_it_takes_four_statements(
    together: Team, cast: Cast, count_statements: StatementCount
) -> None:
    save(together, cast.member, **{FIRST: "1"})
    _, _, tag = asked(together, cast.lead, 1)
    lead = together.browser(cast.lead)
    for since, limit, status in ((1, 4, 304), (0, 8, 200)):
        with count_statements(cast.engine) as statements:
            answer = lead.get(f"{together.home}/agreed/changes?since={since}", headers={"If-None-Match": tag})
        assert answer.status_code == status
        assert len(statements) <= limit, statements


def test_a_save_tells_who_else_changed_something_meanwhile(together: Team, cast: Cast) -> None:
    """Its answer may come before that of the question asked every other second, which then has no more to say."""
    sheet = fields(document(together.page(cast.lead, "/agreed")).one("form", id="sheet"))
    save(together, cast.member, **{FIRST: "1"})

    kept = {name: sheet[name] for name in ("sheet", "category", "base", "person") if name in sheet}
    answer = together.browser(cast.lead).post(
        f"{together.home}/agreed/answers",
        data=kept | {"mutation": "1" * 32, "client": "2" * 32, SECOND: "0"},
        headers={"shortstave-fragment": "1"},
    )

    assert answer.status_code == 200, answer.text
    assert document(answer.text).one("p", id=f"by-{FIRST}").text == f"{cast.member.name} changed this a moment ago."
    assert f"by-{SECOND}" not in answer.text
