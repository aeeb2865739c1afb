"""The cycle that a page is about, as far as its reader sees it."""

from app.domain.errors import NotAllowed
from app.domain.people import Actor
from app.queries import cycles
from app.queries.cycles import CycleLine
from app.web.deps import Db


def seen_cycle(db: Db, me: Actor, cycle_id: int) -> CycleLine:
    """The cycle where the actor sees it: a team of theirs is in it, or it is theirs to look after."""
    found = cycles.cycle_line(db.connection(), me.organisation_id, cycle_id)
    if not (me.may_manage_cycles(found.unit_path) or cycles.is_in(db.connection(), me, cycle_id)):
        raise NotAllowed("This cycle is for the teams in it and their managers.")
    return found
