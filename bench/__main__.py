"""`python -m bench`: measure both databases, print the tables of ratios, and keep all figures as JSON."""

import argparse
import logging
import signal
import sys
from pathlib import Path

import structlog

from bench import dashboard
from bench.dashboard_report import dashboard_head, of_dashboard
from bench.measuring import Measured, Plan, Written, measured
from bench.report import facts, line, table, write
from bench.sides import on_postgresql, on_sqlite

RESULTS = Path(__file__).parent / "results"
DATABASES = {"PostgreSQL": on_postgresql, "SQLite": on_sqlite}


def main() -> int:
    given = arguments()
    # Told to stop, it stops its servers and removes their data before it goes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # A line for each request would stand between the figures.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    plan = Plan(given.connections, given.sheets, given.visits, given.repeats)
    found, lines, written = facts(), [], []
    chosen = [each for each in DATABASES if given.only in (None, each.lower())]
    for database in chosen if given.part != "dashboard" else ():
        with DATABASES[database](given.folder, plan.sheets) as sides:
            for each in measured(database, sides, plan):
                if isinstance(each, Measured):
                    lines.append(each)
                    print(*line(each), sep=" | ", file=sys.stderr)
                else:
                    written.append(each)
    if lines:
        print(table(line(each) for each in lines))
        print(*(sentence(each) for each in written), sep="\n")
    timed = []
    for database in chosen if given.part != "requests" else ():
        for one in dashboard.measured(database, given.folder, tuple(given.teams), given.rounds):
            timed.append(one)
            if one.what == dashboard.MAKING:
                print(f"{database}: {one.teams} teams, made in {one.median / 1000:.0f} s and measured", file=sys.stderr)
    if timed:
        print(table(of_dashboard(timed), dashboard_head(timed)))
    file = RESULTS / f"{found['at'].replace(':', '')}.json"
    write(file, found, plan, lines, written, timed)
    print(f"All figures: {file}")
    return 0 if all(each.equal for each in written) else 1


def sentence(written: Written) -> str:
    rows = ", ".join(f"{count:g} {table}" for table, count in written.rows_of_a_save.items() if count)
    same = "the same rows" if written.equal else "DIFFERENT ROWS"
    return f"{written.database}: both sides wrote {same}; each save added {rows}."


def arguments() -> argparse.Namespace:
    """What may be chosen; the defaults are what docs/benchmark.md tells of."""
    plan = Plan()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the databases are; default: the folder for temporary files")
    parser.add_argument("--only", choices=[*map(str.lower, DATABASES)], help="one database alone")
    parser.add_argument("--part", choices=["requests", "dashboard"], help="one of the two tables alone")
    parser.add_argument("--teams", type=int, nargs="+", default=dashboard.SIZES, help="sizes for the dashboard")
    parser.add_argument("--rounds", type=int, default=dashboard.ROUNDS, help="for the dashboard")
    parser.add_argument("--connections", type=int, default=plan.connections)
    parser.add_argument("--sheets", type=int, default=plan.sheets)
    parser.add_argument("--visits", type=int, default=plan.visits, help="of each sheet in one repeat")
    parser.add_argument("--repeats", type=int, default=plan.repeats)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
