"""The units and teams of an organisation, as a file of people names them: those in use, and those to be made."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.errors import Sentence
from app.domain.people import Role
from app.domain.people_file import Row
from app.domain.yaml_file import Problem

UnitNames = tuple[str, ...]
"""A unit by the names of the units above it, from the top down, and its own."""
PlannedTeam = tuple[UnitNames, str]


@dataclass(frozen=True, slots=True)
class UnitThere:
    id: int
    parent_id: int | None
    name: str
    archived: bool


@dataclass(frozen=True, slots=True)
class TeamThere:
    id: int
    unit_id: int
    name: str
    archived: bool


@dataclass(frozen=True, slots=True)
class MemberThere:
    person_id: int
    name: str
    deactivated: bool
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class InvitationThere:
    """An open invitation that has not expired."""

    name: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is there before an import: all units and teams, and, by their addresses, the people whom the file names."""

    units: tuple[UnitThere, ...] = ()
    teams: tuple[TeamThere, ...] = ()
    members: Mapping[str, MemberThere] = field(default_factory=dict)
    invitations: Mapping[str, InvitationThere] = field(default_factory=dict)


class Places:
    """`units` and `teams` are those in use, with their numbers, and those to be made, with None."""

    def __init__(self, standing: Standing) -> None:
        self.units: dict[UnitNames, int | None] = {}
        self.teams: dict[PlannedTeam, int | None] = {}
        self.new_units: list[UnitNames] = []
        self.new_teams: list[PlannedTeam] = []
        # By what is above them and by their folded name: how they are spelt, and those that are archived.
        self._spelt: dict[tuple[str, UnitNames, str], str] = {}
        self._archived: set[tuple[str, UnitNames, str]] = set()
        self._begin(standing)

    def _begin(self, standing: Standing) -> None:
        below: dict[int | None, list[UnitThere]] = {}
        for unit in standing.units:
            below.setdefault(unit.parent_id, []).append(unit)
        names: dict[int, UnitNames] = {}
        waiting: list[tuple[UnitNames, UnitThere]] = [((), unit) for unit in below.get(None, ())]
        while waiting:
            above, unit = waiting.pop()
            if unit.archived:
                self._archived.add(("unit", above, folded(unit.name)))
                continue
            names[unit.id] = own = (*above, unit.name)
            self.units[own] = unit.id
            self._spelt["unit", above, folded(unit.name)] = unit.name
            waiting.extend((own, child) for child in below.get(unit.id, ()))
        for team in standing.teams:
            if (in_unit := names.get(team.unit_id)) is None:
                continue
            if team.archived:
                self._archived.add(("team", in_unit, folded(team.name)))
            else:
                self.teams[in_unit, team.name] = team.id
                self._spelt["team", in_unit, folded(team.name)] = team.name
        self._open_units, self._open_teams = frozenset(self.units.values()), frozenset(self.teams.values())

    def take_unit(self, row: Row) -> tuple[tuple[UnitNames, ...], Problem | None]:
        """The units that are to be made for this line; or what is wrong with them, and then none is made."""
        missing = []
        for depth in range(1, len(row.unit) + 1):
            names = row.unit[:depth]
            if names in self.units:
                continue
            if problem := self._doubtful(row.line, "unit", names[:-1], names[-1]):
                return (), problem
            missing.append(names)
        for names in missing:
            self.units[names] = None
            self._spelt["unit", names[:-1], folded(names[-1])] = names[-1]
        self.new_units.extend(missing)
        return tuple(missing), None

    def take_team(self, row: Row) -> tuple[bool, Problem | None]:
        """Whether the team is to be made for this line; or what is wrong with it."""
        if (row.unit, row.team) in self.teams:
            return False, None
        if problem := self._doubtful(row.line, "team", row.unit, row.team):
            return False, problem
        self.teams[row.unit, row.team] = None
        self._spelt["team", row.unit, folded(row.team)] = row.team
        self.new_teams.append((row.unit, row.team))
        return True, None

    def hold(self, role: Role) -> bool:
        """Whether what the role is of is there and in use."""
        unit_there = role.unit_id is None or role.unit_id in self._open_units
        return unit_there and (role.team_id is None or role.team_id in self._open_teams)

    def _doubtful(self, line: int, kind: str, above: UnitNames, name: str) -> Problem | None:
        """Why a new unit or team of this name is more likely a mistake."""
        key = kind, above, folded(name)
        if key in self._spelt:
            sentence = Sentence(
                "Did you mean “%(known)s”? “%(name)s” is spelt another way.", known=self._spelt[key], name=name
            )
            return Problem(line, kind, sentence)
        if key in self._archived:
            return Problem(line, kind, _archived(kind, name))
        return None


def _archived(kind: str, name: str) -> Sentence:
    if kind == "team":
        return Sentence(
            "There was a team “%(name)s” here, which is archived. Restore it first, or take another name.", name=name
        )
    return Sentence(
        "There was a unit “%(name)s” here, which is archived. Restore it first, or take another name.", name=name
    )


def folded(name: str) -> str:
    """The same for names that differ only in capitals, in blanks, or in how a letter is written."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()
