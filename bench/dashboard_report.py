"""The figures of the dashboard as a table: milliseconds at each size, and the largest beside the smallest."""

from collections.abc import Iterable, Sequence

from bench.dashboard import FILTERS, MAKING, Timed

OVERVIEW, HEAT_MAP, FILTERED = 1.5, 2.0, 150
"""The aims: twice a ratio of the largest size to the smallest, and the milliseconds of a page with a filter."""


def dashboard_head(timed: Sequence[Timed]) -> tuple[str, ...]:
    return ("database", "what", "SQL", *(f"{teams:,} teams" for teams in _sizes(timed)), "ratio", "aim")


def of_dashboard(timed: Sequence[Timed]) -> Iterable[tuple[str, ...]]:
    """Median and 95th percentile at each size. Of a filter the slowest of all orders, first and deep."""
    for database in dict.fromkeys(each.database for each in timed):
        ours = [each for each in timed if each.database == database and each.what != MAKING]
        lines: dict[str, list[Timed]] = {}
        for each in ours:
            lines.setdefault(_line(each.what), []).append(each)
        for what, of_line in lines.items():
            slowest = [max((e for e in of_line if e.teams == n), key=lambda e: e.median) for n in _sizes(timed)]
            ratio = slowest[-1].median / slowest[0].median
            statements = max(each.statements for each in of_line)
            figures = (f"{each.median:.1f} ({each.p95:.1f})" for each in slowest)
            yield database, what, str(statements), *figures, f"{ratio:.2f}", _aim(what, ratio, slowest[-1].median)


def _sizes(timed: Sequence[Timed]) -> Sequence[int]:
    return list(dict.fromkeys(each.teams for each in timed))


def _line(what: str) -> str:
    return next((f"heat map, {name}: slowest" for name in FILTERS if what.startswith(f"heat map, {name} by")), what)


def _aim(what: str, ratio: float, milliseconds: float) -> str:
    if what.startswith("page, ") or what.endswith(": slowest"):
        return _verdict(f"{FILTERED} ms", reached=milliseconds <= FILTERED)
    if what.startswith("heat map"):
        return _verdict(f"{HEAT_MAP:g}", reached=ratio <= HEAT_MAP)
    return _verdict(f"{OVERVIEW:g}", reached=ratio <= OVERVIEW)


def _verdict(aim: str, *, reached: bool) -> str:
    return f"{aim}: {'reached' if reached else 'missed'}"
