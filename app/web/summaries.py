"""The assessments of a team as its page lists them, each with its result."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.asked_once import taken_by, with_taken
from app.domain.frozen_answers import from_document
from app.domain.people import Place
from app.domain.results import Result
from app.domain.rubric import Rubric
from app.domain.scoring import score
from app.domain.sheets import values
from app.queries.asked_once import given_above
from app.queries.assessments import assessments_of_team, values_of_sheets
from app.web.deps import Db
from app.web.rubric_reading import read_version


@dataclass(frozen=True, slots=True)
class AssessmentSummary:
    """A line of a team's list: what was assessed when, and where it stands; None where that is not to be seen yet."""

    id: int
    rubric: Rubric
    result: Result | None
    created_at: datetime.datetime
    answered_at: datetime.datetime | None
    cycle: str
    system: str
    agreed: bool


def summaries_of_team(db: Db, organisation_id: int, place: Place) -> Sequence[AssessmentSummary]:
    """The team's assessments with their results, the newest first. Three statements, and a rubric not yet known."""
    connection, path = db.connection(), place.unit_path
    found = assessments_of_team(connection, organisation_id, place.team_id)
    # What is answered alone first has nothing on its agreed sheet before the reveal.
    shown = [line.sheet.sheet_id for line in found if line.shown]
    given = values_of_sheets(connection, organisation_id, shown) if shown else {}
    cycles = {line.cycle_id for line in found if line.shown and line.cycle_id is not None}
    above = given_above(connection, organisation_id, cycles, [path]) if cycles else {}
    summaries = []
    for line in found:
        rubric = read_version(db, organisation_id, line.sheet.rubric_version_id).rubric
        counted = given.get(line.sheet.sheet_id, {})
        if line.frozen is not None:
            counted = values(from_document(line.frozen).answers)
        elif counted and line.cycle_id is not None and line.cycle_id in above:
            counted = {**counted, **values(with_taken({}, taken_by(rubric, above[line.cycle_id], path)))}
        result = score(rubric, counted) if line.shown else None
        summaries.append(
            AssessmentSummary(
                line.sheet.assessment_id,
                rubric,
                result,
                line.created_at,
                line.sheet.answered_at,
                line.cycle,
                line.system,
                line.agreed,
            )
        )
    return summaries
