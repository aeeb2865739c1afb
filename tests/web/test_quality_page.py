"""The page of a version's quality: what stands out, what is hidden, and its table."""

import csv
import io

from sqlalchemy import select, update

from app.db.engine import reading, writing
from app.db.tables.org import Organisation
from app.db.tables.rubrics import RubricVersion
from app.domain.answers import Value
from tests.conftest import StatementCount
from tests.web.cast import Browser, Cast
from tests.web.document import document, fields
from tests.web.test_assessing_pages import RUBRIC, Team, team

__all__ = ["team"]


def version_of(cast: Cast) -> int:
    with reading(cast.engine) as session:
        found = select(RubricVersion.id).where(RubricVersion.organisation_id == cast.organisation_id)
        return int(session.scalars(found).one())


def least(cast: Cast, sheets: int) -> None:
    with writing(cast.engine) as session:
        session.execute(
            update(Organisation).where(Organisation.id == cast.organisation_id).values(least_compared=sheets)
        )


def path_of(cast: Cast) -> str:
    return f"/rubrics/versions/{version_of(cast)}/quality"


def closed(team: Team, cast: Cast) -> None:
    answer = team.browser(cast.admin).post(f"{team.cycle}/close")
    assert answer.status_code == 303, answer.text


def test_it_works(team: Team, cast: Cast, browser: Browser, count_statements: StatementCount) -> None:
    """Nobody’s answers are told while the cycle runs, nor of too few; then what was judged differently stands out."""
    team.submitted(cast.member, 1)
    team.submitted(cast.lead, 2)
    admin, path = browser(cast.admin), path_of(cast)
    least(cast, 2)
    assert "Too few answers yet" in admin.get(path).text

    closed(team, cast)
    page = admin.get(path)
    with count_statements(cast.engine) as statements:
        assert admin.get(path).text == page.text

    assert len(statements) < 12
    assert "No statement stands out" in page.text, "one assessment alone tells of no disagreement"
    row = document(page.text).one("tr", id=RUBRIC.categories[0].statements[0].key)
    assert [each.text for each in row.all("td")][1:4] == ["2", "0 %", "0 %"]
    least(cast, 3)
    assert "Too few answers yet" in admin.get(path).text


def test_what_stands_out_is_named_and_taken_away(team: Team, cast: Cast, browser: Browser) -> None:
    statement = RUBRIC.categories[1].statements[2]
    for player in (cast.member, cast.lead):
        team.post(player, "/own")
        team.pick(player, 1)
        page = document(team.page(player, f"/own/category/{RUBRIC.categories[1].key}"))
        sheet = page.one("form", id="sheet")

        team.post(player, "/own/answers", **{**fields(sheet), statement.key: str(Value.UNKNOWN)})
        team.post(player, "/submit")
    least(cast, 2)
    closed(team, cast)
    admin, path = browser(cast.admin), path_of(cast)

    shown = admin.get(path).text
    table = list(csv.DictReader(io.StringIO(admin.get(f"{path}.csv").text.removeprefix("\ufeff"))))

    assert "Look first at one statement" in shown
    assert statement.text in document(shown).one("main").one("p", **{"class": "lead"}).text
    assert (table[0]["key"], table[0]["unknown_percent"]) == (statement.key, "100")
    assert len(table) == len(RUBRIC.statements)


def test_a_draft_leads_to_it(team: Team, cast: Cast, browser: Browser) -> None:
    admin, version = browser(cast.admin), version_of(cast)
    draft = admin.post(f"/rubrics/versions/{version}/draft").headers["location"]
    key = RUBRIC.categories[0].statements[0].key

    assert f"/rubrics/versions/{version}/quality#{key}" in admin.get(f"{draft}/edit?at=statements.{key}").text
    assert f'href="{path_of(cast)}"' in admin.get(f"/rubrics/versions/{version}").text
