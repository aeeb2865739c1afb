"""The shapes of a rubric file: which keys stand where, of what type, how long (docs/rubric-format.md).

The two kinds differ in a few keys; a key of the other kind is refused with the name of the kind that it belongs to.
"""

from collections.abc import Mapping
from typing import get_args

from app.domain.rubric import Criterion, Effort, Kind, StatementKind, Subject, Unit
from app.domain.shape import Exactly, ListOf, Named, Number, OneOf, Record, Shape, Slug, Text, Whole
from app.domain.translations import MOST_LANGUAGES, TAG, TEXTS

FORMAT = 1
HIGHEST_LEVEL = 6
CATEGORIES = (2, 12)
MOST_STATEMENTS = 60

SLUG = Slug()
NAME = Text(80)
TITLE = Text(120)
LINE = Text(200)
LONG = Text(600, lines=True)
REFERENCES = ListOf(SLUG, distinct=True)

LADDER_KEY = "it is for a ladder, and this rubric is of kind points"
POINTS_KEY = "it is for a rubric of kind points, and this one is a ladder"

SOURCE = Record({"work": LINE, "author": LINE, "publisher": LINE, "year": Whole(1000, 9999)})
WORD = Record({"value": Number(), "name": NAME}, {"hint": LINE})
ANSWERS = ListOf(WORD, 3, 3)
ACTION = Record({"key": SLUG, "text": LINE, "categories": REFERENCES})
LEVEL = Record(
    {
        "level": Whole(0, HIGHEST_LEVEL),
        "name": NAME,
        "summary": LONG,
        "focus": LONG,
        "outcome": LONG,
        "actions": ListOf(ACTION),
    }
)
BAND = Record({"above": Number(), "name": NAME, "summary": LONG})
STORY = Record({"text": LONG, "source": LINE, "statements": REFERENCES})
BEARING = Record({"rubric": SLUG, "category": SLUG, "statements": REFERENCES})

STATEMENT: Mapping[str, Shape] = {"key": SLUG, "text": LINE, "do": LONG, "proof": LONG}
STATEMENT_OF_LADDER: Mapping[str, Shape] = {
    "kind": OneOf(tuple(StatementKind)),
    "level": Whole(0, HIGHEST_LEVEL),
    "gate": Whole(1, HIGHEST_LEVEL),
}
STATEMENT_OPTIONAL: Mapping[str, Shape] = {
    "help": LONG,
    "enough": LONG,
    "not_enough": LONG,
    "asked": OneOf(("organisation",)),
    "effort": OneOf(tuple(Effort)),
    "needs": REFERENCES,
    "criteria": ListOf(OneOf(get_args(Criterion)), distinct=True),
}


CATEGORY: Mapping[str, Shape] = {"key": SLUG, "name": NAME, "question": LINE}


def categories(statement: Record) -> Shape:
    return ListOf(Record({**CATEGORY, "statements": ListOf(statement, 1, MOST_STATEMENTS)}), *CATEGORIES)


BEGINNING: Mapping[str, Shape] = {
    "format": Exactly(FORMAT, "the only version of the format there is"),
    "key": SLUG,
    "title": TITLE,
    "kind": OneOf(tuple(Kind)),
    "summary": LONG,
    "minutes": Whole(1, 600),
    "subject": OneOf(tuple(Subject)),
    "source": SOURCE,
    "answers": ANSWERS,
}

WRITTEN: Mapping[str, Mapping[str, Shape]] = {
    "": BEGINNING,
    "answers": {**WORD.required, **WORD.optional},
    "gap_answers": {**WORD.required, **WORD.optional},
    "levels": LEVEL.required,
    "actions": ACTION.required,
    "bands": BAND.required,
    "categories": CATEGORY,
    "statements": {**STATEMENT, **STATEMENT_OPTIONAL},
    "stories": STORY.required,
}
"""Where the texts that can be translated stand; a translation is held to the limits of its original."""
TRANSLATED: Mapping[str, Mapping[str, Shape]] = {
    section: {name: WRITTEN[section][name] for name in names} for section, names in TEXTS.items()
}
TRANSLATION: Mapping[str, Shape] = {
    **TRANSLATED[""],
    **{section: Named(Record({}, texts)) for section, texts in TRANSLATED.items() if section},
}
LANGUAGE = "a language such as de or pt-br, in small letters"
TRANSLATIONS = Named(Record({}, TRANSLATION), TAG, LANGUAGE, MOST_LANGUAGES)
TRANSLATION_FILE = Record(
    {"format": Exactly(FORMAT, "the only version of the format there is"), "rubric": SLUG, "language": LINE},
    TRANSLATION,
)

OPTIONAL: Mapping[str, Shape] = {
    "stories": ListOf(STORY),
    "bears_on": ListOf(BEARING),
    "translations": TRANSLATIONS,
}

LADDER = Record(
    {
        **BEGINNING,
        "gap_answers": ANSWERS,
        "levels": ListOf(LEVEL, 3, HIGHEST_LEVEL + 1),
        "categories": categories(Record({**STATEMENT, **STATEMENT_OF_LADDER}, STATEMENT_OPTIONAL)),
    },
    OPTIONAL,
    {"bands": POINTS_KEY, "unit": POINTS_KEY},
)
POINTS = Record(
    {
        **BEGINNING,
        "bands": ListOf(BAND, 1),
        "unit": OneOf(tuple(Unit)),
        "categories": categories(Record(STATEMENT, STATEMENT_OPTIONAL, dict.fromkeys(STATEMENT_OF_LADDER, LADDER_KEY))),
    },
    OPTIONAL,
    {"levels": LADDER_KEY, "gap_answers": LADDER_KEY},
)


def shape_of(data: Mapping[str, object]) -> Record:
    """The shape to check a file against; where `kind` does not say, its other keys do."""
    kind = data.get("kind")
    if kind not in tuple(Kind):
        kind = Kind.POINTS if "bands" in data or "unit" in data else Kind.LADDER
    return LADDER if kind == Kind.LADDER else POINTS
