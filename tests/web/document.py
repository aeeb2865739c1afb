"""A page as a tree, and its forms as a browser without script would send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(default_factory=list)

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def __contains__(self, attribute: str) -> bool:
        return attribute in self.attributes

    @property
    def text(self) -> str:
        """All that stands inside, with single blanks."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        return "".join(child if isinstance(child, str) else child.raw for child in self.children)

    @cached_property
    def inside(self) -> "tuple[Element, ...]":
        """The elements inside, in the page's order; the tree is read once and then stays as it is."""
        found, waiting = [], [self]
        while waiting:
            element = waiting.pop()
            found.append(element)
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]
        return tuple(found[1:])

    def all(self, *tags: str, **attributes: str) -> "list[Element]":
        """The elements inside with one of these tags and all these attributes, in the page's order."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = (each for each in self.inside if not tags or each.tag in tags)
        return [each for each in found if wanted.items() <= each.attributes.items()]

    def one(self, *tags: str, **attributes: str) -> "Element":
        [found] = self.all(*tags, **attributes)
        return found

    def within(self) -> "Iterator[Element]":
        """The elements around this one, the nearest first."""
        if self.parent is not None:
            yield self.parent
            yield from self.parent.within()

    @property
    def hidden(self) -> bool:
        return any("hidden" in each for each in (self, *self.within()))

    @property
    def disabled(self) -> bool:
        return any("disabled" in each for each in (self, *self.within()))


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.at = self.root = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> ends <{self.at.tag} {self.at.attributes}>"
        self.at = self.at.parent or self.root

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def document(html: str) -> Element:
    """The page's tree. An element that is not closed where it should be is a failed assertion."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is never closed"
    return reader.root


def fields(form: Element) -> dict[str, str]:
    """What the form sends, its buttons left out: of radio buttons the checked one, nothing that is disabled."""
    sent = {}
    for control in form.all("input", "textarea"):
        if control.disabled or "name" not in control:
            continue
        if control.tag == "textarea":
            # A line end at the very beginning belongs to the markup, and browsers send CR LF.
            sent[control["name"]] = control.raw.removeprefix("\n").replace("\n", "\r\n")
        elif control.attributes.get("type") != "radio" or "checked" in control:
            sent[control["name"]] = control.attributes.get("value", "on" if control.attributes.get("type") else "")
    for choice in form.all("select"):
        if not choice.disabled and (options := choice.all("option")):
            chosen = next((each for each in options if "selected" in each), options[0])
            sent[choice["name"]] = chosen["value"]
    return sent
