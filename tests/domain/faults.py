"""Rules that take what they judge as an argument: shown to hold of the right one, and to find a planted fault."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from tests.domain.strategies import calm

Subject = TypeVar("Subject")
Case = TypeVar("Case")


def check(
    rule: Callable[[Subject, Case], bool], subject: Subject, cases: st.SearchStrategy[Case], examples: int = 60
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

    counterexample = find(cases, lambda case: not rule(fault, case), settings=patient)

    assert rule(right, counterexample)
