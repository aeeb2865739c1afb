"""Who a comment means: the people chosen, and those whose name it writes after an @."""

from collections.abc import Mapping


def named(text: str, people: Mapping[int, str]) -> frozenset[int]:
    """The numbers of the people whose whole name stands in the text after an @, however it is written large or small.

    Of two names that begin alike the longer one is meant: `@Ada King Noel` is not Ada King.
    """
    found = set()
    longest_first = sorted(people.items(), key=lambda person: -len(person[1]))
    for piece in text.casefold().split("@")[1:]:
        meant = next((name for _, name in longest_first if _begins(piece, name.casefold())), None)
        found |= {number for number, name in people.items() if meant is not None and name == meant}
    return frozenset(found)


def _begins(piece: str, name: str) -> bool:
    return bool(name) and piece.startswith(name) and not piece[len(name) : len(name) + 1].isalnum()
