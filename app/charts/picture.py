"""What is to be drawn: numbers, and words that are already in the reader's language. No picture adds a word."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

SeriesKind = Literal["now", "previous", "target", "best", "next"]
KeyKind = Literal["now", "previous", "target", "best", "next", "water", "wood", "maybe", "line"]


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the scale: a level, or where a band begins."""

    at: Fraction
    label: str


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What one kind of line or area means."""

    kind: KeyKind
    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around a picture. `label` is the whole finding in a sentence, for those who do not see the picture;
    `title` and `source` stand above and below a file, and are not drawn in a page, which has its own."""

    label: str
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Stave:
    """One category. `index` is None where it has no score; `index_high` is what open answers could make of it.

    `label` and `label_high` are the same two numbers as they are written; no `label_high` where nothing is open.
    """

    name: str
    index: Fraction | None
    index_high: Fraction | None
    binds: bool
    label: str
    label_high: str = ""


@dataclass(frozen=True, slots=True)
class StavesFigure:
    """2 to 12 staves on a scale from 0 to `top`. The water stands at the shortest; None where there is no score."""

    staves: tuple[Stave, ...]
    top: Fraction
    water: Fraction | None
    marks: tuple[Mark, ...]
    frame: Frame
    key: tuple[KeyEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """One category of a radar with its number as it is written."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Series:
    """One value and one hover text for each axis, the value None where it has none; `name` is its entry in the key."""

    kind: SeriesKind
    name: str
    values: tuple[Fraction | None, ...]
    hover: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RadarFigure:
    """2 to 12 axes on a scale from 0 to `top`. `marks` are the rings, `series` is drawn in the order of its kinds."""

    axes: tuple[Axis, ...]
    marks: tuple[Mark, ...]
    top: Fraction
    series: tuple[Series, ...]
    frame: Frame

    @property
    def key(self) -> tuple[KeyEntry, ...]:
        return tuple(KeyEntry(series.kind, series.name) for series in self.series)


@dataclass(frozen=True, slots=True)
class TrendLine:
    """One category over time: a value and a hover text for each moment, the value None where it has none."""

    name: str
    values: tuple[Fraction | None, ...]
    hover: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrendFigure:
    """Moments from left to right, by their names, on a scale from 0 to `top`."""

    moments: tuple[str, ...]
    lines: tuple[TrendLine, ...]
    marks: tuple[Mark, ...]
    top: Fraction
