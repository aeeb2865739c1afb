"""The pictures of a result with their words: staves and radar for a page, a file, and Plotly."""

from app.charts.figures import Figure, radar_figure
from app.charts.from_result import RadarWords, StavesWords, radar_figure_of, shown, staves_figure
from app.charts.picture import Frame, RadarFigure
from app.charts.radar import radar
from app.charts.staves import staves
from app.charts.svg import Svg
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.web.render import Translated


def staves_picture(rubric: Rubric, result: Result, translated: Translated, height: int) -> Svg:
    frame = Frame(translated.gettext("Staves, one for each category. %s") % in_numbers(rubric, result))
    return staves(staves_figure(rubric, result, StavesWords(frame)), height=height)


def radar_of(rubric: Rubric, result: Result, translated: Translated) -> RadarFigure:
    """What the radar shows: now, the best possible while answers are open, and the next level or band."""
    _ = translated.gettext
    source = f"{rubric.source.author}: {rubric.source.work} ({rubric.source.publisher}, {rubric.source.year})"
    frame = Frame(_("Radar of all categories. %s") % in_numbers(rubric, result), rubric.title, _("After %s") % source)
    ahead = _("next level") if rubric.levels else _("next band")
    return radar_figure_of(rubric, result, RadarWords(frame, _("now"), _("best possible"), ahead))


def plotly_figures(figure: RadarFigure) -> dict[str, Figure]:
    """The radar for Plotly, by the reader's theme."""
    return {"light": radar_figure(figure, "light"), "dark": radar_figure(figure, "dark")}


def radar_file(figure: RadarFigure) -> str:
    """The radar as a whole SVG file."""
    return radar(figure, standalone=True)


def in_numbers(rubric: Rubric, result: Result) -> str:
    """Every category with its number, for those who do not see the picture."""
    figure = radar_figure_of(rubric, result, RadarWords(Frame(""), "", "", "", number=shown(rubric)))
    return ", ".join(f"{axis.name} {axis.label}" for axis in figure.axes)
