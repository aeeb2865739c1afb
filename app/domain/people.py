"""Who may do what: one sentence for each right, about an actor, who is a person or a token in one organisation.

Nothing here looks anything up. What a sentence is asked about (a team's place, a unit's path, a role) comes from the
organisation of the actor: what belongs to another one was never found.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.errors import Invalid

EMAIL_LIMIT = 320
"""Characters of an e-mail address."""


class RoleKind(StrEnum):
    """What a person is in an organisation, in some units, or in a team; one person can have several roles."""

    ADMIN = "admin"
    MANAGER = "manager"
    LEAD = "lead"
    MEMBER = "member"
    VIEWER = "viewer"


TEAM_KINDS = frozenset({RoleKind.LEAD, RoleKind.MEMBER, RoleKind.VIEWER})


class Scope(StrEnum):
    """What a token is good for. Each scope holds those before it: who may answer may read."""

    READ = "read"
    ANSWER = "answer"
    MANAGE = "manage"
    ADMIN = "admin"


ALL_SCOPES = frozenset(Scope)
ORDER = tuple(Scope)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a team is. The path names its unit and all units above, from the top: "/3/17/"."""

    team_id: int
    unit_path: str


@dataclass(frozen=True, slots=True)
class Role:
    """One right as it is given: of a team, of a unit and all below it, or, with neither, of the whole organisation."""

    kind: RoleKind
    unit_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlacedRole:
    """A role, and the path of its unit or of its team's unit; the empty path is the whole organisation."""

    role: Role
    unit_path: str = ""


def checked_role(role: Role) -> Role:
    """The role; Invalid where its kind is not given for what it names."""
    of_team = role.kind in TEAM_KINDS
    if of_team and (role.team_id is None or role.unit_id is not None):
        raise Invalid("Leads, members and viewers belong to a team.")
    if not of_team and role.team_id is not None:
        raise Invalid("Admins and managers do not belong to a team.")
    if role.kind is RoleKind.ADMIN and role.unit_id is not None:
        raise Invalid("An admin looks after the whole organisation.")
    return role


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts, with all that rights depend on.

    `person_id` is None for the service token of an organisation. `manages` holds the paths of units; `leads`,
    `member_of` and `views` hold numbers of teams. `open_organisation`: members may see the results of all teams.
    `only_teams` is what a token was limited to; None is no limit. `token_id`: the token that acts, for the audit trail.
    """

    organisation_id: int
    person_id: int | None
    name: str
    admin: bool = False
    manages_all: bool = False
    manages: tuple[str, ...] = ()
    leads: frozenset[int] = frozenset()
    member_of: frozenset[int] = frozenset()
    views: frozenset[int] = frozenset()
    scopes: frozenset[Scope] = ALL_SCOPES
    only_teams: frozenset[int] | None = None
    open_organisation: bool = False
    token_id: int | None = None

    def limited(
        self, scopes: Iterable[Scope], only_teams: Iterable[int] | None = None, token_id: int | None = None
    ) -> "Actor":
        """The same person behind a token of theirs: never more than the person, and no more than the token says."""
        teams = None if only_teams is None else frozenset(only_teams)
        return replace(self, scopes=frozenset(scopes), only_teams=teams, token_id=token_id)

    def may_read(self) -> bool:
        """Everybody, but for a token without any scope."""
        return self._has(Scope.READ)

    # Teams and what they say.

    def sees_every_team(self) -> bool:
        """Admins and managers of the whole organisation; where it is open, members, leads and managers too.

        A token that is limited to teams sees no others all the same.
        """
        belongs = bool(self.manages or self.leads or self.member_of)
        return self.may_read() and (self._over_all() or (self.open_organisation and belongs))

    def may_see_team(self, place: Place) -> bool:
        """Whoever belongs to the team or views it, managers of units above it, and who sees every team."""
        if not (self.may_read() and self._within(place)):
            return False
        return self.sees_every_team() or self._over(place) or place.team_id in self.member_of | self.views

    def may_answer(self, place: Place) -> bool:
        """Members and leads: a team speaks for itself. And service tokens, which collect what others know."""
        belongs = place.team_id in self.leads | self.member_of
        return self._has(Scope.ANSWER) and self._within(place) and (belongs or self._service())

    def may_agree(self, place: Place) -> bool:
        """The team's lead. And service tokens that may manage."""
        return self._has(Scope.MANAGE) and self._within(place) and (place.team_id in self.leads or self._service())

    # Cycles.

    def may_manage_cycles(self, unit_path: str = "") -> bool:
        """Admins and managers of the whole organisation; managers of a unit cycles of that unit, or of one below it."""
        return self._has(Scope.MANAGE) and self._unlimited() and self._over_unit(unit_path)

    def may_answer_for(self, unit_path: str = "") -> bool:
        """Managers of that unit or of one above it, and admins; for the whole organisation, those who manage all of it.

        Not leads: what is asked once is answered above the teams.
        """
        return self.may_manage_cycles(unit_path)

    # Teams, their models, and units.

    def may_rename_team(self, place: Place) -> bool:
        """The team's lead, managers of units above it, and admins."""
        return self._has(Scope.MANAGE) and self._within(place) and self._over(place)

    def may_manage_models(self, place: Place) -> bool:
        """The team's lead, managers of units above it, and admins create, rename and archive its ML systems."""
        return self.may_rename_team(place)

    def may_manage_teams(self, unit_path: str) -> bool:
        """Managers of the unit or of one above it, and admins: to create, move, archive and restore its teams."""
        return self._has(Scope.MANAGE) and self._unlimited() and self._over_unit(unit_path)

    def may_manage_units(self) -> bool:
        """Managers of the whole organisation, and admins."""
        return self._has(Scope.MANAGE) and self._unlimited() and self._over_all()

    # People.

    def may_see_people(self) -> bool:
        """Admins, managers and leads: each those in their part of the organisation."""
        return self.may_read() and self._unlimited() and self._responsible()

    def sees_every_person(self) -> bool:
        """Admins and managers of the whole organisation."""
        return self.may_see_people() and self._over_all()

    def may_invite(self, *roles: PlacedRole) -> bool:
        """Whoever may give each of these roles; with none named, whoever may invite for anything at all."""
        return self._has(Scope.MANAGE) and self._unlimited() and self._responsible() and all(map(self._may_give, roles))

    def may_change_roles(self, *changed: PlacedRole) -> bool:
        """Whoever may give, and so take, each of these roles; with none named, any at all."""
        return self.may_invite(*changed)

    def may_manage_people(self) -> bool:
        """Admins: to deactivate and reactivate."""
        return self._administers()

    def may_import(self) -> bool:
        """Admins: units, teams and people by a file, which may give any role."""
        return self._administers()

    # The organisation.

    def may_see_organisation(self) -> bool:
        """Admins and managers of the whole organisation; where it is open, members, leads and managers too."""
        return self._unlimited() and self.sees_every_team()

    def may_see_dashboard(self) -> bool:
        """Who sees the organisation, and managers of some unit: of that unit."""
        return self.may_see_organisation() or (self.may_read() and self._unlimited() and bool(self.manages))

    def may_see_unit(self, unit_path: str) -> bool:
        """Who sees the organisation, and managers of the unit or of one above it."""
        over = self.may_read() and self._unlimited() and self._over_unit(unit_path)
        return self.may_see_organisation() or over

    # What is shared by links with people outside.

    def may_share_part(self, unit_path: str | None) -> bool:
        """Whoever sees the dashboard of the unit, or with None that of the whole organisation."""
        seen = self.may_see_organisation() if unit_path is None else self.may_see_unit(unit_path)
        return self._has(Scope.MANAGE) and seen

    def may_share_result(self, place: Place) -> bool:
        """The team's lead, who agrees on it."""
        return self.may_agree(place) and self._unlimited() and not self._service()

    def may_see_shares(self) -> bool:
        """Admins: all of the organisation; everybody sees their own."""
        return self._administers()

    def may_revoke_share(self, of_person: int) -> bool:
        """Who made it, and admins."""
        own = of_person == self.person_id and self._has(Scope.MANAGE) and self._unlimited()
        return self._administers() or own

    def may_read_audit(self) -> bool:
        """Admins."""
        return self._administers()

    def may_manage_organisation(self) -> bool:
        """Admins: its name, its logo and its settings."""
        return self._administers()

    def may_edit_rubrics(self) -> bool:
        """Admins: drafts and versions of rubrics, and which are offered."""
        return self._administers()

    def may_manage_sign_on(self) -> bool:
        """Admins."""
        return self._administers()

    def may_see_deliveries(self) -> bool:
        """Admins."""
        return self._administers()

    # Tokens.

    def may_make_token(self, scopes: Iterable[Scope], only_teams: Iterable[int] | None = None) -> bool:
        """A person, for scopes that are theirs: managing takes a lead, a manager or an admin, `admin` an admin.

        Of tokens only one that may manage makes others, and none that is wider than itself, in scopes or in teams.
        """
        wanted = frozenset(scopes)
        return (
            bool(wanted)
            and not self._service()
            and self._has(Scope.MANAGE)
            and all(self._could(scope) for scope in wanted)
            and self._reaches(only_teams)
        )

    def may_make_service_token(self, scopes: Iterable[Scope]) -> bool:
        """Admins: it belongs to the organisation, and stays when they leave."""
        return bool(frozenset(scopes)) and self._administers()

    def may_see_tokens(self) -> bool:
        """Admins: all of the organisation; everybody sees their own."""
        return self._administers()

    def may_revoke_token(self, of_person: int | None) -> bool:
        """Whose it is, and admins."""
        own = of_person is not None and of_person == self.person_id and self._has(Scope.MANAGE)
        return self._administers() or own

    # What the sentences are made of.

    def _has(self, scope: Scope) -> bool:
        return any(scope in self.scopes for scope in ORDER[ORDER.index(scope) :])

    def _within(self, place: Place) -> bool:
        return self.only_teams is None or place.team_id in self.only_teams

    def _unlimited(self) -> bool:
        return self.only_teams is None

    def _service(self) -> bool:
        return self.person_id is None

    def _over_all(self) -> bool:
        return self.admin or self.manages_all

    def _over_unit(self, unit_path: str) -> bool:
        return self._over_all() or unit_path.startswith(self.manages)

    def _over(self, place: Place) -> bool:
        return place.team_id in self.leads or self._over_unit(place.unit_path)

    def _responsible(self) -> bool:
        return self._over_all() or bool(self.manages or self.leads)

    def _administers(self) -> bool:
        return self.admin and self._has(Scope.ADMIN) and self._unlimited()

    def _may_give(self, placed: PlacedRole) -> bool:
        # Nobody makes another as mighty as an admin or a manager of everything but an admin.
        role = placed.role
        if role.kind is RoleKind.ADMIN or (role.kind is RoleKind.MANAGER and role.unit_id is None):
            return self._administers()
        if role.kind in {RoleKind.MANAGER, RoleKind.LEAD}:
            return self._over_unit(placed.unit_path)
        return self._over_unit(placed.unit_path) or role.team_id in self.leads

    def _could(self, scope: Scope) -> bool:
        if scope is Scope.ADMIN:
            return self._administers()
        return self._has(scope) and (scope is not Scope.MANAGE or self._responsible())

    def _reaches(self, only_teams: Iterable[int] | None) -> bool:
        return self.only_teams is None or (only_teams is not None and self.only_teams >= frozenset(only_teams))


def service(
    organisation_id: int,
    name: str,
    scopes: Iterable[Scope],
    only_teams: Iterable[int] | None = None,
    token_id: int | None = None,
) -> Actor:
    """The actor behind a service token: all of its organisation, as far as its scopes and teams go."""
    everything = Actor(organisation_id, None, name, manages_all=True, admin=Scope.ADMIN in (held := frozenset(scopes)))
    return everything.limited(held, only_teams, token_id)
