"""From a page dataclass to a page: a template reads `page`, and of the request only `site`."""

import datetime
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import nh3
from babel import Locale
from babel.dates import format_date, format_datetime
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.web.assets import Assets, folder

LANGUAGE = "en"
LOCALE = Locale("en", "GB")
MARKDOWN_TAGS = {"p", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "br"}


@dataclass(frozen=True, slots=True)
class Site:
    """What every template may ask of the request: addresses, the language, the request's id."""

    request: Request
    language: str = LANGUAGE

    def asset(self, path: str) -> str:
        """The address of a file below `static`, such as css/parts.css."""
        return self._assets.address(path)

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
    translations = Translations.load(str(folder("locale")), [LANGUAGE])
    environment.install_gettext_translations(translations, newstyle=False)  # type: ignore[attr-defined]
    # Jinja's own `_` looks the function up anew for each word: a third of the time of a page with many words.
    environment.globals["_"] = translations.gettext
    environment.filters |= {"index": one_place, "day": day, "moment": moment, "markdown": markdown}
    return environment


def render(request: Request, template: str, page: object, status: int = 200) -> Response:
    """The template filled from a page dataclass. Raises jinja2's UndefinedError for a name the page does not have."""
    environment: Environment = request.app.state.templates
    return HTMLResponse(environment.get_template(template).render(page=page, site=Site(request)), status)


def one_place(number: Fraction | int) -> str:
    """A level index or score to one place, halves rounded up: exactly, since 1.25 in binary may print as 1.2."""
    tenths = (Fraction(number) * 20 + 1) // 2
    return f"{tenths // 10}.{tenths % 10}"


def day(date: datetime.date | datetime.datetime) -> Markup:
    """A day in words; a moment shows its exact time on hover. Moments are aware; they are shown in UTC."""
    if isinstance(date, datetime.datetime):
        return _time(date, format_date(date.astimezone(datetime.UTC), "d MMMM y", LOCALE))
    return Markup('<time datetime="{}">{}</time>').format(date.isoformat(), format_date(date, "d MMMM y", LOCALE))


def moment(time: datetime.datetime) -> Markup:
    """An aware moment with hour and minute, in UTC."""
    return _time(time, format_datetime(time.astimezone(datetime.UTC), "d MMMM y, HH:mm 'UTC'", locale=LOCALE))


def _time(time: datetime.datetime, text: str) -> Markup:
    exact = time.astimezone(datetime.UTC)
    title = format_datetime(exact, "d MMMM y, HH:mm:ss 'UTC'", locale=LOCALE)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact.isoformat(timespec="seconds"), title, text)


@lru_cache(maxsize=2048)
def markdown(text: str) -> Markup:
    """Markdown that people wrote, as HTML of a few harmless tags; HTML in it stays text."""
    html = MarkdownIt("commonmark", {"html": False}).render(text)
    clean = nh3.clean(
        html, tags=MARKDOWN_TAGS, attributes={"a": {"href"}, "*": set()}, url_schemes={"http", "https", "mailto"}
    )
    return Markup(clean)  # noqa: S704 # cleaned in the line above
