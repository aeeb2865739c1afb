"""Evidence: what is attached to a statement for or against it, how long it holds, and what a result is worth with it.

Two readings of one result: *claimed* takes the answers as they are; *with evidence* takes a practice that nobody can
show for not met. Statements of a points rubric have no kind and are practices all: each is something that is done.
A gap that was overcome is taken as claimed: it says that something is no longer there, and what is not there leaves
nothing to link to; what came in its place is a practice of the same or the next level, which does need evidence. What
does not apply has its reason instead.
"""

import datetime
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import IPv6Address
from urllib.parse import SplitResult, urlsplit

from app.domain.answers import Evidence, Value
from app.domain.errors import Invalid, Sentence
from app.domain.results import Result
from app.domain.rubric import Rubric, Statement, StatementKind
from app.domain.scoring import Values, score
from app.domain.text import UNSEEN, one_line

LINK_LIMIT = 2000
FILE_LIMIT = 20 * 1024 * 1024
"""Bytes of one file."""
FILE_NAME_LIMIT = 200

# What cannot stand in an address as it is: blanks, what browsers take for a slash, and the brackets of mark-up.
NOT_IN_A_LINK = re.compile(r"[\s\\<>\"]")
HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?")


@dataclass(frozen=True, slots=True)
class FileType:
    """How a file is served, always as an attachment; `signature` is what it begins with, empty for plain text."""

    media_type: str
    signature: bytes = b""


OFFICE = b"PK\x03\x04"
OFFICE_TYPE = "application/vnd.openxmlformats-officedocument."
TEXT = FileType("text/plain; charset=utf-8")
FILE_TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", b"%PDF-"),
    "png": FileType("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": FileType("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": FileType("image/jpeg", b"\xff\xd8\xff"),
    "docx": FileType(OFFICE_TYPE + "wordprocessingml.document", OFFICE),
    "xlsx": FileType(OFFICE_TYPE + "spreadsheetml.sheet", OFFICE),
    "pptx": FileType(OFFICE_TYPE + "presentationml.presentation", OFFICE),
    **dict.fromkeys(("txt", "md", "csv", "json", "yaml", "yml", "log"), TEXT),
}
"""By the end of the name. No archives, and nothing that a browser would run: HTML, SVG, scripts."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that speaks for or against a statement; from `expires` on it is out of date. `size` is in bytes."""

    name: str
    media_type: str
    size: int
    date: datetime.date | None = None
    expires: datetime.date | None = None
    speaks_for: bool = True


AnyEvidence = Evidence | EvidenceFile
Attached = Mapping[str, Sequence[AnyEvidence]]
"""The evidence of an assessment, by the key of its statement."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what a category claims can be shown: of `claimed` statements that need evidence, `shown` have it.

    `missing` are the others, in the rubric's order. `share` is None where nothing is claimed.
    """

    category: str
    claimed: int
    shown: int
    missing: tuple[str, ...]

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.shown, self.claimed) if self.claimed else None


@dataclass(frozen=True, slots=True)
class TwoReadings:
    """`with_evidence` is never above `claimed`; where each share of `coverage` is 1 or None, the levels are equal."""

    claimed: Result
    with_evidence: Result
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The evidence beside the statements of an assessment, as far as somebody may see it, on a day."""

    attached: Attached
    today: datetime.date

    def count(self, statement: str) -> int:
        return len(self.attached.get(statement, ()))

    def outdated(self, statement: str) -> int:
        """How many of them are out of date."""
        return sum(expired(each, self.today) for each in self.attached.get(statement, ()))


def expired(evidence: AnyEvidence, today: datetime.date) -> bool:
    """Whether it is out of date on that day, and flagged; the day `expires` is the first one."""
    return evidence.expires is not None and evidence.expires <= today


def current(evidence: AnyEvidence, today: datetime.date) -> bool:
    """Whether it counts on that day: not before its own date, and not out of date."""
    return (evidence.date is None or evidence.date <= today) and not expired(evidence, today)


def supported(evidence: Iterable[AnyEvidence], today: datetime.date) -> bool:
    """Whether any of it is current and speaks for the statement.

    What speaks against it takes nothing away here: people have weighed it when they answered.
    """
    return any(each.speaks_for and current(each, today) for each in evidence)


def needs_evidence(statement: Statement) -> bool:
    """Practices do, and all statements of a points rubric; gaps do not, for the reason given above."""
    return statement.kind is not StatementKind.GAP


def with_given_above(own: Attached, above: Attached, taken: Container[str]) -> dict[str, Sequence[AnyEvidence]]:
    """The evidence that counts for a team: its own, and for the statements `taken` over what stands beside them above.

    Where the team answers itself, what is shown above is not about its answer.
    """
    given = {key: (*own.get(key, ()), *found) for key, found in above.items() if key in taken}
    return {**own, **given}


def with_evidence(rubric: Rubric, values: Values, evidence: Attached, today: datetime.date) -> dict[str, Value]:
    """The values as they can be shown: a practice in place, or half so, counts as not met without current evidence."""
    shown = dict(values)
    for key, statement in rubric.statements.items():
        claimed = values.get(key) in (Value.YES, Value.HALF)
        if claimed and needs_evidence(statement) and not supported(evidence.get(key, ()), today):
            shown[key] = Value.NO
    return shown


def coverage(rubric: Rubric, values: Values, evidence: Attached, today: datetime.date) -> tuple[Coverage, ...]:
    """Of each category: the statements met that need evidence, and how many of them have current evidence."""
    found = []
    for category in rubric.categories:
        met = [each for each in category.statements if values.get(each.key) is Value.YES and needs_evidence(each)]
        missing = tuple(each.key for each in met if not supported(evidence.get(each.key, ()), today))
        found.append(Coverage(category.key, len(met), len(met) - len(missing), missing))
    return tuple(found)


def two_readings(rubric: Rubric, values: Values, evidence: Attached, today: datetime.date) -> TwoReadings:
    """A result as claimed and as it can be shown on that day. `evidence` is that of each statement, by its key."""
    return TwoReadings(
        claimed=score(rubric, values),
        with_evidence=score(rubric, with_evidence(rubric, values, evidence, today)),
        coverage=coverage(rubric, values, evidence, today),
    )


def checked_link(text: str) -> str:
    """The link, without blanks around it. Invalid, with the reason, where a browser might not just open a page."""
    link = text.strip(" ")
    if fault := link_fault(link):
        raise Invalid("A link %(fault)s.", fault=fault)
    return link


def link_fault(text: str) -> Sentence | None:
    """What is wrong with a link, as "must ..."; None where it may be shown as one: http or https, and a host.

    Nothing else is ever a link (`javascript:`, `data:`, `file:`, `//host`), nor what reads as another address than the
    one it leads to: with a user name before the host, control characters, or signs that nobody sees.
    """
    if len(text) > LINK_LIMIT:
        return Sentence("must have at most %(most)s characters", most=LINK_LIMIT)
    if NOT_IN_A_LINK.search(text) or any(unicodedata.category(sign) in {*UNSEEN, "Cs"} for sign in text):
        return Sentence("must have no blanks, backslashes, quotes, angle brackets or signs that cannot be seen")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return Sentence("must be an address that can be read")
    if parts.scheme not in {"http", "https"} or not _names_a_host(parts):
        return Sentence("must be a link that begins with https:// or http:// and names a host")
    if "@" in parts.netloc:
        return Sentence("must hold no user name or password")
    return None


def _names_a_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if ":" not in host:
        return HOST.fullmatch(host) is not None
    try:
        return bool(IPv6Address(host))
    except ValueError:
        return False


def checked_days(day: datetime.date | None, expires: datetime.date | None) -> None:
    """Invalid where evidence would be out of date before it is any."""
    if day is not None and expires is not None and expires <= day:
        raise Invalid("Evidence expires after its date, not before.")


def checked_file(name: str, size: int, beginning: bytes, *, limit: int = FILE_LIMIT) -> EvidenceFile:
    """The file as it is kept, without dates. Invalid where it is too large, empty, or of a type that is not taken.

    `beginning` are its first bytes, which must be of the type that the name says. Nothing is ever unpacked.
    """
    # Some browsers send the folder along.
    plain_name = one_line(re.split(r"[/\\]", name)[-1], FILE_NAME_LIMIT)
    _, dot, end = plain_name.rpartition(".")
    kind = FILE_TYPES.get(end.lower()) if dot else None
    if kind is None:
        raise Invalid(
            "Files of this type are not taken as evidence. These are: %(types)s.", types=", ".join(FILE_TYPES)
        )
    if size > limit:
        raise Invalid(
            "This file is too large: %(size)s bytes, where %(limit)s fit.", size=f"{size:,}", limit=f"{limit:,}"
        )
    if size == 0:
        raise Invalid("This file is empty.")
    if not beginning.startswith(kind.signature) or (kind is TEXT and b"\0" in beginning):
        raise Invalid(
            "This file is not what its name says: it does not begin as a file of type %(type)s does.", type=end.lower()
        )
    return EvidenceFile(plain_name, kind.media_type, size)
