"""Brings the catalogues of the other languages up to date with the texts of the code and of the templates.

`python -m tools.texts`, or `make texts`, collects the texts anew and says what is still to be translated. What is gone
from the code goes from the catalogue; a text that was reworded keeps its old translation, marked as fuzzy, until
somebody has looked at it.
"""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from app.web.language import LANGUAGES
from app.web.texts import catalogue_file

ROOT = Path(__file__).parents[1]
ENGLISH_ONLY = ("app/api/", "app/cli/", "app/db/")
"""For who writes programs and who runs the server."""
ERRORS = ("Invalid", "Missing", "NotAllowed", "Conflict", "TooMany", "UsedUp", "StillAtWork", "NoRoom", "Trouble")
TEXT_FIRST = (*ERRORS, "Untrue", "UnknownKey", "Sentence", "Refused", "refused")
KEYWORDS = {**DEFAULT_KEYWORDS, **dict.fromkeys(TEXT_FIRST), "AnswerUnfit": (2,)}
TEMPLATES = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def files() -> Iterator[tuple[str, str]]:
    """Where texts stand, by their names from the root, and how each is read."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(ENGLISH_ONLY):
            yield name, "python"
    for path in sorted((ROOT / "templates").rglob("*.*")):
        yield path.relative_to(ROOT).as_posix(), "jinja2"


def collected() -> Catalog:
    """Every text that people read, with the files that it stands in."""
    found = Catalog(charset="utf-8")
    for name, how in files():
        options = TEMPLATES if how == "jinja2" else {}
        for _line, text, _comments, context in extract_from_file(how, ROOT / name, KEYWORDS, options=options):
            found.add(text, None, [(name, 0)], context=context)
    return found


def catalogue(language: str) -> Catalog:
    """As it is in the repository; an empty one where there is none yet."""
    path = catalogue_file(language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def brought_up_to_date(language: str, texts: Catalog) -> Catalog:
    """The catalogue with these texts and no others, written where it belongs."""
    known = catalogue(language)
    known.update(texts)
    known.fuzzy = False
    path = catalogue_file(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        # No line numbers: they would change with every line of the code.
        write_po(
            file, known, width=120, omit_header=True, sort_by_file=True, ignore_obsolete=True, include_lineno=False
        )
    return known


def is_open(message: Message) -> bool:
    """Whether somebody still has to translate it."""
    words = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return bool(message.id) and (message.fuzzy or not all(words))


def main() -> None:
    texts = collected()
    for language in LANGUAGES[1:]:
        waiting = [message for message in brought_up_to_date(language, texts) if is_open(message)]
        print(f"{language}: {len(texts)} texts, {len(waiting)} to be translated")
        for message in waiting:
            print(f"  {message.locations[0][0]}: {message.id}")


if __name__ == "__main__":
    main()
