"""From a page dataclass to a page: a template reads `page`, and of the request only `site`."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import nh3
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.charts.from_result import NO_SCORE, shown, tenths
from app.domain.rubric import Rubric, Unit
from app.web.assets import Assets, folder

LANGUAGE = "en"
LOCALE = Locale("en", "GB")
TAG = "en-GB"
"""The language as pages and their scripts name it: days before months, 24 hours."""
PERCENT = "\N{NO-BREAK SPACE}%"
MARKDOWN_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "br"}


Translated = NullTranslations
"""The texts of one language: `gettext` and `ngettext`."""


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
    def here(self) -> str:
        """The name of the route that answers, for marking the current page in a list of links."""
        return getattr(self.request.scope.get("route"), "name", "")

    @property
    def request_id(self) -> str:
        return getattr(self.request.state, "request_id", "")


def templates() -> Environment:
    """The templates; a name that does not exist is an error, and everything is escaped whatever a file is called.

    `_("...")` takes a text without variables; `{% trans %}` is for texts with variables, markup or a plural.
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
        "day": day,
        "moment": moment,
        "clock": clock,
        "markdown": markdown,
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


def day(date: datetime.date | datetime.datetime) -> Markup:
    """A day in words; a moment shows its exact time on hover. Moments are aware; they are shown in UTC."""
    if isinstance(date, datetime.datetime):
        return _time(date, "day", format_date(date.astimezone(datetime.UTC), "d MMMM y", LOCALE))
    return Markup('<time datetime="{}">{}</time>').format(date.isoformat(), format_date(date, "d MMMM y", LOCALE))


def moment(time: datetime.datetime) -> Markup:
    """An aware moment with hour and minute, in UTC."""
    return _time(time, "moment", format_datetime(time.astimezone(datetime.UTC), "d MMMM y, HH:mm 'UTC'", locale=LOCALE))


def clock(time: datetime.datetime) -> Markup:
    """An aware moment of today, as hour and minute in UTC."""
    return _time(time, "clock", format_datetime(time.astimezone(datetime.UTC), "HH:mm 'UTC'", locale=LOCALE))


def _time(time: datetime.datetime, shown: str, text: str) -> Markup:
    """`shown` tells times.js how to draw it again in the reader's own zone."""
    exact = time.astimezone(datetime.UTC)
    title = format_datetime(exact, "d MMMM y, HH:mm:ss 'UTC'", locale=LOCALE)
    return Markup('<time datetime="{}" data-shown="{}" title="{}">{}</time>').format(
        exact.isoformat(timespec="seconds"), shown, title, text
    )


@lru_cache(maxsize=2048)
def markdown(text: str) -> Markup:
    """Markdown that people wrote, as HTML of a few harmless tags; HTML in it stays text."""
    html = MarkdownIt("commonmark", {"html": False}).render(text)
    clean = nh3.clean(
        html, tags=MARKDOWN_TAGS, attributes={"a": {"href"}, "*": set()}, url_schemes={"http", "https", "mailto"}
    )
    return Markup(clean)  # noqa: S704 # cleaned in the line above
