"""The texts of one language, and how it writes numbers, days and lists."""

import datetime
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from markupsafe import Markup, escape

from app.charts.from_result import NO_SCORE, Number, shown, tenths
from app.domain.errors import Sentence
from app.domain.rubric import Rubric, Unit
from app.web.assets import folder
from app.web.language import LANGUAGES

PERCENT = "\N{NO-BREAK SPACE}%"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a language writes. `tag` is its name for pages and their scripts; days are patterns of Unicode's."""

    tag: str
    locale: Locale
    day: str
    short_day: str
    point: str


MANNERS = {
    # Days before months, 24 hours.
    "en": Manner("en-GB", Locale("en", "GB"), "d MMMM y", "d MMM y", "."),
    "de": Manner("de", Locale("de"), "d. MMMM y", "d. MMM y", ","),
}


class Translated:
    """One of LANGUAGES. English is that in which the texts are written: it has no catalogue."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._manner = MANNERS[language]
        catalogue = NullTranslations() if language == LANGUAGES[0] else catalogue_of(language)
        self.gettext: Callable[[str], str] = catalogue.gettext
        self.ngettext: Callable[[str, str, int], str] = catalogue.ngettext
        _ = self.gettext
        self._small = (
            _("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine")
        )  # fmt: skip

    @property
    def tag(self) -> str:
        return self._manner.tag

    def said(self, sentence: str) -> str:
        """A Sentence, and what was filled into it where that is our words too; other texts are whose they are."""
        # Under the empty text a catalogue keeps what it says of itself.
        if not isinstance(sentence, Sentence) or not sentence:
            return sentence
        if not sentence.values:
            return self.gettext(sentence.text)
        values = {
            name: self.said(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()
        }
        return self.gettext(sentence.text) % values

    def spelled(self, number: int) -> str:
        """A number in a sentence: a word up to nine, figures beyond."""
        return self._small[number] if 0 <= number < len(self._small) else str(number)

    def listed(self, names: Iterable[str]) -> Markup:
        """Names in a sentence: one, two and three. Those that are markup already stay so."""
        found = format_list([str(escape(name)) for name in names], locale=self._manner.locale)
        return Markup(found)  # noqa: S704 # each is escaped

    def index(self, value: Fraction) -> str:
        """A number to one place."""
        return tenths(value).replace(".", self._manner.point)

    def number(self, rubric: Rubric) -> Number:
        """How the numbers of a rubric are written: percent as whole ones."""
        return shown(rubric) if rubric.unit is Unit.PERCENT else self.index

    def score(self, number: Fraction | None, rubric: Rubric) -> str:
        """A score as its rubric counts, percent or points; rounded down, so that none reads as reached too early."""
        if number is None:
            return NO_SCORE
        return self.number(rubric)(number) + (PERCENT if rubric.unit is Unit.PERCENT else "")

    def day(self, date: datetime.date | datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> Markup:
        """A day in words; a moment, which is aware, shows its exact time on hover."""
        if isinstance(date, datetime.datetime):
            return self._time(date, "day", self._date(date.astimezone(zone)), zone)
        return Markup('<time datetime="{}">{}</time>').format(date.isoformat(), self._date(date))

    def short_day(self, date: datetime.date) -> Markup:
        """A day where there is little room."""
        text = format_date(date, self._manner.short_day, self._manner.locale)
        return Markup('<time datetime="{}">{}</time>').format(date.isoformat(), text)

    def moment(self, time: datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> Markup:
        """An aware moment with hour and minute."""
        return self._time(time, "moment", self._in_zone(time, zone, f"{self._manner.day}, HH:mm"), zone)

    def clock(self, time: datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> Markup:
        """An aware moment of today, as hour and minute."""
        return self._time(time, "clock", self._in_zone(time, zone, "HH:mm"), zone)

    def day_in_words(self, day: datetime.date) -> str:
        """A day, or that of an aware moment in UTC, without markup: for mails."""
        return self._date(day.astimezone(datetime.UTC) if isinstance(day, datetime.datetime) else day)

    def moment_in_words(self, time: datetime.datetime) -> str:
        """An aware moment with hour and minute, in UTC, without markup: for mails."""
        return self._in_zone(time, datetime.UTC, f"{self._manner.day}, HH:mm")

    def _date(self, date: datetime.date) -> str:
        return str(format_date(date, self._manner.day, self._manner.locale))

    def _time(self, time: datetime.datetime, shown: str, text: str, zone: datetime.tzinfo) -> Markup:
        """Where no zone was chosen, `shown` tells times.js how to draw it again in the browser's own."""
        exact = time.astimezone(datetime.UTC).isoformat(timespec="seconds")
        title = self._in_zone(time, zone, f"{self._manner.day}, HH:mm:ss")
        again = Markup(' data-shown="{}"').format(shown) if zone is datetime.UTC else Markup()
        return Markup('<time datetime="{}"{} title="{}">{}</time>').format(exact, again, title, text)

    def _in_zone(self, time: datetime.datetime, zone: datetime.tzinfo, pattern: str) -> str:
        there = time.astimezone(zone)
        return f"{format_datetime(there, pattern, locale=self._manner.locale)} {there.tzname()}"


@lru_cache
def texts(language: str = LANGUAGES[0]) -> Translated:
    """The texts of one of LANGUAGES, read when they are first asked for."""
    return Translated(language)


def catalogue_file(language: str) -> Path:
    return folder("locale") / language / "LC_MESSAGES" / "messages.po"


def catalogue_of(language: str) -> NullTranslations:
    """The catalogue as it is edited: to compile it takes a fifth of a second, and so nothing compiled is kept."""
    compiled = io.BytesIO()
    with catalogue_file(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def zone_named(name: str | None) -> datetime.tzinfo:
    """The time zone of that name; UTC where there is none such, as on a machine that knows fewer."""
    try:
        return ZoneInfo(name) if name else datetime.UTC
    except (KeyError, ValueError, OSError):
        return datetime.UTC
