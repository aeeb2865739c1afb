"""The cast's organisation in two cycles, with teams that agree, reopen, move and are archived."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.actions.assessing import agree, reopen
from app.actions.cycles import NewCycle, open_cycle
from app.actions.sheets import save
from app.db.engine import reading, writing
from app.db.tables.assessments import Assessment
from app.db.tables.rollup import Tally
from app.domain.cycles import Mode
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.scoring import pick
from app.domain.sheets import Change, Mutation
from app.queries import rubrics
from app.queries.assessing import assessing
from app.queries.counting import recounts
from tests.cast import NOW, OPERATOR, Cast
from tests.teamwork import TODAY, new_id

Step = Callable[[Session], object]


@dataclass(frozen=True)
class Company:
    """The cast's organisation with a spring and an autumn. What a team agrees is picked, category by category."""

    cast: Cast
    cycles: dict[str, int]
    rubric: Rubric

    @property
    def engine(self) -> Engine:
        return self.cast.engine

    @property
    def operator(self) -> Actor:
        """May do all of it: an admin who leads every team."""
        return replace(OPERATOR, organisation_id=self.cast.tram, leads=frozenset(self.cast.teams.values()))

    def assessment(self, cycle: str, team: str) -> int:
        with reading(self.engine) as session:
            asked = select(Assessment.id).where(
                Assessment.cycle_id == self.cycles[cycle], Assessment.team_id == self.cast.teams[team]
            )
            return session.scalars(asked).one()

    def answered(self, cycle: str, team: str, *levels: int) -> tuple[int, int]:
        """The number of the assessment, and the version of its sheet."""
        id = self.assessment(cycle, team)
        with writing(self.engine) as session:
            sheet = assessing(session.connection(), self.operator, id).sheet
            given = {
                key: Change(value)
                for category, level in zip(self.rubric.categories, levels, strict=True)
                for key, value in pick(category, level).items()
            }
            save(session, sheet, self.rubric, Mutation(new_id(), sheet.version, given), NOW)
        with reading(self.engine) as session:
            return id, assessing(session.connection(), self.operator, id).sheet.version

    def agreed(self, cycle: str, team: str, *levels: int) -> None:
        id, version = self.answered(cycle, team, *levels)
        self.do(lambda session: agree(session, self.operator, id, version, TODAY, NOW))

    def reopened(self, cycle: str, team: str) -> None:
        id = self.assessment(cycle, team)
        self.do(lambda session: reopen(session, self.operator, id, "A mistake.", TODAY, NOW))

    def do(self, step: Step) -> None:
        with writing(self.engine) as session:
            step(session)

    def overall(self, cycle: str, unit: str = "") -> dict[int, int]:
        with reading(self.engine) as session:
            rows = session.execute(
                select(Tally.level, Tally.teams).where(
                    Tally.organisation_id == self.cast.tram,
                    Tally.cycle_id == self.cycles[cycle],
                    Tally.unit_id == (self.cast.units[unit] if unit else 0),
                    Tally.kind == "overall",
                    Tally.teams != 0,
                )
            )
            return {row.level: row.teams for row in rows}

    def flows(self, unit: str = "") -> dict[tuple[str, int], int]:
        with reading(self.engine) as session:
            rows = session.execute(
                select(Tally.key, Tally.level, Tally.teams).where(
                    Tally.unit_id == (self.cast.units[unit] if unit else 0), Tally.kind == "flow", Tally.teams != 0
                )
            )
            return {(key.split()[1], level): teams for key, level, teams in rows}

    def wrong(self) -> list[str]:
        with reading(self.engine) as session:
            return [sentence for found in recounts(session.connection()) for sentence in found.wrong]


def company_of(cast: Cast) -> Company:
    cycles = {}
    with writing(cast.engine) as session:
        admin = replace(OPERATOR, organisation_id=cast.tram)
        for name in ("Spring", "Autumn"):
            asked = NewCycle(name, "gigaom-mlops", Mode.TOGETHER, TODAY, TODAY + datetime.timedelta(days=30))
            opened = open_cycle(session, replace(admin, person_id=cast.people["admin"]), asked, NOW)
            cycles[name] = opened.id
        rubric = rubrics.published(session.connection(), cast.tram, opened.rubric_version_id).rubric
    return Company(cast, cycles, rubric)
