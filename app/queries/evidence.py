"""Reading evidence: what is attached to the statements of an assessment, as far as the reader may see it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.findings import Evidence, EvidenceKind
from app.db.tables.people import Person
from app.domain import answers
from app.domain.asked_once import GivenAbove
from app.domain.errors import Missing, Sentence
from app.domain.evidence import AnyEvidence, EvidenceFile
from app.domain.people import Actor
from app.queries.assessing import Assessing

UNSEEN = Sentence("There is no such evidence, or it is not to be seen yet.")

_evidence, _assessment = table(Evidence).c, table(Assessment).c


@dataclass(frozen=True, slots=True)
class Beside:
    """The assessment that evidence is attached to, as one reader sees it: `whose` is seen, None is everybody's."""

    organisation_id: int
    assessment_id: int
    whose: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One piece of evidence with who added it and, where it was taken away, who did. `size` is in bytes."""

    id: int
    statement: str
    kind: EvidenceKind
    title: str
    link: str | None
    file_name: str | None
    file_key: str | None
    media_type: str | None
    size: int | None
    speaks_for: bool
    dated: datetime.date | None
    expires: datetime.date | None
    person_id: int | None
    person: str | None
    created_at: datetime.datetime
    removed_at: datetime.datetime | None
    removed_by: str | None

    @property
    def evidence(self) -> AnyEvidence:
        """The same as the rules take it."""
        if self.kind is EvidenceKind.LINK:
            return answers.Evidence(self.link or "", self.dated, self.expires, self.speaks_for)
        name, media_type = self.file_name or "", self.media_type or ""
        return EvidenceFile(name, media_type, self.size or 0, self.dated, self.expires, self.speaks_for)


def beside_team(found: Assessing, actor: Actor) -> Beside:
    """What the actor sees of the evidence of a team: `domain.reveal` says whose."""
    return Beside(actor.organisation_id, found.id, found.alone.whose_additions_are_seen(found.viewer(actor)))


def attached(connection: Connection, beside: Beside) -> Mapping[str, Sequence[AnyEvidence]]:
    """The evidence that was not taken away, of all statements, by statement. One statement of SQL."""
    rows = connection.execute(_seen(beside).where(_evidence.removed_at.is_(None)))
    by_statement: dict[str, list[AnyEvidence]] = {}
    for row in rows:
        line = EvidenceLine(*row)
        by_statement.setdefault(line.statement, []).append(line.evidence)
    return by_statement


def lines_by_statement(connection: Connection, beside: Beside) -> Mapping[str, Sequence[EvidenceLine]]:
    """The same with who added it and when."""
    found: dict[str, list[EvidenceLine]] = {}
    for row in connection.execute(_seen(beside).where(_evidence.removed_at.is_(None))):
        line = EvidenceLine(*row)
        found.setdefault(line.statement, []).append(line)
    return found


def attached_above(
    connection: Connection,
    organisation_id: int,
    cycle_id: int,
    taken: Mapping[str, GivenAbove],
    agreed_at: datetime.datetime | None = None,
) -> Mapping[str, Sequence[EvidenceLine]]:
    """What stands above beside the answers that a team takes over, by statement; with `agreed_at`, what stood then.

    It is no secret, as these answers are none. One statement.
    """
    standing: ColumnElement[bool] = _evidence.removed_at.is_(None)
    if agreed_at is not None:
        standing = and_(_evidence.created_at <= agreed_at, or_(standing, _evidence.removed_at > agreed_at))
    of_it = and_(_assessment.organisation_id == _evidence.organisation_id, _assessment.id == _evidence.assessment_id)
    rows = connection.execute(
        _lines()
        .add_columns(_assessment.unit_id)
        .join(table(Assessment), of_it)
        .where(
            _evidence.organisation_id == organisation_id,
            _assessment.cycle_id == cycle_id,
            _assessment.team_id.is_(None),
            _evidence.statement.in_(sorted(taken)),
            standing,
        )
    )
    by_statement: dict[str, list[EvidenceLine]] = {}
    for *row, unit_id in rows:
        line = EvidenceLine(*row)
        if taken[line.statement].unit_id == unit_id:
            by_statement.setdefault(line.statement, []).append(line)
    return by_statement


def evidence_of_statement(connection: Connection, beside: Beside, statement: str) -> Sequence[EvidenceLine]:
    """All that is seen of one statement, the first first; what was taken away too."""
    rows = connection.execute(_seen(beside).where(_evidence.statement == statement))
    return [EvidenceLine(*row) for row in rows]


def evidence_line(connection: Connection, beside: Beside, statement: str, evidence_id: int) -> EvidenceLine:
    """One piece of evidence of a statement; Missing where there is none that is seen."""
    return _one(connection, beside, _evidence.statement == statement, _evidence.id == evidence_id)


def evidence_by_key(connection: Connection, beside: Beside, statement: str, file_key: str) -> EvidenceLine:
    """The file of a statement by its secret name; Missing where it is not seen, or was taken away."""
    if not (file_key.isascii() and file_key.isalnum()):
        # What no text column takes would be an error of the database.
        raise Missing(UNSEEN)
    here = (_evidence.statement == statement, _evidence.file_key == file_key, _evidence.removed_at.is_(None))
    return _one(connection, beside, *here)


def named_files(connection: Connection) -> frozenset[str]:
    """The keys of all files that any row of any organisation names: for the purge, which is the server's own."""
    return frozenset(connection.execute(select(_evidence.file_key).where(_evidence.file_key.is_not(None))).scalars())


def _one(connection: Connection, beside: Beside, *which: ColumnElement[bool]) -> EvidenceLine:
    row = connection.execute(_seen(beside).where(*which)).first()
    if row is None:
        raise Missing(UNSEEN)
    return EvidenceLine(*row)


def _seen(beside: Beside) -> Select[Any]:
    chosen = _lines().where(
        _evidence.organisation_id == beside.organisation_id, _evidence.assessment_id == beside.assessment_id
    )
    return chosen if beside.whose is None else chosen.where(_evidence.person_id.in_(beside.whose))


def _lines() -> Select[Any]:
    """The columns of `EvidenceLine`, in its order."""
    by, gone = table(Person).alias("adding"), table(Person).alias("removing")
    return (
        select(
            _evidence.id,
            _evidence.statement,
            _evidence.kind,
            _evidence.title,
            _evidence.link,
            _evidence.file_name,
            _evidence.file_key,
            _evidence.media_type,
            _evidence.size,
            _evidence.speaks_for,
            _evidence.dated,
            _evidence.expires,
            _evidence.person_id,
            by.c.name,
            _evidence.created_at,
            _evidence.removed_at,
            gone.c.name,
        )
        .select_from(
            table(Evidence)
            .outerjoin(by, by.c.id == _evidence.person_id)
            .outerjoin(gone, gone.c.id == _evidence.removed_by)
        )
        .order_by(_evidence.created_at, _evidence.id)
    )
