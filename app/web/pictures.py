"""The pictures of a result with their words: staves and radar for a page, a file, and Plotly."""

from dataclasses import dataclass
from fractions import Fraction

from app.charts.figures import Figure, radar_figure
from app.charts.from_result import RadarWords, StavesWords, radar_figure_of, staves_figure
from app.charts.picture import Frame, KeyEntry, RadarFigure
from app.charts.radar import radar
from app.charts.staves import staves
from app.charts.svg import Svg
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.web.texts import Translated


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure and the key below it."""

    svg: Svg
    key: tuple[KeyEntry, ...]


def staves_picture(rubric: Rubric, result: Result, translated: Translated, height: int) -> Picture:
    """The staves; while nothing is answered they carry no numbers, which would all be the same."""
    _ = translated.gettext
    frame = Frame(_("Staves, one for each category. %s") % in_numbers(rubric, result, translated))
    empty = not any(category.answered for category in result.categories)
    words = StavesWords(
        frame,
        _("counts"),
        _("in place, does not count yet"),
        _("still open"),
        _unwritten if empty else translated.number(rubric),
    )
    figure = staves_figure(rubric, result, words)
    return Picture(staves(figure, height=height), figure.key)


def _unwritten(_number: Fraction) -> str:
    return ""


def radar_of(rubric: Rubric, result: Result, translated: Translated) -> RadarFigure:
    """What the radar shows: now, the best possible while answers are open, and the next level or band."""
    _ = translated.gettext
    source = f"{rubric.source.author}: {rubric.source.work} ({rubric.source.publisher}, {rubric.source.year})"
    frame = Frame(
        _("Radar of all categories. %s") % in_numbers(rubric, result, translated), rubric.title, _("After %s") % source
    )
    ahead = _("next level") if rubric.levels else _("next band")
    words = RadarWords(frame, _("now"), _("best possible"), ahead, number=translated.number(rubric))
    return radar_figure_of(rubric, result, words)


def radar_picture(figure: RadarFigure) -> Picture:
    return Picture(radar(figure), figure.key)


def plotly_figures(figure: RadarFigure) -> dict[str, Figure]:
    """The radar for Plotly, by the reader's theme."""
    return {"light": radar_figure(figure, "light"), "dark": radar_figure(figure, "dark")}


def radar_file(figure: RadarFigure) -> str:
    """The radar as a whole SVG file."""
    return radar(figure, standalone=True)


def in_numbers(rubric: Rubric, result: Result, translated: Translated) -> str:
    """Every category with its number, for those who do not see the picture."""
    figure = radar_figure_of(rubric, result, RadarWords(Frame(""), "", "", "", number=translated.number(rubric)))
    return ", ".join(f"{axis.name} {axis.label}" for axis in figure.axes)
