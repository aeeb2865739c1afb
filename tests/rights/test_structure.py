"""What every page owes to those who do not see it, on every page that there is: filled, refused, and not there."""

from collections.abc import Iterator

import pytest

from tests.rights.walk import Walk
from tests.web.document import Element, document
from tests.web.test_structure import faults

ADMIN = "admin"
PAGES_AT_LEAST = 60
"""How many pages an admin is shown: should fewer be found, they are not looked for rightly."""


@pytest.mark.parametrize("walker", [ADMIN, "member", "anonymous"])
def test_it_works(walk: Walk, walker: str) -> None:
    found = dict(pages(walk, walker))

    wrong = {key: problems for key, page in found.items() if (problems := faults(page))}
    assert wrong == {}
    assert len(found) >= PAGES_AT_LEAST or walker != ADMIN


def pages(walk: Walk, walker: str) -> Iterator[tuple[str, Element]]:
    """The pages that a walker is shown; the admin's are also those of forms that were sent empty.

    What that changes is put back, which is slow.
    """
    for route in walk.routes:
        if route.program or (route.writes and walker != ADMIN):
            continue
        answer = walk.page(route, walker)
        # A fragment is part of a page, which is looked at whole.
        if answer.text.startswith("<!doctype html>"):
            yield f"{route.key} {answer.status_code}", document(answer.text)
        if route.writes:
            walk.changed()
