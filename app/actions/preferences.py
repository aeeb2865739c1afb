"""How a person wants pages to look: for all their browsers and organisations."""

import datetime

from sqlalchemy.orm import Session

from app.actions import audit
from app.db.tables.people import Person
from app.domain.errors import NotAllowed
from app.domain.people import Actor


def change_preferences(
    session: Session,
    actor: Actor,
    *,
    language: str | None,
    time_zone: str | None,
    theme: str | None,
    now: datetime.datetime,
) -> None:
    """The actor's own. None leaves it to the browser, or, for the time zone, to UTC."""
    if actor.person_id is None:
        raise NotAllowed("A service has no preferences.")
    person = session.get_one(Person, actor.person_id)
    wanted = {"language": language, "time_zone": time_zone, "theme": theme}
    changed = {name: value for name, value in wanted.items() if getattr(person, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(person, name, value)
        audit.record_everywhere(session, person.id, now, "preferences changed", names=sorted(changed))
