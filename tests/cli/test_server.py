"""serve, migrate and check as real processes."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUN = (sys.executable, "-m", "app.cli")
PATIENCE = 30  # seconds


def environment(folder: Path, **settings: str) -> dict[str, str]:
    ours = {f"SHORTSTAVE_{name.upper()}": value for name, value in settings.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHORTSTAVE_")}
    return kept | {"SHORTSTAVE_DATA_DIR": str(folder / "data"), "PYTHONPATH": os.getcwd()} | ours


def shortstave(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*RUN, *arguments), env=environment(folder, **settings), cwd=folder, text=True, capture_output=True, timeout=60
    )


@contextmanager
def begun(folder: Path, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A process whose log goes to the file `log`; killed in the end if it still runs."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (*RUN, *arguments),
            env=environment(folder, **settings), cwd=folder, text=True, stdout=subprocess.PIPE, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A serving process on a free port, and the address that it prints."""
    with begun(folder, "serve", "--port", "0", **settings) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + (folder / "log").read_text()
        yield found[0], process


def fetch(address: str, **headers: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_serve_makes_the_database_and_prints_the_address(tmp_path: Path) -> None:
    with served(tmp_path, log_format="json") as (address, process):
        assert fetch(f"{address}/")[0] == 200
        assert fetch(f"{address}/ready") == (200, "ready\n")
        assert fetch(f"{address}/c/s3cr3t/x?y=s3cr3t")[0] == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) in {0, -signal.SIGTERM}

    log = (tmp_path / "log").read_text()
    assert (tmp_path / "data/shortstave.sqlite3").exists()
    assert '"route":"/"' in log
    assert "s3cr3t" not in log
    assert "uvicorn" not in log.lower()


def test_the_embedded_database_has_one_process(tmp_path: Path) -> None:
    answer = shortstave(tmp_path, "serve", "--workers", "2")

    assert answer.returncode == 1
    assert "one writer at a time" in answer.stderr


def test_a_port_that_is_taken_is_one_plain_line(tmp_path: Path) -> None:
    with served(tmp_path) as (address, _):
        answer = shortstave(tmp_path, "serve", "--port", address.rsplit(":", 1)[1])

    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert "Choose another with --port." in answer.stderr


def test_postgresql_has_to_be_migrated_first(tmp_path: Path, postgresql_empty_url: str) -> None:
    refused = shortstave(tmp_path, "serve", database_url=postgresql_empty_url)
    assert refused.returncode == 1
    assert "shortstave migrate" in refused.stderr
    assert shortstave(tmp_path, "check", database_url=postgresql_empty_url).returncode == 1

    migrated = shortstave(tmp_path, "migrate", database_url=postgresql_empty_url)
    assert migrated.returncode == 0, migrated.stderr
    with served(tmp_path, database_url=postgresql_empty_url) as (address, _):
        assert fetch(f"{address}/ready") == (200, "ready\n")


def test_check_finds_all_well(tmp_path: Path) -> None:
    answer = shortstave(tmp_path, "check")

    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.count("ok    ") == 7


def test_check_says_what_is_wrong_and_how_to_mend_it(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    answer = shortstave(
        tmp_path,
        "check",
        database_url="postgresql://nobody@127.0.0.1:9/none",
        host="0.0.0.0",
        prot="1",
        insecure_http="1",
    )

    assert answer.returncode == 1
    assert "mind  names of the settings: SHORTSTAVE_PROT" in answer.stdout
    assert "mind  public address: SHORTSTAVE_PUBLIC_URL is empty" in answer.stdout
    assert "mind  signing in: SHORTSTAVE_INSECURE_HTTP is 1" in answer.stdout
    assert "wrong data folder:" in answer.stdout
    assert "wrong database: it does not answer" in answer.stdout
    assert "Traceback" not in answer.stdout + answer.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    answer = shortstave(tmp_path, "serve", log_level="loud")

    assert answer.returncode == 1
    assert answer.stderr.startswith("SHORTSTAVE_LOG_LEVEL: ")
    assert "loud" not in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_shipped_rubrics_are_loaded_once(tmp_path: Path) -> None:
    first, second = shortstave(tmp_path, "migrate"), shortstave(tmp_path, "migrate")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr

    with sqlite3.connect(tmp_path / "data/shortstave.sqlite3") as database:
        assert database.execute("SELECT count(*), max(number) FROM rubric_version").fetchone() == (7, 1)
    database.close()


def test_the_worker_works_until_it_is_told_to_stop(tmp_path: Path, postgresql_url: str) -> None:
    with begun(tmp_path, "worker", database_url=postgresql_url) as process:
        assert process.stdout is not None
        assert "has begun" in process.stdout.readline(), (tmp_path / "log").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_the_embedded_database_needs_no_worker(tmp_path: Path) -> None:
    answer = shortstave(tmp_path, "worker")

    assert answer.returncode == 1
    assert "the server does the background jobs itself" in answer.stderr
