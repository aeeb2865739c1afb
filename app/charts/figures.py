"""Plotly figures as plain dictionaries, ready for orjson: a thousand times cheaper than plotly's own classes."""

from fractions import Fraction
from typing import Any, Literal

from app.charts.picture import Axis, Mark, RadarFigure, Series
from app.charts.radar import LEAST_AXES, ORDER
from app.charts.style import DARK, DASHES, LIGHT, WASH, WATER, Palette
from app.charts.svg import escaped
from app.charts.text import lines

Theme = Literal["light", "dark"]
Figure = dict[str, Any]

# Plotly offers to upload the data to its makers' cloud; nothing of an assessment leaves the page.
CONFIG: Figure = {
    "showSendToCloud": False,
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoom2d", "pan2d"],
}
_SYMBOLS = {"now": "circle", "best": "diamond", "next": "square", "target": "star", "previous": "x"}


def radar_figure(figure: RadarFigure, theme: Theme) -> Figure:
    """`data`, `layout` and `config` for Plotly.newPlot. Texts are escaped: plotly reads some HTML in them."""
    palette = LIGHT if theme == "light" else DARK
    series = sorted(figure.series, key=lambda one: ORDER.index(one.kind))
    if len(figure.axes) < LEAST_AXES:
        data = [_bar(one, figure.axes, palette) for one in reversed(series)]
        layout = _base(palette) | _bar_layout(figure, palette)
    else:
        data = [_trace(one, palette) for one in series]
        layout = _base(palette) | {"polar": _polar(figure, palette)}
    return {"data": data, "layout": layout, "config": CONFIG}


def _trace(series: Series, palette: Palette) -> Figure:
    """A closed line: the first point again at the end. A category without a score has no point."""
    known = [place for place, value in enumerate(series.values) if value is not None]
    walk = [*known, *known[:1]]
    return _common(series, palette) | {
        "type": "scatterpolar",
        "mode": "lines+markers",
        "r": [_float(series.values[place]) for place in walk],
        "theta": [str(place + 1) for place in walk],
        "text": [escaped(series.hover[place]) for place in walk],
        "line": _stroke(series, palette),
        "fill": "toself" if series.kind == "now" else "none",
        "fillcolor": _wash(palette),
    }


def _bar(series: Series, axes: tuple[Axis, ...], palette: Palette) -> Figure:
    """Two categories: now as bars, the others as upright strokes."""
    placed = {
        "x": [_float(value) for value in series.values],
        "y": [str(place + 1) for place in range(len(axes))],
        "text": [escaped(text) for text in series.hover],
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
    return {"name": escaped(series.name), "hovertemplate": "%{text}<extra></extra>", "marker": marker}


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


def _base(palette: Palette) -> Figure:
    clear = "rgba(0,0,0,0)"
    return {
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "font": {"color": palette.ink, "size": 13, "family": "inherit"},
        "margin": {"l": 88, "r": 88, "t": 56, "b": 40},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0.5, "xanchor": "center", "y": -0.16, "font": {"size": 12}},
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
        "radialaxis": _scale(figure.marks, figure.top, palette) | {"angle": 90, "tickangle": 90},
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


def _scale(marks: tuple[Mark, ...], top: Fraction, palette: Palette) -> Figure:
    return {
        "range": [0, float(top)],
        "tickmode": "array",
        "tickvals": [float(mark.at) for mark in marks if mark.at],
        "ticktext": [escaped(mark.label) for mark in marks if mark.at],
        "tickfont": {"color": palette.ink_soft, "size": 11},
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "showline": False,
        "ticks": "",
    }


def _name(axis: Axis) -> str:
    """Broken to fit beside the dial; the number in bold below it."""
    broken = "<br>".join(escaped(line) for line in lines(axis.name, 88, 12, 3))
    return f"{broken}<br><b>{escaped(axis.label)}</b>"
