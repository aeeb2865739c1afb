"""The sheet as a page sees it: categories, their cards, their statements with the answers given so far."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.answers import MET, Value
from app.domain.asked_once import GivenAbove, with_taken
from app.domain.errors import Missing
from app.domain.evidence import Held
from app.domain.results import LadderCategory, PointsCategory, Result
from app.domain.rubric import AnswerWord, Category, Level, Rubric, Statement
from app.domain.scoring import score
from app.domain.sheets import NEVER_ANSWERED, SavedAnswer, values
from app.queries.cycles import CycleLine
from app.queries.objections import ObjectionLine
from app.queries.rubrics import RubricVersion
from app.queries.sheets import Pick, SheetLine
from app.web.bearing import Borne
from app.web.carried import Carried, carried_of
from app.web.evidence_seen import Given
from app.web.pictures import Picture, staves_picture
from app.web.texts import Translated
from app.web.words import answer_word


@dataclass(frozen=True, slots=True)
class OfTeam:
    """The team whose assessment a sheet is part of; `system` is the ML system that it is of, `cycle` its round."""

    id: int
    name: str
    assessment_id: int = 0
    system: str = ""
    cycle: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredFor:
    """For what part of the organisation a sheet is that holds only what is asked once; `unit` is empty for all of it.

    `path` is where it is, as rights take it; `ladder`: teams stand on levels by it.
    `objections` are those of teams below, as far as the reader settles them.
    """

    cycle: CycleLine
    unit_id: int | None
    unit: str
    path: str
    ladder: bool
    objections: Sequence[ObjectionLine] = ()


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A sheet that somebody works on: its line, its rubric, and what is saved.

    `home` is the path that its pages begin with, `link` the whole address to keep. What is `read_only` has one page
    with all answers in place of the sheet to fill in. `person` is who is signed in: nothing is saved for another one.
    `evidence` is what its reader may see of it; None where a sheet has none.
    One that is `live` is answered by several at once, and asks what the others do; `threads` counts what is still
    talked about, by statement.
    `cycles` names the cycles that answers may be carried from; `borne` are results that bear on a statement, by key.
    `answers` are the sheet's own; what the team takes over from above is `taken`, with the team's `objections` to it,
    and the reader who `objects` may add one; `given_evidence` is what stands above beside that, by statement.
    `answered_for` is set where the sheet is such an answer from above itself.
    """

    line: SheetLine
    rubric_version: RubricVersion
    answers: Mapping[str, SavedAnswer]
    home: str
    link: str
    read_only: bool = False
    of_team: OfTeam | None = None
    person: int | None = None
    evidence: Held | None = None
    live: bool = False
    threads: Mapping[str, int] = field(default_factory=dict)
    cycles: Mapping[int, str] = field(default_factory=dict)
    borne: Mapping[str, Sequence[Borne]] = field(default_factory=dict)
    taken: Mapping[str, GivenAbove] = field(default_factory=dict)
    objections: Mapping[str, ObjectionLine] = field(default_factory=dict)
    objects: bool = False
    answered_for: AnsweredFor | None = None
    given_evidence: Mapping[str, Sequence[Given]] = field(default_factory=dict)

    @property
    def rubric(self) -> Rubric:
        return self.rubric_version.rubric

    @property
    def values(self) -> dict[str, Value]:
        """The values alone, as scoring takes them."""
        return values(self.counted)

    @property
    def counted(self) -> dict[str, SavedAnswer]:
        """Every answer that counts, the sheet's own and those taken over."""
        return with_taken(self.answers, self.taken)

    def changed_since(self, version: int) -> dict[str, SavedAnswer]:
        """The answers that were changed after a version of the sheet, as far as the page has fields for them."""
        return {
            key: answer for key, answer in self.answers.items() if answer.version > version and key not in self.taken
        }

    def objection(self, statement: str) -> ObjectionLine | None:
        """The team's objection, as long as it is about what is taken over now."""
        found = self.objections.get(statement)
        return found if found and found.stands(self.taken.get(statement)) else None

    def since(self, statement: str) -> str:
        """The cycle since which nobody confirmed the answer; empty where it is one of the present cycle."""
        above = self.taken.get(statement)
        answer = above.answer if above else self.answers.get(statement, NEVER_ANSWERED)
        return self.cycles.get(answer.carried_from or 0, "") if answer.waits else ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A refused form, so that the page comes back with what was typed, what is wrong, and what stands there instead.

    `fields` are the form's own names and texts; `problems` and `theirs` go by statement.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, SavedAnswer] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StatementView:
    """One statement with its three words and what is given so far; `problem` says why it was not saved.

    `since` names the cycle that a carried answer was last confirmed in; `look_again`: its statement was changed since.
    `above` is set where it is not asked, but taken over; `objection` is the team's word against that.
    """

    statement: Statement
    words: tuple[AnswerWord, ...]
    value: str
    reason: str
    note: str
    problem: str
    word: str
    theirs: SavedAnswer | None
    theirs_word: str
    since: str = ""
    look_again: bool = False
    above: GivenAbove | None = None
    objection: ObjectionLine | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One level of one category: its statements as they read at that level."""

    level: Level
    texts: tuple[str, ...]
    picked: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """The statements of one category with the same gate; a points rubric has a single rung, with gate 0.

    `deciding` is the rung that the level waits for; those `passed` are met.
    """

    gate: int
    views: tuple[StatementView, ...]
    met: int
    answered: int
    deciding: bool
    passed: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One category of the sheet. `pick` is the pick that can be undone."""

    category: Category
    position: int
    standing: LadderCategory | PointsCategory
    current: bool
    cards: tuple[Card, ...]
    rungs: tuple[Rung, ...]
    pick: Pick | None
    following: Category | None

    @property
    def waiting(self) -> int:
        """How many carried answers nobody has confirmed; those from above are not confirmed here."""
        return sum(bool(view.since) and not view.above for rung in self.rungs for view in rung.views)


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The whole sheet: every section is in the document, the current one is shown.

    `missing` is the first category that is not complete; None when all are.
    """

    sheet: OpenSheet
    result: Result
    sections: tuple[Section, ...]
    missing: Category | None
    typed: Typed
    staves: Picture
    carried: Carried | None = None

    @property
    def rubric(self) -> Rubric:
        return self.sheet.rubric

    @property
    def current(self) -> Section:
        return next(section for section in self.sections if section.current)

    @property
    def needed(self) -> int:
        return sum(standing.needed for standing in self.result.categories)

    @property
    def needed_answered(self) -> int:
        return sum(standing.needed_answered for standing in self.result.categories)


NOTHING_TYPED = Typed()


def sheet_page(
    sheet: OpenSheet,
    picks: Mapping[str, Pick],
    translated: Translated,
    current: str | None = None,
    typed: Typed = NOTHING_TYPED,
    filled: Container[str] | None = None,
) -> SheetPage:
    """The page that shows `current`, or the first category that is not complete. Raises Missing for an unknown one.

    `filled` are the categories whose cards and statements are wanted; None is all of them.
    """
    rubric = sheet.rubric
    if current is not None and current not in rubric.category_by_key:
        raise Missing("This rubric has no such category.")
    result = score(rubric, sheet.values)
    standings = {standing.key: standing for standing in result.categories}
    missing = next((category for category in rubric.categories if not standings[category.key].complete), None)
    shown = current or (missing or rubric.categories[0]).key
    whole = rubric.category_by_key if filled is None else filled
    sections = tuple(
        Section(
            category,
            position,
            standings[category.key],
            category.key == shown,
            cards(rubric, category, picks.get(category.key)) if category.key in whole else (),
            rungs(sheet, category, standings[category.key], typed, translated) if category.key in whole else (),
            picks.get(category.key),
            rubric.categories[position] if position < len(rubric.categories) else None,
        )
        for position, category in enumerate(rubric.categories, start=1)
    )
    staves = staves_picture(rubric, result, translated, height=150)
    return SheetPage(sheet, result, sections, missing, typed, staves, carried_of(rubric, sheet.counted))


def statement_view(sheet: OpenSheet, statement: Statement, typed: Typed, translated: Translated) -> StatementView:
    """What was typed goes before what is saved."""
    key, above = statement.key, sheet.taken.get(statement.key)
    saved = above.answer if above else sheet.answers.get(key, NEVER_ANSWERED)
    value = saved.value or "" if above else typed.fields.get(key, saved.value or "")
    theirs = typed.theirs.get(key)
    return StatementView(
        statement,
        sheet.rubric.words(statement),
        value,
        typed.fields.get(f"{key}.reason", saved.reason),
        typed.fields.get(f"{key}.note", saved.note),
        typed.problems.get(key, ""),
        answer_word(sheet.rubric, statement, value, translated),
        theirs,
        answer_word(sheet.rubric, statement, theirs.value if theirs else None, translated),
        sheet.since(key),
        saved.look_again,
        above,
        sheet.objection(key),
    )


def cards(rubric: Rubric, category: Category, pick: Pick | None) -> tuple[Card, ...]:
    """The level cards; a level for which the category has no statement is described by the level's summary."""
    picked = pick.level if pick else None
    return tuple(
        Card(
            level,
            tuple(statement.text for statement in category.statements if statement.level == level.level)
            or (level.summary,),
            picked == level.level,
        )
        for level in rubric.levels
    )


def rungs(
    sheet: OpenSheet,
    category: Category,
    standing: LadderCategory | PointsCategory,
    typed: Typed,
    translated: Translated,
) -> tuple[Rung, ...]:
    """The category's statements by gate, lowest first, in the rubric's order within a gate."""
    level = standing.level if isinstance(standing, LadderCategory) else -1
    by_gate: dict[int, list[StatementView]] = {}
    for statement in category.statements:
        by_gate.setdefault(statement.gate or 0, []).append(statement_view(sheet, statement, typed, translated))
    return tuple(
        Rung(
            gate,
            tuple(here),
            sum(view.value in MET and not view.since for view in here),
            sum(bool(view.value) and not view.since for view in here),
            deciding=gate == level + 1,
            passed=gate <= level,
        )
        for gate, here in sorted(by_gate.items())
    )
