"""What a file of units, teams and people would change: a pure function of the file and of what is there."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, field
from enum import StrEnum

from app.domain.errors import Sentence
from app.domain.people import Role, RoleKind
from app.domain.people_file import PeopleFile, Row
from app.domain.people_places import Places, PlannedTeam, Standing, UnitNames
from app.domain.yaml_file import Problem


class Becomes(StrEnum):
    """What becomes of the person of a line."""

    INVITED = "invited"
    INVITED_AGAIN = "invited again"
    GIVEN = "given"
    THERE = "there"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class PlannedRole:
    """A role by the names of what it is of; with neither, of the whole organisation."""

    kind: RoleKind
    unit: UnitNames = ()
    team: str = ""


@dataclass(frozen=True, slots=True)
class PlannedGift:
    """Roles for somebody who is a member."""

    person_id: int
    roles: tuple[PlannedRole, ...]


@dataclass(frozen=True, slots=True)
class PlannedInvitation:
    """`kept` are the roles of an open invitation of the same address, which this one replaces."""

    email: str
    name: str
    roles: tuple[PlannedRole, ...]
    kept: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What comes of one line: the units and the team that are made at it, and what becomes of the person.

    `same_as` is the line that said all this already. `called`: the person's name here, where the file has another.
    """

    row: Row
    units: tuple[UnitNames, ...] = ()
    team: bool = False
    person: Becomes | None = None
    same_as: int = 0
    called: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything is different afterwards."""
        return bool(self.units) or self.team or self.person in {Becomes.INVITED, Becomes.INVITED_AGAIN, Becomes.GIVEN}


@dataclass(frozen=True, slots=True)
class Plan:
    """All or nothing of it is done. `there` and `waiting` count people for whom nothing is to be done."""

    steps: tuple[Step, ...]
    problems: tuple[Problem, ...]
    units: tuple[UnitNames, ...]
    teams: tuple[PlannedTeam, ...]
    gifts: tuple[PlannedGift, ...]
    invitations: tuple[PlannedInvitation, ...]
    there: int
    waiting: int

    @property
    def changes(self) -> bool:
        return bool(self.units or self.teams or self.gifts or self.invitations)

    @property
    def digest(self) -> str:
        """The same for the same changes, whatever else the file or the organisation holds."""
        planned = [
            self.units,
            self.teams,
            [astuple(gift) for gift in self.gifts],
            [astuple(i) for i in self.invitations],
        ]
        return hashlib.sha256(json.dumps(planned).encode()).hexdigest()


@dataclass(slots=True)
class _Someone:
    """The person of some lines. The roles are in the order of the file, each with whether it is there already."""

    name: str = ""
    named_at: int = 0
    first: int = 0
    roles: dict[PlannedRole, bool] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[PlannedRole, ...]:
        return tuple(role for role, there in self.roles.items() if not there)


def plan(file: PeopleFile, standing: Standing) -> Plan:
    """What the file would change, line by line, and all that is wrong with it, in the order of its lines."""
    planning = _Planning(standing)
    steps = [step for row in file.rows if (step := planning.step(row)) is not None]
    planning.decide_people()
    return Plan(
        steps=tuple(map(planning.with_person, steps)),
        problems=tuple(sorted([*file.problems, *planning.problems], key=lambda problem: problem.line)),
        units=tuple(planning.places.new_units),
        teams=tuple(planning.places.new_teams),
        gifts=tuple(planning.gifts()),
        invitations=tuple(planning.invitations()),
        there=planning.count(Becomes.THERE),
        waiting=planning.count(Becomes.WAITING),
    )


class _Planning:
    """A plan while it is made."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.places = Places(standing)
        self.people: dict[str, _Someone] = {}
        self.becomes: dict[str, Becomes] = {}
        self.said: dict[Row, int] = {}
        self.problems: list[Problem] = []

    def step(self, row: Row) -> Step | None:
        """What comes of the line, without what becomes of its person; None where it has a problem."""
        bare = Row(0, row.unit, row.team, row.name, row.email, row.role)
        same_as = self.said.setdefault(bare, row.line)
        if same_as != row.line:
            return Step(row, same_as=same_as)
        units, problem = self.places.take_unit(row)
        team = False
        if problem is None and row.team:
            team, problem = self.places.take_team(row)
        if problem is not None:
            self.problems.append(problem)
            return None
        if row.email:
            self._take_person(row)
        return Step(row, units, team)

    def _take_person(self, row: Row) -> None:
        someone = self.people.setdefault(row.email, _Someone(first=row.line))
        if row.name and not someone.name:
            someone.name, someone.named_at = row.name, row.line
        elif row.name and row.name != someone.name:
            called = Sentence(
                "%(email)s is called %(name)s in line %(line)s: one address is one person.",
                email=row.email,
                name=someone.name,
                line=someone.named_at,
            )
            self.problems.append(Problem(row.line, "name", called))
        role = _role(row)
        someone.roles[role] = self._known(role) in self._held(row.email)

    def decide_people(self) -> None:
        """What becomes of each person and what is wrong with them, now that all their lines are known."""
        for email, someone in self.people.items():
            self.becomes[email] = self._becomes(email, someone)
            member, invited = self.standing.members.get(email), self.standing.invitations.get(email)
            if member is not None and member.deactivated:
                sentence = Sentence(
                    "This person was deactivated here. An admin can reactivate them first, on their page."
                )
                self.problems.append(Problem(someone.first, "email", sentence))
            if member is None and invited is None and not someone.name:
                self.problems.append(Problem(someone.first, "name", Sentence("Whoever is invited needs a name.")))

    def with_person(self, step: Step) -> Step:
        """The step with what becomes of its person."""
        someone = self.people.get(step.row.email)
        if someone is None or step.same_as:
            return step
        member = self.standing.members.get(step.row.email)
        called = member.name if member and someone.name not in {"", member.name} else ""
        becomes = self.becomes[step.row.email]
        if becomes is Becomes.GIVEN and someone.roles[_role(step.row)]:
            becomes = Becomes.THERE
        return Step(step.row, step.units, step.team, becomes, called=called)

    def _becomes(self, email: str, someone: _Someone) -> Becomes:
        if email in self.standing.members:
            return Becomes.GIVEN if someone.missing else Becomes.THERE
        if email not in self.standing.invitations:
            return Becomes.INVITED
        return Becomes.INVITED_AGAIN if someone.missing else Becomes.WAITING

    def count(self, becomes: Becomes) -> int:
        return sum(each is becomes for each in self.becomes.values())

    def gifts(self) -> Iterable[PlannedGift]:
        for email, someone in self.people.items():
            member = self.standing.members.get(email)
            if member is not None and someone.missing:
                yield PlannedGift(member.person_id, someone.missing)

    def invitations(self) -> Iterable[PlannedInvitation]:
        for email, someone in self.people.items():
            if email in self.standing.members or not someone.missing:
                continue
            invited = self.standing.invitations.get(email)
            name = someone.name or (invited.name if invited else "")
            kept = tuple(filter(self.places.hold, invited.roles)) if invited else ()
            yield PlannedInvitation(email, name, someone.missing, kept)

    def _held(self, email: str) -> Collection[Role]:
        members, invitations = self.standing.members, self.standing.invitations
        known = members.get(email) or invitations.get(email)
        return known.roles if known else ()

    def _known(self, role: PlannedRole) -> Role | None:
        """The role with the numbers of what it is of; None where that is not there yet."""
        return known_role(role, self.places.units, self.places.teams)


def known_role(
    role: PlannedRole, units: Mapping[UnitNames, int | None], teams: Mapping[PlannedTeam, int | None]
) -> Role | None:
    """The role with the numbers of what it is of; None where that has no number yet."""
    if role.team:
        team_id = teams[role.unit, role.team]
        return None if team_id is None else Role(role.kind, team_id=team_id)
    if role.unit:
        unit_id = units[role.unit]
        return None if unit_id is None else Role(role.kind, unit_id=unit_id)
    return Role(role.kind)


def _role(row: Row) -> PlannedRole:
    if row.role is None:
        raise ValueError(f"The row in line {row.line} has a person without a role.")
    return PlannedRole(row.role, row.unit, row.team)
