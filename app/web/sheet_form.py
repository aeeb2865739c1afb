"""What a sheet's form asks for, whether a browser sent it whole or the script sent one answer of it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.answers import Value
from app.domain.errors import Conflict, Invalid, NotAllowed
from app.domain.rubric import Rubric
from app.domain.sheets import UNSET, Change

NAMES = frozenset(
    {"sheet", "person", "category", "base", "mutation", "client", "go", "pick", "undo", "clear", "confirm"}
)
PARTS = ("", "reason", "note")
WHOLE = re.compile(r"\d{1,15}")
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Asked:
    """`base` is the version of the sheet that the reader had seen. `pick` is a category and a level, `undo` a category
    and the version that its pick made, `confirm` statements with carried answers. A browser without script has no
    `mutation`, and no `client`: two of them are never taken for the same one."""

    fields: Mapping[str, str]
    changes: Mapping[str, Change]
    category: str
    base: int
    mutation: str | None
    client: str | None
    go: str
    pick: tuple[str, int] | None
    undo: tuple[str, int] | None
    confirm: tuple[str, ...] = ()


def read_form(rubric: Rubric, sheet_id: int, form: Iterable[tuple[str, str]], person: int | None = None) -> Asked:
    """Raises Invalid for what no page of ours sends, Conflict for the answers of another sheet, and NotAllowed for
    those of another person, whose page was left open in this browser."""
    fields = {name: text.replace("\r\n", "\n") for name, text in form}
    if fields.get("sheet") != str(sheet_id):
        raise Conflict("These answers belong to another sheet. Reload the page and answer again.")
    if fields.get("person", "") != ("" if person is None else str(person)):
        raise NotAllowed("These answers were given by somebody else who was signed in here. They wait for that person.")
    for name in fields:
        if name not in NAMES and not _belongs(rubric, name):
            raise Invalid(
                "This rubric has no statement “%(statement)s”. Reload the page and answer again.", statement=name[:80]
            )
    return Asked(
        fields,
        _changes(rubric, fields),
        _category(rubric, fields.get("category") or rubric.categories[0].key),
        _whole(fields.get("base", ""), "base"),
        _id(fields.get("mutation", "")),
        _id(fields.get("client", "")),
        fields.get("go", ""),
        _numbered(rubric, fields.get("pick")),
        _numbered(rubric, fields.get("undo")),
        _confirmed(rubric, fields.get("confirm")),
    )


def _belongs(rubric: Rubric, name: str) -> bool:
    key, _, part = name.partition(".")
    return key in rubric.statements and part in PARTS


def _changes(rubric: Rubric, fields: Mapping[str, str]) -> dict[str, Change]:
    """What the form sets. A part that was not sent stays as it is; an answer that is taken back is sent empty."""
    changes = {}
    for key in rubric.statements:
        value = "" if fields.get("clear") == key else fields.get(key)
        note = fields.get(f"{key}.note")
        if value is None and note is None:
            continue
        given = UNSET if value is None else _value(value)
        reason = fields.get(f"{key}.reason", "").strip() if given is Value.NOT_APPLICABLE else ""
        changes[key] = Change(given, UNSET if value is None else reason, UNSET if note is None else note.strip())
    return changes


def _value(text: str) -> Value | None:
    try:
        return Value(text) if text else None
    except ValueError:
        raise Invalid(
            "“%(text)s” is not one of the answers 0, 0.5, 1, unknown and not_applicable.", text=text[:40]
        ) from None


def _whole(text: str, name: str) -> int:
    if not WHOLE.fullmatch(text):
        raise Invalid("“%(statement)s” must be a whole number. Reload the page and answer again.", statement=name)
    return int(text)


def _id(text: str) -> str | None:
    if text and not ID.fullmatch(text):
        raise Invalid("The id of a save is 32 hexadecimal digits. Reload the page and answer again.")
    return text or None


def _category(rubric: Rubric, key: str) -> str:
    if key not in rubric.category_by_key:
        raise Invalid(
            "This rubric has no category “%(category)s”. Reload the page and answer again.", category=key[:80]
        )
    return key


def _confirmed(rubric: Rubric, text: str | None) -> tuple[str, ...]:
    """The statements that a button confirms: those of a category, or one of them, as in governance.owners-named."""
    if text is None:
        return ()
    key, dot, statement = text.partition(".")
    here = tuple(each.key for each in rubric.category_by_key[_category(rubric, key)].statements)
    if dot and statement not in here:
        raise Invalid(
            "This rubric has no statement “%(statement)s”. Reload the page and answer again.", statement=statement[:80]
        )
    return (statement,) if dot else here


def _numbered(rubric: Rubric, text: str | None) -> tuple[str, int] | None:
    """A category and a number, as the buttons of picks carry them: governance.2."""
    if text is None:
        return None
    key, _, number = text.partition(".")
    return _category(rubric, key), _whole(number, "level")
