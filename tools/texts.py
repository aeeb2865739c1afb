"""Brings the catalogues of the other languages up to date with the texts of the code and of the templates.

`python -m tools.texts` collects the texts anew and says what is still to be translated. What is gone from the code
goes from the catalogue; where a text was reworded, the old translation is kept beside it, marked as fuzzy.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.web.language import LANGUAGES
from app.web.texts import catalogue_file

ROOT = Path(__file__).parents[1]
WHERE = [("app/**.py", "python"), ("templates/**", "jinja2")]
HOW = {"templates/**": {"trimmed": "true", "newstyle_gettext": "true"}}
# The first argument of each is a text, but for an answer that is unfit, which names its statement before.
SAID = ("Sentence", "Invalid", "Missing", "NotAllowed", "Conflict", "TooMany", "Trouble", "Untrue", "UnknownKey")
OTHERS = {"UsedUp": None, "StillAtWork": None, "NoRoom": None, "Refused": None, "refused": None, "AnswerUnfit": (2,)}
KEYWORDS = {**DEFAULT_KEYWORDS, **dict.fromkeys(SAID), **OTHERS}


def collected(root: Path = ROOT) -> Catalog:
    """Every text that people read, with the files that it stands in."""
    catalogue = Catalog(charset="utf-8")
    ours = [path for path in ("app", "templates") if (root / path).is_dir()]
    for folder in ours:
        for name, _line, text, comments, context in extract_from_dir(
            root / folder, [(pattern.partition("/")[2], how) for pattern, how in WHERE if pattern.startswith(folder)],
            {pattern.partition("/")[2]: options for pattern, options in HOW.items() if pattern.startswith(folder)},
            keywords=KEYWORDS,
        ):  # fmt: skip
            catalogue.add(text, None, [(f"{folder}/{name}", None)], auto_comments=comments, context=context)
    return catalogue
