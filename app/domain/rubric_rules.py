"""What must hold between the parts of a rubric file, once each part has its shape.

Every rule takes what could be read and passes over what could not, so that all problems of a file are found at once.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from typing import Any

from app.domain.errors import Sentence
from app.domain.rubric import Rubric
from app.domain.shape import listing, meant, records
from app.domain.translated import sections
from app.domain.yaml_file import UNREAD, Path, YamlFile

Record = dict[str, Any]
WORTH = [Fraction(0), Fraction(1, 2), Fraction(1)]
FIRST_ABOVE = -1
MOST_CIRCLES = 10


def check_rules(file: YamlFile, data: Record, other: Callable[[str], Rubric | None]) -> None:
    """Note every broken rule. `other` knows the rubrics that `bears_on` may name; None for one it does not know."""
    check_unique(file, "category", each_category(data))
    check_unique(file, "statement", each_statement(data))
    check_unique(file, "action", each_action(data))
    for name in ("answers", "gap_answers"):
        check_answers(file, (name,), data.get(name))
    check_levels(file, data)
    check_bands(file, data)
    check_gates(file, data)
    check_needs(file, data)
    check_references(file, data, other)
    for language, translation in (data.get("translations") or {}).items():
        check_translation(file, ("translations", language), translation, file.data)


def each_category(data: Record) -> Iterator[tuple[Path, Record]]:
    return ((("categories", place), category) for place, category in records(data.get("categories")))


def each_statement(data: Record) -> Iterator[tuple[Path, Record]]:
    for path, category in each_category(data):
        for place, statement in records(category.get("statements")):
            yield (*path, "statements", place), statement


def each_action(data: Record) -> Iterator[tuple[Path, Record]]:
    for place, level in records(data.get("levels")):
        for number, action in records(level.get("actions")):
            yield ("levels", place, "actions", number), action


def check_unique(file: YamlFile, noun: str, keyed: Iterator[tuple[Path, Record]]) -> None:
    first: dict[str, Path] = {}
    for path, each in keyed:
        key = each.get("key")
        if key in first:
            line = file.on_line((*first[key], "key"), ", on line ")
            file.found((*path, "key"), f"is the key of another {noun} already{line}.")
        elif key is not None:
            first[key] = path


def check_answers(file: YamlFile, path: Path, answers: Any) -> None:
    values = [answer.get("value") for _, answer in records(answers)]
    if len(values) == len(answers or ()) == len(WORTH) and None not in values and values != WORTH:
        file.found(path, Sentence("must be worth 0, 0.5 and 1, in this order."))


def check_levels(file: YamlFile, data: Record) -> None:
    for place, level in records(data.get("levels")):
        if level.get("level", place) != place:
            given = level["level"]
            wrong = Sentence("is %(given)s, where level %(level)s should stand.", given=given, level=place)
            file.found(("levels", place, "level"), wrong)


def check_bands(file: YamlFile, data: Record) -> None:
    before = None
    for place, band in records(data.get("bands")):
        above = band.get("above")
        path: Path = ("bands", place, "above")
        if place == 0 and above not in (None, FIRST_ABOVE):
            file.found(
                path,
                Sentence(
                    "must be %(first)s in the first band, so that it takes a score of exactly 0.", first=FIRST_ABOVE
                ),
            )
        elif above is not None and before is not None and above <= before:
            file.found(path, Sentence("must be greater than in the band before."))
        before = above if above is not None else before


def check_gates(file: YamlFile, data: Record) -> None:
    top = len(data.get("levels") or ()) - 1
    if top < 1:
        return
    for path, statement in each_statement(data):
        check_gate(file, path, statement, top)
    for path, category in each_category(data):
        check_every_gate(file, path, category, top)


def check_gate(file: YamlFile, path: Path, statement: Record, top: int) -> None:
    kind, level, gate = (statement.get(name) for name in ("kind", "level", "gate"))
    beyond = [name for name in ("level", "gate") if statement.get(name, 0) > top]
    for name in beyond:
        file.found((*path, name), Sentence("is %(given)s; the top level is %(top)s.", given=statement[name], top=top))
    if beyond or level is None or gate is None:
        return
    if kind == "practice" and gate != level:
        file.found(
            (*path, "gate"),
            Sentence("is %(gate)s; the gate of a practice is its level, %(level)s.", gate=gate, level=level),
        )
    if kind == "gap" and gate <= level:
        file.found(
            (*path, "gate"),
            Sentence("is %(gate)s; the gate of a gap is above its level, %(level)s.", gate=gate, level=level),
        )


def check_every_gate(file: YamlFile, path: Path, category: Record, top: int) -> None:
    statements = category.get("statements") or []
    gates = {statement.get("gate") for _, statement in records(statements)}
    if not statements or UNREAD in statements or None in gates:
        return
    absent = [str(gate) for gate in range(1, top + 1) if gate not in gates]
    if absent:
        file.found(
            (*path, "statements"), Sentence("has no statement with gate %(gates)s.", gates=listing(tuple(absent)))
        )


def check_needs(file: YamlFile, data: Record) -> None:
    places = {each["key"]: (path, each) for path, each in reversed([*each_statement(data)]) if "key" in each}
    for path, statement in each_statement(data):
        for place, need in enumerate(statement.get("needs") or ()):
            if need is not UNREAD:
                check_need(file, (*path, "needs", place), statement, need, places)
    check_circles(file, places)


def check_need(
    file: YamlFile, path: Path, statement: Record, need: str, places: Mapping[str, tuple[Path, Record]]
) -> None:
    if need not in places:
        file.found(path, f'names no statement of this rubric, "{need}"{meant(need, tuple(places))}')
        return
    gate, theirs = statement.get("gate"), places[need][1].get("gate")
    if gate is not None and theirs is not None and theirs > gate:
        file.found(
            path,
            Sentence(
                'names "%(name)s" with gate %(theirs)s; what comes first has a gate of %(gate)s at most.',
                name=need,
                theirs=theirs,
                gate=gate,
            ),
        )


def check_circles(file: YamlFile, places: Mapping[str, tuple[Path, Record]]) -> None:
    """One problem for each of the first circles; each is opened at the statement named, to find the next one."""
    needs = {key: {need for need in each.get("needs") or () if need in places} for key, (_, each) in places.items()}
    for _ in range(MOST_CIRCLES):
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            names = circle[::-1] if len(circle) < 6 else [*circle[:-4:-1], "…", circle[0]]
            round_again = Sentence("leads round in a circle: %(names)s.", names=" → ".join(names))
            file.found((*places[circle[1]][0], "needs"), round_again)
            needs[circle[1]].discard(circle[0])
        else:
            return


def check_references(file: YamlFile, data: Record, other: Callable[[str], Rubric | None]) -> None:
    categories = {each["key"]: each for _, each in each_category(data) if "key" in each}
    statements = {each["key"]: each for _, each in each_statement(data) if "key" in each}
    for path, action in each_action(data):
        check_known(file, (*path, "categories"), action.get("categories"), "category of this rubric", categories)
    for place, story in records(data.get("stories")):
        path = ("stories", place, "statements")
        check_known(file, path, story.get("statements"), "statement of this rubric", statements)
    for place, bearing in records(data.get("bears_on")):
        path = ("bears_on", place)
        category = bearing.get("category")
        check_known(file, (*path, "category"), category, "category of this rubric", categories)
        check_bearing(file, path, bearing, data, other)


def check_bearing(
    file: YamlFile, path: Path, bearing: Record, data: Record, other: Callable[[str], Rubric | None]
) -> None:
    key = bearing.get("rubric", "")
    if key and key == data.get("key"):
        file.found((*path, "rubric"), Sentence("names this rubric itself; it must be another one."))
        return
    rubric = other(key)
    if rubric is not None:
        named = bearing.get("statements")
        check_known(file, (*path, "statements"), named, f"statement of {rubric.key}", rubric.statements)


def check_known(file: YamlFile, path: Path, named: Any, noun: str, known: Mapping[str, object]) -> None:
    """Note every name that is none of the known ones; `named` is one key or a list of keys."""
    if isinstance(named, str) and named not in known:
        file.found(path, f'names no {noun}, "{named}"{meant(named, tuple(known))}')
    for place, key in enumerate(named if isinstance(named, list) else ()):
        check_known(file, (*path, place), key, noun, known)


CALLED = {
    "answers": "answer",
    "gap_answers": "answer to a gap",
    "levels": "level",
    "actions": "action",
    "bands": "band",
    "categories": "category",
    "statements": "statement",
    "stories": "story",
}


def check_translation(file: YamlFile, path: Path, translation: Record, original: Any) -> None:
    """Note what translates nothing. `path` is where the translation stands in its file, `original` the rubric's values.

    These are as they were written: a text that is too long is there all the same.
    """
    there = {(section, name): entry for section, name, entry in sections(original)}
    for section, named in translation.items():
        for name, texts in named.items() if isinstance(named, dict) else ():
            if (section, name) not in there:
                known = tuple(each for of, each in there if of == section)
                noun = CALLED[section]
                file.found((*path, section, name), f'names no {noun} of this rubric, "{name}"{meant(name, known)}')
                continue
            for field in texts:
                if field not in there[section, name]:
                    file.found((*path, section, name, field), "translates a text that the original does not have.")
