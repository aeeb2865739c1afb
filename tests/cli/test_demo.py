"""`shortstave demo`, as a real process."""

import re
from pathlib import Path

from tests.cli.test_server import fetch, served, shortstave
from tests.cli.test_users import rows

LINK = re.compile(r"^http://127\.0\.0\.1:8000(/reset/[\w-]{43})$", re.MULTILINE)


def test_it_works(tmp_path: Path) -> None:
    made = shortstave(tmp_path, "demo", "--teams", "12", "--cycles", "2", "--seed", "3")

    assert made.returncode == 0, made.stderr
    assert "admin@shortstave.example" in made.stdout
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT name) FROM team") == [(12, 12)]
    assert rows(tmp_path, "SELECT count(*) FROM cycle") == [(2,)]
    assert rows(tmp_path, "SELECT count(*) FROM person WHERE password_hash IS NOT NULL") == [(0,)]
    link = LINK.search(made.stdout)
    assert link
    with served(tmp_path) as (address, _):
        status, page = fetch(address + link[1])
    assert status == 200
    assert 'type="password"' in page


def test_the_same_seed_makes_the_same(tmp_path: Path) -> None:
    answers = "SELECT sheet_id, statement, value, reason, note FROM answer ORDER BY sheet_id, statement"
    found = []
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        (tmp_path / name).mkdir()
        shortstave(tmp_path / name, "demo", "--teams", "2", "--seed", seed)
        found.append(rows(tmp_path / name, answers))

    assert found[0]
    assert found[0] == found[1] != found[2]


def test_only_an_empty_database_is_filled(tmp_path: Path) -> None:
    assert shortstave(tmp_path, "demo", "--teams", "1").returncode == 0
    before = rows(tmp_path, "SELECT count(*) FROM team")

    again = shortstave(tmp_path, "demo")

    assert again.returncode == 1
    assert "holds an organisation already" in again.stderr
    assert (again.stderr.count("\n"), again.stdout) == (1, "")
    assert rows(tmp_path, "SELECT count(*) FROM team") == before


def test_a_number_of_teams_that_cannot_be(tmp_path: Path) -> None:
    assert shortstave(tmp_path, "demo", "--teams", "0").returncode == 2
