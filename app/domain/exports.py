"""What somebody takes away of the organisation: which kinds of files there are, what each is asked for, and its states.

An export is what was asked, by whom, and what became of it. It is written by a job, however small it is, and kept for
a while.
"""

import datetime
import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from app.domain.errors import Invalid
from app.domain.rollup import WHOLE

KEPT = datetime.timedelta(days=7)
"""How long a finished export can be fetched, and what became of the others is told."""
MOST_UNDER_WAY = 5
"""Exports of one person that wait or are written at a time."""
MOST_KEPT = 40
"""Exports of one person that are there at all."""
NAME_LIMIT = 200


class ExportState(StrEnum):
    WAITING = "waiting"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = frozenset({ExportState.WAITING, ExportState.WRITING})


class ExportKind(StrEnum):
    """A kind of file. Those of a team need an assessment, all others a cycle."""

    XLSX = "xlsx"
    TEAMS_CSV = "teams-csv"
    ANSWERS_CSV = "answers-csv"
    BLOCKERS_CSV = "blockers-csv"
    JSON = "json"
    PDF = "pdf"
    PPTX = "pptx"
    TEAM_PDF = "team-pdf"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self.ending]

    @property
    def ending(self) -> str:
        """What its name ends with, without the dot."""
        return self.value.rpartition("-")[2]

    @property
    def of_team(self) -> bool:
        """Whoever sees the team may have it; of the others, whoever sees the dashboard of the part that is asked."""
        return self is ExportKind.TEAM_PDF


_MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which teams are listed, as on the dashboard; what is said of the whole part is not filtered.

    `since` is the cycle that is compared with. `level` is the overall level, `limiting` a category, `moved` what became
    of a team since that cycle. Whatever is left out, the words are in that `language`, English where it is empty.
    """

    since: int | None = None
    search: str = ""
    level: int | None = None
    limiting: str = ""
    moved: str = ""
    language: str = ""

    @property
    def any(self) -> bool:
        """Whether some teams are left out."""
        return bool(self.search or self.level is not None or self.limiting or self.moved)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an export is to hold: a cycle in a unit (WHOLE for the organisation), or one assessment."""

    kind: ExportKind
    cycle_id: int | None = None
    unit_id: int = WHOLE
    assessment_id: int | None = None
    filters: Filters = field(default_factory=Filters)

    @property
    def digest(self) -> str:
        """The same for who asks for the same."""
        whole = [self.kind, self.cycle_id, self.unit_id, self.assessment_id, written(self.filters)]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def checked(asked: Asked) -> Asked:
    """Invalid for what does not name what its kind is of."""
    named, other = asked.assessment_id, asked.cycle_id
    if not asked.kind.of_team:
        named, other = other, named
    if named is None or other is not None:
        raise Invalid("This kind of file is not made of that.")
    return asked


def written(filters: Filters) -> dict[str, Any]:
    """As they are stored; what is not asked is left out."""
    return {name: value for name, value in asdict(filters).items() if value not in (None, "")}


def read(stored: Mapping[str, Any]) -> Filters:
    """What `written` wrote."""
    return Filters(**stored)


def file_name(kind: ExportKind, *parts: str) -> str:
    """A name that every system takes: the parts in plain letters, and the kind's ending."""
    words = [*parts, *kind.value.split("-")[:-1]]
    plain = unicodedata.normalize("NFKD", " ".join(words)).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: NAME_LIMIT - 10].strip("-")
    return f"{name or 'export'}.{kind.ending}"
