"""Figures to draw in tests: any number of categories, names nobody would choose."""

from fractions import Fraction

from app.charts.picture import Axis, Frame, KeyEntry, Mark, RadarFigure, Series, Stave, StavesFigure

HOSTILE = (
    "<script>alert('x')</script> & \"quotes\"",
    "Reproducibility of data, models, compute and environments in every project we run",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "שלום עולם של למידת מכונה",
    "👩‍🔬 research 😀 laboratory",
    "数据治理与模型运营成熟度评估数据治理与模型运营成熟度评估",
    "]]><!--",
    "&amp; &lt;",
    "Line\nbreak\ttab",
    "control \x01 and \ud800 lone",
    "x",
    "Model versioning and registry",
)
TOP = Fraction(4)
COUNTS = range(2, 13)


def values(count: int) -> tuple[Fraction, ...]:
    """From 1/2 up in steps of 1/4: all different, none above the top."""
    return tuple(Fraction(2 + place, 4) for place in range(count))


def highs(count: int) -> tuple[Fraction, ...]:
    return tuple(value + (Fraction(1, 2) if place % 2 else 0) for place, value in enumerate(values(count)))


def marks() -> tuple[Mark, ...]:
    return tuple(Mark(Fraction(level), str(level)) for level in range(5))


def frame() -> Frame:
    return Frame(f"All of it: {HOSTILE[0]}", f"Level 0, because of {HOSTILE[0]}", "After a report, 2020")


def staves_figure(count: int) -> StavesFigure:
    staves = tuple(
        Stave(HOSTILE[place], low, high, place == 0, f"{float(low):.1f}", f"{float(high):.1f}" if high > low else "")
        for place, (low, high) in enumerate(zip(values(count), highs(count), strict=True))
    )
    key = (KeyEntry("water", "counts"), KeyEntry("wood", "in place"), KeyEntry("maybe", "open"))
    return StavesFigure(staves, TOP, Fraction(1, 2), marks(), frame(), key)


def radar_figure(count: int) -> RadarFigure:
    axes = tuple(Axis(HOSTILE[place], "1.0–2.5") for place in range(count))
    hover = HOSTILE[:count]
    series = (
        Series("now", "now", values(count), hover),
        Series("best", "best possible", highs(count), hover),
        Series("next", "next level", (Fraction(1),) * count, hover),
        Series("previous", "<b>spring</b>", (Fraction(1, 4),) * count, hover),
        Series("target", "target", (Fraction(3),) * count, hover),
    )
    return RadarFigure(axes, marks(), TOP, series, frame())
