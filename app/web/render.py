"""From a page dataclass to a page: a template reads `page`, and of the request only `site`."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

import nh3
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import NoMatchFound

from app.charts.from_result import NO_SCORE, shown, tenths
from app.domain.people import Actor
from app.domain.rubric import Rubric, Unit
from app.web import cookie
from app.web.assets import Assets, folder
from app.web.reader import Reader, reader_of

LANGUAGE = "en"
LOCALE = Locale("en", "GB")
TAG = "en-GB"
"""The language as pages and their scripts name it: days before months, 24 hours."""
PERCENT = "\N{NO-BREAK SPACE}%"
MARKDOWN_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "br"}
GUIDE_TAGS = MARKDOWN_TAGS | {"h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td"}


Translated = NullTranslations
"""The texts of one language: `gettext` and `ngettext`."""


def _always(_actor: Actor) -> bool:
    return True


def _(text: str) -> str:
    """Marks a text to be translated where it is shown."""
    return text


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
    language: str = TAG

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


def templates() -> Environment:
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
    environment.globals |= words(texts())
    environment.filters |= {
        "zip": zip,
        "index": tenths,
        "score": score,
        "spelled": spelled,
        "listed": listed,
        "short_day": short_day,
        "day": in_readers_zone(day),
        "moment": in_readers_zone(moment),
        "clock": in_readers_zone(clock),
        "markdown": markdown,
        "said": texts().gettext,
        "day_in_words": day_in_words,
        "moment_in_words": moment_in_words,
    }
    return environment


def words(texts: Translated) -> dict[str, Callable[..., Markup]]:
    """`_` and `ngettext` for templates. Jinja's own do the same, but look much up anew at each of a page's words."""

    def gettext(text: str, /, **values: object) -> Markup:
        found = Markup(texts.gettext(text))  # noqa: S704 # a text of ours; the values are escaped
        return found % values if values or "%%" in text else found

    def ngettext(one: str, many: str, num: int, /, **values: object) -> Markup:
        found = Markup(texts.ngettext(one, many, num))  # noqa: S704 # as above
        return found % {"num": num, **values}

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}


@lru_cache(maxsize=1)
def texts() -> Translated:
    """The catalogue of the language; English, the source, has none."""
    return Translations.load(str(folder("locale")), [LANGUAGE])


def render(request: Request, template: str, page: object, status: int = 200) -> Response:
    """The template filled from a page dataclass. Raises jinja2's UndefinedError for a name the page does not have."""
    environment: Environment = request.app.state.templates
    return HTMLResponse(environment.get_template(template).render(page=page, site=Site(request)), status)


def translated(request: Request) -> Translated:
    """The texts in the reader's language, for words that a page's dataclass carries."""
    texts: Translated = request.app.state.translated
    return texts


def score(number: Fraction | None, rubric: Rubric) -> str:
    """A score as its rubric counts, percent or points; rounded down, so that none reads as reached too early."""
    if number is None:
        return NO_SCORE
    return shown(rubric)(number) + (PERCENT if rubric.unit is Unit.PERCENT else "")


def spelled(number: int) -> str:
    """A number in a sentence: a word up to nine, figures beyond."""
    _ = texts().gettext
    small = (_("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine"))
    return small[number] if 0 <= number < len(small) else str(number)


def listed(names: Iterable[str]) -> Markup:
    """Names in a sentence: one, two and three. Those that are markup already stay so."""
    return Markup(format_list([str(escape(name)) for name in names], locale=LOCALE))  # noqa: S704 # each is escaped


def day(date: datetime.date | datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> Markup:
    """A day in words; a moment, which is aware, shows its exact time on hover."""
    if isinstance(date, datetime.datetime):
        return _time(date, "day", format_date(date.astimezone(zone), "d MMMM y", LOCALE), zone)
    return Markup('<time datetime="{}">{}</time>').format(date.isoformat(), format_date(date, "d MMMM y", LOCALE))


def short_day(date: datetime.date) -> Markup:
    """A day where there is little room."""
    return Markup('<time datetime="{}">{}</time>').format(date.isoformat(), format_date(date, "d MMM y", LOCALE))


def moment(time: datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> Markup:
    """An aware moment with hour and minute."""
    return _time(time, "moment", _in_zone(time, zone, "d MMMM y, HH:mm"), zone)


def clock(time: datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> Markup:
    """An aware moment of today, as hour and minute."""
    return _time(time, "clock", _in_zone(time, zone, "HH:mm"), zone)


def day_in_words(day: datetime.date) -> str:
    """A day, or that of an aware moment in UTC, without markup: for mails."""
    there = day.astimezone(datetime.UTC) if isinstance(day, datetime.datetime) else day
    return str(format_date(there, "d MMMM y", LOCALE))


def moment_in_words(time: datetime.datetime) -> str:
    """An aware moment with hour and minute, in UTC, without markup: for mails."""
    return str(format_datetime(time.astimezone(datetime.UTC), "d MMMM y, HH:mm 'UTC'", locale=LOCALE))


def _time(time: datetime.datetime, shown: str, text: str, zone: datetime.tzinfo) -> Markup:
    """Where no zone was chosen, `shown` tells times.js how to draw it again in the browser's own."""
    exact = time.astimezone(datetime.UTC).isoformat(timespec="seconds")
    title = _in_zone(time, zone, "d MMMM y, HH:mm:ss")
    again = Markup(' data-shown="{}"').format(shown) if zone is datetime.UTC else Markup()
    return Markup('<time datetime="{}"{} title="{}">{}</time>').format(exact, again, title, text)


def _in_zone(time: datetime.datetime, zone: datetime.tzinfo, pattern: str) -> str:
    there = time.astimezone(zone)
    return f"{format_datetime(there, pattern, locale=LOCALE)} {there.tzname()}"


def zone_named(name: str | None) -> datetime.tzinfo:
    """The time zone of that name; UTC where there is none such, as on a machine that knows fewer."""
    try:
        return ZoneInfo(name) if name else datetime.UTC
    except (KeyError, ValueError, OSError):
        return datetime.UTC


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
