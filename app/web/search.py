"""Search over teams and people, from the bar of every page."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.queries import people, teams
from app.queries.pages import Page
from app.queries.people import PersonLine
from app.queries.teams import TeamLine
from app.web.deps import Db, Me
from app.web.lists import Asked
from app.web.render import render

router = APIRouter()

SHOWN = 20
NO_PEOPLE: Page[PersonLine] = Page((), None)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`people` stays empty for who may not see the list of people."""

    search: str
    teams: Page[TeamLine]
    people: Page[PersonLine]


@router.get("/search", name="search")
def shown(request: Request, db: Db, me: Me, asked: Asked) -> Response:
    if not asked.search:
        return render(request, "search/search.html", SearchPage("", Page((), None), NO_PEOPLE))
    connection = db.connection()
    found = SearchPage(
        asked.search,
        teams.team_lines(connection, me, search=asked.search, limit=SHOWN),
        people.person_lines(connection, me, search=asked.search, limit=SHOWN) if me.may_see_people() else NO_PEOPLE,
    )
    return render(request, "search/search.html", found)
