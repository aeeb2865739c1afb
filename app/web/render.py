"""From a page dataclass to a page: a template reads `page`, and of the request only `site`."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import NoMatchFound

from app.domain.errors import Sentence
from app.domain.people import Actor
from app.web import cookie
from app.web.assets import Assets, folder
from app.web.language import LANGUAGES, language_of, spoken
from app.web.reader import Reader, reader_of
from app.web.texts import Translated, texts, zone_named

MARKDOWN_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "br"}
GUIDE_TAGS = MARKDOWN_TAGS | {"h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td"}


def _always(_actor: Actor) -> bool:
    return True


_ = Sentence
"""Marks a text to be translated where it is shown."""


PLACES: tuple[tuple[str, str, Callable[[Actor], bool]], ...] = (
    ("home", _("Home"), _always),
    ("dashboard", _("Dashboard"), Actor.may_see_dashboard),
    ("cycles", _("Cycles"), _always),
    ("teams", _("Teams"), _always),
    ("people", _("People"), Actor.may_see_people),
    ("rubrics", _("Rubrics"), Actor.may_edit_rubrics),
    ("organisation", _("Organisation"), Actor.may_manage_organisation),
    ("audit", _("Audit trail"), Actor.may_read_audit),
    ("deliveries", _("Mail"), Actor.may_see_deliveries),
)


@dataclass(frozen=True, slots=True)
class Site:
    """What every template may ask of the request: addresses, the language, the request's id."""

    request: Request

    @property
    def language(self) -> str:
        """As pages and their scripts name it."""
        return translated(self.request).tag

    def asset(self, path: str) -> str:
        """The address of a file below `static`, such as css/parts.css."""
        return self._assets.address(path)

    @property
    def plotly(self) -> str:
        return self.asset("plotly/plotly.min.js")

    @property
    def plotly_map_style_id(self) -> str:
        return self._assets.plotly_map_style_id

    @property
    def _assets(self) -> Assets:
        assets: Assets = self.request.app.state.assets
        return assets

    def path(self, name: str, **values: object) -> str:
        """The path of a page by its route's name: for links."""
        return str(self.request.app.url_path_for(name, **values))

    def address(self, name: str, **values: object) -> str:
        """The whole address of a page, for a link that leaves the browser. It never follows a foreign Host header."""
        public: str = self.request.app.state.settings.public_url
        return (public or str(self.request.base_url).rstrip("/")) + self.path(name, **values)

    @property
    def reader(self) -> Reader | None:
        """Who is signed in; None as well on pages that are the same for everybody."""
        return reader_of(self.request)

    @property
    def theme(self) -> str:
        """`light` or `dark` where the reader chose one; empty where the browser decides."""
        return (self.reader.browser.theme or "") if self.reader else ""

    @property
    def zone(self) -> datetime.tzinfo:
        return zone_named(self.reader.browser.time_zone if self.reader else None)

    @property
    def has_cookie(self) -> bool:
        """Whether somebody may be signed in, on a page that did not ask who."""
        return bool(cookie.secret(self.request))

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The places of the navigation that the reader may go to: the routes' names, and what the links say."""
        return tuple(
            (name, label) for name, label, may in PLACES if self.reader and may(self.reader.actor) and self.has(name)
        )

    def has(self, name: str) -> bool:
        """Whether there is a page of this name."""
        try:
            self.path(name)
        except NoMatchFound:
            return False
        return True

    @property
    def here(self) -> str:
        """The name of the route that answers, for marking the current page in a list of links."""
        return getattr(self.request.scope.get("route"), "name", "")

    @property
    def request_id(self) -> str:
        return getattr(self.request.state, "request_id", "")


def templates(language: str = LANGUAGES[0]) -> Environment:
    """The templates; a name that does not exist is an error, and everything is escaped whatever a file is called.

    `_("...")` takes a text that stands in the template, and no other: it is trusted to be ours. What comes with the
    page, such as why a form was refused, may hold what somebody typed: `|said` translates and leaves it to be escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        cache_size=-1,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    of = texts(language)
    environment.globals |= words(of)
    environment.filters |= {
        "zip": zip,
        "index": of.index,
        "score": of.score,
        "spelled": of.spelled,
        "listed": of.listed,
        "short_day": of.short_day,
        "day": in_readers_zone(of.day),
        "moment": in_readers_zone(of.moment),
        "clock": in_readers_zone(of.clock),
        "markdown": markdown,
        "said": of.said,
        "day_in_words": of.day_in_words,
        "moment_in_words": of.moment_in_words,
    }
    return environment


class Templates(dict[str, Environment]):
    """The templates by language. Those of a language are compiled when somebody first reads it."""

    def __missing__(self, language: str) -> Environment:
        self[language] = environment = templates(language)
        return environment


def words(texts: Translated) -> dict[str, Callable[..., Markup]]:
    """`_` and `ngettext` for templates. Jinja's own do the same, but look much up anew at each of a page's words."""

    # Templates hold literals, so there is an end to what is kept.
    @cache
    def known(text: str) -> Markup:
        return Markup(texts.gettext(text))  # noqa: S704 # a text of ours; the values are escaped

    def gettext(text: str, /, **values: object) -> Markup:
        found = known(text)
        return found % values if values or "%%" in text else found

    def ngettext(one: str, many: str, num: int, /, **values: object) -> Markup:
        found = Markup(texts.ngettext(one, many, num))  # noqa: S704 # as above
        return found % {"num": num, **values}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


def render(request: Request, template: str, page: object, status: int = 200) -> Response:
    """The template filled from a page dataclass. Raises jinja2's UndefinedError for a name the page does not have."""
    compiled: Templates = request.app.state.templates
    language = language_of(request)
    html = compiled[language].get_template(template).render(page=page, site=Site(request))
    return HTMLResponse(html, status, spoken(language))


def translated(request: Request) -> Translated:
    """The texts in the reader's language, for words that a page's dataclass carries."""
    return texts(language_of(request))


def in_readers_zone(shown: Callable[..., Markup]) -> Callable[..., Markup]:
    """As a filter: the time zone is that of who reads the page."""

    @pass_context
    def filtered(context: Context, time: datetime.datetime) -> Markup:
        return shown(time, context["site"].zone if "site" in context else datetime.UTC)

    return filtered


@lru_cache(maxsize=2048)
def markdown(text: str) -> Markup:
    """Markdown that people wrote, as HTML of a few harmless tags; HTML in it stays text."""
    html = MarkdownIt("commonmark", {"html": False}).render(text)
    clean = nh3.clean(
        html, tags=MARKDOWN_TAGS, attributes={"a": {"href"}, "*": set()}, url_schemes={"http", "https", "mailto"}
    )
    return Markup(clean)  # noqa: S704 # cleaned in the line above


def guide(text: str) -> Markup:
    """A guide of ours as HTML. A line of a table that begins with a word of code can be linked to by that word."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for row, cell, inside in zip(tokens, tokens[1:], tokens[2:], strict=False):
        words = inside.children or []
        if (row.type, cell.type) == ("tr_open", "td_open") and [word.type for word in words] == ["code_inline"]:
            row.attrSet("id", words[0].content)
    html = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(html, tags=GUIDE_TAGS, attributes={"a": {"href"}, "tr": {"id"}}, url_schemes={"https"})
    return Markup(clean)  # noqa: S704 # cleaned in the line above
