"""Reading what was drawn, as a browser would."""

from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ElementTree.Element:
    """The drawing, names without namespace. Fails when it is not well-formed."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    return root


def classed(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def number(element: ElementTree.Element, name: str) -> float:
    """An attribute in pixels or percent."""
    return float(element.get(name, "").removesuffix("%"))


def corners(polygon: ElementTree.Element) -> list[tuple[float, float]]:
    pairs = (pair.split(",") for pair in polygon.get("points", "").split())
    return [(float(x), float(y)) for x, y in pairs]
