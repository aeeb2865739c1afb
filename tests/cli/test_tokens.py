"""`shortstave token`, as real processes."""

import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.domain.tokens import well_formed
from tests.cli.test_server import begun, fetch, shortstave
from tests.cli.test_users import ADMIN, rows


def test_it_works(tmp_path: Path) -> None:
    """A service's token and a person's; both are listed, one is revoked, and neither secret is kept."""
    shortstave(tmp_path, *ADMIN)

    service = shortstave(tmp_path, "token", "create", "--name", "nightly export", "--scope", "read", "--expires", "30")
    person = shortstave(
        tmp_path, "token", "create", "--name", "mine", "--scope", "answer", "--user", "ADMIN@example.org"
    )

    assert (service.returncode, person.returncode) == (0, 0), service.stderr + person.stderr
    secrets = [answer.stdout.split()[-1] for answer in (service, person)]
    assert all(well_formed(secret) for secret in secrets)
    day = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)).date()
    assert shortstave(tmp_path, "token", "list").stdout.splitlines() == [
        f"2\t{secrets[1][:10]}\tanswer\tnever\tnever\tAdmin\tmine",
        f"1\t{secrets[0][:10]}\tread\tnever\t{day}\t(service)\tnightly export",
    ]
    assert shortstave(tmp_path, "token", "revoke", "1").stdout == "Token 1 is revoked.\n"
    assert rows(tmp_path, "SELECT id FROM token WHERE revoked_at IS NULL") == [(2,)]
    assert secrets[1].encode() not in (tmp_path / "data/shortstave.sqlite3").read_bytes()


def test_the_last_word_opens_the_api(tmp_path: Path) -> None:
    shortstave(tmp_path, *ADMIN)
    secret = shortstave(tmp_path, "token", "create", "--name", "a", "--scope", "read").stdout.split()[-1]

    with begun(tmp_path, "serve", "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        status, body = fetch(f"{address}/api/v1/teams", authorization=f"Bearer {secret}")

    assert (status, body) == (200, '{"teams":[],"next":null}')


def test_what_cannot_be_is_one_plain_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process: a command that is refused says so before it has done anything."""
    monkeypatch.setenv("SHORTSTAVE_DATA_DIR", str(tmp_path / "data"))
    made = ("token", "create", "--name", "a", "--scope", "read")

    nobody_yet = CliRunner().invoke(app, made)
    assert CliRunner().invoke(app, ADMIN).exit_code == 0
    refused = (
        nobody_yet,
        CliRunner().invoke(app, (*made, "--organisation", "None")),
        CliRunner().invoke(app, (*made, "--user", "nobody@example.org")),
        CliRunner().invoke(app, (*made, "--team", "None")),
        CliRunner().invoke(app, (*made, "--expires", "tomorrow")),
        CliRunner().invoke(app, (*made, "--expires", "2020-01-01")),
        CliRunner().invoke(app, (*made, "--expires", "99999999999")),
        CliRunner().invoke(app, ("token", "revoke", "7")),
    )

    for answer in refused:
        assert answer.exit_code == 1
        assert (answer.stderr.count("\n"), answer.stdout) == (1, ""), answer.output
    assert rows(tmp_path, "SELECT count(*) FROM token") == [(0,)]
