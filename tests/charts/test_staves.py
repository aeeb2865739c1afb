import pytest

from app.charts.staves import naming, staves
from tests.charts.cases import COUNTS, HOSTILE, highs, staves_figure, values
from tests.charts.drawn import classed, number, read


def test_it_works() -> None:
    root = read(staves(staves_figure(5)))

    assert root.get("role") == "img"
    assert root.get("aria-label") == f"All of it: {HOSTILE[0]}"
    assert len(classed(root, "wood")) == 5
    assert len(classed(root, "water")) == 5
    assert len(classed(root, "maybe")) == 2
    assert len(classed(root, "hoop")) == 5
    assert [one.text for one in classed(root, "short")] == ["0.5"]


@pytest.mark.parametrize("count", COUNTS)
def test_heights_are_proportional_and_the_water_stands_at_the_shortest(count: int) -> None:
    root = read(staves(staves_figure(count)))
    heights = [number(wood, "height") for wood in classed(root, "wood")]
    expected = [float(value) for value in values(count)]

    unit = heights[0] / expected[0]
    assert heights == pytest.approx([unit * value for value in expected], abs=0.02)
    assert {number(water, "height") for water in classed(root, "water")} == {heights[0]}
    assert number(classed(root, "line")[0], "y1") == pytest.approx(number(classed(root, "wood")[0], "y"), abs=0.02)

    open_parts = [float(high - low) for low, high in zip(values(count), highs(count), strict=True) if high > low]
    assert [number(maybe, "height") for maybe in classed(root, "maybe")] == pytest.approx(
        [unit * part for part in open_parts], abs=0.02
    )


@pytest.mark.parametrize("count", COUNTS)
def test_staves_fill_the_width_in_percent_without_overlap(count: int) -> None:
    woods = classed(read(staves(staves_figure(count))), "wood")
    assert all(wood.get("x", "").endswith("%") and wood.get("width", "").endswith("%") for wood in woods)
    ends = [number(wood, "x") + number(wood, "width") for wood in woods]
    assert all(end < number(wood, "x") for end, wood in zip(ends, woods[1:], strict=False))
    assert 99 < ends[-1] <= 100


@pytest.mark.parametrize("count", COUNTS)
def test_a_file_is_whole_without_a_style_sheet(count: int) -> None:
    svg = staves(staves_figure(count), standalone=True)
    root = read(svg)

    assert root.get("viewBox")
    for word in ("class=", "style=", "var(", "light-dark", "%"):
        assert word not in svg
    assert {"counts", "in place", "open", "After a report, 2020"} <= {text.text for text in root.iter("text")}
    for text in root.iter("text"):
        assert text.get("fill")
        assert text.get("font-size")


def test_a_category_without_score_has_no_stave_but_its_sign() -> None:
    figure = staves_figure(3)
    without = type(figure.staves[0])("Nothing applies", None, None, False, "–")
    root = read(staves(type(figure)((without, *figure.staves[1:]), figure.top, None, figure.marks, figure.frame)))

    assert len(classed(root, "wood")) == 2
    assert not classed(root, "water")
    assert "–" in [text.text for text in classed(root, "value")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Strategy", "Architecture", "Modeling", "Processes", "Governance"), "turns"),
        (("Deployment and serving", "Monitoring", "Collaboration and governance"), "columns"),
        (("Features and data", "Model development", "ML infrastructure", "Monitoring"), "folds"),
        (("a", "b", "c", "d", "e", "f", "g"), "list"),
        ((HOSTILE[1], "b"), "list"),
    ],
)
def test_names_stand_where_they_fit(names: tuple[str, ...], expected: str) -> None:
    figure = staves_figure(2)
    staves = tuple(type(figure.staves[0])(name, None, None, False, "–") for name in names)

    assert naming(type(figure)(staves, figure.top, None, (), figure.frame)) == expected
