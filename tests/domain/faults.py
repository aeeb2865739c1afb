"""Rules that take what they judge as an argument: shown to hold of the right one, and to find a planted fault."""

from collections.abc import Callable
from typing import Generic, TypeVar

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from tests.domain.strategies import calm

Subject = TypeVar("Subject")
Case = TypeVar("Case")


class Found(Generic[Case]):
    """A case that is not printed: Hypothesis prints what it finds, and warns where that is a whole rubric."""

    def __init__(self, case: Case) -> None:
        self.case = case

    def __repr__(self) -> str:
        return "a counterexample"


@st.composite
def unprinted(draw: st.DrawFn, cases: st.SearchStrategy[Case]) -> Found[Case]:
    return Found(draw(cases))


def check(
    rule: Callable[[Subject, Case], bool], subject: Subject, cases: st.SearchStrategy[Case], examples: int = 40
) -> None:
    """Fails with a case in which the rule does not hold."""

    @settings(calm, max_examples=examples)
    @given(case=cases)
    def always(case: Case) -> None:
        assert rule(subject, case)

    always()


def check_found(
    rule: Callable[[Subject, Case], bool], fault: Subject, right: Subject, cases: st.SearchStrategy[Case]
) -> None:
    """Raises NoSuchExample where the rule does not see the fault; what it finds must hold of the right one."""
    patient = settings(calm, max_examples=1000, phases=(Phase.generate,), derandomize=True, database=None)

    counterexample = find(unprinted(cases), lambda found: not rule(fault, found.case), settings=patient)

    assert rule(right, counterexample.case)
