"""Seals of the audit trail: each is the hash of the one before it and of the events since, in order."""

import datetime
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

FIRST = b""
"""What stands for the seal before the first one."""


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """All that is known of an event. People are in it by number alone."""

    id: int
    organisation_id: int
    at: datetime.datetime
    action: str
    subject: str
    subject_id: int
    details: dict[str, Any]
    request_id: str | None
    person_id: int | None


def seal(before: bytes, events: Iterable[SealedEvent]) -> bytes:
    """The SHA-256 of the seal before and of these events. The events are read once and not kept."""
    digest = hashlib.sha256(before)
    for event in events:
        digest.update(written(event))
    return digest.digest()


def written(event: SealedEvent) -> bytes:
    """An event as one line that is the same on every database and in every release."""
    fields = [
        event.id,
        event.organisation_id,
        event.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        event.action,
        event.subject,
        event.subject_id,
        event.details,
        event.request_id,
        event.person_id,
    ]
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def name_digest(salt: bytes, name: str, email: str) -> str:
    """What is sealed of a person: worthless without the salt, which goes with the name when a person is erased."""
    return hashlib.sha256(salt + json.dumps([name, email]).encode()).hexdigest()
