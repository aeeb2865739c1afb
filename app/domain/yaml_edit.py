"""Writing other values into a YAML text: what stays equal keeps every sign, and comments and order stay where they are.

The text was read by `yaml_file.read_yaml` before, so that it is one document, not deep, and holds no aliases. It is cut
into pieces, one for each entry of a mapping or list: from the end of the entry before it, with the comments above it,
to the end of its own last line. Pieces are kept, changed inside, moved, taken out, or written anew. The comments above
the first entry of a list stay at its head.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import yaml
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from app.domain import yaml_text
from app.domain.yaml_scalar import scalar

PLAIN = (None, "")
BLOCK = ("|", ">")
HEADER = re.compile(r"[|>][-+0-9]*([ \t]+#[^\n]*)?")
IN_FLOW = re.compile(r"[,\[\]{}]|: |:$| #")
NAMES = ("key", "level", "value", "above")
"""What the entries of a list go by, where they have one of these."""


def edited(text: str, values: dict[str, Any]) -> str:
    """The text with these values in it. `values` are as `yaml_file.read_yaml` gives them."""
    lines = text.replace("\r\n", "\n")
    whole = lines if lines.endswith("\n") else f"{lines}\n"
    root = yaml.compose(whole, Loader=yaml.CLoader)
    if root is None or equal(root, values):
        return text
    changed = Editor(whole).region(root, values, 0, len(whole))
    return changed.replace("\n", "\r\n") if "\r\n" in text else changed


def equal(node: Node, value: Any) -> bool:
    """Whether the node says this value; an empty list says the same as none, an empty mapping is a language to come."""
    if isinstance(node, MappingNode):
        return isinstance(value, dict) and same_keys(node, value)
    if isinstance(node, CollectionNode):
        matched = isinstance(value, list) and len(node.value) == len(value)
        return matched and all(equal(each, of) for each, of in zip(node.value, value, strict=True))
    return meant(node) == value and not isinstance(value, dict | list)


def same_keys(node: MappingNode, values: dict[str, Any]) -> bool:
    here = {key.value: of for key, of in node.value}
    return values.keys() <= here.keys() and all(
        equal(of, values[key]) if key in values else says_nothing(of) for key, of in here.items()
    )


def meant(node: Node) -> Any:
    return scalar(node.value) if isinstance(node, ScalarNode) and node.style in PLAIN else node.value


def says_nothing(node: Node) -> bool:
    return isinstance(node, SequenceNode) and not node.value


class Editor:
    """Cuts a text by the places of its nodes. A region is a stretch of it that holds one node."""

    def __init__(self, text: str) -> None:
        self.text = text

    def region(self, node: Node, value: Any, start: int, end: int, flow: bool = False) -> str:
        """The stretch with another value in place of the node; `flow` where it stands between brackets."""
        if equal(node, value):
            return self.text[start:end]
        if isinstance(node, CollectionNode) and not node.flow_style:
            head, tail = self.text[start : node.start_mark.index], self.text[self.after(node) : end]
            return head + joined(self.pieces(node, value), node.start_mark.column) + tail
        short = self.short(node, value, flow)
        return self.text[start : node.start_mark.index] + short + self.text[self.end(node) : end]

    def pieces(self, node: CollectionNode, value: Any) -> Iterator[str]:
        if isinstance(node, MappingNode):
            return self.of_mapping(node, value)
        return self.of_list(node, value)

    def of_mapping(self, node: MappingNode, values: dict[str, Any]) -> Iterator[str]:
        """Its entries in their own order; a new one stands behind the one that the format puts before it."""
        cuts = self.cuts(node.start_mark.index, [of for _, of in node.value])
        here = [key.value for key, _ in node.value]
        new = following(list(values), here)
        for (key, of), (start, end) in zip(node.value, pairwise(cuts), strict=True):
            if key.value in values:
                yield self.entry(key, of, values[key.value], start, end)
            elif says_nothing(of):
                yield self.text[start:end]
            for name in new.get(key.value, ()):
                yield written(yaml_text.mapping({name: values[name]}, " " * node.start_mark.column))

    def entry(self, key: Node, node: Node, value: Any, start: int, end: int) -> str:
        """One entry of a mapping; written anew where a list takes the place of a text, or nothing that of a list."""
        if equal(node, value) or fits(node, value):
            return self.region(node, value, start, end)
        head = self.text[start : key.start_mark.index]
        return head + written(yaml_text.mapping({key.value: value}, " " * key.start_mark.column)).lstrip(" ")

    def of_list(self, node: CollectionNode, values: list[Any]) -> Iterator[str]:
        cuts = self.cuts(node.start_mark.index, node.value)
        places = matches(node.value, values)
        for value, at in zip(values, places, strict=True):
            if at is not None and fits(node.value[at], value):
                yield self.region(node.value[at], value, cuts[at], cuts[at + 1])
            else:
                yield written(yaml_text.sequence([value], " " * node.start_mark.column))

    def short(self, node: Node, value: Any, flow: bool) -> str:
        """What stands in place of a scalar, or of a mapping or list in brackets."""
        if isinstance(node, MappingNode) and isinstance(value, dict):
            here = [key.value for key, _ in node.value]
            ordered = {key: value[key] for key in (*here, *value) if key in value}
            same = list(ordered) == here
            return self.inside(node, [of for _, of in node.value], list(ordered.values())) if same else in_flow(ordered)
        if isinstance(node, CollectionNode):
            same = isinstance(value, list) and len(node.value) == len(value)
            return self.inside(node, node.value, value) if same else in_flow(value)
        header = (
            HEADER.match(self.text, node.start_mark.index)
            if isinstance(node, ScalarNode) and node.style in BLOCK
            else None
        )
        return (in_flow(value) if flow else yaml_text.inline(value)) + ((header and header[1]) or "")

    def inside(self, node: Node, nodes: Sequence[Node], values: Sequence[Any]) -> str:
        """Between brackets, each value in its place."""
        parts, at = [], node.start_mark.index
        for each, value in zip(nodes, values, strict=True):
            parts.append(self.region(each, value, at, self.end(each), flow=True))
            at = self.end(each)
        return "".join(parts) + self.text[at : self.end(node)]

    def cuts(self, start: int, nodes: Sequence[Node]) -> list[int]:
        return [start, *(self.after(node) for node in nodes)]

    def after(self, node: Node) -> int:
        """Where the line begins that follows the node."""
        return self.text.index("\n", self.end(node)) + 1

    def end(self, node: Node) -> int:
        """Where what the node says ends; its mark may stand behind comments and blank lines."""
        if isinstance(node, CollectionNode) and not node.flow_style:
            last = node.value[-1]
            return self.end(last[1] if isinstance(node, MappingNode) else last)
        if isinstance(node, ScalarNode) and node.style in BLOCK:
            held = self.text[node.start_mark.index : node.end_mark.index]
            return node.start_mark.index + len(held.rstrip("\n "))
        return int(node.end_mark.index)


def fits(node: Node, value: Any) -> bool:
    """Whether the value can take the place of the node as it is written."""
    if not isinstance(node, CollectionNode):
        return not isinstance(value, dict | list) and not ("\n" in value if isinstance(value, str) else False)
    return bool(node.value) and bool(value) and isinstance(value, dict if isinstance(node, MappingNode) else list)


def following(order: Sequence[str], here: Sequence[str]) -> dict[str, list[str]]:
    """The keys that are new, by the key that they follow: the nearest before them in the order, else the first."""
    found: dict[str, list[str]] = {}
    before = here[0]
    for key in order:
        if key in here:
            before = key
        else:
            found.setdefault(before, []).append(key)
    return found


def matches(nodes: Sequence[Node], values: Sequence[Any]) -> list[int | None]:
    """For each value the place of the node that it continues: the equal one, the one of that name, or the next left."""
    free = dict(enumerate(nodes))
    found: list[int | None] = [None] * len(values)

    def take(fitting: Any) -> None:
        for place, value in enumerate(values):
            if found[place] is None:
                at = next((at for at, node in free.items() if fitting(node, value)), None)
                if at is not None:
                    found[place] = at
                    del free[at]

    take(equal)
    take(named_alike)
    take(lambda node, value: name_of(value) is None and isinstance(value, dict) == isinstance(node, MappingNode))
    return found


def named_alike(node: Node, value: Any) -> bool:
    name = name_of(value)
    return (
        name is not None
        and isinstance(node, MappingNode)
        and any(key.value == name and equal(of, value[name]) for key, of in node.value)
    )


def name_of(value: Any) -> str | None:
    return next((name for name in NAMES if name in value), None) if isinstance(value, dict) else None


def joined(pieces: Iterator[str], column: int) -> str:
    """The pieces one below the other. The first begins where the text before it ends, all others with their indent."""
    first, *others = pieces
    bare = (each if each[:1] in (" ", "\n", "#") else " " * column + each for each in others)
    return first.lstrip(" \n") + "".join(bare)


def written(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def in_flow(value: Any) -> str:
    """The value on one line, as it can stand between brackets too."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {in_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(in_flow, value))}]"
    if isinstance(value, str) and (IN_FLOW.search(value) or "\n" in value):
        return yaml_text.UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))
    return yaml_text.text(value) if isinstance(value, str) else yaml_text.inline(value)
