"""What is asked once: the sheets of the organisation and of its units in a cycle, and what teams object to in them."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from app.actions import asked_once as doing
from app.domain.asked_once import asked_of_organisation, asked_once_only
from app.domain.cycles import check_may_be_answered, may_be_answered
from app.domain.errors import Invalid, NotAllowed
from app.domain.evidence import Held
from app.domain.people import Actor
from app.domain.rubric import Rubric
from app.queries import sheets, units
from app.queries.asked_once import AnsweredAbove, answered_above, one_answered_above
from app.queries.carrying import cycle_names
from app.queries.cycles import CycleLine
from app.queries.evidence import Beside, attached
from app.queries.objections import ObjectionLine, objections_against
from app.web.cycle_seen import seen_cycle
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Form, Number, check
from app.web.given import given_page
from app.web.render import Site, render, translated
from app.web.rubric_reading import read_version
from app.web.sheet import AnsweredFor, OpenSheet, sheet_page
from app.web.sheet_saving import answer_sheet
from app.web.units import choices

router = APIRouter()

TEMPLATE = "answered_above/sheet.html"
Opened = Callable[..., OpenSheet]


class ForUnitForm(Form):
    unit_id: Number


@dataclass(frozen=True, slots=True)
class AskedOnce:
    """The part of a cycle's page that says who answers for what; `units` are those that the reader may begin."""

    asked: int
    lines: Sequence[AnsweredAbove]
    units: Sequence[tuple[str, str]]


def asked_once_of(db: Db, me: Actor, cycle: CycleLine, rubric: Rubric) -> AskedOnce | None:
    """None where the rubric asks everything of each team. One statement, and one for who may answer."""
    asked = asked_of_organisation(rubric)
    if not asked:
        return None
    lines = answered_above(db.connection(), me.organisation_id, cycle.id)
    offered: Sequence[tuple[str, str]] = ()
    if cycle.closed_at is None and (me.may_answer_for() or me.manages):
        there = {line.unit_id for line in lines}
        offered = choices(
            each
            for each in units.unit_lines(db.connection(), me)
            if each.id not in there and each.path.startswith(cycle.unit_path) and me.may_answer_for(each.path)
        )
    return AskedOnce(len(asked), lines, offered)


@router.post("/cycles/{cycle_id}/units", name="cycle-answer-for")
def answer_for(request: Request, db: Db, me: Me, now: Now, posted: Posted, cycle_id: int) -> Response:
    """Begin to answer for a unit by itself."""
    seen_cycle(db, me, cycle_id)
    form = check(ForUnitForm, posted).form
    if form is None:
        raise Invalid("Choose the unit to answer for.")
    doing.answer_for_unit(db, me, cycle_id, form.unit_id, now)
    return RedirectResponse(Site(request).path("above-unit", cycle_id=cycle_id, unit_id=form.unit_id), 303)


def open_organisation(request: Request, db: Db, me: Me, now: Now, cycle_id: int) -> OpenSheet:
    """What is answered for the organisation in a cycle that the reader sees."""
    home = Site(request).path("above-organisation", cycle_id=cycle_id)
    return _opened(db, me, now, seen_cycle(db, me, cycle_id), None, home)


def open_unit(request: Request, db: Db, me: Me, now: Now, cycle_id: int, unit_id: int) -> OpenSheet:
    """What is answered for a unit."""
    home = Site(request).path("above-unit", cycle_id=cycle_id, unit_id=unit_id)
    return _opened(db, me, now, seen_cycle(db, me, cycle_id), unit_id, home)


def sheet_routes(home: str, name: str, opened: Opened) -> APIRouter:
    """The routes of such a sheet below the path `home`: its pages, saving, and settling an objection."""
    routes = APIRouter()
    sheet_of = Depends(opened)

    @routes.get(home, name=name)
    def shown(request: Request, db: Db, sheet: OpenSheet = sheet_of) -> Response:
        return _shown(request, db, sheet, None)

    @routes.get(f"{home}/category/{{category}}", name=f"{name}-category")
    def category(request: Request, db: Db, category: str, sheet: OpenSheet = sheet_of) -> Response:
        return _shown(request, db, sheet, category)

    @routes.get(f"{home}/result", name=f"{name}-result")
    def result(request: Request, sheet: OpenSheet = sheet_of) -> Response:
        """All its answers on one page: they make no level of their own."""
        return render(request, "answered_above/given.html", given_page(sheet, translated(request)))

    @routes.post(f"{home}/answers", name=f"{name}-answer")
    def answer(request: Request, db: Db, me: Me, now: Now, posted: Posted, sheet: OpenSheet = sheet_of) -> Response:
        above = _answered_for(sheet)
        if not me.may_answer_for(above.path):
            raise NotAllowed(doing.ONLY_ABOVE)
        check_may_be_answered(above.cycle.rules, now.date())
        return answer_sheet(request, db, replace(sheet, answers={}), posted, now, TEMPLATE)

    @routes.post(f"{home}/objections/{{assessment_id}}/{{statement}}", name=f"{name}-settle")
    def settle(db: Db, me: Me, now: Now, assessment_id: int, statement: str, sheet: OpenSheet = sheet_of) -> Response:
        above = _answered_for(sheet)
        doing.settle_objection(db, me, above.cycle.id, above.unit_id, assessment_id, statement, now)
        return RedirectResponse(f"{sheet.home}#objections", 303)

    return routes


organisation_router = sheet_routes("/cycles/{cycle_id}/organisation", "above-organisation", open_organisation)
unit_router = sheet_routes("/cycles/{cycle_id}/units/{unit_id}", "above-unit", open_unit)


def _opened(db: Db, me: Actor, now: datetime.datetime, cycle: CycleLine, unit_id: int | None, home: str) -> OpenSheet:
    connection = db.connection()
    found = one_answered_above(connection, me.organisation_id, cycle.id, unit_id)
    version = read_version(db, me.organisation_id, found.sheet.rubric_version_id)
    path = "" if found.unit_id is None else found.path
    answers_for = me.may_answer_for(path)
    objections: Sequence[ObjectionLine] = ()
    if answers_for:
        objections = objections_against(connection, me.organisation_id, cycle.id, unit_id)
    return OpenSheet(
        found.sheet,
        replace(version, rubric=asked_once_only(version.rubric)),
        sheets.answers(connection, me.organisation_id, found.sheet.sheet_id),
        home,
        "",
        read_only=not (answers_for and me.person_id is not None and may_be_answered(cycle.rules, now.date())),
        person=me.person_id,
        cycles=cycle_names(connection, me.organisation_id) if cycle.carried_from is not None else {},
        evidence=Held(attached(connection, Beside(me.organisation_id, found.sheet.assessment_id)), now.date()),
        answered_for=AnsweredFor(cycle, unit_id, found.unit, path, bool(version.rubric.levels), objections),
    )


def _answered_for(sheet: OpenSheet) -> AnsweredFor:
    assert sheet.answered_for is not None
    return sheet.answered_for


def _shown(request: Request, db: Db, sheet: OpenSheet, category: str | None) -> Response:
    if sheet.read_only:
        return render(request, "answered_above/given.html", given_page(sheet, translated(request)))
    picks = sheets.last_picks(db.connection(), sheet.line.organisation_id, sheet.line.sheet_id)
    return render(request, TEMPLATE, sheet_page(sheet, picks, translated(request), category))
