"""Measuring both sides in turn, so that whatever else the machine does meets both alike."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median

from bench.load import Errand, Outcome
from bench.rows import Content, content, rows_of_a_save
from bench.sides import FLOOR, PRODUCT, Sides
from tests.server import HERE

TOO_LONG = 300  # seconds for one repeat on one side


@dataclass(frozen=True, slots=True)
class Plan:
    """`visits`: how often each sheet is visited in one repeat."""

    connections: int = 4
    sheets: int = 300
    visits: int = 2
    repeats: int = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One operation on one database: what came of each repeat, by side."""

    database: str
    operation: str
    outcomes: dict[str, list[Outcome]]

    @property
    def ratio(self) -> float:
        """The product's requests a second as a part of the floor's, by medians."""
        return self.rate(PRODUCT) / self.rate(FLOOR)

    @property
    def ratios(self) -> list[float]:
        """The same of each repeat."""
        pairs = zip(self.outcomes[PRODUCT], self.outcomes[FLOOR], strict=True)
        return [product.rate / floor.rate for product, floor in pairs]

    def rate(self, side: str) -> float:
        return median(each.rate for each in self.outcomes[side])

    def p50(self, side: str) -> float:
        return median(each.p50 for each in self.outcomes[side])

    def p99(self, side: str) -> float:
        return median(each.p99 for each in self.outcomes[side])


@dataclass(frozen=True, slots=True)
class Written:
    """What the saves wrote: the rows each added, by table, and whether the content is the same on both sides."""

    database: str
    equal: bool
    rows_of_a_save: dict[str, float]


def measured(database: str, sides: Sides, plan: Plan) -> Iterator[Measured | Written]:
    """A save, a result that nobody looked at since its answers changed, and the same result again and again."""
    before = {side: content(url) for side, url in sides.databases.items()}
    yield Measured(
        database, "save one answer", _turns(_saves(sides, plan, repeat) for repeat in range(plan.repeats + 1))
    )
    yield _written(database, before, sides, plan)
    yield Measured(database, "result, first view", _turns(_first_views(sides, plan) for _ in range(plan.repeats + 1)))
    yield Measured(database, "result, viewed again", _turns(_views_again(sides, plan) for _ in range(plan.repeats + 1)))


def _turns(repeats: "Iterator[dict[str, Errand]]") -> dict[str, list[Outcome]]:
    outcomes: dict[str, list[Outcome]] = {PRODUCT: [], FLOOR: []}
    for errands in repeats:
        for side, errand in errands.items():
            outcomes[side].append(_run(errand))
    # The first one warmed both up.
    return {side: each[1:] for side, each in outcomes.items()}


def _run(errand: Errand) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(errand)), capture_output=True, text=True, cwd=HERE, check=False, timeout=TOO_LONG,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Outcome(**json.loads(done.stdout))


def _saves(sides: Sides, plan: Plan, repeat: int) -> dict[str, Errand]:
    filled, version = sides.filled, 1 + repeat * plan.visits
    return {
        side: Errand(
            server.port, plan.connections, filled.secrets, filled.sheets, plan.visits, filled.statement, version
        )
        for side, server in sides.servers.items()
    }


def _first_views(sides: Sides, plan: Plan) -> dict[str, Errand]:
    """More sheets in turn than the product keeps finished pages of: each is rendered anew."""
    return {
        side: Errand(server.port, plan.connections, sides.filled.secrets, sides.filled.sheets, plan.visits)
        for side, server in sides.servers.items()
    }


def _views_again(sides: Sides, plan: Plan) -> dict[str, Errand]:
    """As many requests, for as few sheets as there are connections."""
    few = sides.filled.part(slice(plan.connections))
    visits = plan.visits * plan.sheets // plan.connections
    return {
        side: Errand(server.port, plan.connections, few.secrets, few.sheets, visits, kept=True)
        for side, server in sides.servers.items()
    }


def _written(database: str, before: dict[str, Content], sides: Sides, plan: Plan) -> Written:
    after = {side: content(url) for side, url in sides.databases.items()}
    saves = plan.sheets * plan.visits * (plan.repeats + 1)
    return Written(database, after[PRODUCT] == after[FLOOR], rows_of_a_save(before[PRODUCT], after[PRODUCT], saves))
