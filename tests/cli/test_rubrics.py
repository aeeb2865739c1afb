"""`shortstave rubric`: what goes to which stream, and with which status it ends."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.rubrics import rubrics
from app.domain.rubric_file import read_rubric, shipped, shipped_files, write_rubric
from tests.domain.test_rubric_file import LADDER, POINTS, swapped


def run(*arguments: object) -> Result:
    return CliRunner().invoke(rubrics, [str(each) for each in arguments])


@pytest.fixture
def ladder(tmp_path: Path) -> Path:
    return written(tmp_path / "ladder.yaml", LADDER)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_it_works(ladder: Path) -> None:
    answer = run("check", ladder, "ml-test-score")

    assert answer.exit_code == 0
    assert answer.stdout.split("\n")[:2] == [
        f"{ladder}: tiny is good, 4 statements in 2 categories.",
        "ml-test-score: ml-test-score is good, 28 statements in 4 categories.",
    ]


def test_every_shipped_rubric_is_good() -> None:
    assert run("check", *shipped_files()).exit_code == 0


def test_a_warning_goes_to_standard_error_and_is_no_failure(tmp_path: Path) -> None:
    text = swapped(LADDER, "text: One lags.", "text: Models are tested and data is versioned.")
    file = written(tmp_path / "two.yaml", text)

    answer = run("check", file)

    assert answer.exit_code == 0
    assert answer.stderr == (
        f"{file}:20: categories.one.statements.one-lags.text: warning: "
        'may hold two facts joined by "and"; split it, so that each can be answered.\n'
    )


def test_each_problem_is_a_line_on_standard_error_and_nothing_else_is_said(tmp_path: Path, ladder: Path) -> None:
    file = written(tmp_path / "bad.yaml", swapped(swapped(LADDER, "minutes: 5", "minutes: x"), "year: 2020", "year: y"))

    answer = run("check", file, ladder)

    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert answer.stderr == (
        f"{file}:6: minutes: must be a whole number, not text.\n"
        f"{file}:8: source.year: must be a whole number, not text.\n"
    )


@pytest.mark.parametrize("command", ["check", "export"])
def test_a_file_that_cannot_be_read_is_one_plain_line(command: str, tmp_path: Path) -> None:
    for name, why in (
        (tmp_path / "none.yaml", "cannot be read: No such file or directory."),
        (tmp_path, "cannot be read: Is a directory."),
        ("nosuchkey", f"is no file, and no shipped rubric; these are: {', '.join(shipped())}."),
    ):
        answer = run(command, name)

        assert (answer.exit_code, answer.stdout, answer.stderr) == (2, "", f"{name}: {why}\n")


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    with file.open("wb") as opened:
        opened.truncate(10**12)

    answer = run("check", file)

    assert (answer.exit_code, answer.stderr) == (2, f"{file}:1: -: is larger than 1 MiB.\n")


def test_the_export_of_a_shipped_rubric_is_that_rubric(tmp_path: Path) -> None:
    printed = run("export", "ml-test-score")
    run("export", "ml-test-score", "--out", tmp_path / "out.yaml")

    assert printed.exit_code == 0
    assert read_rubric(printed.stdout_bytes, "f").rubric == shipped()["ml-test-score"]
    assert (tmp_path / "out.yaml").read_bytes() == printed.stdout_bytes


def test_an_export_of_an_export_changes_nothing(ladder: Path, tmp_path: Path) -> None:
    once = written(tmp_path / "once.yaml", run("export", ladder).stdout)

    assert run("export", once).stdout == once.read_text(encoding="utf-8")


def test_an_export_that_cannot_be_written_is_one_plain_line(tmp_path: Path) -> None:
    answer = run("export", "ml-test-score", "--out", tmp_path / "none" / "out.yaml")

    assert answer.exit_code == 2
    assert answer.stderr == f"{tmp_path / 'none' / 'out.yaml'}: cannot be written: No such file or directory.\n"


def test_a_difference_reads_word_by_word(ladder: Path, tmp_path: Path) -> None:
    text = swapped(LADDER, "text: Two lives.", "text: Two lives well.")
    new = written(
        tmp_path / "new.yaml", swapped(text, "kind: gap, level: 0, gate: 1", "kind: practice, level: 1, gate: 1")
    )

    answer = run("diff", ladder, new)

    assert answer.exit_code == 0
    assert answer.stdout.split("\n") == [
        "changed: statements.one-lags.kind: gap -> practice",
        "changed: statements.one-lags.level: 0 -> 1",
        "changed: statements.two-lives.text: Two lives{+ well+}.",
        "",
    ]


def test_no_difference_is_said(ladder: Path, tmp_path: Path) -> None:
    canonical = written(tmp_path / "same.yaml", write_rubric(read_rubric(LADDER.encode(), "f").rubric))

    assert run("diff", ladder, canonical).stdout == "No difference.\n"


def test_a_difference_of_two_rubrics_names_what_came_and_went(ladder: Path, tmp_path: Path) -> None:
    answer = run("diff", ladder, written(tmp_path / "points.yaml", POINTS))

    assert "removed: categories.one.statements.one-lags: One lags.\n" in answer.stdout
    assert "added: categories.one.statements.a: t\n" in answer.stdout


def test_a_file_is_brought_up_to_date_and_keeps_its_comments(ladder: Path, tmp_path: Path) -> None:
    mine = written(tmp_path / "mine.yaml", f"# Ours.\n{LADDER}")
    changed = written(tmp_path / "changed.yaml", swapped(LADDER, "text: Two lives.", "text: Two lives well."))

    assert run("export", ladder, "--into", mine).exit_code == 0
    assert mine.read_text(encoding="utf-8") == f"# Ours.\n{LADDER}"
    assert run("export", changed, "--into", mine).exit_code == 0
    assert mine.read_text(encoding="utf-8") == f"# Ours.\n{changed.read_text(encoding='utf-8')}"
    assert run("export", ladder, "--into", tmp_path / "new.yaml").exit_code == 0
    assert (tmp_path / "new.yaml").read_text(encoding="utf-8") == run("export", ladder).stdout


def test_a_file_that_cannot_be_brought_up_to_date_is_left(ladder: Path, tmp_path: Path) -> None:
    for text, why in (
        (POINTS, "f: holds another rubric than tiny, and is left as it is."),
        ("key: [", "f:2: -: is not YAML: did not find expected node content."),
    ):
        file = written(tmp_path / "f", text)

        answer = run("export", ladder, "--into", file)

        assert (answer.exit_code, answer.stderr) == (2, f"{tmp_path / why}\n")
        assert file.read_text(encoding="utf-8") == text
    assert run("export", ladder, "--into", ladder, "--out", ladder).exit_code == 2


def test_a_bad_file_has_no_difference(ladder: Path, tmp_path: Path) -> None:
    answer = run("diff", ladder, written(tmp_path / "bad.yaml", "a: 1"))

    assert (answer.exit_code, answer.stdout) == (2, "")


def test_a_translation_is_checked_with_the_rubric_beside_it(tmp_path: Path) -> None:
    written(tmp_path / "tiny.yaml", LADDER)
    file = written(tmp_path / "tiny.de.yaml", "format: 1\nrubric: tiny\nlanguage: de\ntitle: Winzig\n")

    good = run("check", file)
    assert good.exit_code == 0
    assert "warning: lacks" in good.stderr
    assert "title: Winzig" in run("export", file).stdout
    written(file, "format: 1\nrubric: tiny\nlanguage: de\nstatements: {two-lags: {text: Nichts.}}\n")
    assert f'{file}:4: statements.two-lags: names no statement of this rubric, "two-lags"' in run("check", file).stderr
    written(file, "format: 1\nrubric: other\nlanguage: de\n")
    answer = run("check", file)
    assert (answer.exit_code, "neither beside it nor shipped" in answer.stderr) == (2, True)


def test_a_shipped_rubric_is_exported_with_its_translations() -> None:
    exported = read_rubric(run("export", "gigaom-mlops").stdout.encode(), "out").rubric

    assert exported == shipped()["gigaom-mlops"]
