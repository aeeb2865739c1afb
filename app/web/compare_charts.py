"""The charts of parts that are compared: their medians over each other, and their levels below each other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.charts.picture import Axis, Frame, Mark, Piece, RadarFigure, Series, SeriesKind, StackedBar, StackedFigure
from app.domain.rollup import NOBODY, Distribution, Overview, highest, level_names
from app.domain.rubric import Rubric
from app.web.charts import Cell, Chart
from app.web.dashboard_charts import tones
from app.web.texts import Translated

KINDS: tuple[SeriesKind, ...] = ("now", "best", "target", "previous")
"""The lines of the radar, by the order of the parts; told apart by dash."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A part by its name, and its levels."""

    name: str
    overview: Overview

    def of(self, category: str) -> Distribution:
        """Overall where the category is empty."""
        return self.overview.categories.get(category, NOBODY) if category else self.overview.overall


@dataclass(frozen=True, slots=True)
class Row:
    """One category, or the overall levels, of each part."""

    key: str
    name: str
    of: Sequence[Distribution]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Parts by one rubric; the first is the one that the others are measured against."""

    rubric: Rubric
    parts: Sequence[Compared]
    texts: Translated

    @property
    def rows(self) -> Sequence[Row]:
        named = [(each.key, each.name) for each in self.rubric.categories]
        named.append(("", self.texts.gettext("Overall (the least)")))
        return [Row(key, name, [part.of(key) for part in self.parts]) for key, name in named]

    @property
    def finding(self) -> str:
        """The largest difference between the first part and another, the first of several."""
        gaps = [(abs(more), sentence) for more, sentence in self._gaps() if more]
        if len(self.parts) < 2:
            return self.texts.gettext("The medians of %(part)s") % {"part": self.parts[0].name}
        if not gaps:
            return self.texts.gettext("The medians are the same in every category")
        return max(gaps, key=lambda each: each[0])[1]

    @property
    def differences(self) -> Sequence[str]:
        """Where a part's median differs from the first one's, in words; category by category."""
        return [sentence for more, sentence in self._gaps() if more]

    def _gaps(self) -> Iterator[tuple[int, str]]:
        for row in self.rows:
            first, *others = zip(self.parts, row.of, strict=True)
            for part, of in others:
                if of.median is not None and first[1].median is not None:
                    more = of.median - first[1].median
                    yield more, self._said(row.name, part.name, first[0].name, more)

    def _said(self, category: str, one: str, other: str, more: int) -> str:
        named = {"category": category, "one": one, "other": other, "num": self.texts.spelled(abs(more))}
        if more < 0:
            return (
                self.texts.ngettext(
                    "%(category)s: %(one)s stands %(num)s level below %(other)s",
                    "%(category)s: %(one)s stands %(num)s levels below %(other)s",
                    -more,
                )
                % named
            )
        return (
            self.texts.ngettext(
                "%(category)s: %(one)s stands %(num)s level above %(other)s",
                "%(category)s: %(one)s stands %(num)s levels above %(other)s",
                more,
            )
            % named
        )


def medians_chart(of: Comparison) -> Chart:
    """A line for each part over the radar of all categories."""
    _, names = of.texts.gettext, level_names(of.rubric)
    found = of.rows[:-1]
    axes = tuple(Axis(row.name, " · ".join(written(each.median) for each in row.of)) for row in found)
    series = tuple(
        _series(kind, place, part, found) for place, (kind, part) in enumerate(zip(KINDS, of.parts, strict=False))
    )
    said = ". ".join(f"{line.name}: {', '.join(line.hover)}" for line in series)
    frame = Frame(f"{of.finding}. {said}", of.finding, f"{of.rubric.title} · {_('median level of each category')}")
    marks = tuple(Mark(Fraction(level), str(level)) for level in names)
    head: list[Cell] = [_("Category")]
    for part in of.parts:
        head += [f"{part.name}: {word}" for word in (_("median"), _("lowest"), _("upper quartile"))]
    table: list[list[Cell]] = [
        [row.name, *(cell for each in row.of for cell in (each.median, each.floor, each.upper_quartile))]
        for row in of.rows
    ]
    return Chart(RadarFigure(axes, marks, Fraction(highest(of.rubric)), series, frame), [head, *table])


def _series(kind: SeriesKind, place: int, part: Compared, rows: Sequence[Row]) -> Series:
    medians = [row.of[place].median for row in rows]
    return Series(
        kind,
        part.name,
        tuple(None if median is None else Fraction(median) for median in medians),
        tuple(f"{row.name} {written(median)}" for row, median in zip(rows, medians, strict=True)),
    )


def levels_chart(of: Comparison) -> Chart:
    """The overall levels of each part as a bar of shares."""
    texts, names = of.texts, level_names(of.rubric)
    bars = tuple(
        StackedBar(part.name, _counted(texts, part.overview.teams), _pieces(of, part.overview.overall))
        for part in of.parts
    )
    title = _overall_title(of)
    said = " ".join(f"{bar.name}: {', '.join(piece.hover for piece in bar.pieces)}." for bar in bars)
    head: list[Cell] = [texts.gettext("Part"), *names, texts.gettext("all")]
    head += [texts.gettext("lowest"), texts.gettext("median"), texts.gettext("upper quartile")]
    table: list[list[Cell]] = [
        [part.name, *_cells(overall, names), overall.floor, overall.median, overall.upper_quartile]
        for part, overall in ((part, part.overview.overall) for part in of.parts)
    ]
    frame = Frame(f"{title}. {said}", title, of.rubric.title)
    return Chart(StackedFigure(bars, tones(of.rubric), True, frame), [head, *table])


def _cells(overall: Distribution, names: Iterable[int]) -> list[Cell]:
    return [*(overall.at(level) for level in names), overall.teams]


def _overall_title(of: Comparison) -> str:
    texts, medians = of.texts, [(part.name, written(part.overview.overall.median)) for part in of.parts]
    if len({median for _, median in medians}) == 1 and len(medians) > 1:
        return texts.gettext("The overall median is at level %(level)s in every part") % {"level": medians[0][1]}
    named = [texts.gettext("%(part)s level %(level)s") % {"part": name, "level": median} for name, median in medians]
    return texts.gettext("Overall medians: %(parts)s") % {"parts": ", ".join(named)}


def _pieces(of: Comparison, overall: Distribution) -> tuple[Piece, ...]:
    found = []
    for place, level in enumerate(level_names(of.rubric)):
        if teams := overall.at(level):
            hover = of.texts.gettext("level %(level)s: %(teams)s") % {
                "level": level,
                "teams": _counted(of.texts, teams),
            }
            found.append(Piece(place, teams, hover))
    return tuple(found)


def _counted(texts: Translated, teams: int) -> str:
    return texts.ngettext("%(num)s result", "%(num)s results", teams) % {"num": teams}


def written(level: int | None) -> str:
    return "–" if level is None else str(level)
