"""Talking about a statement of an assessment: threads with mentions, resolved when they are settled.

Whoever may not see what others add says nothing either, and is mentioned nowhere: nobody is told of what they may not
see yet.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.assessing import held
from app.db.tables.findings import Comment
from app.domain.answers import NOTE_LIMIT
from app.domain.comments import named
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.people import Actor, RoleKind
from app.domain.reveal import Viewer
from app.domain.rubric import Rubric
from app.domain.text import plain
from app.queries import rubrics
from app.queries.assessing import Assessing
from app.queries.teams import TeamPerson, people_of_team


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that was made, and who is to be told of it."""

    id: int
    found: Assessing
    rubric: Rubric
    mentioned: tuple[TeamPerson, ...]


def check_may_comment(actor: Actor, found: Assessing) -> None:
    """Raises NotAllowed where the actor is nobody of the team, or has not submitted their own answers yet."""
    if actor.person_id is None or not actor.may_answer(found.place):
        raise NotAllowed("The team's members and leads comment on its statements.")
    if not found.alone.may_see_what_others_add(found.viewer(actor)):
        raise NotAllowed("Everybody answers alone first. Comments open to you when you have submitted your answers.")


def to_mention(people: Sequence[TeamPerson], found: Assessing, but: int | None) -> Mapping[int, TeamPerson]:
    """Members and leads of the team who may see comments here, by number; `but` is who asks."""
    leads = {each.person_id for each in people if each.kind is RoleKind.LEAD}
    return {
        each.person_id: each
        for each in people
        if each.kind in {RoleKind.LEAD, RoleKind.MEMBER}
        and each.person_id != but
        and found.alone.may_see_what_others_add(Viewer(each.person_id, each.person_id in leads))
    }


def comment(
    session: Session,
    actor: Actor,
    assessment_id: int,
    statement: str,
    text: str,
    now: datetime.datetime,
    thread_id: int | None = None,
    mentions: Sequence[int] = (),
) -> Said:
    """Say something of a statement, in a thread of its own or in one that is there.

    Mentioned are the people chosen and those named after an @. Raises Invalid for an empty text, somebody who cannot be
    mentioned, or a thread of another statement; Missing for a statement that the rubric does not have.
    """
    found = held(session, actor, assessment_id)
    check_may_comment(actor, found)
    rubric = rubrics.published(session.connection(), actor.organisation_id, found.sheet.rubric_version_id).rubric
    if statement not in rubric.statements:
        raise Missing("This rubric has no such statement.")
    text = plain(text.strip(), NOTE_LIMIT)
    if not text:
        raise Invalid("Write something first.")
    if thread_id is not None and _comment(session, actor, assessment_id, thread_id).statement != statement:
        raise Invalid("This thread is about another statement. Load the page again.")
    people = people_of_team(session.connection(), actor.organisation_id, found.place.team_id)
    choices = to_mention(people, found, actor.person_id)
    if not set(mentions) <= set(choices):
        raise Invalid("Only people of the team who may see comments here are mentioned.")
    meant = sorted(set(mentions) | named(text, {number: one.name for number, one in choices.items()}))
    made = Comment(
        organisation_id=actor.organisation_id,
        assessment_id=assessment_id,
        statement=statement,
        thread_id=thread_id,
        person_id=actor.person_id,
        text=text,
        mentions=meant or None,
        created_at=now,
    )
    session.add(made)
    session.flush()
    audit.record_by(session, actor, now, "commented", ("assessment", assessment_id), statement=statement)
    return Said(made.id, found, rubric, tuple(choices[number] for number in meant))


def resolve_thread(
    session: Session, actor: Actor, assessment_id: int, thread_id: int, now: datetime.datetime, *, resolved: bool
) -> str:
    """Say that a thread is settled, or that it is not after all; the statement that it is about."""
    check_may_comment(actor, held(session, actor, assessment_id))
    thread = _comment(session, actor, assessment_id, thread_id)
    if (thread.resolved_at is not None) == resolved:
        raise Conflict("Somebody was faster: look at the thread again.")
    thread.resolved_at, thread.resolved_by = (now, actor.person_id) if resolved else (None, None)
    action = "thread resolved" if resolved else "thread reopened"
    audit.record_by(session, actor, now, action, ("assessment", assessment_id), statement=thread.statement)
    return thread.statement


def remove_comment(session: Session, actor: Actor, assessment_id: int, comment_id: int, now: datetime.datetime) -> str:
    """Take back one's own words: that something was said stays, and its text is gone. The statement it was about."""
    check_may_comment(actor, held(session, actor, assessment_id))
    said = _comment(session, actor, assessment_id, comment_id, begins=False)
    if said.person_id != actor.person_id:
        raise NotAllowed("Only who wrote a comment removes it.")
    if not said.text:
        raise Conflict("This is removed already.")
    said.text, said.mentions = "", None
    audit.record_by(session, actor, now, "comment removed", ("assessment", assessment_id), statement=said.statement)
    return said.statement


def _comment(session: Session, actor: Actor, assessment_id: int, comment_id: int, *, begins: bool = True) -> Comment:
    """A comment of this assessment, one that begins a thread where that is asked for; Missing for every other."""
    found = session.scalar(
        select(Comment).where(
            Comment.organisation_id == actor.organisation_id,
            Comment.assessment_id == assessment_id,
            Comment.id == comment_id,
        )
    )
    if found is None or (begins and found.thread_id is not None):
        raise Missing("There is no such comment.")
    return found
