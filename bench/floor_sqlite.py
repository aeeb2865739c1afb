"""The product's statements on SQLite, written by hand. sqlite3 keeps them prepared.

They run in the event loop itself: a thread would cost more than the statements, and only one may write at a time.
"""

import datetime
import sqlite3

from bench import floor_postgresql as written
from bench.form import AnswersLine, Found, Save, after


def numbered(statement: str) -> str:
    """The same statement with SQLite's marks for its parameters."""
    return statement.replace("$", "?")


SHEET_BY_SECRET = numbered(written.SHEET_BY_SECRET)
ANSWERS = numbered(written.ANSWERS)
LOCK = numbered(written.LOCK).replace(" FOR NO KEY UPDATE", "")
ASKED_BEFORE = numbered(written.ASKED_BEFORE)
KEEP_MUTATION = numbered(written.KEEP_MUTATION)
KEEP_CHANGE = numbered(written.KEEP_CHANGE)
KEEP_ANSWER = numbered(written.KEEP_ANSWER)
STEP = numbered(written.STEP)
RECORD = numbered(written.RECORD).replace(" RETURNING id", "")
PICKS = numbered(written.PICKS)


class Sqlite:
    """The two things that the floor does, each in one transaction; reading and writing have a connection each."""

    def __init__(self, url: str) -> None:
        self.file = url.removeprefix("sqlite:///")

    async def open(self) -> None:
        self.reading, self.writing = self.connection(), self.connection()
        self.reading.execute("PRAGMA query_only = ON")

    def connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    async def close(self) -> None:
        self.reading.close()
        self.writing.close()

    async def look_up(self, secret: bytes, ended: datetime.datetime) -> bool:
        """Whether there is a sheet behind the link."""
        run = self.reading.execute
        run("BEGIN")
        sheet = run(SHEET_BY_SECRET, (secret, stored(ended))).fetchone()
        run("COMMIT")
        return sheet is not None

    async def view(self, secret: bytes, ended: datetime.datetime) -> Found | None:
        """The sheet behind the link and its answers; None where there is none."""
        run = self.reading.execute
        run("BEGIN")
        sheet = run(SHEET_BY_SECRET, (secret, stored(ended))).fetchone()
        answers = run(ANSWERS, (sheet[0], sheet[2])).fetchall() if sheet else []
        run("COMMIT")
        return (sheet, answers) if sheet else None

    async def save(self, secret: bytes, ended: datetime.datetime, save: Save) -> Found | None:
        """One answer saved with its history and its event, and what is there after; None where there is no sheet."""
        run, now = self.writing.execute, stored(save.now)
        run("BEGIN IMMEDIATE")
        sheet = run(SHEET_BY_SECRET, (secret, stored(ended))).fetchone()
        org, id = sheet[0], sheet[2]
        version = run(LOCK, (org, id)).fetchone()[0] + 1
        run(ASKED_BEFORE, (org, id, save.mutation)).fetchone()
        answers: list[AnswersLine] = run(ANSWERS, (org, id)).fetchall()
        run(KEEP_MUTATION, (org, id, save.mutation, version, save.digest, now))
        run(KEEP_CHANGE, (org, id, version, save.statement, save.value, save.client)).fetchall()
        run(KEEP_ANSWER, (org, id, save.statement, save.value, version, now)).fetchall()
        run(STEP, (version, now, org, id))
        run(RECORD, (org, now, id, save.details, save.request_id))
        run(PICKS, (org, id)).fetchall()
        run("COMMIT")
        return after(sheet, version, answers, save)


def stored(moment: datetime.datetime) -> str:
    """A moment as the product stores it: naive UTC."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
