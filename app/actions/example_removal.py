"""Removing an example organisation whole. Nothing else that is somebody's is ever removed so."""

import datetime
from collections.abc import Sequence
from itertools import islice

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session, aliased

from app.actions import audit
from app.actions.organisations import locked
from app.actions.signing_in import Refused, home_of
from app.db.base import Base, table
from app.db.tables.org import Organisation
from app.db.tables.people import Membership, Person
from app.domain.errors import Conflict, NotAllowed, Sentence
from app.domain.people import Actor
from app.queries.organisations import organisation
from app.queries.signing_in import organisations

AT_ONCE = 1000

NO_EXAMPLE = Sentence("Only an example organisation can be removed.")
NOWHERE_ELSE = Sentence(
    "This is the only organisation that you come into, so you would be left outside. Begin your own first."
)


def remove_example(session: Session, actor: Actor, now: datetime.datetime) -> int:
    """Remove the actor's example organisation with all that is in it, its trail and its people; where they go on.

    Raises NotAllowed for who is no admin there, Conflict where it is no example, and where the actor has no other
    organisation to go on in. People who are in another organisation too stay there.
    """
    home = may_remove(session, actor)
    locked(session, actor.organisation_id)
    connection = session.connection()
    people = _people_of_no_other(connection, actor.organisation_id)
    for each in reversed(Base.metadata.sorted_tables):
        if "organisation_id" in each.c:
            connection.execute(each.delete().where(each.c.organisation_id == actor.organisation_id))
    _remove_people(connection, people)
    organisations = table(Organisation)
    connection.execute(organisations.delete().where(organisations.c.id == actor.organisation_id))
    subject = ("organisation", actor.organisation_id)
    audit.record(connection, now, home, "example organisation removed", subject, by=actor.person_id)
    return home


def may_remove(session: Session, actor: Actor) -> int:
    """Where the actor goes on after it; raises what `remove_example` raises."""
    if actor.person_id is None or not actor.may_manage_organisation():
        raise NotAllowed("Only admins of an example organisation remove it.")
    if not organisation(session.connection(), actor.organisation_id).example:
        raise Conflict(NO_EXAMPLE)
    for id, _ in organisations(session.connection(), actor.person_id):
        home = None if id == actor.organisation_id else home_of(session, actor.person_id, id)
        if home is not None and not isinstance(home, Refused):
            return home
    raise Conflict(NOWHERE_ELSE)


def _people_of_no_other(connection: Connection, organisation_id: int) -> Sequence[int]:
    here, elsewhere = table(Membership), aliased(Membership)
    further = select(elsewhere.person_id).where(
        elsewhere.person_id == here.c.person_id, elsewhere.organisation_id != organisation_id
    )
    only_here = select(here.c.person_id).where(here.c.organisation_id == organisation_id, ~further.exists())
    return connection.execute(only_here).scalars().all()


def _remove_people(connection: Connection, ids: Sequence[int]) -> None:
    """With what is theirs and no organisation's: their links and recovery codes."""
    person, left = table(Person), iter(ids)
    theirs = [
        key.parent
        for each in reversed(Base.metadata.sorted_tables)
        if "organisation_id" not in each.c
        for key in each.foreign_keys
        if key.column.table is person
    ]
    while some := list(islice(left, AT_ONCE)):
        for column in theirs:
            connection.execute(column.table.delete().where(column.in_(some)))
        connection.execute(person.delete().where(person.c.id.in_(some)))
