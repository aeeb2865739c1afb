"""Units: the tree of the organisation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import units as changing
from app.domain.errors import NotAllowed
from app.domain.people import Actor
from app.queries import units
from app.queries.pages import Page
from app.queries.teams import TeamLine, team_lines
from app.queries.units import UnitLine
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, acted, filled, line
from app.web.render import render, translated

router = APIRouter()

NAME_LIMIT = 200


class CreateForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]
    parent_id: Number | None = None


class NameForm(Form):
    name: Annotated[str, line(NAME_LIMIT)]


class ParentForm(Form):
    parent_id: Number | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with all that lies below it."""

    unit: UnitLine
    below: tuple["Branch", ...]


@dataclass(frozen=True, slots=True)
class UnitsPage:
    tree: tuple[Branch, ...]
    archived: tuple[UnitLine, ...]
    may_manage: bool


@dataclass(frozen=True, slots=True)
class NewUnitPage:
    form: Checked[CreateForm]
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnitPage:
    """`in_the_way` is what has to be archived or moved before the unit can be archived."""

    unit: UnitLine
    above: tuple[UnitLine, ...]
    below: tuple[UnitLine, ...]
    teams: Page[TeamLine]
    may_manage: bool
    may_manage_teams: bool
    name: Checked[NameForm]
    parent: Checked[ParentForm]
    choices: tuple[tuple[str, str], ...]

    @property
    def in_the_way(self) -> bool:
        return bool(self.below or self.unit.teams)


def tree(lines: Iterable[UnitLine]) -> tuple[Branch, ...]:
    """The lines of a tree as branches. A line comes right before those below it, each one deeper."""
    tops: list[Branch] = []
    open_branches: list[tuple[UnitLine, list[Branch]]] = []

    def close(depth: int) -> None:
        while open_branches and open_branches[-1][0].depth >= depth:
            unit, below = open_branches.pop()
            (open_branches[-1][1] if open_branches else tops).append(Branch(unit, tuple(below)))

    for each in lines:
        close(each.depth)
        open_branches.append((each, []))
    close(0)
    return tuple(tops)


def choices(lines: Iterable[UnitLine], top: str = "", without: UnitLine | None = None) -> tuple[tuple[str, str], ...]:
    """Units to choose from, indented as they lie below each other; `top` is the word for none, where that can be."""
    offered = [line for line in lines if without is None or not line.path.startswith(without.path)]
    named = tuple((str(line.id), "\u2003" * line.depth + line.name) for line in offered)
    return (("", top), *named) if top else named


@router.get("/units", name="units")
def shown(request: Request, db: Db, me: Me) -> Response:
    lines = units.unit_lines(db.connection(), me, archived=True)
    if not lines and not me.may_manage_units():
        raise NotAllowed("The units of the organisation are for its managers and admins.")
    kept = [line for line in lines if line.archived_at is None]
    gone = tuple(line for line in lines if line.archived_at is not None)
    return render(request, "units/units.html", UnitsPage(tree(kept), gone, me.may_manage_units()))


@router.get("/units/new", name="unit-new")
def new(request: Request, db: Db, me: Me, parent: int | None = None) -> Response:
    manages(me)
    return _new_page(request, db, me, filled(CreateForm, parent_id=parent))


@router.post("/units/new", name="unit-create")
def create(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    manages(me)
    new = acted(CreateForm, posted, lambda form: changing.create_unit(db, me, form.name, form.parent_id, now), "name")
    if new.form is None:
        return _new_page(request, db, me, new, HTTP_422_UNPROCESSABLE_CONTENT)
    return RedirectResponse(request.app.url_path_for("units"), 303)


@router.get("/units/{unit_id}", name="unit")
def unit(request: Request, db: Db, me: Me, unit_id: int) -> Response:
    return _unit_page(request, db, me, unit_id)


@router.post("/units/{unit_id}/name", name="unit-rename")
def rename(request: Request, db: Db, me: Me, unit_id: int, posted: Posted, now: Now) -> Response:
    seen(db, me, unit_id)
    name = acted(NameForm, posted, lambda form: changing.rename_unit(db, me, unit_id, form.name, now), "name")
    return _to_unit(request, unit_id) if name.form else _unit_page(request, db, me, unit_id, name=name)


@router.post("/units/{unit_id}/parent", name="unit-move")
def move(request: Request, db: Db, me: Me, unit_id: int, posted: Posted, now: Now) -> Response:
    seen(db, me, unit_id)
    parent = acted(
        ParentForm, posted, lambda form: changing.move_unit(db, me, unit_id, form.parent_id, now), "parent_id"
    )
    return _to_unit(request, unit_id) if parent.form else _unit_page(request, db, me, unit_id, parent=parent)


@router.post("/units/{unit_id}/archive", name="unit-archive")
def archive(request: Request, db: Db, me: Me, unit_id: int, now: Now) -> Response:
    seen(db, me, unit_id)
    changing.archive_unit(db, me, unit_id, now)
    return _to_unit(request, unit_id)


@router.post("/units/{unit_id}/restore", name="unit-restore")
def restore(request: Request, db: Db, me: Me, unit_id: int, now: Now) -> Response:
    seen(db, me, unit_id)
    changing.restore_unit(db, me, unit_id, now)
    return _to_unit(request, unit_id)


def manages(me: Actor) -> None:
    if not me.may_manage_units():
        raise NotAllowed("Only admins and managers of the whole organisation change its units.")


def seen(db: Db, me: Actor, unit_id: int) -> UnitLine:
    """The unit where the actor may see it. Raises Missing for one of another organisation, else NotAllowed."""
    found = units.unit(db.connection(), me.organisation_id, unit_id)
    if not me.may_see_unit(found.path):
        raise NotAllowed("This unit is for its managers and the admins of the organisation.")
    return found


def _to_unit(request: Request, unit_id: int) -> Response:
    return RedirectResponse(request.app.url_path_for("unit", unit_id=unit_id), 303)


def _new_page(request: Request, db: Db, me: Actor, form: Checked[CreateForm], status: int = HTTP_200_OK) -> Response:
    top = translated(request).gettext("The top of the organisation")
    offered = choices(units.unit_lines(db.connection(), me), top)
    return render(request, "units/new.html", NewUnitPage(form, offered), status)


def _unit_page(
    request: Request,
    db: Db,
    me: Actor,
    unit_id: int,
    name: Checked[NameForm] | None = None,
    parent: Checked[ParentForm] | None = None,
) -> Response:
    """The unit's page; with a form that was refused it says so with its status too."""
    unit = seen(db, me, unit_id)
    lines = units.unit_lines(db.connection(), me)
    found = next((line for line in lines if line.id == unit_id), unit)
    page = UnitPage(
        found,
        tuple(line for line in lines if unit.path.startswith(line.path) and line.id != unit_id),
        tuple(line for line in lines if line.parent_id == unit_id),
        team_lines(db.connection(), me, unit_path=unit.path),
        me.may_manage_units(),
        me.may_manage_teams(unit.path) and unit.archived_at is None,
        name or filled(NameForm, name=unit.name),
        parent or filled(ParentForm, parent_id=unit.parent_id or ""),
        choices(lines, translated(request).gettext("The top of the organisation"), without=unit),
    )
    return render(request, "units/unit.html", page, HTTP_422_UNPROCESSABLE_CONTENT if name or parent else HTTP_200_OK)
