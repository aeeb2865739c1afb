"""Whatever is sent, the answer is no failure of ours, and the sheet holds nothing that could not be meant."""

from urllib.parse import quote

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.answers import NOTE_LIMIT, REASON_LIMIT, Value
from app.domain.text import plain
from app.web.admission import BODY_LIMIT
from tests.web.visitor import SCRIPT, Visitor, rows

FORM = "application/x-www-form-urlencoded"
pytestmark = pytest.mark.both  # PostgreSQL refuses texts and numbers that SQLite takes.

FEW = settings(
    max_examples=50, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
MANY = settings(FEW, max_examples=2000)

HOSTILE_TEXTS = st.sampled_from([
    "", " ", "\x00", "\ud800", "\udfff", "-1", "0", "1", "0.5", "1e309", "nan", "unknown", "not_applicable",
    "x" * 5000, str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "\u0661", "strategy.2", "strategy.-1",
    "strategy.1e9", ".", "..", "../../etc/passwd", "'; DROP TABLE sheet; --", "</textarea><script>", "{{ 7*7 }}",
    "%s%n", "\u202e", "\ufeff", "🛢" * 700,
])  # fmt: skip
TEXTS = HOSTILE_TEXTS | st.text(st.characters(), max_size=40)


@pytest.fixture
def sheet(visitor: Visitor) -> Visitor:
    """A sheet with some answers on it."""
    visitor.send({"pick": f"{visitor.categories[0].key}.2"})
    visitor.send({f"{visitor.categories[0].statements[0].key}.note": "before"})
    return visitor


def names(visitor: Visitor) -> st.SearchStrategy[str]:
    """Names of fields: those of the form, of its statements, and any other."""
    keys = [statement.key for statement in visitor.categories[0].statements[:4]]
    ours = ["sheet", "category", "base", "mutation", "client", "go", "pick", "undo", "clear"]
    parts = [f"{key}{part}" for key in keys for part in ("", ".reason", ".note", ".", ".x", ".note.note")]
    return st.sampled_from(ours + parts) | TEXTS


def escaped(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def unharmed(visitor: Visitor) -> None:
    """The sheet is whole: its answers can be meant, its pages and files are served."""
    for statement, answer in visitor.answers.items():
        assert statement in visitor.rubric.statements
        assert answer.value in (*Value, None)
        assert plain(answer.note, NOTE_LIMIT) == answer.note
        assert plain(answer.reason, REASON_LIMIT) == answer.reason
        assert bool(answer.reason) == (answer.value is Value.NOT_APPLICABLE)
    for path in ("", "/result", "/answers.yaml"):
        assert visitor.get(path).status_code == 200


def calm(visitor: Visitor, answer: Response, before: dict[str, int]) -> None:
    """No failure of ours; and nothing was written unless it says so."""
    assert answer.status_code in {200, 303, 307, 400, 404, 405, 409, 413, 422}, answer.status_code
    assert "Traceback" not in answer.text
    if answer.status_code >= 400:
        assert rows(visitor.quick_check) == before


def check_forms(sheet: Visitor, examples: settings) -> None:
    valid = sheet.form(f"/category/{sheet.categories[0].key}")

    @examples
    @given(
        st.lists(st.tuples(names(sheet), TEXTS), max_size=6),
        st.sets(st.sampled_from(sorted(valid)), max_size=2),
        st.booleans(),
        st.booleans(),
    )
    def check(fields: list[tuple[str, str]], left_out: set[str], last: bool, script: bool) -> None:
        whole = [(name, text) for name, text in valid.items() if name not in left_out]
        sent = whole + fields if last else fields + whole
        body = "&".join(f"{escaped(name)}={escaped(text)}" for name, text in sent)
        headers = {"content-type": FORM} | (SCRIPT if script else {})
        before = rows(sheet.quick_check)
        calm(sheet, sheet.browser.post(f"{sheet.home}/answers", content=body, headers=headers), before)

    check()
    unharmed(sheet)


def test_it_works(sheet: Visitor) -> None:
    check_forms(sheet, FEW)


@pytest.mark.long
def test_it_works_for_long(sheet: Visitor) -> None:
    check_forms(sheet, MANY)


BOUNDARY = b"--x\r\n"
MULTIPART = "multipart/form-data; boundary=x"
CODINGS = [
    "utf-8", "UTF-8", "utf-7", "utf-16", "idna", "punycode", "unicode_escape", "hex", "a%00b", "latin-1", "", "x" * 999,
]  # fmt: skip
TYPES = [
    FORM, MULTIPART, "multipart/form-data", "multipart/form-data; boundary=", "application/json", "text/plain", "",
    "multipart/form-data; boundary=\"x", "multipart/mixed; boundary=x", ";", "a/b/c", "\x01", f"{FORM}; charset=utf-16",
    *(f"{MULTIPART}; charset={coding}" for coding in CODINGS), f"{MULTIPART}; charset=utf-8; charset=utf-7",
]  # fmt: skip


def part(name: bytes, text: bytes) -> bytes:
    return BOUNDARY + b'Content-Disposition: form-data; name="' + name + b'"\r\n\r\n' + text + b"\r\n"


def check_bodies(sheet: Visitor, examples: settings) -> None:
    number, base = str(sheet.quick_check.sheet.sheet_id).encode(), str(sheet.version).encode()
    key = sheet.categories[0].statements[0].key.encode()
    valid = part(b"sheet", number) + part(b"base", base)
    pieces = st.sampled_from([
        valid, part(key + b".note", b"+2AA-"), part(key + b".note", b"\\ud800"), part(key, b"1"), part(key, b"\xff"),
        part(b"", b""), BOUNDARY, b"--x--\r\n", b"--x--", b"\r\n\r\n", b"Content-Disposition: form-data\r\n", b"\x00",
        b'{"sheet": 1e309}', b"&&==%", b"sheet=" + number + b"&base=2&" + key + b"=%ED%A0%80",
        b'Content-Disposition: form-data; name="f"; filename="f"\r\n\r\n',
    ])  # fmt: skip

    @examples
    @given(st.lists(pieces | st.binary(max_size=20), max_size=6), st.sampled_from(TYPES), st.booleans())
    def check(body: list[bytes], kind: str, script: bool) -> None:
        headers = {"content-type": kind} | (SCRIPT if script else {})
        before = rows(sheet.quick_check)
        calm(sheet, sheet.browser.post(f"{sheet.home}/answers", content=b"".join(body), headers=headers), before)

    check()
    unharmed(sheet)


def test_bodies_of_any_kind(sheet: Visitor) -> None:
    check_bodies(sheet, FEW)


@pytest.mark.long
def test_bodies_of_any_kind_for_long(sheet: Visitor) -> None:
    check_bodies(sheet, MANY)


def check_addresses(sheet: Visitor, examples: settings) -> None:
    places = st.sampled_from(["/check/", "/c/", f"{sheet.home}/category/", f"{sheet.home}/", "/static/", "/"])
    ends = st.sampled_from(["", "/", "/result", "?x=%00", "/answers"])

    @examples
    @given(places, TEXTS, ends, st.sampled_from(["GET", "POST"]))
    def check(place: str, text: str, end: str, method: str) -> None:
        before = rows(sheet.quick_check)
        calm(sheet, sheet.browser.request(method, f"{place}{escaped(text)}{end}"), before)

    check()
    unharmed(sheet)


def test_addresses(sheet: Visitor) -> None:
    check_addresses(sheet, FEW)


@pytest.mark.long
def test_addresses_for_long(sheet: Visitor) -> None:
    check_addresses(sheet, MANY)


@pytest.mark.parametrize("size", [BODY_LIMIT + 1, 2 * BODY_LIMIT])
@pytest.mark.parametrize("kind", [FORM, MULTIPART, "application/octet-stream"])
def test_a_body_that_is_too_large(sheet: Visitor, size: int, kind: str) -> None:
    before = rows(sheet.quick_check)
    answer = sheet.browser.post(f"{sheet.home}/answers", content=b"a" * size, headers={"content-type": kind})

    assert answer.status_code == 413
    calm(sheet, answer, before)


def test_a_form_at_the_limits(sheet: Visitor) -> None:
    before = rows(sheet.quick_check)
    valid = sheet.form()
    for body in (
        "&".join(["a=1"] * 3000),
        "=".join(["a"] * 3000),
        f"sheet={valid['sheet']}&base=0&{sheet.categories[0].statements[0].key}.note={'n' * 70_000}",
        "a" * (BODY_LIMIT - 1),
    ):
        answer = sheet.browser.post(f"{sheet.home}/answers", content=body, headers={"content-type": FORM})
        calm(sheet, answer, before)
        assert answer.status_code >= 400
    unharmed(sheet)


def test_a_field_given_twice_counts_once(sheet: Visitor) -> None:
    key, valid = sheet.categories[0].statements[0].key, sheet.form()
    body = f"sheet={valid['sheet']}&base={valid['base']}&{key}=0&{key}=0.5"
    answer = sheet.browser.post(f"{sheet.home}/answers", content=body, headers={"content-type": FORM})

    assert answer.status_code == 303
    assert sheet.answers[key].value is Value.HALF


@pytest.mark.parametrize("coding", ["utf-7", "idna", "unicode_escape", "a\x01b", "", "utf-8; charset=utf-7"])
def test_a_form_in_another_coding_is_not_read(sheet: Visitor, coding: str) -> None:
    """Python knows codings that give lone surrogates, and codings that raise what nobody expects."""
    number = str(sheet.quick_check.sheet.sheet_id).encode()
    note = part(sheet.categories[0].statements[0].key.encode() + b".note", b"+2AA-\\ud800\xff")
    body = part(b"sheet", number) + part(b"base", b"2") + note + b"--x--"
    headers = {"content-type": f"{MULTIPART}; charset={coding}"}

    assert sheet.browser.post(f"{sheet.home}/answers", content=body, headers=headers).status_code == 400
