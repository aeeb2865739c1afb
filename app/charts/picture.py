"""What is to be drawn: numbers, and words that are already in the reader's language. No picture adds a word."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

SeriesKind = Literal["now", "previous", "target", "best", "next"]
LevelKind = Literal["level-0", "level-1", "level-2", "level-3", "level-4", "level-5", "level-6"]
KeyKind = Literal["now", "previous", "target", "best", "next", "water", "wood", "maybe", "line"] | LevelKind


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


@dataclass(frozen=True, slots=True)
class Tone:
    """An entry in the key of stacked bars: a level by its place in the palette, and what it is called."""

    tint: int
    name: str

    @property
    def kind(self) -> LevelKind:
        return f"level-{self.tint}"  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Piece:
    """What of a bar has one tone, by the tone's place in its figure; `hover` says it in words."""

    tone: int
    teams: int
    hover: str


@dataclass(frozen=True, slots=True)
class StackedBar:
    """A bar with its name and, at its end, what it comes to."""

    name: str
    label: str
    pieces: tuple[Piece, ...]

    @property
    def teams(self) -> int:
        return sum(piece.teams for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class StackedFigure:
    """Bars below each other. In `shares` each is as long as the others; else they are as long as they count teams."""

    bars: tuple[StackedBar, ...]
    tones: tuple[Tone, ...]
    shares: bool
    frame: Frame

    @property
    def key(self) -> tuple[KeyEntry, ...]:
        return tuple(KeyEntry(tone.kind, tone.name) for tone in self.tones)

    def whole(self, bar: StackedBar) -> int:
        """The teams that the whole width stands for; never 0."""
        most = bar.teams if self.shares else max((each.teams for each in self.bars), default=0)
        return most or 1
