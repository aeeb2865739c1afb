"""Reading a file of units, teams and people: what is taken, and what every bad file is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.addresses import normalised
from app.domain.errors import Invalid
from app.domain.people import TEAM_KINDS, RoleKind
from app.domain.people_file import FORMULA, LINES, PeopleFile, Row, read_people, write_people
from app.domain.text import one_line
from tests.domain.strategies import calm
from tests.pace import spent

EXAMPLE = Path(__file__).parents[1] / "example-people.csv"
HEAD = "unit,team,name,email,role\n"


def read(text: str, coding: str = "utf-8") -> PeopleFile:
    return read_people(text.encode(coding), normalised)


def told(file: PeopleFile) -> list[tuple[int, str, str]]:
    return [(problem.line, problem.path, problem.text) for problem in file.problems]


def test_it_works() -> None:
    file = read(
        HEAD + "Retail / Risk,Fraud,Member 07,Member-07@Example.org,Lead\nLogistics\n,,Boss,boss@example.org,admin\n"
    )

    assert file.problems == ()
    assert file.rows == (
        Row(2, ("Retail", "Risk"), "Fraud", "Member 07", "member-07@example.org", RoleKind.LEAD),
        Row(3, ("Logistics",)),
        Row(4, name="Boss", email="boss@example.org", role=RoleKind.ADMIN),
    )


def test_the_example_is_read() -> None:
    file = read_people(EXAMPLE.read_bytes(), normalised)

    assert file.problems == ()
    assert len({row.email for row in file.rows}) == 40
    assert len({(row.unit, row.team) for row in file.rows if row.team}) == 10
    assert {row.unit for row in file.rows if row.unit} == {("Retail",), ("Retail", "Risk"), ("Logistics",)}


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_however_a_spreadsheet_writes_it(coding: str, delimiter: str, end: str) -> None:
    lines = [["EMAIL", " Role ", "Team", "unit", "name"], ["a@example.org", "", '"Größe, 2"', "Küche", "Zoë"]]
    file = read(end.join(delimiter.join(cells) for cells in lines) + end, coding)

    assert told(file) == []
    assert file.rows == (Row(2, ("Küche",), "Größe, 2", "Zoë", "a@example.org", RoleKind.MEMBER),)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, "-", "The first line names the columns"),
        (HEAD, 1, "-", "Nothing stands below the first line."),
        ("unit,salary\nRetail,1", 1, "-", "There is no column “salary”."),
        ("unit,Unit\nRetail,Risk", 1, "unit", "This column is there twice."),
        (HEAD + "Retail,,,,,extra", 2, "-", "There are 6 cells here, and the first line names 5 columns."),
        (HEAD + 'Retail,"Fraud\n\n', 2, "-", "a double quote opens and does not close"),
        (HEAD + 'Retail,"Fraud"x\n', 2, "-", "a double quote opens and does not close"),
        (HEAD + ",Fraud", 2, "unit", "A team is in a unit: name it."),
        (HEAD + "Retail / ,Fraud", 2, "unit", "A level of this unit has no name"),
        (HEAD + " / ".join("x" * 41), 2, "unit", "This is too deep"),
        (HEAD + "R" * 201, 2, "unit", "This text is too long: 201 characters, where 200 fit."),
        (HEAD + "\nRetail,Fr\aud", 3, "team", "Character 3 of this text (U+0007)"),
        (HEAD + 'Retail,"Fraud\nteam"', 2, "team", "(U+000A) cannot be part of a name."),
        (HEAD + "Retail,Fr\u202eaud", 2, "team", "(U+202E) cannot be part of a name."),
        (HEAD + "Retail,Fr\0aud", 2, "-", "(U+0000)"),
        (HEAD + '"=HYPERLINK(""https://example.org"")"', 2, "unit", "This looks like a formula"),
        (HEAD + "Retail / @Risk", 2, "unit", "This looks like a formula"),
        (HEAD + "Retail,\t+1", 2, "team", "This looks like a formula"),
        (HEAD + "Retail,Fraud,-1,a@example.org", 2, "name", "This looks like a formula"),
        (HEAD + "Retail,Fraud,One,=1+1@example.org", 2, "email", "This looks like a formula"),
        (HEAD + "Retail,Fraud,One,one@", 2, "email", "This is not an e-mail address."),
        (HEAD + "Retail,Fraud,One,one@example.org,boss", 2, "role", "There is no role “boss”."),
        (HEAD + "Retail,,One,one@example.org,lead", 2, "team", "Leads, members and viewers belong to a team"),
        (HEAD + "Retail,,One,one@example.org,", 2, "role", "Say what this person is to be."),
        (HEAD + "Retail,Fraud,One,one@example.org,manager", 2, "team", "leave the team empty"),
        (HEAD + "Retail,,One,one@example.org,admin", 2, "unit", "leave unit and team empty"),
        (HEAD + "Retail,Fraud,One", 2, "email", "A person needs an e-mail address."),
        (HEAD + "x\n" * (LINES + 1), LINES + 2, "-", "This file is too long: 20,000 lines fit."),
        (HEAD + "x" * 1_000_001, 1, "-", "This file is too large: 1 MB fits."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, column: str, says: str) -> None:
    found = told(read(text))

    assert (line, column) in [problem[:2] for problem in found]
    assert says in " ".join(problem[2] for problem in found)


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        ((HEAD + "Retail\nKüche").encode("latin-1"), 3, "This file is not written in UTF-8. In Excel choose"),
        ((HEAD + "Retail").encode("utf-16-le"), 1, "(U+0000)"),
        ((HEAD + "Retail").encode("utf-32"), 1, "UTF-32"),
        (HEAD.encode("utf-16") + b"\x00", 2, "not written in UTF-8"),
        (b"PK\x03\x04" + b"\0" * 50, 1, "This is a workbook and not a CSV file."),
        ((HEAD + "Retail,\ud800").encode("utf-8", "surrogatepass"), 2, "not written in UTF-8"),
    ],
)
def test_other_codings_are_told_what_to_do(data: bytes, line: int, says: str) -> None:
    (problem,) = read_people(data, normalised).problems

    assert problem.line == line
    assert says in problem.text


def test_every_problem_is_found_at_once() -> None:
    file = read(HEAD + "Retail,Fraud,One,one@,boss\nRetail\n,Fraud,,,\n")

    assert [(problem.line, problem.path) for problem in file.problems] == [(2, "email"), (2, "role"), (4, "unit")]
    assert file.rows == (Row(3, ("Retail",)),)


def test_100_000_lines_are_refused_soon() -> None:
    with spent() as time:
        file = read("unit\n" + "Retail\n" * 100_000)

    assert [problem.line for problem in file.problems] == [LINES + 2]
    assert time.seconds < 5


def fits(text: str) -> bool:
    """Whether a cell can hold this name, and does so as it stands."""
    try:
        return one_line(text, 200) == text and not text.startswith(FORMULA) and "/" not in text
    except Invalid:
        return False


seen = st.characters(exclude_categories=("C", "Z"), exclude_characters=("/", *FORMULA))
names = st.lists(st.text(seen, min_size=1, max_size=10), min_size=1, max_size=3).map(" ".join).filter(fits)
units = st.lists(names, min_size=1, max_size=4).map(tuple)
emails = st.from_regex(r"[a-z][a-z0-9]{0,9}@[a-z]{1,9}\.org", fullmatch=True)
rows = st.one_of(
    st.builds(Row, st.just(0), units),
    st.builds(Row, st.just(0), units, names),
    st.builds(Row, st.just(0), units, names, names, emails, st.sampled_from(sorted(TEAM_KINDS))),
    st.builds(Row, st.just(0), units, st.just(""), names, emails, st.just(RoleKind.MANAGER)),
    st.builds(
        Row, st.just(0), st.just(()), st.just(""), names, emails, st.sampled_from([RoleKind.ADMIN, RoleKind.MANAGER])
    ),
)


@calm
@given(st.lists(rows, min_size=1, max_size=20))
def test_what_is_written_is_read_again(written: list[Row]) -> None:
    file = read(write_people(written))

    assert told(file) == []
    assert [Row(0, row.unit, row.team, row.name, row.email, row.role) for row in file.rows] == written


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    file = read_people((HEAD + text).encode("utf-8", "surrogatepass"), normalised)

    assert file.rows or file.problems


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    file = read_people(data, normalised)

    assert file.rows or file.problems
