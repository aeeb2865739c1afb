"""Something of every kind in an organisation, to be named by requests."""

import datetime
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.actions.claiming import claim
from app.actions.invitations import invite
from app.actions.mail import send
from app.actions.ml_systems import archive_ml_system, create_ml_system
from app.actions.quick_checks import begin
from app.actions.shares import make_share
from app.actions.sign_on import keep_provider, map_group
from app.actions.teams import archive_team, create_team
from app.actions.tokens import MadeToken, create_service_token, create_token
from app.actions.units import archive_unit, create_unit
from app.db.base import table
from app.db.tables.assessments import Assessment
from app.db.tables.exports import Export
from app.db.tables.findings import Comment, Evidence, EvidenceKind
from app.db.tables.jobs import Job
from app.db.tables.mail import Delivery, DeliveryState
from app.db.tables.shares import Share
from app.db.tables.signing_in import Identity, SignedIn, Token
from app.domain.exports import KEPT, ExportKind, ExportState
from app.domain.mail import Letter
from app.domain.organisations import VISITORS
from app.domain.people import Actor, Role, RoleKind, Scope
from app.domain.rubric_file import shipped
from app.domain.shares import Shared, ShareKind
from app.domain.tokens import WantedToken
from app.queries import people
from app.queries.rubrics import latest
from app.queries.sheets import sheet_by_secret
from tests.quick_check import RUBRIC
from tests.rights.teamwork import Teamwork
from tests.web.cast import Player, TeamOf, UnitOf

Values = Mapping[str, str]
STATEMENT = next(iter(shipped()[RUBRIC].statements))
"""Beside which there is evidence."""
EXPORT = "e" * 64
"""The file of all exports that are ready."""
PROVIDER = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills one organisation, as whoever may do everything there."""

    session: Session
    now: datetime.datetime
    actor: Actor

    def named(self, unit: UnitOf, team: TeamOf, person: Player) -> Values:
        """Something of every kind that belongs to this unit, this team and this person."""
        answering = Actor(self.actor.organisation_id, person.id, "", member_of=frozenset({team.id}))
        assessment_id = self.claimed(answering, team)
        teamwork = Teamwork(self.session, self.now, self.actor, team)
        cycle_id = teamwork.cycle(f"Cycle {team.id}")
        teamwork.failed_copying(cycle_id)
        return {
            "unit_id": str(unit.id),
            "team_id": str(team.id),
            "person_id": str(person.id),
            "system_id": str(create_ml_system(self.session, self.actor, team.id, "Scores", self.now).id),
            **self.evidence(assessment_id, person),
            **self.talk(answering, assessment_id),
            "invitation_id": str(self.invited(team, f"invited.{team.id}@example.org")),
            "delivery_id": str(self.delivery()),
            "signed_in_id": str(self.browser(person)),
            "token_id": str(self.token(person).id),
            "cycle_id": str(cycle_id),
            **self.exports(person, cycle_id, unit),
            "parent_id": str(unit.id),
            "place": f"team.{team.id}",
            "unit_place": f"unit.{unit.id}",
            "organisation": str(self.actor.organisation_id),
        }

    def exports(self, person: Player, cycle_id: int, unit: UnitOf) -> Values:
        """Exports of this person: one that is ready, one that failed, and one that waits."""
        states = {"export_id": "ready", "failed_export": "failed", "waiting_export": "waiting"}
        common = {
            "organisation_id": person.organisation_id,
            "person_id": person.id,
            "kind": ExportKind.XLSX,
            "cycle_id": cycle_id,
            "unit_id": unit.id,
            "filters": {},
            "done": 0,
            "total": 0,
            "file_name": "tram.xlsx",
            "created_at": self.now,
            "expires_at": self.now + KEPT,
        }
        made = {
            name: Export(
                **common,
                digest=f"{state} in {unit.id}",
                state=ExportState(state),
                file_key=EXPORT if state == "ready" else None,
            )
            for name, state in states.items()
        }
        self.session.add_all(made.values())
        self.session.flush()
        return {name: str(each.id) for name, each in made.items()}

    def archived(self, unit: UnitOf, team: TeamOf) -> Values:
        """What is to be restored, and what is empty and can be archived."""
        old_team = create_team(self.session, self.actor, unit.id, "Old team", self.now).id
        archive_team(self.session, self.actor, old_team, self.now)
        old_unit, empty_unit = (
            create_unit(self.session, self.actor, name, None, self.now).id for name in ("Old unit", "Empty unit")
        )
        archive_unit(self.session, self.actor, old_unit, self.now)
        old_system = create_ml_system(self.session, self.actor, team.id, "Old system", self.now).id
        archive_ml_system(self.session, self.actor, old_system, self.now)
        return {
            "archived_team": str(old_team),
            "archived_unit": str(old_unit),
            "empty_unit": str(empty_unit),
            "archived_system": str(old_system),
        }

    def claimed(self, answering: Actor, team: TeamOf) -> int:
        version = latest(self.session.connection(), VISITORS, RUBRIC)
        secret = begin(self.session, version, "192.0.2.8", self.now)
        sheet = sheet_by_secret(self.session.connection(), secret, self.now)
        return claim(self.session, answering, sheet, team.id, self.now)

    def evidence(self, assessment_id: int, person: Player) -> Values:
        """A file, and a link that was taken away."""
        key = f"{assessment_id:064d}"
        common = {
            "organisation_id": self.actor.organisation_id,
            "assessment_id": assessment_id,
            "statement": STATEMENT,
            "title": "Evidence",
            "person_id": person.id,
            "created_at": self.now,
        }
        file = Evidence(
            **common, kind=EvidenceKind.FILE, file_name="a.png", file_key=key, media_type="image/png", size=24
        )
        link = Evidence(**common, kind=EvidenceKind.LINK, link="https://wiki.example.org/", removed_at=self.now)
        self.session.add_all([file, link])
        self.session.flush()
        return {
            "file_key": key,
            "evidence_id": str(file.id),
            "removed_evidence": str(link.id),
        }

    def talk(self, answering: Actor, assessment_id: int) -> Values:
        """An assessment with a thread that is open and one that is resolved, both begun by whoever answered it."""
        statement = shipped()[RUBRIC].categories[0].statements[0].key
        thread = self.thread(answering.person_id, assessment_id, statement)
        resolved = self.thread(answering.person_id, assessment_id, statement, self.now)
        return {
            "assessment_id": str(assessment_id),
            "statement": statement,
            "thread_id": str(thread),
            "resolved_thread": str(resolved),
            "comment_id": str(thread),
        }

    def thread(
        self, person_id: int | None, assessment_id: int, statement: str, resolved_at: datetime.datetime | None = None
    ) -> int:
        began = Comment(
            organisation_id=self.actor.organisation_id,
            assessment_id=assessment_id,
            statement=statement,
            person_id=person_id,
            text="Why?",
            created_at=self.now,
            resolved_at=resolved_at,
        )
        self.session.add(began)
        self.session.flush()
        return began.id

    def said(self, person: Player, team: TeamOf) -> Values:
        """A comment of this person, and the assessment that it is of."""
        answering = Actor(self.actor.organisation_id, person.id, "", member_of=frozenset({team.id}))
        statement = shipped()[RUBRIC].categories[0].statements[0].key
        commented = self.claimed(answering, team)
        return {
            "commented": str(commented),
            "own_comment": str(self.thread(person.id, commented, statement)),
        }

    def invited(self, team: TeamOf, email: str) -> int:
        roles = [Role(RoleKind.MEMBER, team_id=team.id)]
        return invite(self.session, self.actor, email, "Invited", roles, self.now).id

    def delivery(self) -> int:
        """A letter that could not be sent."""
        organisation_id = self.actor.organisation_id
        letter = Letter("Come", "The text", "<p>The text</p>")
        send(self.session, organisation_id, "to@example.org", letter, f"for the walk {organisation_id}", self.now)
        failed = update(Delivery).where(Delivery.organisation_id == organisation_id)
        written = failed.values(state=DeliveryState.FAILED).returning(Delivery.id)
        number = self.session.execute(written.execution_options(synchronize_session=False)).scalars().first()
        self.session.execute(update(table(Job)).values(failed_at=self.now))
        return int(number or 0)

    def token(
        self, person: Player, scope: Scope = Scope.READ, teams: frozenset[int] | None = None, *, expired: bool = False
    ) -> MadeToken:
        """A token of this person that was used just now, so that using it writes nothing."""
        actor = people.actor(self.session.connection(), person.id, person.organisation_id)
        wanted = WantedToken("Walk", frozenset({scope}), teams)
        return self.used(create_token(self.session, actor, wanted, None, self.now), expired=expired)

    def service_token(self, scope: Scope) -> MadeToken:
        wanted = WantedToken("Service", frozenset({scope}))
        return self.used(create_service_token(self.session, self.actor, wanted, None, self.now))

    def used(self, made: MadeToken, *, expired: bool = False) -> MadeToken:
        token = self.session.get_one(Token, made.id)
        token.last_used_at = self.now
        token.expires_at = self.now if expired else None
        self.session.flush()
        return made

    def sign_on(self) -> None:
        """A provider at an address where nobody answers."""
        keep_provider(
            self.session,
            self.actor,
            issuer=PROVIDER,
            client_id="shortstave",
            client_secret="secret",
            groups_claim="groups",
            now=self.now,
        )

    def maps_group(self, group: str, role: Role) -> None:
        map_group(self.session, self.actor, group, role, self.now)

    def linked(self, person: Player) -> None:
        identity = Identity(
            organisation_id=person.organisation_id,
            issuer=PROVIDER,
            subject=str(person.id),
            person_id=person.id,
            linked_at=self.now,
        )
        self.session.add(identity)
        self.session.flush()

    def shared(self, admin: Player, assessment_id: int, lead: Actor) -> Values:
        """A link to the report of a team, a badge, and a link of an admin's. They were opened just now."""
        report, badge = (
            make_share(self.session, lead, Shared(kind, assessment_id=assessment_id), 30, self.now)
            for kind in (ShareKind.REPORT, ShareKind.BADGE)
        )
        cycle = self.session.scalars(select(Assessment.cycle_id).where(Assessment.id == assessment_id)).one()
        me = people.actor(self.session.connection(), admin.id, admin.organisation_id)
        make_share(self.session, me, Shared(ShareKind.REPORT, cycle), 30, self.now)
        self.session.execute(update(Share).values(opened_at=self.now).execution_options(synchronize_session=False))
        last = select(func.max(Share.id))
        return {"share_secret": report, "badge_secret": badge, "share_id": str(self.session.scalar(last))}

    def browser(self, person: Player) -> int:
        found = SignedIn(
            secret_digest=secrets.token_bytes(32),
            person_id=person.id,
            organisation_id=person.organisation_id,
            device="",
            created_at=self.now,
            last_seen_at=self.now,
            expires_at=self.now + datetime.timedelta(days=1),
        )
        self.session.add(found)
        self.session.flush()
        return found.id
