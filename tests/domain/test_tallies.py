"""What is kept counted gives the figures that the results themselves give, whatever is counted and taken away."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain import tallies as kept
from app.domain.rollup import movement, rollup
from app.domain.tallies import difference, merged, overview, tallies
from tests.domain.organisations import CYCLES, UNITS, Organisation, few, organisations

ALL_UNITS = sorted({unit for units in UNITS for unit in units})


@few
@given(organisations())
def test_it_works(organisation: Organisation) -> None:
    counts = tallies(organisation.results)
    for unit in ALL_UNITS:
        for cycle in CYCLES:
            rows = merged(counts, unit, cycle)
            assert overview(rows) == rollup(organisation.of_cycle(cycle, unit))


@few
@given(organisations())
def test_movement_between_any_two_cycles(organisation: Organisation) -> None:
    counts = tallies(organisation.results)
    for unit in ALL_UNITS:
        for place, later in enumerate(CYCLES):
            for earlier in CYCLES[:place]:
                before, after = (organisation.of_cycle(cycle, unit) for cycle in (earlier, later))
                found = kept.movement(
                    earlier, rollup(before).overall, rollup(after).overall, merged(counts, unit, later)
                )
                assert found == movement(before, after)


@few
@given(st.data())
def test_what_is_added_and_taken_away_leaves_what_counting_anew_gives(data: st.DataObject) -> None:
    organisation = data.draw(organisations())
    kept_on = [each for each in organisation.results if data.draw(st.booleans())]
    counts = tallies(organisation.results)
    for key, change in difference(organisation.results, kept_on).items():
        counts[key] += change
    assert {key: count for key, count in counts.items() if count} == dict(tallies(kept_on))


@few
@given(organisations())
def test_differences_come_in_the_order_of_their_keys(organisation: Organisation) -> None:
    change = difference([], organisation.results)
    assert list(change) == sorted(change)
    assert difference(organisation.results, organisation.results) == {}
