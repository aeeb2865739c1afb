"""Drafts of rubrics: admins begin them, edit them by steps that can be taken back, try them, and publish them."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.organisations import locked
from app.actions.rubrics import publish, version_of
from app.db.tables.rubrics import RubricVersion
from app.db.tables.studio import TITLE_LIMIT, Draft, DraftChange, Trial
from app.domain.answers import Value
from app.domain.drafts import Replace, Step, apply, mark, read_step, step_json
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed, Sentence
from app.domain.keys import checked_key
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.domain.rubric_file import Document, check_document, document
from app.domain.rubric_shape import TITLE
from app.domain.text import one_line
from app.queries.rubrics import known_rubrics

ONLY_ADMINS = Sentence("Only admins edit rubrics.")
MOST_DRAFTS = 50
"""Drafts that an organisation has at a time."""
MOST_TRIALS = 50
"""Sets of trial answers that a draft has."""


def begin_from_version(
    session: Session,
    actor: Actor,
    version_id: int,
    now: datetime.datetime,
    key: str = "",
    title: str = "",
) -> Draft:
    """A draft of the next version, which begins as this one; with a key it is a rubric of the organisation's own.

    Raises Missing where there is no such version, Invalid for what is no key, Conflict where a rubric has it already.
    """
    _check_may(actor)
    version = version_of(session, actor.organisation_id, version_id)
    return _begun(session, actor, _copied(session, actor, version.document, key, title), version_id, now)


def begin_from_rubric(
    session: Session, actor: Actor, rubric: Rubric, now: datetime.datetime, key: str = "", title: str = ""
) -> Draft:
    """A draft that begins as a rubric from a file, or as a shipped one. Raises as `begin_from_version`."""
    _check_may(actor)
    return _begun(session, actor, _copied(session, actor, document(rubric), key, title), None, now)


def begin_empty(session: Session, actor: Actor, skeleton: Document, now: datetime.datetime) -> Draft:
    """A draft of a new rubric, as `domain.new_rubrics` makes it. Conflict where a rubric has its key already."""
    _check_may(actor)
    _check_new(session, actor, skeleton["key"])
    return _begun(session, actor, skeleton, None, now)


def change_draft(session: Session, actor: Actor, draft_id: int, steps: Sequence[Step], now: datetime.datetime) -> int:
    """Take these steps as one change; the edition after it.

    Raises Overtaken where somebody else changed the same place since it was seen, Invalid for what no draft can hold.
    """
    return _changed(session, actor, held_draft(session, actor, draft_id), steps, None, now)


def replace_draft(
    session: Session, actor: Actor, draft_id: int, rubric: Rubric, edition: int, now: datetime.datetime
) -> int:
    """Put a rubric from a file in place of what the draft says, as one change; the edition after it.

    `edition` is the one that the actor looked at: Conflict where somebody changed the draft since. Invalid where the
    file holds another rubric.
    """
    draft = held_draft(session, actor, draft_id)
    if draft.edition != edition:
        raise Conflict("The draft was changed since you looked. Look at it again before you read a file into it.")
    if rubric.key != draft.key:
        raise Invalid(
            "The file holds the rubric %(held)s, and this is a draft of %(of)s.", held=rubric.key, of=draft.key
        )
    step = Replace(document(rubric), mark(draft.document))
    return _changed(session, actor, draft, [step], None, now)


def undo_change(session: Session, actor: Actor, draft_id: int, edition: int, now: datetime.datetime) -> int:
    """Take a change back; the edition after it.

    Raises Overtaken where what it changed was changed again since, Conflict where it was taken back already.
    """
    draft = held_draft(session, actor, draft_id)
    undone = session.get(DraftChange, (actor.organisation_id, draft_id, edition))
    if undone is None:
        raise Missing("There is no such change.")
    again = select(DraftChange.edition).where(
        DraftChange.organisation_id == actor.organisation_id,
        DraftChange.draft_id == draft_id,
        DraftChange.undoes == edition,
    )
    if session.scalar(again.limit(1)) is not None:
        raise Conflict("This change was taken back already.")
    return _changed(session, actor, draft, [read_step(each) for each in undone.back], edition, now)


def discard_draft(session: Session, actor: Actor, draft_id: int, now: datetime.datetime) -> None:
    """Throw a draft away with its history and its trial answers. No version of the rubric is touched."""
    draft = held_draft(session, actor, draft_id)
    session.delete(draft)
    audit.record_by(session, actor, now, "draft discarded", ("draft", draft_id), key=draft.key)


def publish_draft(session: Session, actor: Actor, draft_id: int, edition: int, now: datetime.datetime) -> int:
    """Make the next version of the draft, which ends with it; the number of its row.

    `edition` is the one that the actor looked at: Conflict where somebody changed the draft since, or where it says
    what the newest version says. Invalid where it breaks the format.
    """
    draft = held_draft(session, actor, draft_id)
    if draft.edition != edition:
        raise Conflict("The draft was changed since you looked. Look at it again before you publish.")
    checked = check_document(draft.document, known_rubrics(session.connection(), actor.organisation_id).get)
    if checked.rubric is None:
        raise Invalid("The draft breaks the format in places that are named beside it. Mend them, then publish.")
    if not publish(session, actor.organisation_id, [checked.rubric], now, by=actor):
        raise Conflict("The newest version says exactly the same. There is nothing to publish.")
    session.delete(draft)
    newest = select(RubricVersion.id).where(
        RubricVersion.organisation_id == actor.organisation_id, RubricVersion.key == checked.rubric.key
    )
    version_id = session.scalar(newest.order_by(RubricVersion.number.desc()).limit(1))
    if version_id is None:
        raise AssertionError("What was published is there.")
    return version_id


def keep_trial(
    session: Session,
    actor: Actor,
    draft_id: int,
    name: str,
    answers: Mapping[str, Value],
    expected: int | None,
    now: datetime.datetime,
) -> None:
    """Keep trial answers under a name, with what they shall come to; those of the same name are replaced."""
    held_draft(session, actor, draft_id)
    name = one_line(name, TITLE_LIMIT)
    ours = (Trial.organisation_id == actor.organisation_id, Trial.draft_id == draft_id)
    session.execute(delete(Trial).where(*ours, Trial.name == name))
    if len(session.scalars(select(Trial.id).where(*ours)).all()) >= MOST_TRIALS:
        raise Invalid("A draft has at most %(most)s sets of trial answers. Remove one first.", most=MOST_TRIALS)
    session.add(
        Trial(
            organisation_id=actor.organisation_id,
            draft_id=draft_id,
            name=name,
            answers={statement: value.value for statement, value in answers.items()},
            expected=expected,
        )
    )
    audit.record_by(session, actor, now, "trial answers kept", ("draft", draft_id), name=name)


def remove_trial(session: Session, actor: Actor, draft_id: int, trial_id: int, now: datetime.datetime) -> None:
    held_draft(session, actor, draft_id)
    trial = session.get(Trial, trial_id)
    if trial is None or (trial.organisation_id, trial.draft_id) != (actor.organisation_id, draft_id):
        raise Missing("There are no such trial answers.")
    session.delete(trial)
    audit.record_by(session, actor, now, "trial answers removed", ("draft", draft_id), name=trial.name)


def held_draft(session: Session, actor: Actor, draft_id: int) -> Draft:
    """The draft, which nobody else changes until this transaction ends; Missing where there is none."""
    _check_may(actor)
    draft = session.scalar(
        select(Draft)
        .where(Draft.organisation_id == actor.organisation_id, Draft.id == draft_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if draft is None:
        raise Missing("There is no such draft. It may have been published or discarded.")
    return draft


def _check_may(actor: Actor) -> None:
    if not actor.may_edit_rubrics():
        raise NotAllowed(ONLY_ADMINS)


def _copied(session: Session, actor: Actor, values: Document, key: str, title: str) -> Document:
    """The document under its own key, or as another rubric."""
    if not key:
        return values
    _check_new(session, actor, checked_key(key))
    return {**values, "key": key, "title": one_line(title or values["title"], TITLE.limit)}


def _check_new(session: Session, actor: Actor, key: str) -> None:
    drafts = select(Draft.id).where(Draft.organisation_id == actor.organisation_id, Draft.key == key)
    if key in known_rubrics(session.connection(), actor.organisation_id) or session.scalar(drafts.limit(1)):
        raise Conflict("There is a rubric with the key %(key)s already. Take another key.", key=key)


def _begun(session: Session, actor: Actor, values: Document, based_on: int | None, now: datetime.datetime) -> Draft:
    locked(session, actor.organisation_id)
    here = session.scalars(select(Draft.id).where(Draft.organisation_id == actor.organisation_id)).all()
    if len(here) >= MOST_DRAFTS:
        raise Invalid("There are %(most)s drafts already. Publish or discard one first.", most=MOST_DRAFTS)
    draft = Draft(
        organisation_id=actor.organisation_id,
        key=values["key"],
        document=values,
        based_on=based_on,
        begun_by=actor.person_id,
        begun_at=now,
        changed_at=now,
    )
    session.add(draft)
    session.flush()
    audit.record_by(session, actor, now, "draft begun", ("draft", draft.id), key=draft.key, based_on=based_on)
    return draft


def _changed(
    session: Session,
    actor: Actor,
    draft: Draft,
    steps: Sequence[Step],
    undoes: int | None,
    now: datetime.datetime,
) -> int:
    after, back = apply(draft.document, steps)
    if after == draft.document:
        return draft.edition
    draft.document = after
    draft.edition += 1
    draft.changed_at = now
    session.add(
        DraftChange(
            organisation_id=actor.organisation_id,
            draft_id=draft.id,
            edition=draft.edition,
            person_id=actor.person_id,
            at=now,
            steps=_json(steps),
            back=_json(back),
            undoes=undoes,
        )
    )
    audit.record_by(session, actor, now, "draft changed", ("draft", draft.id), edition=draft.edition)
    return draft.edition


def _json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [step_json(each) for each in steps]
