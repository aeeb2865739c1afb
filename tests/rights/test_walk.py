"""Everybody asks for everything: the answers are those of the matrix, and what changed is in the audit trail."""

from collections.abc import Iterator

from tests.rights.matrix import Route
from tests.rights.walk import Changed, Walk

STRANGER = "admin_of_another_organisation"
NEVER_DONE = {"set-up-send POST"}
"""Nobody sets up a server that is set up: the pages of the first run have tests of their own."""


def test_it_works(walk: Walk) -> None:
    wrong = [sentence for route in walk.routes for sentence in wrong_at(walk, route)]

    assert wrong == [], "\n".join(wrong)


def wrong_at(walk: Walk, route: Route) -> Iterator[str]:
    """What is not as the matrix says, in sentences."""
    told = False
    for walker, expected in walk.matrix.lines[route.key].items():
        word = walk.ask(route, walker)
        if word != expected:
            yield f"{route.key} answers {word} to {walker}, not {expected}."
        if route.writes:
            found = walk.changed()
            told = told or bool(found.events)
            problem = untold(walk, route, word, found) or abroad(walk, route, walker, found)
            if problem:
                yield f"{route.key} for {walker}: {problem} ({word}, {sorted(found.tables)}, {found.events})"
    if not route.writes and (found := walk.changed()).tables:
        yield f"{route.key} changed {sorted(found.tables)}, and is only to be read."
    if route.writes and not told and route.key not in NEVER_DONE:
        yield f"{route.key} left no audit event, whoever asked."


def untold(walk: Walk, route: Route, word: str, found: Changed) -> str:
    """What is wrong between what changed and what the audit trail tells."""
    if word not in {"ok", "done"}:
        return "refused, and changed something." if found.tables else ""
    if not found.tables:
        return ""
    several = walk.matrix.events.get(route.name)
    if several is None:
        return "" if len(found.events) == 1 else "not one event."
    fit = found.events and len(set(found.events)) == len(found.events) and set(found.events) <= set(several)
    return "" if fit else "not the events of the matrix."


def abroad(walk: Walk, route: Route, walker: str, found: Changed) -> str:
    """Whether a stranger reached another organisation by anything but a secret link, which is for everybody."""
    open_to_all = walk.matrix.lines[route.key]["anonymous"] in {"ok", "done"}
    reached = int(walk.stage.ours["organisation"]) in found.organisations
    return "a stranger changed it." if walker == STRANGER and reached and not open_to_all else ""
