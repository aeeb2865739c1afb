"""The benchmark of the dashboard, as small as it gets: what it says of statements holds at any size."""

from collections import Counter
from pathlib import Path

from bench.dashboard import FILTERS, MAKING, measured
from bench.dashboard_report import dashboard_head, of_dashboard


def test_queries_are_few_and_none_reads_answers(tmp_path: Path) -> None:
    """It would be an error, were one of them to read answers."""
    timed = list(measured("SQLite", tmp_path, (10,), 1))

    assert timed[-1].what == MAKING
    statements = {each.what: each.statements for each in timed[:-1]}
    pages = {what: sent for what, sent in statements.items() if what.startswith("page")}
    assert max(pages.values()) <= 12
    assert statements.pop("units below") == 2
    # With a filter the next in the order are looked at, and then, where few of them fit, all that fit; these at once
    # where three filters leave few.
    sent = Counter(sent for what, sent in statements.items() if what not in pages)
    assert sent == {1: 3 + 12 + 12, 2: 12 * (len(FILTERS) - 1)}
    lines = list(of_dashboard(timed))
    assert len(lines) == 3 + 4 + 12 + len(FILTERS)
    assert {len(line) for line in lines} == {len(dashboard_head(timed))}
