"""Reading what reports are made of: a part of the organisation in a cycle, and all that was said beside a result."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from app.domain.errors import Missing
from app.domain.exports import Asked
from app.domain.people import Actor
from app.domain.reports import Moment, OrganisationReport, UnitFigures
from app.domain.rollup import WHOLE
from app.queries import dashboard
from app.queries.agreements import DissentLine, dissents
from app.queries.assessing import Assessing
from app.queries.comments import CommentLine, all_comments
from app.queries.dashboard import CycleChoice
from app.queries.evidence import EvidenceLine, beside_team, lines_by_statement
from app.queries.exported import exported_part, found_part
from app.queries.organisations import Logo, logo, organisation

MOST_CYCLES = 12
"""Cycles that the trend of a report has, the newest ones."""


def organisation_report(
    connection: Connection, actor: Actor, asked: Asked, now: datetime.datetime
) -> OrganisationReport:
    """The report of what the actor may see; Missing for all else.

    It is compared with the cycle that is asked, else with the last one before by the same rubric. Later cycles are not
    in it: what is shared stays at its cycle. Nine or ten statements.
    """
    organisation_id = actor.organisation_id
    cycles = dashboard.cycle_choices(connection, organisation_id)
    one = next((each for each in cycles if each.id == asked.cycle_id), None)
    if one is None:
        raise Missing("There is no such cycle.")
    until = [each for each in cycles if each.rubric == one.rubric and _place(each) <= _place(one)]
    if asked.filters.since is None and len(until) > 1:
        asked = replace(asked, filters=replace(asked.filters, since=until[1].id))
    here = found_part(connection, actor, asked)
    unit_id = here.unit.id if here.unit else WHOLE
    part = exported_part(connection, actor, asked, here, now)
    names = {each.id: each.name for each in until[:MOST_CYCLES]}
    if here.before:
        names.setdefault(here.before.id, here.before.name)
    points = dashboard.trend(connection, organisation_id, list(names), unit_id)
    below = dashboard.unit_rows(connection, organisation_id, one.id, unit_id)
    picture = organisation_logo(connection, organisation_id)
    return OrganisationReport(
        part,
        next((each.overall for each in points if here.before and each.cycle_id == here.before.id), None),
        tuple(Moment(names[each.cycle_id], each.overall) for each in points if each.overall.teams),
        tuple(UnitFigures(each.name, each.overall, each.categories) for each in below if each.overall.teams),
        picture.picture if picture else b"",
        picture.media_type if picture else "",
    )


def _place(cycle: CycleChoice) -> tuple[datetime.date, int]:
    return cycle.due_on, cycle.id


def organisation_logo(connection: Connection, organisation_id: int) -> Logo | None:
    """The logo, None without one."""
    if organisation(connection, organisation_id).logo_type is None:
        return None
    return logo(connection, organisation_id)


@dataclass(frozen=True, slots=True)
class BesideResult:
    """What was said beside an agreed result, by statement, as far as the reader may see it."""

    comments: Mapping[str, Sequence[CommentLine]]
    evidence: Mapping[str, Sequence[EvidenceLine]]
    dissents: Mapping[str, Sequence[DissentLine]]
    organisation: str
    logo: Logo | None


def beside_result(connection: Connection, actor: Actor, found: Assessing) -> BesideResult:
    """Of an assessment that is agreed. Dissents stand where the comparison may be seen, as on its page."""
    organisation_id, viewer = actor.organisation_id, found.viewer(actor)
    said: dict[str, list[DissentLine]] = {}
    if found.alone.may_compare(viewer):
        for each in dissents(connection, organisation_id, found.id):
            said.setdefault(each.statement, []).append(each)
    talk = all_comments(connection, organisation_id, found.id) if found.alone.may_see_what_others_add(viewer) else {}
    return BesideResult(
        talk,
        lines_by_statement(connection, beside_team(found, actor)),
        said,
        organisation(connection, organisation_id).name,
        organisation_logo(connection, organisation_id),
    )
