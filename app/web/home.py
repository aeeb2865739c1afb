"""The pages that anybody may see, and the addresses that machines ask for."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from app.domain.rubric import DEFAULT, Rubric, Source, Story
from app.web.deps import Db, MaybeMe, Now, Reads
from app.web.render import Site, render
from app.web.rubric_reading import read_shipped
from app.web.set_up import is_needed
from app.web.waiting import waiting

STORIES = 3
KEEP_BUT_ASK = "no-cache"

router = APIRouter()


@dataclass(frozen=True, slots=True)
class RubricLine:
    key: str
    title: str
    summary: str
    minutes: int
    source: Source


@dataclass(frozen=True, slots=True)
class HomePage:
    """The default rubric in full, a line for each shipped one, the default first, and stories of different sources."""

    rubric: Rubric
    lines: tuple[RubricLine, ...]
    stories: tuple[Story, ...]
    quick_check: bool
    set_up: bool = False


def home_page(request: Request, *, set_up: bool = False) -> HomePage:
    rubrics = read_shipped(request)
    first = rubrics[DEFAULT]
    others = (rubric for key, rubric in rubrics.items() if key != DEFAULT)
    lines = tuple(RubricLine(r.key, r.title, r.summary, r.minutes, r.source) for r in (first, *others))
    by_source = {story.source: story for story in reversed(first.stories)}
    stories = tuple(story for story in first.stories if by_source[story.source] is story)
    return HomePage(first, lines, stories[:STORIES], request.app.state.settings.quick_check == "on", set_up)


@router.get("/", name="home")
def home(request: Request, reads: Reads, db: Db, me: MaybeMe, now: Now) -> Response:
    """What waits for whoever is signed in; for everybody else what this is."""
    if me is not None:
        return waiting(request, db, me, now)
    answer = render(request, "home/home.html", home_page(request, set_up=is_needed(request, reads)))
    answer.headers["cache-control"] = KEEP_BUT_ASK
    return answer


@router.get("/about", name="about")
def about(request: Request) -> Response:
    answer = render(request, "home/about.html", home_page(request))
    answer.headers["cache-control"] = KEEP_BUT_ASK
    return answer


@router.get("/favicon.ico", name="favicon")
async def favicon(request: Request) -> Response:
    return RedirectResponse(Site(request).asset("img/favicon.svg"), 307)


@router.get("/robots.txt", name="robots")
async def robots() -> Response:
    """Secret links are not for search engines, should one ever find its way to them."""
    secret = ("c", "set-up", "reset", "invitation", "unsubscribe")
    return PlainTextResponse("User-agent: *\n" + "".join(f"Disallow: /{place}/\n" for place in secret))
