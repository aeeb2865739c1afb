"""Stacked bars for Plotly, as plain dictionaries."""

from app.charts.figures import CONFIG, Figure, Theme, base, plain
from app.charts.picture import StackedBar, StackedFigure, Tone
from app.charts.style import DARK, LIGHT, Palette
from app.charts.text import lines

_ROW = 52
_KEY = 60
_SIDE = 150


def stacked_figure(figure: StackedFigure, theme: Theme) -> Figure:
    """`data`, `layout` and `config` for Plotly.newPlot: a trace for each tone, a bar for each row."""
    palette = LIGHT if theme == "light" else DARK
    places = [str(place + 1) for place in range(len(figure.bars))]
    layout = base(palette) | {
        "barmode": "stack",
        "bargap": 0.4,
        "height": _ROW * len(figure.bars) + _KEY,
        "margin": {"l": 8, "r": 8, "t": 4, "b": _KEY - 12},
        # A number that does not fit into its piece is left out there; the hover and the table have it.
        "uniformtext": {"minsize": 11, "mode": "hide"},
        "xaxis": {"visible": False, "fixedrange": True, "range": [0, max(map(figure.whole, figure.bars), default=1)]},
        "yaxis": {
            "type": "category",
            "autorange": "reversed",
            "fixedrange": True,
            "categoryorder": "array",
            "categoryarray": places,
            "tickmode": "array",
            "tickvals": places,
            "ticktext": [_name(bar) for bar in figure.bars],
            "automargin": True,
            "ticks": "outside",
            "ticklen": 6,
            "tickcolor": "rgba(0,0,0,0)",
        },
    }
    if figure.shares:
        layout["xaxis"]["range"] = [0, 1]
    data = [_trace(figure, place, tone, places, palette) for place, tone in enumerate(figure.tones)]
    return {"data": data, "layout": layout, "config": CONFIG}


def _trace(figure: StackedFigure, place: int, tone: Tone, places: list[str], palette: Palette) -> Figure:
    found = [next((piece for piece in bar.pieces if piece.tone == place), None) for bar in figure.bars]
    long = [
        (piece.teams / figure.whole(bar) if figure.shares else piece.teams) if piece else 0
        for bar, piece in zip(figure.bars, found, strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(tone.name),
        "x": [round(each, 6) for each in long],
        "y": places,
        "text": [str(piece.teams) if piece and piece.teams else "" for piece in found],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": palette.inks[tone.tint], "size": 12},
        "hovertext": [plain(piece.hover) if piece else "" for piece in found],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "color": palette.levels[tone.tint],
            "line": {"color": palette.ink_faint, "width": 0.75 if tone.tint == 0 else 0},
        },
    }


def _name(bar: StackedBar) -> str:
    named = "<br>".join(plain(line) for line in lines(bar.name, _SIDE, 12, 2))
    return f"{named}<br>{plain(bar.label)}"
