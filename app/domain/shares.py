"""Links that show a report, or a badge, to whoever holds them: what of, how long, and with how many words of people."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import Invalid, Sentence
from app.domain.rollup import WHOLE

LONGEST = 365
"""Days that a link is good for at most."""
OPENED_EVERY = datetime.timedelta(hours=1)
"""How exactly it is kept when a link was last opened."""
MOST = 50
"""Links of one person that are good at a time."""
GONE = Sentence("This link leads to nothing any more, or never did. It may have expired, been revoked, or be mistyped.")
"""The same for every link that is not good, so that nobody learns which it is."""


class ShareKind(StrEnum):
    """A report as a page, or a small picture of a level."""

    REPORT = "report"
    BADGE = "badge"


@dataclass(frozen=True, slots=True)
class Shared:
    """What is shared: a cycle in a unit (WHOLE for the organisation), or one assessment.

    `notes`, `comments` and `evidence` are in the report of an assessment only where this was chosen; names of people
    never are. `level`: the badge of a part says how many stand at it or above.
    """

    kind: ShareKind
    cycle_id: int | None = None
    unit_id: int = WHOLE
    assessment_id: int | None = None
    notes: bool = False
    comments: bool = False
    evidence: bool = False
    level: int | None = None


def checked(shared: Shared) -> Shared:
    """Invalid for what names both or neither, and for words of people in what has none."""
    if (shared.cycle_id is None) == (shared.assessment_id is None):
        raise Invalid("A link shows one cycle, or one result.")
    of_part = shared.assessment_id is None
    if (shared.notes or shared.comments or shared.evidence) and (of_part or shared.kind is ShareKind.BADGE):
        raise Invalid("Only the report of a team has notes, comments and evidence.")
    if (shared.level is not None) != (of_part and shared.kind is ShareKind.BADGE):
        raise Invalid("The badge of a part of the organisation names a level, and nothing else does.")
    return shared


def ends(days: int, now: datetime.datetime) -> datetime.datetime:
    """When a link ends that is made now; Invalid for less than a day and for more than LONGEST."""
    if not 1 <= days <= LONGEST:
        raise Invalid("A link is good for 1 to %(most)s days.", most=LONGEST)
    return now + datetime.timedelta(days=days)
