"""`shortstave rubric import`, and the rubrics of an organisation by their versions."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.domain.yaml_file import LARGEST
from tests.cli.test_users import ADMIN, rows
from tests.domain.test_rubric_file import LADDER, swapped
from tests.pace import spent

Run = Callable[..., Result]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """In this process, with an organisation that has one admin."""
    monkeypatch.setenv("SHORTSTAVE_DATA_DIR", str(tmp_path / "data"))
    assert CliRunner().invoke(app, ADMIN).exit_code == 0
    return lambda *words: CliRunner().invoke(app, ("rubric", *map(str, words)))


def ladder(folder: Path, old: str = "", new: str = "") -> Path:
    file = folder / "ladder.yaml"
    file.write_text(swapped(LADDER, old, new) if old else LADDER, encoding="utf-8")
    return file


def test_it_works(run: Run, tmp_path: Path) -> None:
    """Published, changed, published again; both versions are listed, compared and written."""
    first = run("import", ladder(tmp_path), "--publish")
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("tiny: published, see /rubrics/versions/")
    assert run("import", ladder(tmp_path, "Two lives.", "Two lives well."), "--publish").exit_code == 0

    listed = [line.split("\t") for line in run("list").stdout.splitlines()]
    assert [(line[0], line[1], line[2], line[4], line[5]) for line in listed] == [
        ("tiny", "2", "published", "0", "A tiny ladder"),
        ("tiny", "1", "published", "0", "A tiny ladder"),
    ]
    assert run("diff", "tiny@1", "tiny@newest").stdout == ("changed: statements.two-lives.text: Two lives{+ well+}.\n")
    assert run("diff", "tiny@2", tmp_path / "ladder.yaml").stdout == "No difference.\n"
    newest = run("export", "tiny@newest")
    assert newest.stdout == run("export", "tiny", "--version", "2").stdout
    assert "Two lives well." in newest.stdout
    assert run("export", "tiny", "--version", "1", "--into", tmp_path / "ladder.yaml").exit_code == 0
    assert (tmp_path / "ladder.yaml").read_text(encoding="utf-8") == LADDER


def test_a_draft_is_what_it_begins_with_by_default(run: Run, tmp_path: Path) -> None:
    answer = run("import", ladder(tmp_path))

    assert answer.stdout.splitlines()[-1] == "tiny: a draft is begun, see /rubrics/drafts/1."
    assert rows(tmp_path, "SELECT key, edition FROM draft") == [("tiny", 0)]
    assert run("list").stdout == "tiny\t-\tdraft\tnever\t-\tA tiny ladder\n"
    event = "SELECT person_id, details FROM audit_event WHERE action = 'rubric imported'"
    [(person, details)] = rows(tmp_path, event)
    assert person is None
    assert json.loads(str(details)) == {"by_command": True, "key": "tiny"}


def test_publishing_the_same_again_is_refused_and_leaves_no_draft(run: Run, tmp_path: Path) -> None:
    run("import", ladder(tmp_path), "--publish")

    again = run("import", ladder(tmp_path), "--publish")

    assert again.exit_code == 1
    assert "says exactly the same" in again.stderr
    assert rows(tmp_path, "SELECT count(*) FROM draft") == [(0,)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: &b 1\nc: *b\n", "has an anchor"),
        (f"{LADDER}key: tiny\n", "stands here twice"),
        (f"{LADDER}colour: red\n", "is no key of the format"),
        (swapped(LADDER, "minutes: 5", "minutes: [5]"), "must be a whole number, not a list"),
        (swapped(LADDER, "key: tiny", f"key: '{SCRIPT}'"), "a key is small letters"),
        ("a: b\n" * 2_000_000, "is larger than 1 MiB"),
        ("[" * 50_000, "is nested deeper than 10"),
        ("a: \x01\n", "holds a control character"),
    ],
    ids=["alias", "twice", "unknown", "type", "script", "huge", "deep", "control"],
)
def test_a_bad_file_is_a_list_of_problems_and_no_draft(run: Run, tmp_path: Path, text: str, problem: str) -> None:
    assert len(text) < LARGEST or problem == "is larger than 1 MiB"
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")

    with spent() as time:
        answer = run("import", file)

    assert time.seconds < 1
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert all(line.startswith(f"{file}:") for line in answer.stderr.splitlines())
    assert problem in answer.stderr
    assert rows(tmp_path, "SELECT count(*) FROM draft") == [(0,)]


def test_what_cannot_be_is_one_plain_line(run: Run, tmp_path: Path) -> None:
    for words, sentence in (
        (("export", "tiny@newest"), "There is no such rubric."),
        (("export", "tiny@7"), "There is no such version."),
        (("export", "tiny@x"), "tiny@x: say which version, as tiny@3 or tiny@newest."),
        (("diff", "tiny@1", "gigaom-mlops"), "There is no such version."),
        (("list", "--organisation", "None"), "There is no such organisation."),
        (("import", ladder(tmp_path), "--organisation", "None"), "There is no such organisation."),
        (("export", "gigaom-mlops", "--version", "-1"), "gigaom-mlops@-1: say which version, as gigaom-mlops@3"),
    ):
        answer = run(*words)

        assert (answer.exit_code, sentence in answer.stderr) == (1, True), (words, answer.stderr)
