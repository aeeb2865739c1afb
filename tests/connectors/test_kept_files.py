"""The folder of evidence files: whole or not at all, under names that nobody guesses, purged when no row names them."""

import datetime
import io
import os
import resource
import stat
from pathlib import Path

import pytest

from app.connectors.kept_files import KeptFiles, NoRoom
from app.domain.errors import Missing

NOW = datetime.datetime.now(datetime.UTC)
LATER = NOW + datetime.timedelta(days=2)


@pytest.fixture
def files(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "evidence")


def all_files(files: KeptFiles) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file()]


def test_it_works(files: KeptFiles) -> None:
    content = io.BytesIO(b"content")
    content.seek(3)
    key = files.keep(content)
    assert files.path(key).read_bytes() == b"content"
    assert files.keep(io.BytesIO(b"content")) != key
    assert len(key) == 64
    assert not stat.S_IMODE(files.path(key).parent.stat().st_mode) & 0o077


def test_the_same_content_is_recognised(files: KeptFiles) -> None:
    key = files.keep(io.BytesIO(b"content"))
    assert files.holds(key, io.BytesIO(b"content"))
    for other in (b"", b"conten", b"contents", b"Content"):
        assert not files.holds(key, io.BytesIO(other)), other
    assert not files.holds("0" * 64, io.BytesIO(b""))


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "0" * 63, "/" * 64, "é" * 64, "." * 64])
def test_a_key_leads_nowhere_else(files: KeptFiles, key: str) -> None:
    with pytest.raises(Missing):
        files.path(key)


def test_a_full_disk_leaves_nothing(files: KeptFiles) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024 * 1024, before[1]))
    try:
        with pytest.raises(NoRoom, match="no room"):
            files.keep(io.BytesIO(2 * 1024 * 1024 * b"a"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert all_files(files) == []


def test_a_folder_that_is_none(files: KeptFiles) -> None:
    files.folder.write_bytes(b"")
    with pytest.raises(NoRoom):
        files.keep(io.BytesIO(b"content"))


def test_what_nobody_names_is_purged_when_it_is_old(files: KeptFiles) -> None:
    named, orphan = files.keep(io.BytesIO(b"named")), files.keep(io.BytesIO(b"orphan"))
    half = files.path(orphan).with_name("0" * 64 + ".part")
    half.write_bytes(b"half")
    beside = files.path(orphan).with_name("0" * 64 + ".part-rows")
    beside.mkdir()
    (beside / "rows").write_bytes(b"rows")
    assert files.purge({named}, NOW) == 0
    assert files.purge({named}, LATER) == 3
    assert not beside.exists()
    assert all_files(files) == [files.path(named)]
    os.utime(files.path(named), (0, 0))
    assert files.purge({named}, LATER) == 0


def test_what_was_discarded_is_gone(files: KeptFiles) -> None:
    key = files.keep(io.BytesIO(b"content"))
    files.discard(key)
    files.discard(key)
    assert all_files(files) == []
