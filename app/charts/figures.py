"""Plotly figures as plain dictionaries, ready for orjson: a thousand times cheaper than plotly's own classes."""

from fractions import Fraction
from html import escape
from typing import Any, Literal

from app.charts.picture import Axis, Mark, RadarFigure, Series, TrendFigure, TrendLine
from app.charts.radar import LEAST_AXES, ORDER
from app.charts.style import DARK, DASHES, LIGHT, WASH, WATER, Palette
from app.charts.svg import sayable
from app.charts.text import lines

Theme = Literal["light", "dark"]
Figure = dict[str, Any]

# Plotly offers to upload the data to its makers' cloud; nothing of an assessment leaves the page.
# Its tool bar would offer a second, lesser picture than our own downloads.
CONFIG: Figure = {"showSendToCloud": False, "displaylogo": False, "displayModeBar": False, "responsive": True}
_FONT = 12
_SIDE = 112
_TREND_DASHES = ("solid", "8px,4px", "2px,3px", "8px,3px,2px,3px", "14px,4px")
_TREND_SYMBOLS = ("circle", "square", "diamond", "x", "triangle-up", "star", "cross")
_SYMBOLS = {"now": "circle", "best": "diamond", "next": "square", "target": "star", "previous": "x"}


def radar_figure(figure: RadarFigure, theme: Theme) -> Figure:
    """`data`, `layout` and `config` for Plotly.newPlot. Texts are escaped: plotly reads some HTML in them."""
    palette = LIGHT if theme == "light" else DARK
    series = sorted(figure.series, key=lambda one: ORDER.index(one.kind))
    if len(figure.axes) < LEAST_AXES:
        data = [_bar(one, figure.axes, palette) for one in series]
        layout = base(palette) | _bar_layout(figure, palette)
    else:
        data = [_trace(one, palette) for one in series]
        layout = base(palette) | {"polar": _polar(figure, palette), "margin": _margin(figure.axes)}
    for one, drawn in zip(series, data, strict=True):
        drawn["legendrank"] = figure.series.index(one) + 1  # as they were given, whatever lies on top
    return {"data": data, "layout": layout, "config": CONFIG}


def trend_figure(figure: TrendFigure, theme: Theme) -> Figure:
    """The same for Plotly.newPlot: a line for each category, told apart by dash and symbol and not by colour alone."""
    palette = LIGHT if theme == "light" else DARK
    places = [str(place + 1) for place in range(len(figure.moments))]
    data = [_moved(line, place, places, palette) for place, line in enumerate(figure.lines)]
    names = {"tickmode": "array", "tickvals": places, "ticktext": [plain(each) for each in figure.moments]}
    across = {"type": "category", "categoryorder": "array", "categoryarray": places, "gridcolor": palette.line, **names}
    layout = base(palette) | {
        "xaxis": across,
        "yaxis": _scale(figure.marks, figure.top, palette) | {"automargin": True},
        "margin": {"l": 32, "r": 16, "t": 16, "b": 112},
    }
    return {"data": data, "layout": layout, "config": CONFIG}


def _moved(line: TrendLine, place: int, places: list[str], palette: Palette) -> Figure:
    colours = (palette.accent, palette.ink, palette.ink_soft, palette.signal)
    colour = colours[place % len(colours)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": plain(line.name),
        "x": places,
        "y": [_float(value) for value in line.values],
        "text": [plain(text) for text in line.hover],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": colour, "width": 2, "dash": _TREND_DASHES[place % len(_TREND_DASHES)]},
        "marker": {"color": colour, "size": 8, "symbol": _TREND_SYMBOLS[place % len(_TREND_SYMBOLS)]},
    }


def plain(text: str) -> str:
    """Text that plotly shows as it is: it reads tags and a few entities, and quotes are none of them."""
    return escape(sayable(text), quote=False)


def _trace(series: Series, palette: Palette) -> Figure:
    """A closed line: the first point again at the end. A category without a score has no point."""
    known = [place for place, value in enumerate(series.values) if value is not None]
    walk = [*known, *known[:1]]
    return _common(series, palette) | {
        "type": "scatterpolar",
        "mode": "lines+markers",
        "r": [_float(series.values[place]) for place in walk],
        "theta": [str(place + 1) for place in walk],
        "text": [plain(series.hover[place]) for place in walk],
        "line": _stroke(series, palette),
        "fill": "toself" if series.kind == "now" else "none",
        "fillcolor": _wash(palette),
    }


def _bar(series: Series, axes: tuple[Axis, ...], palette: Palette) -> Figure:
    """Two categories: now as bars, the others as upright strokes."""
    placed = {
        "x": [_float(value) for value in series.values],
        "y": [str(place + 1) for place in range(len(axes))],
        "text": [plain(text) for text in series.hover],
    }
    if series.kind == "now":
        bar = {"color": _wash(palette), "line": {"color": palette.accent, "width": 2.25}}
        return (
            _common(series, palette)
            | placed
            | {
                "type": "bar",
                "orientation": "h",
                "marker": bar,
                "textposition": "none",
            }
        )
    stroke = {"symbol": "line-ns-open", "size": 28, "color": _colour(series, palette)}
    return _common(series, palette) | placed | {"type": "scatter", "mode": "markers", "marker": stroke}


def _common(series: Series, palette: Palette) -> Figure:
    size = 8 if series.kind == "now" else 5
    marker = {"color": _colour(series, palette), "size": size, "symbol": _SYMBOLS[series.kind]}
    return {"name": plain(series.name), "hovertemplate": "%{text}<extra></extra>", "marker": marker}


def _float(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 6)


def _stroke(series: Series, palette: Palette) -> Figure:
    width = 2.25 if series.kind == "now" else 1.5
    dash = ",".join(f"{part}px" for part in DASHES.get(series.kind, "").split())
    return {"color": _colour(series, palette), "width": width, "dash": dash or "solid"}


def _colour(series: Series, palette: Palette) -> str:
    return {
        "now": palette.accent,
        "best": palette.accent,
        "next": palette.ink_soft,
        "previous": palette.ink_soft,
        "target": palette.ink,
    }[series.kind]


def _wash(palette: Palette) -> str:
    red, green, blue = bytes.fromhex(palette.levels[WATER][1:])
    return f"rgba({red},{green},{blue},{WASH})"


def base(palette: Palette) -> Figure:
    """What every figure of ours looks like and keeps to itself."""
    clear = "rgba(0,0,0,0)"
    return {
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "font": {"color": palette.ink, "size": _FONT, "family": "inherit"},
        "margin": {"l": 16, "r": 16, "t": 16, "b": 64},
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "traceorder": "normal",
            "xref": "container",
            "x": 0.5,
            "xanchor": "center",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
        },
        "hoverlabel": {
            "bgcolor": palette.paper,
            "bordercolor": palette.ink_faint,
            "font": {"color": palette.ink, "size": 13},
        },
        "dragmode": False,
    }


def _polar(figure: RadarFigure, palette: Palette) -> Figure:
    return {
        "bgcolor": "rgba(0,0,0,0)",
        "gridshape": "linear",
        "angularaxis": {
            "type": "category",
            "direction": "clockwise",
            "rotation": 90,
            "tickmode": "array",
            "tickvals": [str(place + 1) for place in range(len(figure.axes))],
            "ticktext": [_name(axis) for axis in figure.axes],
            "categoryorder": "array",
            "categoryarray": [str(place + 1) for place in range(len(figure.axes))],
            "gridcolor": palette.line,
            "linecolor": palette.line,
        },
        # The outermost ring goes without its number: it would stand in the name of the first category.
        "radialaxis": _scale(figure.marks, figure.top, palette, outermost=False) | {"angle": 90, "tickangle": 90},
    }


def _bar_layout(figure: RadarFigure, palette: Palette) -> Figure:
    return {
        "xaxis": _scale(figure.marks, figure.top, palette),
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "tickmode": "array",
            "tickvals": [str(place + 1) for place in range(len(figure.axes))],
            "ticktext": [_name(axis) for axis in figure.axes],
            "automargin": True,
        },
    }


def _scale(marks: tuple[Mark, ...], top: Fraction, palette: Palette, *, outermost: bool = True) -> Figure:
    """The rings, numbered; the outermost one only where there is room for its number."""
    return {
        "range": [0, float(top)],
        "tickmode": "array",
        "tickvals": [float(mark.at) for mark in marks if mark.at],
        "ticktext": [plain(mark.label) if outermost or mark.at < top else "" for mark in marks if mark.at],
        "tickfont": {"color": palette.ink_soft, "size": 11},
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "showline": False,
        "ticks": "",
    }


def _margin(axes: tuple[Axis, ...]) -> Figure:
    """Room for the words round the dial and, below, for the key."""
    high = max(len(_lines(axis)) + 1 for axis in axes) * _FONT * 1.3 + 8
    return {"l": _SIDE + 4, "r": _SIDE + 4, "t": high, "b": high + 32}


def _lines(axis: Axis) -> tuple[str, ...]:
    return lines(axis.name, _SIDE, _FONT, 3)


def _name(axis: Axis) -> str:
    """Broken to fit beside the dial, the number below. Bold type would be an inline style, which our policy refuses."""
    return "<br>".join(plain(line) for line in _lines(axis)) + f"<br>{plain(axis.label)}"
