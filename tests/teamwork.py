"""A cycle of the cast's organisation to test with, answered alone first by the team Risk: two members and a lead."""

import datetime
import uuid
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select

from app.actions import sheets
from app.actions.assessing import agree, begin_own_sheet, submit
from app.actions.cycles import NewCycle, open_cycle
from app.actions.people import add_person
from app.db.engine import reading, writing
from app.db.tables.assessments import Assessment
from app.domain.answers import Value
from app.domain.cycles import Mode
from app.domain.people import Actor, Role, RoleKind
from app.domain.rubric import Rubric
from app.domain.sheets import Change, Mutation, SavedAnswer
from app.queries import people, rubrics
from app.queries.assessing import Assessing, assessing, own_sheet
from app.queries.sheets import SheetLine, answers
from tests.cast import NOW, Cast, address

TODAY = NOW.date()
CYCLE = NewCycle("Spring", "gigaom-mlops", Mode.ALONE_FIRST, TODAY, TODAY + datetime.timedelta(days=30))


@dataclass(frozen=True)
class Teamwork:
    """Every method is a transaction of its own, as every request is. People are called by what they are in Risk."""

    cast: Cast
    cycle_id: int
    assessment_id: int
    people: dict[str, int]
    rubric: Rubric

    @property
    def engine(self) -> Engine:
        return self.cast.engine

    def actor(self, name: str) -> Actor:
        if name not in self.people:
            return self.cast.actor(name)
        with reading(self.engine) as session:
            return people.actor(session.connection(), self.people[name], self.cast.tram)

    def assessing(self, name: str = "lead") -> Assessing:
        with reading(self.engine) as session:
            return assessing(session.connection(), self.actor(name), self.assessment_id)

    def begin(self, name: str, now: datetime.datetime = NOW) -> int:
        with writing(self.engine) as session:
            return begin_own_sheet(session, self.actor(name), self.assessment_id, now.date(), now)

    def own(self, name: str) -> SheetLine:
        with reading(self.engine) as session:
            return own_sheet(session.connection(), self.cast.tram, self.assessment_id, self.people[name])

    def pick(self, sheet: SheetLine, level: int, by: str = "lead") -> None:
        """Answer every category by a quick pick of this level."""
        for base, category in enumerate(self.rubric.categories, start=sheet.version):
            with writing(self.engine) as session:
                sheets.pick(session, sheet, self.rubric, new_id(), base, category.key, level, NOW, by=self.people[by])

    def save(self, sheet: SheetLine, statement: str, value: Value, note: str = "", by: str = "lead") -> None:
        mutation = Mutation(new_id(), sheet.version, {statement: Change(value, note=note)})
        with writing(self.engine) as session:
            sheets.save(session, sheet, self.rubric, mutation, NOW, by=self.people[by])

    def answers(self, sheet: SheetLine) -> dict[str, SavedAnswer]:
        with reading(self.engine) as session:
            return answers(session.connection(), sheet.organisation_id, sheet.sheet_id)

    def submit(self, name: str, now: datetime.datetime = NOW) -> bool:
        with writing(self.engine) as session:
            return submit(session, self.actor(name), self.assessment_id, now.date(), now)

    def submitted(self, name: str, level: int) -> None:
        """Somebody answers everything by picks of one level, and submits."""
        self.begin(name)
        self.pick(self.own(name), level, by=name)
        self.submit(name)

    def revealed(self) -> None:
        for name, level in {"lead": 2, "member": 1, "second member": 2}.items():
            self.submitted(name, level)

    def agree(self, name: str = "lead") -> int:
        found = self.assessing(name)
        with writing(self.engine) as session:
            return agree(session, self.actor(name), self.assessment_id, found.sheet.version, TODAY, NOW)


def begun(cast: Cast, asked: NewCycle = CYCLE) -> Teamwork:
    team = cast.teams["Risk"]
    with writing(cast.engine) as session:
        second = add_person(
            session, cast.tram, address("second member"), "Second Member", [Role(RoleKind.MEMBER, team_id=team)], NOW
        )
        cycle = open_cycle(session, cast.actor("admin"), replace(asked, teams=(*asked.teams, team)), NOW)
        connection = session.connection()
        assessment_id = connection.execute(
            select(Assessment.id).where(Assessment.cycle_id == cycle.id, Assessment.team_id == team)
        ).scalar_one()
        rubric = rubrics.published(connection, cast.tram, cycle.rubric_version_id).rubric
        cycle_id = cycle.id
    own = {"lead": cast.people["lead"], "member": cast.people["member"], "second member": second}
    return Teamwork(cast, cycle_id, assessment_id, own, rubric)


def new_id() -> str:
    return str(uuid.uuid4())
