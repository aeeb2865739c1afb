"""The same routes with identifiers of what belongs to somebody else, in the path and in the form, one at a time."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from tests.rights.filling import Values
from tests.rights.matrix import Route
from tests.rights.walk import Walk

NAMED = re.compile(r"\{(\w+)\}")
REFUSED = frozenset({"403", "404"})
SWAPS_AT_LEAST = 61
"""How many requests of a walk name something: should fewer be found, they are not looked for rightly."""


def test_another_organisation_does_not_exist(walk: Walk) -> None:
    for walker, token in (("admin", "token_to_administer"), ("manager_of_all", "token_of_service")):
        wrong = [
            problem
            for route, swapped in swaps(walk, walk.stage.theirs)
            for who in [token if route.program else walker]
            for problem in wrong_with(walk, route, who, swapped, allowed(walk, route, who, {"404"}))
        ]
        assert wrong == [], "\n".join(wrong)


def test_nobody_reaches_out_of_their_part(walk: Walk) -> None:
    walkers = (("manager_in_scope", "token_of_manager"), ("lead", "token_of_lead"), ("member", "token_of_member"))
    for walker, token in walkers:
        wrong = [
            problem
            for route, swapped in swaps(walk, walk.stage.elsewhere)
            if "organisation" not in swapped
            for problem in wrong_with(walk, route, token if route.program else walker, swapped, REFUSED)
        ]
        assert wrong == [], "\n".join(wrong)


def test_an_address_names_a_system_of_its_own_team(walk: Walk) -> None:
    for route, swapped in swaps(walk, walk.stage.elsewhere):
        if "system_id" in swapped:
            assert list(wrong_with(walk, route, "admin", swapped, {"404"})) == []


def test_all_that_can_be_swapped_is(walk: Walk) -> None:
    found = [(route.name, *swapped) for route, swapped in swaps(walk, walk.stage.theirs)]

    assert len(found) >= SWAPS_AT_LEAST
    assert {"team_id", "unit_id", "person_id", "system_id", "parent_id", "place", "organisation"} <= set(
        chain.from_iterable(found)
    )
    assert ("team-move", "unit_id") in found
    assert ("ml-system-rename", "system_id") in found
    assert {("api-team-create", "unit_id"), ("api-person-invite", "team_id"), ("api-team-change", "team_id")} <= set(
        found
    )


def swaps(walk: Walk, others: Values) -> Iterator[tuple[Route, Mapping[str, str]]]:
    """Each route with each identifier that its request names, and what to put there."""
    for route in walk.routes:
        form = walk.matrix.sends.get(route.name, {})
        # What is sent to the API is swapped wherever it stands, the fields of a form by their names.
        named = NAMED.findall(str(form)) if route.program else [name for name, value in form.items() if "{" in value]
        for name in [*walk.parameters(route), *named]:
            # What is called the same everywhere, such as a statement, is nobody's.
            if name in others and others[name] != walk.stage.ours.get(name):
                yield route, {name: others[name]}
        if "place" in form:
            yield route, {"place": others["unit_place"], "kind": "manager"}


def allowed(walk: Walk, route: Route, walker: str, usual: set[str]) -> set[str]:
    """Who may never use a route may be told so before it is looked what the request names."""
    return usual | ({"403"} & {walk.matrix.lines[route.key][walker]})


def wrong_with(
    walk: Walk, route: Route, walker: str, swapped: Mapping[str, str], refusals: set[str] | frozenset[str]
) -> Iterator[str]:
    word = walk.ask(route, walker, swapped)
    if word not in refusals:
        yield f"{route.key} with {swapped} answers {word} to {walker}."
    if (found := walk.changed()).tables:
        yield f"{route.key} with {swapped} changed {sorted(found.tables)} for {walker}."
