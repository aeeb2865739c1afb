"""Which links and files are evidence, when it counts, and what a result is worth with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies as st

from app.domain.answers import Evidence, Value
from app.domain.errors import DomainError, Invalid
from app.domain.evidence import (
    FILE_LIMIT,
    FILE_TYPES,
    AnyEvidence,
    Attached,
    Coverage,
    EvidenceFile,
    TwoReadings,
    checked_days,
    checked_file,
    checked_link,
    coverage,
    current,
    expired,
    link_fault,
    supported,
    two_readings,
    with_evidence,
    with_given_above,
)
from app.domain.results import LadderResult
from app.domain.rubric import Category, Kind, Rubric, StatementKind, Subject
from app.domain.scoring import Values, score
from tests.domain.faults import check, check_found
from tests.domain.scoring_properties import heights
from tests.domain.strategies import SOURCE, WORDS, level, points_category, rubrics, statement, values

NO, HALF, YES, UNKNOWN, NOT_APPLICABLE = Value
GAP, PRACTICE = StatementKind.GAP, StatementKind.PRACTICE
TODAY, YESTERDAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 9), date(2026, 3, 11)
LINK = "https://example.org/runs"

PAGE = Evidence(LINK)
OLD_PAGE = Evidence(LINK, expires=TODAY)
COMING = EvidenceFile("plan.pdf", "application/pdf", 9, date=TOMORROW)
AGAINST = Evidence(LINK, speaks_for=False)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org",
        "http://example.org:8000/a?b#c",
        "HTTPS://EXAMPLE.ORG",
        "https://[::1]/",
        "https://wiki/Model_cards?user=a@b",
        "https://bücher.example/ü",
        "https://example.org./",
        "https://192.0.2.1/%20",
    ],
)
def test_pages_are_links(link: str) -> None:
    assert link_fault(link) is None
    assert checked_link(f" {link}  ") == link


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("", "begins with"),
        ("example.org", "begins with"),
        ("ftp://example.org", "begins with"),
        ("javascript:alert(1)", "begins with"),
        ("JavaScript://example.org/%0aalert(1)", "begins with"),
        ("vbscript:a", "begins with"),
        ("data:text/html,a", "begins with"),
        ("file:///etc/passwd", "begins with"),
        ("blob:https://example.org/1", "begins with"),
        ("//example.org", "begins with"),
        ("https:/example.org", "begins with"),
        ("https:example.org", "begins with"),
        ("https://", "begins with"),
        ("https:///a", "begins with"),
        ("https://:80/", "begins with"),
        ("https://.", "begins with"),
        ("https://a..b", "begins with"),
        ("https://%65xample.org", "begins with"),
        ("https://example.org:port", "can be read"),
        ("https://example.org:99999", "can be read"),
        ("https://[::1", "can be read"),
        ("java\tscript:alert(1)", "blanks"),
        ("\thttps://example.org", "blanks"),
        ("https://example.org/a b", "blanks"),
        ("https://example.org\n", "blanks"),
        ("\x01https://example.org", "cannot be seen"),
        ("https://example.org/\x00", "cannot be seen"),
        ("https://example.org/\u202egnp.exe", "cannot be seen"),
        ("https://exam\u200bple.org", "cannot be seen"),
        ("https://example.org/\ud800", "cannot be seen"),
        ("https:\\\\example.org", "backslashes"),
        ("https://example.org\\@evil.example", "backslashes"),
        ('https://example.org/"onclick="a', "quotes"),
        ("https://example.org/<script>", "brackets"),
        ("https://bank.example@evil.example/", "user name or password"),
        ("https://user:secret@example.org/", "user name or password"),
        ("https://" + "a" * 2000, "at most 2000"),
    ],
)
def test_nothing_else_is(link: str, fault: str) -> None:
    found = link_fault(link)

    assert found is not None
    assert fault in found
    with pytest.raises(Invalid):
        checked_link(link)


PIECES = (
    "http",
    "https",
    "javascript",
    ":",
    "//",
    "/",
    "a.example",
    ".",
    "@",
    "\\",
    "\t",
    "\n",
    " ",
    "\x00",
    "\u202e",
    "%0a",
)
TYPED = st.builds(
    str.__add__,
    st.sampled_from(["https://", "http://", ""]),
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
) | st.text(max_size=30)


def what_is_taken_opens_a_page(checking: Callable[[str], str], text: str) -> bool:
    """Whatever is typed is an address of the web without surprises, or an error of the product."""
    try:
        link = checking(text)
    except DomainError:
        return True
    parts = urlsplit(link)
    plain = link.isprintable() and not set(link) & set(" \\")
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None


def beginning_well(text: str) -> str:
    """Looks at the beginning only."""
    if text.startswith(("http://", "https://")):
        return text
    raise Invalid("Not a link.")


def test_checking_links_holds() -> None:
    check(what_is_taken_opens_a_page, checked_link, TYPED, 300)


def test_a_fault_in_checking_links_is_found() -> None:
    check_found(what_is_taken_opens_a_page, beginning_well, checked_link, TYPED)


@pytest.mark.parametrize(
    ("evidence", "counts", "flagged"),
    [
        (PAGE, True, False),
        (Evidence(LINK, TODAY, TOMORROW), True, False),
        (Evidence(LINK, YESTERDAY, TODAY), False, True),
        (OLD_PAGE, False, True),
        (COMING, False, False),
        (EvidenceFile("plan.pdf", "application/pdf", 9, YESTERDAY), True, False),
    ],
)
def test_when_evidence_counts(evidence: AnyEvidence, counts: bool, flagged: bool) -> None:
    assert (current(evidence, TODAY), expired(evidence, TODAY)) == (counts, flagged)


@pytest.mark.parametrize(
    ("evidence", "found"),
    [
        ([], False),
        ([PAGE], True),
        ([AGAINST], False),
        ([PAGE, AGAINST], True),
        ([OLD_PAGE, COMING], False),
        ([OLD_PAGE, PAGE], True),
    ],
)
def test_what_supports_a_statement(evidence: Sequence[AnyEvidence], found: bool) -> None:
    assert supported(evidence, TODAY) is found


def test_evidence_is_not_out_of_date_before_its_date() -> None:
    checked_days(None, YESTERDAY)
    checked_days(TODAY, None)
    checked_days(TODAY, TOMORROW)
    for expires in (TODAY, YESTERDAY):
        with pytest.raises(Invalid):
            checked_days(TODAY, expires)


@pytest.mark.parametrize(
    ("name", "beginning", "kept", "media_type"),
    [
        ("Plan 2026.PDF", b"%PDF-1.7", "Plan 2026.PDF", "application/pdf"),
        ("C:\\plans\\plan.png", b"\x89PNG\r\n\x1a\n", "plan.png", "image/png"),
        ("../../plan.jpeg", b"\xff\xd8\xff\xe0", "plan.jpeg", "image/jpeg"),
        ("runs.csv", b"=1+1", "runs.csv", "text/plain; charset=utf-8"),
        ("a.b.md", b"<script>", "a.b.md", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_kept(name: str, beginning: bytes, kept: str, media_type: str) -> None:
    assert checked_file(name, FILE_LIMIT, beginning) == EvidenceFile(kept, media_type, FILE_LIMIT)


@pytest.mark.parametrize(
    ("name", "size", "beginning", "why"),
    [
        ("a.zip", 9, b"PK\x03\x04", "type"),
        ("a.html", 9, b"<html>", "type"),
        ("a.svg", 9, b"<svg", "type"),
        ("a.pdf.exe", 9, b"MZ", "type"),
        ("pdf", 9, b"%PDF-", "type"),
        ("a.", 9, b"a", "type"),
        ("a.pdf", 200 * 1024 * 1024, b"%PDF-", "too large"),
        ("a.pdf", 0, b"", "empty"),
        ("a.pdf", 9, b"MZ", "not what its name says"),
        ("a.txt", 9, b"a\0b", "not what its name says"),
        ("a\x00.pdf", 9, b"%PDF-", "not a printable one"),
        ("\u202efdp.pdf", 9, b"%PDF-", "cannot be part of a name"),
        ("x" * 200 + ".pdf", 9, b"%PDF-", "too long"),
        ("folder/", 9, b"%PDF-", "empty"),
    ],
)
def test_a_file_is_refused_with_the_reason(name: str, size: int, beginning: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        checked_file(name, size, beginning)


def test_no_type_is_one_that_a_browser_runs() -> None:
    served = {each.media_type for each in FILE_TYPES.values()}

    assert not any(word in each for each in served for word in ("html", "svg", "javascript", "zip"))


PEOPLE = Category(
    "people",
    "People",
    "Who?",
    (
        statement("hired", PRACTICE, 1, 1),
        statement("nobody", GAP, 0, 1),
        statement("trained", PRACTICE, 2, 2),
        statement("meeting", PRACTICE, 2, 2),
    ),
)
TOOLS = Category("tools", "Tools", "With?", (statement("slow", GAP, 0, 1), statement("late", GAP, 1, 2)))
STEPS = Rubric(
    "steps",
    "Steps",
    Kind.LADDER,
    "What.",
    5,
    Subject.TEAM,
    SOURCE,
    WORDS,
    (PEOPLE, TOOLS),
    WORDS,
    tuple(level(each, "people") for each in range(3)),
)
SUMS = Rubric("sums", "Sums", Kind.POINTS, "What.", 5, Subject.MODEL, SOURCE, WORDS, (points_category("c1", 4),))
CLAIMS = dict.fromkeys(STEPS.statements, YES)


@pytest.mark.parametrize(
    ("rubric", "values", "evidence", "shown"),
    [
        (STEPS, {"hired": YES}, {}, {"hired": NO}),
        (STEPS, {"hired": HALF}, {}, {"hired": NO}),
        (STEPS, {"hired": YES}, {"hired": [PAGE]}, {"hired": YES}),
        (STEPS, {"hired": HALF}, {"hired": [PAGE]}, {"hired": HALF}),
        (STEPS, {"hired": YES}, {"hired": [OLD_PAGE, AGAINST]}, {"hired": NO}),
        (STEPS, {"hired": YES}, {"trained": [PAGE]}, {"hired": NO}),
        # A gap that was overcome leaves nothing to show.
        (STEPS, {"nobody": YES}, {}, {"nobody": YES}),
        (STEPS, {"hired": NOT_APPLICABLE, "trained": UNKNOWN}, {}, {"hired": NOT_APPLICABLE, "trained": UNKNOWN}),
        (SUMS, {"c1-s1": YES, "c1-s2": YES}, {"c1-s2": [PAGE]}, {"c1-s1": NO, "c1-s2": YES}),
        (SUMS, {"gone": YES}, {}, {"gone": YES}),
    ],
)
def test_values_as_they_can_be_shown(rubric: Rubric, values: Values, evidence: Attached, shown: Values) -> None:
    assert with_evidence(rubric, values, evidence, TODAY) == shown


def test_coverage_counts_what_needs_evidence() -> None:
    found = coverage(STEPS, CLAIMS | {"meeting": HALF}, {"trained": [PAGE], "slow": [PAGE]}, TODAY)

    assert found == (Coverage("people", 2, 1, ("hired",)), Coverage("tools", 0, 0, ()))
    assert [each.share for each in found] == [Fraction(1, 2), None]


def test_one_result_read_twice() -> None:
    found = two_readings(STEPS, CLAIMS, {"hired": [PAGE], "trained": [OLD_PAGE]}, TODAY)

    assert (found.claimed.overall, found.with_evidence.overall) == (2, 1)
    assert isinstance(found.with_evidence, LadderResult)
    assert found.with_evidence.categories[0].blockers == ("trained", "meeting")
    assert found.coverage[0].missing == ("trained", "meeting")


def test_what_stands_above_counts_for_what_is_taken_over() -> None:
    own: Attached = {"hired": [AGAINST], "meeting": [PAGE]}
    above: Attached = {"hired": [PAGE], "trained": [COMING], "meeting": [OLD_PAGE]}

    assert with_given_above(own, above, {"hired", "trained"}) == {
        "hired": (AGAINST, PAGE),
        "trained": (COMING,),
        "meeting": [PAGE],
    }
    counted = with_given_above({}, above, above)
    assert two_readings(STEPS, CLAIMS, counted, TODAY).coverage[0] == Coverage("people", 3, 1, ("trained", "meeting"))


Reading = Callable[[Rubric, Values, Attached, date], TwoReadings]


@dataclass(frozen=True)
class Case:
    rubric: Rubric
    values: Values
    evidence: Mapping[str, Sequence[AnyEvidence]]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Mostly shown, so that the levels differ by little; sometimes wholly, sometimes not at all."""
    rubric = draw(rubrics())
    some = st.sampled_from([[PAGE], [PAGE], [PAGE, AGAINST], [OLD_PAGE], [AGAINST], []])
    each = draw(st.sampled_from([some, st.just([PAGE]), st.just([])]))
    return Case(rubric, draw(values(rubric)), {key: draw(each) for key in rubric.statements})


def read(reading: Reading, case: Case) -> TwoReadings:
    return reading(case.rubric, case.values, case.evidence, TODAY)


def shown_is_never_above_claimed(reading: Reading, case: Case) -> bool:
    """In nothing that counts upwards, neither at least nor at best."""
    found = read(reading, case)
    return all(low <= high for low, high in zip(heights(found.with_evidence), heights(found.claimed), strict=True))


def what_is_all_shown_stands_where_it_claims(reading: Reading, case: Case) -> bool:
    """Full coverage gives the same levels, and where the coverage is not full, something is named that lacks."""
    found = read(reading, case)
    if any(bool(each.missing) != (each.share not in (None, 1)) for each in found.coverage):
        return False
    if any(each.missing for each in found.coverage) or not isinstance(found.claimed, LadderResult):
        return True
    assert isinstance(found.with_evidence, LadderResult)
    pairs = zip(found.claimed.categories, found.with_evidence.categories, strict=True)
    return all(claimed.level == shown.level for claimed, shown in pairs)


def showing_what_is_missing_makes_it_whole(reading: Reading, case: Case) -> bool:
    """Evidence for what coverage names, and for what is half met, is all that the claimed result lacks."""
    missing = {key for each in read(reading, case).coverage for key in each.missing}
    lacking = missing | {key for key, value in case.values.items() if value is HALF}
    then = read(reading, Case(case.rubric, case.values, {**case.evidence, **{key: [PAGE] for key in lacking}}))
    return then.with_evidence == then.claimed


def unknown_instead(rubric: Rubric, values: Values, evidence: Attached, today: date) -> TwoReadings:
    """Drops from the reading what cannot be shown, as if it did not apply."""
    found = two_readings(rubric, values, evidence, today)
    shown = with_evidence(rubric, values, evidence, today)
    dropped = {key: NOT_APPLICABLE if shown[key] is NO else value for key, value in values.items()}
    return TwoReadings(found.claimed, score(rubric, dropped), found.coverage)


def gaps_too(rubric: Rubric, values: Values, evidence: Attached, today: date) -> TwoReadings:
    """Asks evidence of gaps, and does not say so in the coverage."""
    found = two_readings(rubric, values, evidence, today)
    shown = {
        key: NO if value is YES and not supported(evidence.get(key, ()), today) else value
        for key, value in values.items()
    }
    return TwoReadings(found.claimed, score(rubric, shown), found.coverage)


def any_evidence(rubric: Rubric, values: Values, evidence: Attached, today: date) -> TwoReadings:
    """Takes what is out of date or speaks against it for evidence in the coverage, but not in the result."""
    found = two_readings(rubric, values, evidence, today)
    kept = {key: [PAGE] if each else [] for key, each in evidence.items()}
    return TwoReadings(found.claimed, found.with_evidence, coverage(rubric, values, kept, today))


RULES = (
    shown_is_never_above_claimed,
    what_is_all_shown_stands_where_it_claims,
    showing_what_is_missing_makes_it_whole,
)


@pytest.mark.parametrize("rule", RULES)
def test_reading_holds(rule: Callable[[Reading, Case], bool]) -> None:
    check(rule, two_readings, cases())


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        (unknown_instead, shown_is_never_above_claimed),
        (gaps_too, what_is_all_shown_stands_where_it_claims),
        (any_evidence, what_is_all_shown_stands_where_it_claims),
        (gaps_too, showing_what_is_missing_makes_it_whole),
        (any_evidence, showing_what_is_missing_makes_it_whole),
    ],
)
def test_a_fault_in_reading_is_found(fault: Reading, rule: Callable[[Reading, Case], bool]) -> None:
    check_found(rule, fault, two_readings, cases())
