"""Files that the service keeps: each kind in a folder of the data directory, under random names that say nothing.

All that knows of these folders is here, so that moving the files elsewhere touches this module alone. A file is written
whole before the row that names it; what no row names in the end is purged.
"""

import datetime
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import IO

from app.domain.errors import DomainError, Missing

KEY_BYTES = 32
CHUNK = 256 * 1024  # bytes
PART = ".part"
"""What the name of a file ends with as long as it is being written."""

KEPT_UNNAMED = datetime.timedelta(days=1)
"""A file that no row names is left alone for so long: its transaction may still be under way."""


class NoRoom(DomainError):
    """The disk took no more, or the folder cannot be written: for whoever runs the service."""


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The files below one folder, which is made where it is missing."""

    folder: Path

    def keep(self, content: IO[bytes]) -> str:
        """Write a file from its beginning to its end; the key that it is found by. Raises NoRoom, and leaves nothing.

        It is on the disk when this returns.
        """
        with making_room():
            return self.write(lambda path: _copy(path, content))

    def write(self, write: Callable[[Path], None]) -> str:
        """Have a file written whole to the path that `write` is given; the key that it is found by.

        It is on the disk when this returns. Whatever `write` raises passes on, and nothing is left then.
        """
        key = secrets.token_hex(KEY_BYTES)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(path.name + PART)
        try:
            write(part)
            _sync(part, os.O_RDWR)
            part.replace(path)
            _settle(path.parent)
        except BaseException:
            for unfinished in (part, path):
                with suppress(OSError):
                    unfinished.unlink(missing_ok=True)
            raise
        return key

    def path(self, key: str) -> Path:
        """Where a file lies; Missing where it does not."""
        path = self._path(key)
        if not path.is_file():
            raise Missing("This file is not in the data folder of the server. Tell whoever runs this service.")
        return path

    def holds(self, key: str, content: IO[bytes]) -> bool:
        """Whether the file of this key has the same content."""
        try:
            with self._path(key).open("rb") as kept:
                content.seek(0)
                while piece := kept.read(CHUNK):
                    if piece != content.read(len(piece)):
                        return False
                return not content.read(1)
        except OSError:
            return False

    def discard(self, key: str) -> None:
        """Delete a file. What cannot be deleted now is purged later."""
        with suppress(OSError):
            self._path(key).unlink(missing_ok=True)

    def purge(self, named: Collection[str], now: datetime.datetime) -> int:
        """Delete what has no name among these and is old enough; how many that were.

        Folders too: a process that died left what it needed to write a file.
        """
        oldest = (now - KEPT_UNNAMED).timestamp()
        gone = 0
        for path in self.folder.glob("??/*"):
            with suppress(OSError):
                if path.name not in named and path.stat().st_mtime < oldest:
                    _delete(path)
                    gone += 1
        return gone

    def _path(self, key: str) -> Path:
        # A key comes from a row, never from a request; should it ever not, it still leads nowhere else.
        if len(key) != 2 * KEY_BYTES or not key.isascii() or not key.isalnum():
            raise Missing("There is no such file.")
        return self.folder / key[:2] / key


@contextmanager
def making_room() -> Iterator[None]:
    """What goes wrong on the disk with a file of evidence, in words."""
    try:
        yield
    except OSError as error:
        raise NoRoom("The server has no room for this file. Nothing was saved, and the sheet is as it was.") from error


def _delete(path: Path) -> None:
    if path.is_dir():
        rmtree(path)
    else:
        path.unlink()


def _copy(path: Path, content: IO[bytes]) -> None:
    content.seek(0)
    with path.open("xb") as file:
        while piece := content.read(CHUNK):
            file.write(piece)


def _settle(folder: Path) -> None:
    """Have the names in a folder on the disk too, where the system knows how."""
    if hasattr(os, "O_DIRECTORY"):
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    number = os.open(path, flags)
    try:
        os.fsync(number)
    finally:
        os.close(number)
