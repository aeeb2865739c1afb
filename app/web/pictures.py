"""The pictures of a result with their words: staves and radar for a page, a file, and Plotly."""

from dataclasses import dataclass
from fractions import Fraction

import orjson
from markupsafe import Markup

from app.charts.figures import radar_figure
from app.charts.from_result import RadarWords, StavesWords, radar_figure_of, shown, staves_figure
from app.charts.picture import Frame, KeyEntry, RadarFigure
from app.charts.radar import radar
from app.charts.staves import staves
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.web.render import Translated


@dataclass(frozen=True, slots=True)
class RadarPicture:
    """The drawn radar, the key below it, and the figures for Plotly as JSON that is safe inside a script element."""

    svg: Markup
    key: tuple[KeyEntry, ...]
    figures: Markup


@dataclass(frozen=True, slots=True)
class StavesPicture:
    """The drawn staves and the key below them."""

    svg: Markup
    key: tuple[KeyEntry, ...]


def staves_picture(rubric: Rubric, result: Result, translated: Translated, height: int) -> StavesPicture:
    """The staves; while nothing is answered they carry no numbers, which would all be the same."""
    _ = translated.gettext
    frame = Frame(_("Staves, one for each category. %s") % in_numbers(rubric, result))
    empty = not any(category.answered for category in result.categories)
    words = StavesWords(
        frame, _("counts"), _("in place, does not count yet"), _("still open"), _unwritten if empty else None
    )
    figure = staves_figure(rubric, result, words)
    return StavesPicture(Markup(staves(figure, height=height)), figure.key)  # noqa: S704 # escaped there


def _unwritten(_number: Fraction) -> str:
    return ""


def radar_of(rubric: Rubric, result: Result, translated: Translated) -> RadarFigure:
    """What the radar shows: now, the best possible while answers are open, and the next level or band."""
    _ = translated.gettext
    source = f"{rubric.source.author}: {rubric.source.work} ({rubric.source.publisher}, {rubric.source.year})"
    frame = Frame(_("Radar of all categories. %s") % in_numbers(rubric, result), rubric.title, _("After %s") % source)
    ahead = _("next level") if rubric.levels else _("next band")
    return radar_figure_of(rubric, result, RadarWords(frame, _("now"), _("best possible"), ahead))


def radar_picture(figure: RadarFigure) -> RadarPicture:
    figures = {theme: radar_figure(figure, theme) for theme in ("light", "dark")}
    # A script element ends at the first "</", whatever its type; < is the same character to JSON.
    safe = orjson.dumps(figures).decode().replace("<", "\\u003c")
    return RadarPicture(Markup(radar(figure)), figure.key, Markup(safe))  # noqa: S704 # escaped there, and just above


def radar_file(figure: RadarFigure) -> str:
    """The radar as a whole SVG file."""
    return radar(figure, standalone=True)


def in_numbers(rubric: Rubric, result: Result) -> str:
    """Every category with its number, for those who do not see the picture."""
    figure = radar_figure_of(rubric, result, RadarWords(Frame(""), "", "", "", number=shown(rubric)))
    return ", ".join(f"{axis.name} {axis.label}" for axis in figure.axes)
