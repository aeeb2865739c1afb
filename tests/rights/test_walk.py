"""Everybody asks for everything: the answers are those of the matrix, and what changed is in the audit trail."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest

from app.actions.audit import record
from app.db.engine import writing
from app.db.tables.org import Organisation
from tests.quick_check import NOW
from tests.rights.matrix import Route
from tests.rights.walk import Changed, Walk

STRANGER = "admin_of_another_organisation"
STRANGERS = {STRANGER, "token_of_another_organisation"}
PLANTED, TOLD = "/planted", "/planted/told"
BOTH = ("POST", "GET")
NEVER_DONE = {"set-up-send POST", "example-remove POST", "sso-begin POST", "account-sign-on-link POST"}
"""Nobody sets up a server that is set up, the walk's organisations are no examples, and the way to a provider that is
away ends here: these have tests of their own."""


UNTOLD = {"agreed-presence POST"}
"""That somebody has a sheet open is no change that anybody looks up later: it counts for half a minute, and an event
every few seconds for each open page would bury the trail that is kept for years."""


PARTS = 6
"""So that several processes can share the walk."""


@pytest.mark.parametrize("part", range(PARTS))
def test_it_works(walk: Walk, part: int) -> None:
    wrong = [sentence for route in walk.routes[part::PARTS] for sentence in wrong_at(walk, route)]

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
    if route.writes and not told and route.key not in NEVER_DONE | UNTOLD:
        yield f"{route.key} left no audit event, whoever asked."


def untold(walk: Walk, route: Route, word: str, found: Changed) -> str:
    """What is wrong between what changed and what the audit trail tells."""
    if word not in {"ok", "done"}:
        return "refused, and changed something." if found.tables else ""
    if route.key in UNTOLD:
        return "told, and is not to be." if found.events else ""
    several = walk.matrix.events.get(route.name)
    if several is None:
        return "" if len(found.events) == 1 else "not one event."
    once = len(set(found.events)) == len(found.events) and set(found.events) <= set(several)
    return "" if once and bool(found.events) == bool(found.tables) else "not the events of the matrix."


def abroad(walk: Walk, route: Route, walker: str, found: Changed) -> str:
    """Whether a stranger reached another organisation by anything but a secret link, which is for everybody."""
    open_to_all = walk.matrix.lines[route.key]["anonymous"] in {"ok", "done"}
    reached = int(walk.stage.ours["organisation"]) in found.organisations
    return "a stranger changed it." if walker in STRANGERS and reached and not open_to_all else ""


def test_a_route_that_writes_in_silence_is_found(walk: Walk) -> None:
    """A route that tells nobody what it changes, and one that changes what it should only show."""
    wrong = list(
        chain.from_iterable(wrong_at(planted(walk, method), Route("planted", method, PLANTED)) for method in BOTH)
    )

    assert wrong == [
        *(f"planted POST for {walker}: not one event. (ok, ['organisation'], ())" for walker in walk.matrix.walkers),
        "planted POST left no audit event, whoever asked.",
        "planted GET changed ['organisation'], and is only to be read.",
    ]


def test_a_stranger_is_found(walk: Walk) -> None:
    """A route that takes the number of an organisation from whoever is signed in anywhere."""
    strange = planted(walk, "POST", audited=True, anonymous="sign")
    wrong = list(wrong_at(strange, Route("planted", "POST", TOLD)))

    assert wrong == [
        "planted POST answers ok to anonymous, not sign.",
        f"planted POST for {STRANGER}: a stranger changed it. (ok, ['audit_event', 'organisation'], ('planted',))",
    ]


def planted(walk: Walk, method: str, *, audited: bool = False, anonymous: str = "ok") -> Walk:
    """The walk with a route that renames an organisation, whoever asks."""

    def rename() -> None:
        with writing(walk.engine) as session:
            organisation = session.get_one(Organisation, int(walk.stage.ours["organisation"]))
            organisation.name = "Planted"
            if audited:
                record(session.connection(), NOW, organisation.id, "planted", ("organisation", organisation.id))

    walk.app.add_api_route(TOLD if audited else PLANTED, rename, methods=[method])
    line = dict.fromkeys(walk.matrix.walkers, "ok") | {"anonymous": anonymous}
    return replace(walk, matrix=replace(walk.matrix, lines={f"planted {method}": line}))
