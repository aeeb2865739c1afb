"""The product's statements on PostgreSQL, written by hand: asyncpg prepares each once for a connection."""

import datetime
from typing import Any

import asyncpg

from bench.form import AnswersLine, Found, Save, after

SHEET_BY_SECRET = """
SELECT quick_check.organisation_id, quick_check.assessment_id, sheet.id, assessment.rubric_version_id, sheet.version,
       quick_check.begun_at, sheet.answered_at
FROM quick_check
JOIN assessment
    ON assessment.organisation_id = quick_check.organisation_id AND assessment.id = quick_check.assessment_id
JOIN sheet ON sheet.organisation_id = quick_check.organisation_id AND sheet.assessment_id = quick_check.assessment_id
WHERE quick_check.secret_digest = $1 AND sheet.kind = 'own' AND coalesce(sheet.answered_at, quick_check.begun_at) > $2
"""
ANSWERS = "SELECT statement, value, reason, note, version FROM answer WHERE organisation_id = $1 AND sheet_id = $2"
LOCK = "SELECT version FROM sheet WHERE organisation_id = $1 AND id = $2 FOR NO KEY UPDATE"
ASKED_BEFORE = (
    "SELECT version, digest, kind FROM mutation WHERE organisation_id = $1 AND sheet_id = $2 AND mutation_id = $3"
)
KEEP_MUTATION = """
INSERT INTO mutation (organisation_id, sheet_id, mutation_id, version, digest, kind, category, level, undone_by, at)
VALUES ($1, $2, $3, $4, $5, 'answers', NULL, NULL, NULL, $6)
"""
KEEP_CHANGE = """
INSERT INTO answer_change (organisation_id, sheet_id, version, statement, value, reason, note, client)
VALUES ($1, $2, $3, $4, $5, '', '', $6) RETURNING statement
"""
KEEP_ANSWER = """
INSERT INTO answer (organisation_id, sheet_id, statement, value, reason, note, version, answered_at)
VALUES ($1, $2, $3, $4, '', '', $5, $6)
ON CONFLICT (organisation_id, sheet_id, statement) DO UPDATE SET value = excluded.value, reason = excluded.reason,
    note = excluded.note, version = excluded.version, answered_at = excluded.answered_at
RETURNING organisation_id, sheet_id, statement
"""
STEP = "UPDATE sheet SET version = $1, answered_at = $2 WHERE organisation_id = $3 AND id = $4"
RECORD = """
INSERT INTO audit_event (organisation_id, at, action, subject, subject_id, details, request_id, person_id)
VALUES ($1, $2, 'answers saved', 'sheet', $3, $4, $5, NULL) RETURNING id
"""
PICKS = """
SELECT category, level, version FROM mutation
WHERE organisation_id = $1 AND sheet_id = $2 AND kind = 'pick' AND undone_by IS NULL ORDER BY version
"""


class Postgresql:
    """The two things that the floor does, each in one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pool: Any = None

    async def open(self) -> None:
        # Without its reset of each connection that is given back, which is a round trip more.
        self.pool = await asyncpg.create_pool(self.url, min_size=8, max_size=8, reset=nothing)

    async def close(self) -> None:
        await self.pool.close()

    async def look_up(self, secret: bytes, ended: datetime.datetime) -> bool:
        """Whether there is a sheet behind the link."""
        async with self.pool.acquire() as connection, connection.transaction(readonly=True):
            return await connection.fetchrow(SHEET_BY_SECRET, secret, ended) is not None

    async def view(self, secret: bytes, ended: datetime.datetime) -> Found | None:
        """The sheet behind the link and its answers; None where there is none."""
        async with self.pool.acquire() as connection, connection.transaction(readonly=True):
            sheet = await connection.fetchrow(SHEET_BY_SECRET, secret, ended)
            return None if sheet is None else (sheet, await connection.fetch(ANSWERS, sheet[0], sheet[2]))

    async def save(self, secret: bytes, ended: datetime.datetime, save: Save) -> Found | None:
        """One answer saved with its history and its event, and what is there after; None where there is no sheet."""
        async with self.pool.acquire() as connection, connection.transaction():
            sheet = await connection.fetchrow(SHEET_BY_SECRET, secret, ended)
            if sheet is None:
                return None
            org, id = sheet[0], sheet[2]
            version = await connection.fetchval(LOCK, org, id) + 1
            if await connection.fetchrow(ASKED_BEFORE, org, id, save.mutation):
                return None
            answers: list[AnswersLine] = await connection.fetch(ANSWERS, org, id)
            await connection.execute(KEEP_MUTATION, org, id, save.mutation, version, save.digest, save.now)
            await connection.fetch(KEEP_CHANGE, org, id, version, save.statement, save.value, save.client)
            await connection.fetch(KEEP_ANSWER, org, id, save.statement, save.value, version, save.now)
            await connection.execute(STEP, version, save.now, org, id)
            await connection.fetch(RECORD, org, save.now, id, save.details, save.request_id)
            await connection.fetch(PICKS, org, id)
            return after(sheet, version, answers, save)


async def nothing(_connection: Any) -> None:
    """What is done with a connection that is given back."""
