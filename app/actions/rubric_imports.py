"""A rubric from a file by the command line: a draft for the studio, or the next version at once."""

import datetime

from sqlalchemy.orm import Session

from app.actions import audit
from app.actions.drafts import begin_from_rubric, publish_draft
from app.domain.people import Actor
from app.domain.rubric import Rubric


def import_rubric(session: Session, actor: Actor, rubric: Rubric, now: datetime.datetime, *, publish: bool) -> int:
    """Begin a draft with the rubric, and publish it where that is wanted; the number of the draft, or of the version.

    Raises Invalid where it breaks the format beside the organisation's other rubrics, Conflict where it is to be
    published and the newest version says exactly the same.
    """
    draft = begin_from_rubric(session, actor, rubric, now)
    subject = ("draft", draft.id)
    if publish:
        subject = ("rubric version", publish_draft(session, actor, draft.id, draft.edition, now))
    audit.record_by(session, actor, now, "rubric imported", subject, by_command=True, key=rubric.key)
    return subject[1]
