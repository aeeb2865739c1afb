"""The result as a page sees it: why the level is what it is, where each category stands, and what comes next."""

from dataclasses import dataclass
from fractions import Fraction

from app.charts.from_result import next_mark
from app.domain.advice import Step, level_up_actions, next_steps, open_questions, way
from app.domain.answers import MET, OPEN, Value
from app.domain.asked_once import GivenAbove
from app.domain.evidence import TwoReadings
from app.domain.results import LadderCategory, PointsCategory, Result
from app.domain.rubric import Action, Band, Category, Rubric, Statement
from app.domain.scoring import score
from app.queries.objections import ObjectionLine
from app.web.pictures import Picture, radar_of, radar_picture, staves_picture
from app.web.sheet import OpenSheet
from app.web.texts import Translated
from app.web.words import answer_word


@dataclass(frozen=True, slots=True)
class Given:
    """A statement with the words of its answer, and the reason where it does not apply.

    `above` is set where the answer is taken over; `objection` is the team's word against it.
    """

    statement: Statement
    category: Category
    value: Value | None
    word: str
    reason: str
    note: str
    above: GivenAbove | None = None
    objection: ObjectionLine | None = None

    @property
    def is_open(self) -> bool:
        """Nobody has answered it or knows: to be found out, not to be built."""
        return self.value in OPEN


@dataclass(frozen=True, slots=True)
class Rung:
    """How many of the statements that a level needs are met; `above` where a lower level is missing."""

    level: int
    met: int
    count: int
    above: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One category: its figures, and its statements by what they do. In points, `lacking` all with less than 1."""

    category: Category
    figures: LadderCategory | PointsCategory
    binds: bool
    rungs: tuple[Rung, ...]
    lacking: tuple[Given, ...]
    islands: tuple[Given, ...]
    met: tuple[Given, ...]

    @property
    def open(self) -> int:
        """How many of those that lack something nobody has answered or knows."""
        return sum(given.is_open for given in self.lacking)

    @property
    def stands_at(self) -> Fraction | int | None:
        """The index or score; None where nothing applies."""
        return self.figures.index if isinstance(self.figures, LadderCategory) else self.figures.score


@dataclass(frozen=True, slots=True)
class Advised:
    """A step with its statement and the words of its answer."""

    step: Step
    given: Given


@dataclass(frozen=True, slots=True)
class ResultPage:
    """`steps` come first, `later` after them; `find_out` are the open answers that could move the lower bound.

    `readings` is the result as claimed and with evidence, of an assessment's agreed sheet alone.
    """

    sheet: OpenSheet
    result: Result
    standings: tuple[Standing, ...]
    steps: tuple[Advised, ...]
    later: tuple[Given, ...]
    find_out: tuple[Given, ...]
    actions: tuple[Action, ...]
    not_applicable: tuple[Given, ...]
    staves: Picture
    radar: Picture
    ahead: Fraction | None
    readings: TwoReadings | None = None

    @property
    def rubric(self) -> Rubric:
        return self.sheet.rubric

    @property
    def answered(self) -> int:
        return sum(figures.answered for figures in self.result.categories)

    @property
    def index_high(self) -> Fraction:
        """The overall index of a ladder if all that is open turns out well."""
        return min(figures.index_high for figures in self.result.categories if isinstance(figures, LadderCategory))

    @property
    def missing(self) -> int:
        """How many statements the next level lacks in the categories that hold the level down."""
        return sum(len(figures.blockers) for figures in self._limiting)

    @property
    def opened(self) -> int:
        """How many of the missing ones are open: not answered, or not known."""
        return sum(len(figures.open_blockers) for figures in self._limiting)

    @property
    def _limiting(self) -> list[LadderCategory]:
        return [
            figures
            for figures in self.result.categories
            if isinstance(figures, LadderCategory) and figures.key in self.result.limiting
        ]

    @property
    def band(self) -> Band | None:
        """The band of the overall score."""
        name = getattr(self.result, "band", None)
        return next((band for band in self.rubric.bands if band.name == name), None)

    @property
    def next_band(self) -> Band | None:
        """The band after that; None in the last one, and for a ladder."""
        later = (band for band in self.rubric.bands if self.band and band.above > self.band.above)
        return min(later, key=lambda band: band.above, default=None)


def result_page(sheet: OpenSheet, translated: Translated, readings: TwoReadings | None = None) -> ResultPage:
    """Scores the sheet and says what follows from it."""
    rubric, values = sheet.rubric, sheet.values
    result = score(rubric, values)
    given = {key: given_answer(sheet, statement, translated) for key, statement in rubric.statements.items()}
    steps = next_steps(rubric, values, result) if values else ()
    shown = {step.statement for step in steps}
    questions = [question.statement for question in open_questions(rubric, values, result)]
    waves = way(rubric, values).waves
    later = [key for wave in waves for key in wave.statements if key not in shown and values.get(key) not in OPEN]
    standings = [_standing(category, figures, result, given) for category, figures in _pairs(rubric, result)]
    return ResultPage(
        sheet,
        result,
        tuple(sorted(standings, key=_shortest_first)),
        tuple(Advised(step, given[step.statement]) for step in steps if not step.find_out),
        tuple(given[key] for key in later),
        tuple(given[key] for key in questions),
        level_up_actions(rubric, result),
        tuple(one for one in given.values() if one.value is Value.NOT_APPLICABLE),
        staves_picture(rubric, result, translated, height=288),
        radar_picture(radar_of(rubric, result, translated)),
        next_mark(rubric, result),
        readings,
    )


def _pairs(rubric: Rubric, result: Result) -> list[tuple[Category, LadderCategory | PointsCategory]]:
    return list(zip(rubric.categories, result.categories, strict=True))


def _shortest_first(standing: Standing) -> tuple[bool, Fraction | int]:
    return (standing.stands_at is None, standing.stands_at or 0)


def given_answer(sheet: OpenSheet, statement: Statement, translated: Translated) -> Given:
    saved = sheet.counted.get(statement.key)
    value = saved.value if saved else None
    word = answer_word(sheet.rubric, statement, value, translated)
    if since := sheet.since(statement.key):
        word = translated.gettext("%(word)s, not confirmed since %(cycle)s") % {"word": word, "cycle": since}
    return Given(
        statement,
        sheet.rubric.category_of[statement.key],
        None if saved and saved.waits else value,
        word,
        saved.reason if saved else "",
        saved.note if saved else "",
        sheet.taken.get(statement.key),
        sheet.objection(statement.key),
    )


def _standing(
    category: Category, figures: LadderCategory | PointsCategory, result: Result, given: dict[str, Given]
) -> Standing:
    here = [given[statement.key] for statement in category.statements]
    binds = category.key in result.binding
    met = tuple(one for one in here if one.value in MET)
    if isinstance(figures, LadderCategory):
        lacking = tuple(given[key] for key in figures.blockers)
        islands = tuple(given[key] for key in figures.islands)
        return Standing(category, figures, binds, _rungs(here, figures), lacking, islands, met)
    return Standing(category, figures, binds, (), tuple(one for one in here if one.value not in MET), (), met)


def _rungs(here: list[Given], figures: LadderCategory) -> tuple[Rung, ...]:
    rungs = []
    for gate in sorted({one.statement.gate or 0 for one in here}):
        needed = [one for one in here if one.statement.gate == gate]
        rungs.append(Rung(gate, sum(one.value in MET for one in needed), len(needed), gate > figures.level + 1))
    return tuple(rungs)
