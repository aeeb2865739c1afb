"""`shortstave user`, and the set-up link that `serve` prints, as real processes."""

import re
import sqlite3
from pathlib import Path

from tests.cli.test_server import begun, fetch, shortstave

ADMIN = ("user", "create", "--email", "admin@example.org", "--name", "Admin", "--organisation", "Works", "--admin")
LINK = re.compile(r"http://127\.0\.0\.1:8000/reset/[\w-]{43}$", re.MULTILINE)


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(folder / "data/shortstave.sqlite3")
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def test_it_works(tmp_path: Path) -> None:
    """The first admin, a second person without a role, and the first as an admin again."""
    first = shortstave(tmp_path, *ADMIN)
    second = shortstave(tmp_path, "user", "create", "--email", "other@example.org")
    again = shortstave(tmp_path, "user", "create", "--email", "OTHER@example.org", "--admin")

    assert [answer.returncode for answer in (first, second, again)] == [0, 0, 0], first.stderr + second.stderr
    assert all(LINK.search(answer.stdout) for answer in (first, second, again))
    assert rows(tmp_path, "SELECT email, name FROM person ORDER BY id") == [
        ("admin@example.org", "Admin"),
        ("other@example.org", "other"),
    ]
    assert rows(tmp_path, "SELECT person_id, kind FROM role ORDER BY id") == [(1, "admin"), (2, "admin")]
    assert rows(tmp_path, "SELECT kind, count(*) FROM one_time_link") == [("reset", 2)]


def test_what_cannot_be_is_one_plain_line(tmp_path: Path) -> None:
    nowhere = shortstave(tmp_path, "user", "create", "--email", "a@example.org")
    unknown = shortstave(tmp_path, "user", "create", "--email", "a@example.org", "--organisation", "None")
    no_address = shortstave(tmp_path, *(word if word != "admin@example.org" else "admin" for word in ADMIN))
    nobody = shortstave(tmp_path, "user", "reset", "nobody@example.org")

    for answer in (nowhere, unknown, no_address, nobody):
        assert answer.returncode == 1
        assert answer.stderr.count("\n") == 1
        assert answer.stdout == ""
    assert rows(tmp_path, "SELECT count(*) FROM person") == [(0,)]
    assert rows(tmp_path, "SELECT count(*) FROM organisation") == [(1,)]


def test_a_lost_telephone_is_helped(tmp_path: Path) -> None:
    shortstave(tmp_path, *ADMIN)
    database = sqlite3.connect(tmp_path / "data/shortstave.sqlite3")
    with database:
        database.execute("UPDATE person SET totp_secret = 'A', totp_step = 1")
    database.close()

    assert shortstave(tmp_path, "user", "reset", "admin@example.org").returncode == 0
    assert rows(tmp_path, "SELECT totp_secret FROM person") == [("A",)]
    settings = {"mail_url": "smtp://mail.example.org?from=a@example.org", "public_url": "http://127.0.0.1:8000"}
    for _ in range(2):
        answer = shortstave(tmp_path, "user", "reset", "admin@example.org", "--without-second-factor", **settings)
        assert LINK.search(answer.stdout)

    assert rows(tmp_path, "SELECT totp_secret FROM person") == [(None,)]
    told = ("admin@example.org", "The second factor of your account was switched off")
    assert rows(tmp_path, "SELECT to_address, subject FROM delivery") == [told]


def test_a_lost_provider_is_helped(tmp_path: Path) -> None:
    """An admin lets passwords in again; nobody else does, and a link alone says that it leads nowhere."""
    shortstave(tmp_path, *ADMIN)
    shortstave(tmp_path, "user", "create", "--email", "other@example.org")
    database = sqlite3.connect(tmp_path / "data/shortstave.sqlite3")
    with database:
        database.execute("UPDATE organisation SET single_sign_on_only = 1 WHERE name = 'Works'")
    database.close()
    only = "SELECT single_sign_on_only FROM organisation WHERE name = 'Works'"

    alone = shortstave(tmp_path, "user", "reset", "admin@example.org")
    assert LINK.search(alone.stdout)
    assert "leads nowhere" in alone.stdout
    other = shortstave(tmp_path, "user", "reset", "other@example.org", "--without-single-sign-on")
    assert (other.returncode, other.stdout, other.stderr.count("\n")) == (1, "", 1)
    assert rows(tmp_path, only) == [(1,)]

    answer = shortstave(tmp_path, "user", "reset", "admin@example.org", "--without-single-sign-on")
    assert LINK.search(answer.stdout)
    assert "leads nowhere" not in answer.stdout
    assert rows(tmp_path, only) == [(0,)]
    told = "SELECT count(*) FROM audit_event WHERE action = 'settings changed' AND person_id IS NULL"
    assert rows(tmp_path, told) == [(1,)]


def test_serve_prints_the_set_up_link_while_nobody_has_an_account(tmp_path: Path) -> None:
    with begun(tmp_path, "serve", "--port", "0") as process:
        assert process.stdout is not None
        process.stdout.readline()
        line = process.stdout.readline()
        link = re.search(r"http://\S+/set-up/[\w-]{43}$", line.strip())
        assert link, line
        status, page = fetch(link[0])
        assert status == 200
        assert 'type="password"' in page
    assert link[0].rsplit("/", 1)[1] not in (tmp_path / "log").read_text()

    shortstave(tmp_path, *ADMIN)
    with begun(tmp_path, "serve", "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        fetch(f"{address}/")
        process.terminate()
        assert "/set-up/" not in process.stdout.read()
