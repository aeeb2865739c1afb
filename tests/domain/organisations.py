"""Random organisations for properties: results of teams in cycles, as they are counted."""

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st

from app.domain.rollup import WHOLE, Counted, levels
from app.domain.rubric import Rubric
from app.domain.scoring import score
from tests.domain.strategies import calm, ladders, rubrics, values

UNITS = ((WHOLE, 1), (WHOLE, 1, 2), (WHOLE, 3))
CYCLES = (5, 8, 9)

few = settings(calm, max_examples=40)
"""An organisation is much to draw."""


@dataclass(frozen=True)
class Organisation:
    rubric: Rubric
    results: list[Counted]

    def of_cycle(self, cycle: int, unit: int = WHOLE) -> list[Counted]:
        return [each for each in self.results if each.cycle == cycle and unit in each.units]

    def __repr__(self) -> str:
        return f"an organisation of {len(self.results)} results"


@st.composite
def organisations(draw: st.DrawFn, *, only_ladders: bool = False) -> Organisation:
    """Up to 12 teams, some with ML systems, each in some of three cycles and in one of three units."""
    rubric = draw(ladders() if only_ladders else rubrics())
    sheets = draw(st.lists(values(rubric), min_size=1, max_size=6))
    found = [levels(rubric, score(rubric, sheet)) for sheet in sheets]
    results = []
    for team in range(1, draw(st.integers(0, 12)) + 1):
        units = draw(st.sampled_from(UNITS))
        for system in draw(st.sampled_from([(None,), (None,), (team * 10, team * 10 + 1)])):
            for cycle in draw(st.sets(st.sampled_from(CYCLES))):
                of = draw(st.sampled_from(found))
                if of is not None:
                    results.append(Counted(team, system, cycle, units, of))
    return Organisation(rubric, results)
