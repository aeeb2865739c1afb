"""A team in the middle of its work: what every page of assessing looks like to its lead, who manages its unit too."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select

from app.actions.comments import comment
from app.actions.cycles import NewCycle, open_cycle
from app.actions.evidence import About, add_link
from app.actions.people import add_person
from app.actions.presence import note_present
from app.actions.rubrics import publish
from app.db.engine import writing
from app.db.tables.assessments import Assessment
from app.db.tables.exports import Export
from app.domain.answers import Value
from app.domain.cycles import Mode
from app.domain.exports import KEPT, ExportKind, ExportState
from app.domain.people import Role, RoleKind
from app.domain.rubric import Rubric
from tests.browser.team import give_passwords
from tests.cast import NOW, address, cast_of
from tests.teamwork import CYCLE, TODAY, Teamwork, begun

READER = "head"
STATEMENT = "models-managed"
MONTH = datetime.timedelta(days=30)

PAGES: Mapping[str, str] = {
    "waiting": "/",
    "dashboard": "/dashboard?cycle={summer_cycle}",
    "progress": "/dashboard/progress?cycle={winter_cycle}",
    "board": "/dashboard/board?cycle={summer_cycle}",
    "compare": "/dashboard/compare?cycle={summer_cycle}&unit=&cycle={spring_cycle}&unit=",
    "compare, nothing agreed": "/dashboard/compare?cycle={winter_cycle}",
    "benchmark": "/teams/{team}/benchmark",
    "links": "/shares",
    "share a result": "/assessments/{summer}/share",
    "share a part": "/shares/new?cycle={summer_cycle}&unit={unit}",
    "exports": "/exports",
    "cycle": "/cycles/{winter_cycle}",
    "remind": "/cycles/{winter_cycle}/remind",
    "asked": "/assessments/{winter}",
    "who answers": "/assessments/{winter}/people",
    "own sheet": "/assessments/{winter}/own/category/modeling",
    "own result": "/assessments/{winter}/own/result",
    "submit": "/assessments/{winter}/submit",
    "revealed": "/assessments/{autumn}",
    "comparison": "/assessments/{autumn}/comparison",
    "somebody's sheet": "/assessments/{autumn}/sheets/{member}",
    "agreed sheet": "/assessments/{autumn}/agreed/category/modeling",
    "comments": f"/assessments/{{autumn}}/comments/{STATEMENT}",
    "evidence": f"/assessments/{{autumn}}/evidence/{STATEMENT}",
    "answer history": f"/assessments/{{autumn}}/agreed/history/{STATEMENT}",
    "agree": "/assessments/{autumn}/agree",
    "agreed": "/assessments/{summer}",
    "agreed result": "/assessments/{summer}/agreed/result",
    "revision": "/assessments/{summer}/revisions/1",
    "history": "/teams/{team}/history",
    "side by side": "/assessments/{summer}/beside/{spring}",
}


@dataclass(frozen=True)
class Filling:
    """Cycles of the team Risk that are open whatever the day is: the tests' own one, and today."""

    team: Teamwork
    today: datetime.date

    def next(self, name: str, mode: Mode, carried_from: int | None = None) -> "Filling":
        """The same people in a further cycle."""
        cast = self.team.cast
        asked = replace(
            asked_on(self.today, name, mode),
            unit_id=cast.units["Data"],
            teams=(cast.teams["Risk"],),
            carried_from=carried_from,
        )
        with writing(cast.engine) as session:
            cycle_id = open_cycle(session, cast.actor("admin"), asked, NOW).id
            of_team = Assessment.team_id == cast.teams["Risk"]
            found = select(Assessment.id).where(Assessment.cycle_id == cycle_id, of_team)
            team = replace(self.team, cycle_id=cycle_id, assessment_id=session.scalars(found).one())
        return replace(self, team=team)

    def agreed(self, level: int) -> int:
        """The cycle, with its result agreed."""
        self.team.pick(self.team.assessing().sheet, level)
        self.team.agree()
        return self.team.cycle_id

    def with_reader(self) -> "Filling":
        cast = self.team.cast
        roles = [Role(RoleKind.MANAGER, unit_id=cast.units["Data"]), Role(RoleKind.LEAD, team_id=cast.teams["Risk"])]
        with writing(cast.engine) as session:
            reader = add_person(session, cast.tram, address(READER), READER.title(), roles, NOW)
        return replace(self, team=replace(self.team, people={**self.team.people, READER: reader}))

    def talked_about(self) -> None:
        """A decision with its note, evidence out of date, an open comment, and somebody who has the sheet open."""
        team, people = self.team, self.team.people
        team.save(team.assessing().sheet, STATEMENT, Value.HALF, note="For the newest model only.")
        about = About("Registry of models, as a page that has a rather long title", expires=TODAY)
        with writing(team.engine) as session:
            member, here = team.actor("member"), team.assessment_id
            add_link(session, member, here, STATEMENT, "https://wiki.example.org/" + "registry/" * 12, about, NOW)
            comment(session, member, here, STATEMENT, "Does it hold *all* models?", NOW, mentions=[people["lead"]])
            later = datetime.datetime.now(datetime.UTC) + MONTH
            note_present(session, team.assessing().sheet, people["member"], STATEMENT, later)


def asked_to_take_away(summer: Filling) -> None:
    """An export in each state; no job belongs to them, so that they stay as they are."""
    of = {"organisation_id": summer.team.cast.tram, "person_id": summer.team.people[READER]}
    now = datetime.datetime.now(datetime.UTC)
    shared = {**of, "cycle_id": summer.team.cycle_id, "unit_id": summer.team.cast.units["Data"], "file_name": "tram"}
    rows = [
        Export(
            **shared,
            kind=kind,
            filters={},
            digest=state,
            state=state,
            done=5,
            total=12,
            size=2_000_000,
            created_at=now,
            expires_at=now + KEPT,
            error="The server has no room for this file. Try again later." if state is ExportState.FAILED else None,
        )
        for kind, state in zip(ExportKind, ExportState, strict=False)
    ]
    with writing(summer.team.engine) as session:
        session.add_all(rows)


def asked_on(today: datetime.date, name: str, mode: Mode) -> NewCycle:
    return replace(CYCLE, name=name, mode=mode, opens_on=min(TODAY, today), due_on=max(TODAY, today) + MONTH)


def at_work(engine: Engine, *rubrics: Rubric) -> Mapping[str, int]:
    """The numbers that PAGES name: two results, one that is being agreed on, and one that is answered alone.

    `rubrics` are published first, instead of what is shipped.
    """
    today = datetime.datetime.now(datetime.UTC).date()
    cast = cast_of(engine)
    with writing(engine) as session:
        publish(session, cast.tram, rubrics, NOW)
    of_unit = replace(asked_on(today, "Spring", Mode.TOGETHER), unit_id=cast.units["Data"])
    spring = Filling(begun(cast, of_unit), today).with_reader()
    spring.agreed(1)
    summer = spring.next("Summer", Mode.TOGETHER)
    of_summer = summer.agreed(2)
    autumn = summer.next("Autumn", Mode.ALONE_FIRST)
    autumn.team.submitted(READER, 3)
    autumn.team.revealed()
    autumn.talked_about()
    winter = autumn.next("Winter", Mode.ALONE_FIRST, carried_from=of_summer)
    winter.team.begin(READER)
    winter.team.save(winter.team.own(READER), STATEMENT, Value.YES, by=READER)
    asked_to_take_away(summer)
    give_passwords(engine)
    cycles = {"spring": spring, "summer": summer, "autumn": autumn, "winter": winter}
    return {
        **{name: each.team.assessment_id for name, each in cycles.items()},
        "spring_cycle": spring.team.cycle_id,
        "summer_cycle": summer.team.cycle_id,
        "winter_cycle": winter.team.cycle_id,
        "member": winter.team.people["member"],
        "team": cast.teams["Risk"],
        "unit": cast.units["Data"],
    }
