"""Assessments of a team at every point of the way, for requests to name."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actions import sheets
from app.actions.asked_once import answer_for_unit, object_to
from app.actions.assessing import agree, begin_own_sheet, reveal, submit
from app.actions.cycles import NewCycle, open_cycle
from app.actions.jobs import enqueue
from app.actions.running_cycles import close_cycle
from app.db.tables.assessments import Assessment
from app.db.tables.findings import Evidence, EvidenceKind
from app.db.tables.jobs import Job
from app.domain.answers import Value
from app.domain.asked_once import asked_of_organisation
from app.domain.cycles import Mode
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.sheets import Change, Mutation
from app.queries import people, rubrics
from app.queries.asked_once import one_answered_above
from app.queries.assessing import assessing, own_sheet
from app.queries.carrying import KIND, job_key
from app.queries.sheets import SheetLine
from tests.quick_check import RUBRIC
from tests.web.cast import Player, TeamOf

LASTS = datetime.timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Teamwork:
    """The first of `respondents` leads the team; there is somebody else in it who never answers."""

    session: Session
    now: datetime.datetime
    operator: Actor
    team: TeamOf
    respondents: Sequence[Player] = ()

    def cycle(self, name: str, mode: Mode = Mode.ALONE_FIRST) -> int:
        today = self.now.date()
        asked = NewCycle(name, RUBRIC, mode, today, today + LASTS, teams=(self.team.id,))
        return open_cycle(self.session, self.operator, asked, self.now).id

    def failed_copying(self, cycle_id: int) -> None:
        """Let the job that copies for a cycle have failed."""
        organisation_id = self.operator.organisation_id
        job = {"organisation": organisation_id, "cycle": cycle_id, "after": 0}
        enqueue(self.session, KIND, job, self.now, job_key(cycle_id, 0), organisation_id)
        self.session.flush()
        mine = update(Job).where(Job.idempotency_key == job_key(cycle_id, 0)).values(failed_at=self.now)
        self.session.execute(mine.execution_options(synchronize_session=False))

    def named(self) -> tuple[Mapping[str, str], Mapping[int, int]]:
        """The values, and the number of each respondent's own sheet of `own_id`."""
        alone = {name: self.assessment(self.cycle(name)) for name in ("fresh", "own", "ready", "revealed")}
        together = {name: self.assessment(self.cycle(name, Mode.TOGETHER)) for name in ("together", "agreed")}
        own = {player.id: self.answered(player, alone["own"]).sheet_id for player in self.respondents}
        for name in ("ready", "revealed"):
            for player in self.respondents:
                self.answered(player, alone[name])
                submit(self.session, self.actor(player), alone[name], self.now.date(), self.now)
        lead = self.actor(self.respondents[0])
        reveal(self.session, lead, alone["revealed"], self.now)
        for assessment_id in together.values():
            self.pick(assessing(self.session.connection(), lead, assessment_id).sheet)
        agree(self.session, lead, together["agreed"], 1, self.now.date(), self.now)
        closed = self.cycle("closed")
        close_cycle(self.session, self.operator, closed, self.now)
        sheet = assessing(self.session.connection(), lead, together["together"]).sheet
        values = {f"{name}_id": str(number) for name, number in (alone | together).items()}
        more = {"closed_cycle": str(closed), "together_sheet": str(sheet.sheet_id), "submitter": str(lead.person_id)}
        return {
            **values,
            **more,
            **self.above(lead),
            "statement": self.rubric(sheet).categories[0].statements[0].key,
        }, own

    def above(self, lead: Actor) -> Mapping[str, str]:
        """A cycle in which the organisation and the team's unit have answered, and the team objects to both."""
        cycle_id, connection, today = self.cycle("above", Mode.TOGETHER), self.session.connection(), self.now.date()
        unit_id = self.team.unit.id
        answer_for_unit(self.session, self.operator, cycle_id, unit_id, self.now)
        organisation, unit = (
            one_answered_above(connection, self.operator.organisation_id, cycle_id, each).sheet
            for each in (None, unit_id)
        )
        rubric, assessment_id = self.rubric(organisation), self.assessment(cycle_id)
        once, once_in_unit, once_more, *_ = asked_of_organisation(rubric)
        for sheet, keys in ((organisation, (once, once_more)), (unit, (once_in_unit,))):
            said = Mutation(str(uuid.uuid4()), 0, dict.fromkeys(keys, Change(Value.YES)))
            sheets.save(self.session, sheet, rubric, said, self.now)
        for statement in (once, once_in_unit):
            object_to(self.session, lead, assessment_id, statement, "Not with us.", today, self.now)
        return {
            **self.shown("above", organisation, once),
            **self.shown("unit", unit, once_in_unit),
            "above_cycle": str(cycle_id),
            "above_id": str(assessment_id),
            "above_sheet": str(organisation.sheet_id),
            "unit_sheet": str(unit.sheet_id),
            "once": once,
            "once_in_unit": once_in_unit,
            "once_more": once_more,
            "once_category": rubric.category_of[once].key,
        }

    def shown(self, name: str, sheet: SheetLine, statement: str) -> Mapping[str, str]:
        """A file beside an answer given above, and a link that was taken away."""
        key = f"{sheet.assessment_id:064d}"
        common = {
            "organisation_id": sheet.organisation_id,
            "assessment_id": sheet.assessment_id,
            "statement": statement,
            "title": "Shown above",
            "created_at": self.now,
        }
        png = {"file_name": "a.png", "file_key": key, "media_type": "image/png", "size": 24}
        file = Evidence(**common, kind=EvidenceKind.FILE, **png)
        link = Evidence(**common, kind=EvidenceKind.LINK, link="https://wiki.example.org/", removed_at=self.now)
        self.session.add_all([file, link])
        self.session.flush()
        return {f"{name}_file": key, f"{name}_evidence": str(file.id), f"{name}_removed": str(link.id)}

    def rubric(self, sheet: SheetLine) -> Rubric:
        return rubrics.published(self.session.connection(), sheet.organisation_id, sheet.rubric_version_id).rubric

    def assessment(self, cycle_id: int) -> int:
        mine = select(Assessment.id).where(Assessment.cycle_id == cycle_id, Assessment.team_id == self.team.id)
        return self.session.scalars(mine).one()

    def actor(self, player: Player) -> Actor:
        return people.actor(self.session.connection(), player.id, player.organisation_id)

    def answered(self, player: Player, assessment_id: int) -> SheetLine:
        actor = self.actor(player)
        begin_own_sheet(self.session, actor, assessment_id, self.now.date(), self.now)
        sheet = own_sheet(self.session.connection(), actor.organisation_id, assessment_id, player.id)
        self.pick(sheet)
        return sheet

    def pick(self, sheet: SheetLine) -> None:
        rubric = self.rubric(sheet)
        sheets.pick(self.session, sheet, rubric, str(uuid.uuid4()), 0, rubric.categories[0].key, 1, self.now)
