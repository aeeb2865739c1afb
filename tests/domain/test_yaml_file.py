"""Strict YAML: what is read, what is refused and on which line; and that no file is too much to read."""

import json
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.yaml_file import Problems, read_yaml, written
from app.domain.yaml_text import decimal, yaml_text
from tests.domain.strategies import calm, long_texts

CONTROL = "holds a control character, which no text may."
NO_ANCHOR = "which the format does not allow."


def refused(data: bytes) -> list[str]:
    """Every problem, whether it ended the reading or not."""
    try:
        yaml_file = read_yaml(data, "f")
    except Problems as error:
        return str(error).split("\n")
    return [written("f", problem) for problem in yaml_file.problems()]


def test_it_works() -> None:
    yaml_file = read_yaml(b"a: 1\nb:\n  - {key: one, c: 0.5}\n  - text\n", "f")

    assert yaml_file.data == {"a": 1, "b": [{"key": "one", "c": Fraction(1, 2)}, "text"]}
    assert yaml_file.line(("b", 0, "c")) == 3
    assert yaml_file.line(("b", 1)) == 4
    assert yaml_file.name(("b", 0, "c")) == "b.one.c"
    assert yaml_file.name(("b", 1)) == "b"


@pytest.mark.parametrize(
    ("written_so", "meant"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("'1'", "1"),
        ("1", 1),
        ("-1", -1),
        ("007", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("0.5", Fraction(1, 2)),
        ("0.50", Fraction(1, 2)),
        ("5e-1", Fraction(1, 2)),
        (".1", Fraction(1, 10)),
        ("1.0", Fraction(1)),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-03-01", "2026-03-01"),
        ("{b: https://example.org/a?b=c#d}", {"b": "https://example.org/a?b=c#d"}),
        ("{b: why?, c: 74 %}", {"b": "why?", "c": "74 %"}),
        ("|-\n  x\n  y", "x\ny"),
        (">-\n  x\n  y", "x y"),
    ],
)
def test_scalars_follow_yaml_1_2(written_so: str, meant: object) -> None:
    data = read_yaml(f"a: {written_so}\n".encode(), "f").data

    assert isinstance(data, dict)
    assert data["a"] == meant
    assert type(data["a"]) is type(meant)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["f:1: -: is empty."]),
        (b"# nothing\n", ["f:1: -: is empty."]),
        (b"---\n", ["f:1: -: is empty."]),
        (b"a: 1\n#" + b"x" * 1024 * 1024, ["f:1: -: is larger than 1 MiB."]),
        (b"a: 1\nb: \xff\n", ["f:2: -: is not UTF-8."]),
        (b"a: 1\nb: \xed\xa0\x80\n", ["f:2: -: is not UTF-8."]),
        (b"a: 1\nb: [\n", ["f:3: -: is not YAML: did not find expected node content."]),
        (b"a: b: c\n", ["f:1: -: is not YAML: mapping values are not allowed in this context."]),
        (b"a: 1\n---\nb: 1\n", ["f:2: -: holds more than one document."]),
        (b"a: 1\na: 2\n", ["f:2: a: stands here twice, the first time on line 1."]),
        (b"a: &x 1\n", [f"f:1: a: has an anchor (&x), {NO_ANCHOR}"]),
        (b"&x a: 1\n", [f"f:1: a: has an anchor (&x), {NO_ANCHOR}"]),
        (b"a: &x {b: 1}\n", [f"f:1: a: has an anchor (&x), {NO_ANCHOR}"]),
        (b"a:\n  b: *x\n", ["f:2: a.b: is an alias (*x); write the value out."]),
        (b"a: !x 1\n", [f"f:1: a: has a tag (!x), {NO_ANCHOR}"]),
        (b"a: !!int 1\n", [f"f:1: a: has a tag (tag:yaml.org,2002:int), {NO_ANCHOR}"]),
        (b"a: !x [b]\n", [f"f:1: a: has a tag (!x), {NO_ANCHOR}"]),
        (b"# b\n%TAG ! x\n---\na: 1\n", ["f:2: -: declares a tag, which the format does not allow."]),
        (b"[a]: 1\n", ["f:1: -: has a key that is not a plain word."]),
        (b"a: .nan\n", ["f:1: a: is .nan, which is no finite number."]),
        (b"a: 1e99\n", ["f:1: a: is too long a number; put it in quotes if it is meant as text."]),
        (b"a: b\x07\n", [f"f:1: a: {CONTROL}"]),
        (b"b:\n- key: c\n  a: x\n  \x01d: x\n", [f"f:4: b.c.\ufffdd: {CONTROL}"]),
        (b'a: "\\u0000"\n', [f"f:1: a: {CONTROL}"]),
        (b"a: b\n# \x1b[31m\n", [f"f:2: -: {CONTROL}"]),
        ("a: b\u2028c\n".encode(), [f"f:1: a: {CONTROL}"]),
        ("a: b\u0085c\n".encode(), [f"f:1: a: {CONTROL}"]),
        (b"a: b\rc\n", [f"f:1: a: {CONTROL}"]),
        (b'a: "\\ud800"\n', ["f:1: -: is not YAML: found invalid Unicode character escape code."]),
        (b"a: " + b"[" * 9 + b"]" * 9, []),
        (b"a:\n " + b"[" * 10 + b"]" * 10, ["f:2: a: is nested deeper than 10."]),
    ],
)
def test_what_is_refused_is_named_by_line_and_key(data: bytes, expected: list[str]) -> None:
    assert refused(data) == expected


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem() -> None:
    assert read_yaml("\ufeffa: 1\r\nb: 2\r\n".encode(), "f").data == {"a": 1, "b": 2}


def test_the_replacement_character_is_a_character() -> None:
    assert refused("a: \ufffd\nb: \x01\n".encode()) == [f"f:2: b: {CONTROL}"]


def test_a_path_shows_only_what_prints_and_not_all_of_it() -> None:
    assert read_yaml(b"a: 1\n", "f").name(("b\x1b\n" + "c" * 100,)) == "b??" + "c" * 57 + "…"


@calm
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    refused(data)


@calm
@given(st.text(st.sampled_from("ab:-,[]{}&*!|>'\"%#?@`~ \t\n\x00\u2028é0.5e"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    refused(text.encode())


PLAIN = st.recursive(
    st.one_of(
        long_texts(30),
        st.integers(-(10**9), 10**9),
        st.booleans(),
        st.integers(-1000, 1000).map(lambda eighths: Fraction(eighths, 8)).filter(lambda value: value.denominator > 1),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]{1,5}_?x", fullmatch=True), inner),
    max_leaves=4,
)


@calm
@given(st.dictionaries(st.sampled_from("abc"), PLAIN, min_size=1))
def test_what_is_written_is_read_back(values: dict[str, object]) -> None:
    yaml_file = read_yaml(yaml_text(values).encode(), "f")

    assert yaml_file.data == values
    assert not yaml_file.problems()


def test_a_text_of_several_lines_is_written_as_lines() -> None:
    assert yaml_text({"note": "one\n\ntwo"}) == "note: |-\n  one\n\n  two\n"


def test_a_third_has_no_decimal() -> None:
    with pytest.raises(ValueError, match="no finite decimal"):
        decimal(Fraction(1, 3))


def test_no_file_takes_more_than_a_second_or_much_memory() -> None:
    command = [sys.executable, "-m", "tests.domain.hostile"]
    measured = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=120).stdout)

    slow = {name: seconds for name, (seconds, _) in measured["costs"].items() if seconds >= 1}
    passed = [name for name, (_, found) in measured["costs"].items() if not found]
    assert not slow
    assert not passed
    assert measured["grown"] < 64 * 1024
