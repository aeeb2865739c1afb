"""The home page of who is signed in: what waits for them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from app.domain.cycles import CycleState, state
from app.domain.people import Actor
from app.queries import cycles, invitations, reminders, units
from app.queries.assessments import OwnTeam, own_teams
from app.queries.comments import MentionLine, mentions
from app.queries.invitations import InvitationLine
from app.queries.organisations import OrganisationLine, examples, organisation
from app.queries.reminders import Task
from app.web.cycles import Summary, summaries
from app.web.deps import Db
from app.web.render import render
from app.web.rubric_reading import read_version
from app.web.units import Branch, tree

INVITATIONS_SHOWN = 5
CYCLES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Waits:
    """Something to do, and how many days are left for it: none on the due day, fewer when it has passed."""

    task: Task
    state: CycleState
    days: int


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody wants the reader's word; `text` is the statement's."""

    line: MentionLine
    text: str


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """`tree` is what a manager looks after, with counts, and `cycles` their open cycles; both empty for others.

    `examples` are the example organisations that stand beside one that is empty still.
    """

    organisation: OrganisationLine
    name: str
    to_answer: Sequence[Waits]
    to_agree: Sequence[Waits]
    cycles: Sequence[Summary]
    teams: Sequence[OwnTeam]
    tree: tuple[Branch, ...]
    invitations: Sequence[InvitationLine]
    may_manage_units: bool
    may_invite: bool
    quick_check: bool
    mentions: Sequence[Mention]
    examples: Sequence[tuple[int, str]]

    @property
    def without_answers(self) -> Sequence[OwnTeam]:
        """Teams that the reader answers for, and that have nothing answered yet."""
        return [team for team in self.teams if not team.assessments and {"lead", "member"} & set(team.kinds)]

    @property
    def new_here(self) -> bool:
        """Whether the organisation is empty, and the reader is the one who fills it."""
        return self.may_manage_units and not self.tree


def waiting(request: Request, db: Db, me: Actor, now: datetime.datetime) -> Response:
    connection, today = db.connection(), now.date()
    manages = me.may_see_organisation() or bool(me.manages)
    managed = tree(units.unit_lines(connection, me)) if manages else ()
    begins = me.may_manage_units() and not managed
    page = WaitingPage(
        organisation(connection, me.organisation_id),
        me.name,
        _waits(reminders.to_answer(connection, me, today), today),
        _waits(reminders.to_agree(connection, me, today), today),
        summaries(db, me, cycles.cycles_looked_after(connection, me, CYCLES_SHOWN), today),
        own_teams(connection, me),
        managed,
        invitations.invitation_lines(connection, me, limit=INVITATIONS_SHOWN).lines,
        me.may_manage_units(),
        me.may_invite(),
        request.app.state.settings.quick_check == "on",
        tuple(Mention(each, _text(db, me, each)) for each in mentions(connection, me)),
        examples(connection, me.person_id) if begins and me.person_id is not None else (),
    )
    return render(request, "home/waiting.html", page)


def _waits(tasks: Sequence[Task], today: datetime.date) -> Sequence[Waits]:
    return [Waits(task, state(task.rules, today), (task.rules.due - today).days) for task in tasks]


def _text(db: Db, me: Actor, line: MentionLine) -> str:
    rubric = read_version(db, me.organisation_id, line.rubric_version_id).rubric
    return rubric.statements[line.statement].text
