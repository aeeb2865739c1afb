"""The home page of who is signed in: what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from app.domain.people import Actor
from app.queries import invitations, rubrics, units
from app.queries.assessments import OwnTeam, own_teams
from app.queries.comments import MentionLine, mentions
from app.queries.invitations import InvitationLine
from app.queries.organisations import OrganisationLine, organisation
from app.web.deps import Db
from app.web.render import render
from app.web.units import Branch, tree

INVITATIONS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody wants the reader's word; `text` is the statement's."""

    line: MentionLine
    text: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """`tree` is what a manager looks after, with counts; empty for others."""

    organisation: OrganisationLine
    name: str
    teams: Sequence[OwnTeam]
    tree: tuple[Branch, ...]
    invitations: Sequence[InvitationLine]
    may_manage_units: bool
    may_invite: bool
    quick_check: bool
    mentions: Sequence[Mention]

    @property
    def to_answer(self) -> Sequence[OwnTeam]:
        """Teams that the reader answers for, and that have nothing answered yet."""
        return [team for team in self.teams if not team.assessments and {"lead", "member"} & set(team.kinds)]

    @property
    def new_here(self) -> bool:
        """Whether the organisation is empty, and the reader is the one who fills it."""
        return self.may_manage_units and not self.tree


def waiting(request: Request, db: Db, me: Actor) -> Response:
    connection = db.connection()
    manages = me.may_see_organisation() or bool(me.manages)
    page = WaitingPage(
        organisation(connection, me.organisation_id),
        me.name,
        own_teams(connection, me),
        tree(units.unit_lines(connection, me)) if manages else (),
        invitations.invitation_lines(connection, me, limit=INVITATIONS_SHOWN).lines,
        me.may_manage_units(),
        me.may_invite(),
        request.app.state.settings.quick_check == "on",
        tuple(Mention(each, _text(db, me, each)) for each in mentions(connection, me)),
    )
    return render(request, "home/waiting.html", page)


def _text(db: Db, me: Actor, line: MentionLine) -> str:
    rubric = rubrics.published(db.connection(), me.organisation_id, line.rubric_version_id).rubric
    return rubric.statements[line.statement].text
