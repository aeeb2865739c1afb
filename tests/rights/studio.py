"""What the studio is asked for: a draft that was changed once, trial answers, and a cycle that can follow a version."""

import datetime
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from app.actions.drafts import begin_from_version, change_draft, keep_trial
from app.actions.rubrics import adopt, publish
from app.db.tables.studio import Trial
from app.domain.draft_places import values_at
from app.domain.drafts import Set, mark, with_language
from app.domain.people import Actor
from app.domain.rubric_file import shipped
from app.queries import rubrics
from tests.quick_check import RUBRIC

PLACE = "categories.strategy"


def studio(session: Session, actor: Actor, now: datetime.datetime) -> Mapping[str, str]:
    """For after the cycles are there: the rubric that they are of has a newer version then."""
    older = adopt(session, actor.organisation_id, RUBRIC, now)
    newer = replace(shipped()[RUBRIC], title="A newer version")
    publish(session, actor.organisation_id, [newer], now)
    version = rubrics.latest(session.connection(), actor.organisation_id, RUBRIC)
    draft = begin_from_version(session, actor, version.id, now)
    seen = mark(values_at(draft.document, PLACE)["name"])
    change_draft(session, actor, draft.id, [Set(PLACE, "name", "Direction", seen)], now)
    edition = change_draft(session, actor, draft.id, [with_language(draft.document, "nl")], now)
    keep_trial(session, actor, draft.id, "Trial", {}, None, now)
    trial = session.query(Trial).filter_by(draft_id=draft.id).one()
    return {
        "draft_id": str(draft.id),
        "draft_edition": str(edition),
        "version_id": str(older.id),
        "newest_version": str(version.id),
        "trial_id": str(trial.id),
        "seen_title": mark(draft.document["title"]),
        "seen_nothing": mark(None),
        "language": "nl",
        "seen_place": mark(values_at(draft.document, PLACE)),
        "key": RUBRIC,
    }
