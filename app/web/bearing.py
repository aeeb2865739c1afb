"""What results of a team's ML systems say beside the statements of its own rubric that they bear on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.domain.rubric import Rubric, Subject
from app.queries.agreed import TeamResult, results_of_systems
from app.web.changed import height
from app.web.deps import Db
from app.web.rubric_reading import wishes_of


@dataclass(frozen=True, slots=True)
class Borne:
    """One category of a result of an ML system, which is evidence for a statement."""

    rubric: Rubric
    system: str
    category: str
    score: Fraction | int
    assessment_id: int


def borne(db: Db, organisation_id: int, team_id: int, rubric: Rubric) -> Mapping[str, Sequence[Borne]]:
    """By statement of the rubric. One statement, none where the rubric is itself about ML systems."""
    if rubric.subject is Subject.MODEL:
        return {}
    found: dict[str, list[Borne]] = {}
    for result in results_of_systems(db.connection(), organisation_id, team_id, wishes_of(db)):
        for statements, one in _of(result, rubric.key):
            for statement in statements:
                found.setdefault(statement, []).append(one)
    return found


def _of(result: TeamResult, rubric: str) -> Sequence[tuple[tuple[str, ...], Borne]]:
    bearings = [each for each in result.rubric.bears_on if each.rubric == rubric]
    if not bearings:
        return ()
    standings = {each.key: each for each in result.standing.result.categories}
    of = []
    for bearing in bearings:
        score = height(standings.get(bearing.category))
        if score is not None:
            name = result.rubric.category_by_key[bearing.category].name
            of.append((bearing.statements, Borne(result.rubric, result.system, name, score, result.assessment_id)))
    return of
