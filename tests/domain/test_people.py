"""Who may do what, without a database: a table of who says yes to each sentence."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.errors import Invalid
from app.domain.people import ALL_SCOPES, Actor, Place, PlacedRole, Role, RoleKind, Scope, checked_role, service

ADMIN, MANAGER, LEAD, MEMBER, VIEWER = RoleKind
READ, ANSWER, MANAGE, ADMINISTER = Scope

RISK = Place(5, "/1/3/")
"""The team that is asked about. Its unit is number 3, below number 1."""


def person(**rights: object) -> Actor:
    return replace(Actor(2, 7, "Anyone"), **rights)  # type: ignore[arg-type]


CAST = {
    "admin": person(admin=True),
    "manager of all": person(manages_all=True),
    "manager of the unit": person(manages=("/1/3/",)),
    "manager above": person(manages=("/1/",)),
    "manager below": person(manages=("/1/3/4/",)),
    "manager beside": person(manages=("/1/30/", "/3/")),
    "lead": person(leads=frozenset({5})),
    "member": person(member_of=frozenset({5})),
    "viewer": person(views=frozenset({5})),
    "lead elsewhere": person(leads=frozenset({6})),
    "member elsewhere": person(member_of=frozenset({6})),
    "viewer elsewhere": person(views=frozenset({6})),
    "nobody": person(),
}
ALL_MANAGERS = {"manager of all", "manager of the unit", "manager above", "manager below", "manager beside"}
OVER = {"admin", "manager of all", "manager of the unit", "manager above"}
TOP = {"admin", "manager of all"}
RESPONSIBLE = {"admin", "lead", "lead elsewhere"} | ALL_MANAGERS


def gives(kind: RoleKind, unit: int | None = None, team: int | None = None, path: str = "/1/3/") -> PlacedRole:
    return PlacedRole(Role(kind, unit, team), path)


Sentence = Callable[[Actor], bool]

TABLE: list[tuple[str, Sentence, set[str]]] = [
    ("read", lambda actor: actor.may_read(), set(CAST)),
    ("see the team", lambda actor: actor.may_see_team(RISK), OVER | {"lead", "member", "viewer"}),
    ("see every team", lambda actor: actor.sees_every_team(), TOP),
    ("answer", lambda actor: actor.may_answer(RISK), {"lead", "member"}),
    ("agree", lambda actor: actor.may_agree(RISK), {"lead"}),
    ("manage cycles of a unit", lambda actor: actor.may_manage_cycles(RISK.unit_path), OVER),
    ("manage cycles", lambda actor: actor.may_manage_cycles(), TOP),
    ("answer for the unit", lambda actor: actor.may_answer_for(RISK.unit_path), OVER),
    ("answer for the organisation", lambda actor: actor.may_answer_for(), TOP),
    ("share the unit", lambda actor: actor.may_share_part(RISK.unit_path), OVER),
    ("share the organisation", lambda actor: actor.may_share_part(None), TOP),
    ("share the result", lambda actor: actor.may_share_result(RISK), {"lead"}),
    ("see all links", lambda actor: actor.may_see_shares(), {"admin"}),
    ("revoke a link of one's own", lambda actor: actor.may_revoke_share(7), set(CAST)),
    ("revoke a link of others", lambda actor: actor.may_revoke_share(8), {"admin"}),
    ("rename the team", lambda actor: actor.may_rename_team(RISK), OVER | {"lead"}),
    ("manage its models", lambda actor: actor.may_manage_models(RISK), OVER | {"lead"}),
    ("manage teams", lambda actor: actor.may_manage_teams(RISK.unit_path), OVER),
    ("manage units", lambda actor: actor.may_manage_units(), TOP),
    ("see people", lambda actor: actor.may_see_people(), RESPONSIBLE),
    ("see every person", lambda actor: actor.sees_every_person(), TOP),
    ("invite at all", lambda actor: actor.may_invite(), RESPONSIBLE),
    ("invite an admin", lambda actor: actor.may_invite(gives(ADMIN, path="")), {"admin"}),
    ("invite a manager of all", lambda actor: actor.may_invite(gives(MANAGER, path="")), {"admin"}),
    ("invite a manager", lambda actor: actor.may_invite(gives(MANAGER, unit=3)), OVER),
    ("invite a lead", lambda actor: actor.may_invite(gives(LEAD, team=5)), OVER),
    ("invite a member", lambda actor: actor.may_invite(gives(MEMBER, team=5)), OVER | {"lead"}),
    ("invite a viewer", lambda actor: actor.may_invite(gives(VIEWER, team=5)), OVER | {"lead"}),
    (
        "invite for two teams",
        lambda actor: actor.may_invite(gives(MEMBER, team=5), gives(MEMBER, team=9, path="/2/")),
        TOP,
    ),
    ("change roles", lambda actor: actor.may_change_roles(gives(MEMBER, team=5)), OVER | {"lead"}),
    ("manage people", lambda actor: actor.may_manage_people(), {"admin"}),
    ("import", lambda actor: actor.may_import(), {"admin"}),
    ("see the organisation", lambda actor: actor.may_see_organisation(), TOP),
    ("see a dashboard", lambda actor: actor.may_see_dashboard(), ALL_MANAGERS | {"admin"}),
    ("see the unit", lambda actor: actor.may_see_unit("/1/3/"), OVER),
    ("read the audit trail", lambda actor: actor.may_read_audit(), {"admin"}),
    ("manage the organisation", lambda actor: actor.may_manage_organisation(), {"admin"}),
    ("edit rubrics", lambda actor: actor.may_edit_rubrics(), {"admin"}),
    ("manage sign-on", lambda actor: actor.may_manage_sign_on(), {"admin"}),
    ("see deliveries", lambda actor: actor.may_see_deliveries(), {"admin"}),
    ("make a token to read", lambda actor: actor.may_make_token({READ}), set(CAST)),
    ("make a token to answer", lambda actor: actor.may_make_token({READ, ANSWER}), set(CAST)),
    ("make a token to manage", lambda actor: actor.may_make_token({MANAGE}), RESPONSIBLE),
    ("make a token to administer", lambda actor: actor.may_make_token({ADMINISTER}), {"admin"}),
    ("make a token for nothing", lambda actor: actor.may_make_token(set()), set()),
    ("make a service token", lambda actor: actor.may_make_service_token({READ}), {"admin"}),
    ("see all tokens", lambda actor: actor.may_see_tokens(), {"admin"}),
    ("revoke their own token", lambda actor: actor.may_revoke_token(7), set(CAST)),
    ("revoke another's token", lambda actor: actor.may_revoke_token(8), {"admin"}),
    ("revoke a service token", lambda actor: actor.may_revoke_token(None), {"admin"}),
]


@pytest.mark.parametrize(("sentence", "may"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_who_may(sentence: Sentence, may: set[str]) -> None:
    assert {name for name, actor in CAST.items() if sentence(actor)} == may


def test_every_sentence_is_in_the_table() -> None:
    asked = {name for _, sentence, _ in TABLE for name in sentence.__code__.co_names}
    assert {name for name in vars(Actor) if name.startswith(("may_", "sees_"))} <= asked


def test_in_an_open_organisation_all_but_viewers_see_every_team() -> None:
    opened = {name: replace(actor, open_organisation=True) for name, actor in CAST.items()}
    see = {name for name, actor in opened.items() if actor.may_see_team(RISK)}
    assert see == set(CAST) - {"viewer elsewhere", "nobody"}
    assert {name for name, actor in opened.items() if actor.may_see_organisation()} == see - {"viewer"}
    assert {name for name, actor in opened.items() if actor.may_rename_team(RISK)} == OVER | {"lead"}


NEEDS = {
    READ: {
        "read",
        "see the team",
        "see every team",
        "see people",
        "see every person",
        "see the organisation",
        "see a dashboard",
        "see the unit",
    },
    ANSWER: {"answer"},
}
"""What a narrower scope is enough for; all else takes `manage` or `admin`."""


def said(actor: Actor) -> set[str]:
    return {name for name, sentence, _ in TABLE if sentence(actor)}


def test_a_scope_is_never_wider_than_the_person() -> None:
    for actor in CAST.values():
        for scope in Scope:
            assert said(actor.limited({scope})) <= said(actor)
        assert said(actor.limited(ALL_SCOPES)) == said(actor)
        assert said(actor.limited(())) == set()


@pytest.mark.parametrize("name", CAST)
def test_each_scope_holds_those_before_it(name: str) -> None:
    actor = CAST[name]
    read, answer, manage = (said(actor.limited({scope})) for scope in (READ, ANSWER, MANAGE))
    assert read == said(actor) & NEEDS[READ]
    assert answer == said(actor) & (NEEDS[READ] | NEEDS[ANSWER])
    assert answer <= manage <= said(actor)


def test_only_an_admins_token_with_the_scope_administers() -> None:
    administers = {"read the audit trail", "manage the organisation", "make a service token", "invite an admin"}
    assert not administers & said(CAST["admin"].limited({MANAGE}))
    assert administers <= said(CAST["admin"].limited({ADMINISTER}))


def test_a_token_limited_to_teams_reaches_no_other_and_nothing_of_the_whole() -> None:
    here = {"read", "see the team", "rename the team", "manage its models", "see every team"}
    tokens = {"make a token to read", "make a token to answer", "make a token to manage"}
    for teams, rights in (({5}, here), ({6}, {"read", "see every team"})):
        limited = CAST["admin"].limited(ALL_SCOPES, teams)
        assert said(limited) - {"revoke their own token"} == rights
        assert limited.may_make_token({READ}, teams)
        assert not limited.may_make_token({READ}, {5, 6})
    assert tokens <= said(CAST["admin"])


def test_a_service_token_acts_for_its_organisation() -> None:
    assert said(service(2, "ci", {READ})) == NEEDS[READ]
    assert said(service(2, "ci", {ANSWER})) == NEEDS[READ] | NEEDS[ANSWER]
    managing = said(service(2, "ci", {MANAGE}))
    assert {"rename the team", "manage units", "agree", "invite a member"} <= managing
    assert not {"read the audit trail", "invite an admin", "make a token to read"} & managing
    assert {"read the audit trail", "invite an admin"} <= said(service(2, "ci", {ADMINISTER}))
    assert not service(2, "ci", ALL_SCOPES, {6}).may_answer(RISK)


@pytest.mark.parametrize(
    "role",
    [
        Role(ADMIN, unit_id=1),
        Role(ADMIN, team_id=1),
        Role(MANAGER, team_id=1),
        Role(LEAD),
        Role(MEMBER, unit_id=1),
        Role(VIEWER, unit_id=1, team_id=1),
    ],
)
def test_a_role_that_does_not_fit_what_it_names_is_invalid(role: Role) -> None:
    with pytest.raises(Invalid):
        checked_role(role)


@pytest.mark.parametrize("role", [Role(ADMIN), Role(MANAGER), Role(MANAGER, unit_id=1), Role(VIEWER, team_id=1)])
def test_a_role_that_fits(role: Role) -> None:
    assert checked_role(role) == role


OF_A_TEAM = {"read", "see the team", "see every team", "answer", "agree", "rename the team", "manage its models"}
OF_OTHER_TEAMS = {"read", "see every team"}
"""What a token that is limited to the team, or to others, leaves of its person. The list of every team is cut to it."""


@pytest.mark.parametrize("name", CAST)
def test_a_limited_token_leaves_what_its_person_may_with_its_teams(name: str) -> None:
    actor, own = CAST[name], "revoke their own token"
    assert said(actor.limited(ALL_SCOPES, {5})) == said(actor) & (OF_A_TEAM | {own})
    assert said(actor.limited(ALL_SCOPES, {6})) == said(actor) & (OF_OTHER_TEAMS | {own})
    assert said(actor.limited({READ}, {5})) == said(actor) & OF_A_TEAM & NEEDS[READ]
    assert said(actor.limited(ALL_SCOPES, ())) == said(actor) & (OF_OTHER_TEAMS | {own})
