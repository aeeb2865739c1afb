"""What the floor takes out of a posted form: just enough to write the very rows that the product writes."""

import datetime
import hashlib
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

AnswersLine = Sequence[Any]
Found = tuple[Sequence[Any], Sequence[AnswersLine]]
"""The sheet's line as SHEET_BY_SECRET reads it, and its answers."""
OURS = frozenset({"mutation", "client", "base", "sheet"})


@dataclass(frozen=True, slots=True)
class Save:
    statement: str
    value: str
    mutation: str
    client: str
    digest: bytes
    details: str
    request_id: str
    now: datetime.datetime


def read_save(body: bytes) -> Save:
    """The one answer in the form that the outbox posts; of anything else it knows nothing."""
    fields = dict(parse_qsl(body.decode()))
    statement, value = next((name, value) for name, value in fields.items() if name not in OURS)
    asked = ["answers", None, None, {statement: {"reason": "", "value": value}}]
    return Save(
        statement,
        value,
        str(uuid.UUID(fields["mutation"])),
        fields["client"],
        hashlib.sha256(json.dumps(asked).encode()).digest(),
        json.dumps({"statements": [statement]}),
        secrets.token_hex(8),
        datetime.datetime.now(datetime.UTC),
    )


def after(sheet: Sequence[Any], version: int, answers: Sequence[AnswersLine], save: Save) -> Found:
    """What is there after a save, without reading it again."""
    org, assessment, id, rubric_version, _, begun_at, _ = sheet
    others = [line for line in answers if line[0] != save.statement]
    line = (org, assessment, id, rubric_version, version, begun_at, save.now)
    return line, [*others, (save.statement, save.value, "", "", version)]
