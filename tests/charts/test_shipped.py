"""The pictures of every shipped rubric, from answers to SVG, Plotly and their scales."""

import itertools

import orjson
import pytest

from app.charts.figures import radar_figure
from app.charts.from_result import RadarWords, StavesWords, next_mark, radar_figure_of, staves_figure
from app.charts.picture import Frame
from app.charts.radar import radar
from app.charts.staves import staves
from app.domain.answers import Value
from app.domain.results import LadderResult
from app.domain.rubric import Rubric
from app.domain.rubric_file import shipped
from app.domain.scoring import band, score
from tests.charts.drawn import classed, read

STATES = {
    "nothing": (),
    "half": (Value.YES, Value.HALF, Value.NO),
    "open": (Value.YES, Value.YES, Value.UNKNOWN),
    "all": (Value.YES,),
    "nothing applies": (Value.NOT_APPLICABLE,),
}


def answers(rubric: Rubric, state: str) -> dict[str, Value]:
    return dict(zip(rubric.statements, itertools.cycle(STATES[state]), strict=False)) if STATES[state] else {}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("key", sorted(shipped()))
def test_every_rubric_in_every_state_has_its_pictures(key: str, state: str) -> None:
    rubric = shipped()[key]
    result = score(rubric, answers(rubric, state))
    upright = staves_figure(rubric, result, StavesWords(Frame("All"), "counts", "waits", "open"))
    round_ = radar_figure_of(rubric, result, RadarWords(Frame("All"), "now", "best", "next"))

    for stave in upright.staves:
        for value in (stave.index, stave.index_high):
            assert value is None or 0 <= value <= upright.top
    assert upright.water == min((stave.index for stave in upright.staves if stave.index is not None), default=None)
    for standalone in (False, True):
        read(staves(upright, standalone=standalone))
        read(radar(round_, standalone=standalone))
    assert len(classed(read(radar(round_)), "name")) >= len(rubric.categories)
    assert orjson.dumps(radar_figure(round_, "light"))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("key", sorted(shipped()))
def test_what_lies_above_the_next_mark_is_the_next_level_or_band(key: str, state: str) -> None:
    rubric = shipped()[key]
    result = score(rubric, answers(rubric, state))
    ahead = next_mark(rubric, result)

    if isinstance(result, LadderResult):
        assert ahead == (result.overall + 1 if result.overall < rubric.top else None)
    elif ahead is not None and result.overall is not None:
        below, here = band(rubric, ahead), band(rubric, result.overall)
        assert below == here
        assert rubric.bands[rubric.bands.index(here) + 1].above == ahead if here else False
