"""Importing units, teams and people from a file: what would happen first, and then that and nothing else.

The server keeps nothing in between: the page with the plan carries the file's text, and the digest of the plan.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.status import HTTP_200_OK, HTTP_409_CONFLICT, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions.addresses import normalised
from app.actions.imports import PlanChanged, import_people, planned_import
from app.actions.invitations import LASTS, Invited
from app.domain.errors import Invalid, NotAllowed, Sentence
from app.domain.people import Actor, RoleKind
from app.domain.people_file import COLUMNS, LINES, PeopleFile, Row, read_people, write_people
from app.domain.people_plan import Plan, Step
from app.domain.yaml_file import Problem
from app.exports.cells import as_text
from app.web.admission import BODY_LIMIT
from app.web.deps import Db, Me, Now, ReaderApart, Reads, check_coding
from app.web.downloads import download
from app.web.forms import UNASKED
from app.web.invitations import send_invitation
from app.web.render import Site, render

router = APIRouter()

SHOWN = 200
"""Lines of each kind that stand open on the page; the others are folded below them."""
LINKS = 2000
"""Links in one file for download, which the page itself carries: browsers take addresses up to about 2 MB."""
NO_FILE = Sentence("Choose a file first.")
FIELDS = {"file", "text", "agreed"}

TEMPLATE = (
    Row(2, ("Retail",)),
    Row(3, ("Retail", "Risk"), name="Member 01", email="member-01@example.org", role=RoleKind.MANAGER),
    Row(4, ("Retail", "Risk"), "Fraud", "Member 02", "member-02@example.org", RoleKind.LEAD),
    Row(5, ("Retail", "Risk"), "Fraud", "Member 03", "member-03@example.org", RoleKind.MEMBER),
    Row(6, ("Logistics",), "Routes"),
)
"""The file that the page offers to begin with."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The bytes of a file, or of the text that a plan was shown for, and the digest of that plan."""

    data: bytes
    agreed: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    problem: str
    columns: tuple[str, ...]
    example: tuple[Row, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class PlanPage:
    """`changing` and `idle` are the steps; `text` is what to send again, empty where nothing can be done."""

    plan: Plan
    changing: Sequence[Step]
    idle: Sequence[Step]
    problems: Sequence[Problem]
    shown: int
    text: str
    refused: str


@dataclass(frozen=True, slots=True)
class Link:
    name: str
    email: str
    address: str


@dataclass(frozen=True, slots=True)
class ImportedPage:
    """The links, which are shown this once; `files` are addresses that hold them as files. `sent`: also by mail."""

    plan: Plan
    links: Sequence[Link]
    files: Sequence[str]
    shown: int
    days: int
    sent: bool


async def sent_file(request: Request) -> Sent:
    """Raises an HTTPException with 400 for what cannot be read, Invalid for what was not asked for."""
    check_coding(request)
    # Who sends a file sends little beside it; who agrees sends the text, which the door has found small enough.
    async with request.form(max_files=1, max_fields=len(FIELDS), max_part_size=BODY_LIMIT) as form:
        if not FIELDS.issuperset(form):
            raise Invalid(UNASKED)
        file, text, agreed = form.get("file"), form.get("text"), form.get("agreed")
        if isinstance(file, UploadFile):
            return Sent(await file.read(), "")
        # A lone surrogate becomes bytes that are no UTF-8, which the reader of the file says in its words.
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else b""
        return Sent(data, agreed if isinstance(agreed, str) else "")


Upload = Annotated[Sent, Depends(sent_file)]


@router.get("/people/import", name="people-import")
def new(request: Request, me: Me) -> Response:
    imports(me)
    return _new_page(request)


@router.get("/people/import/template.csv", name="people-import-template")
def template(me: Me) -> Response:
    imports(me)
    # The mark at the beginning tells Excel that the file is in UTF-8.
    return download("\ufeff" + write_people(TEMPLATE), "text/csv; charset=utf-8", "people.csv")


@router.post("/people/import", name="people-import-send")
def send(request: Request, reader: ReaderApart, reads: Reads, db: Db, sent: Upload, now: Now) -> Response:
    """Show what would happen; or do it, where the page with the plan sends what it was shown for."""
    me = imports(reader.actor)
    if not sent.data:
        return _new_page(request, NO_FILE, HTTP_422_UNPROCESSABLE_CONTENT)
    # Before any transaction: a long file takes a second to read.
    file = read_people(sent.data, normalised)
    if not sent.agreed:
        with reads() as session:
            found = planned_import(session, me, file, now)
        return _plan_page(request, file, found, HTTP_422_UNPROCESSABLE_CONTENT if found.problems else HTTP_200_OK)
    try:
        imported = import_people(db, me, file, sent.agreed, now)
    except PlanChanged as changed:
        return _plan_page(request, file, changed.plan, HTTP_409_CONFLICT, str(changed))
    mailed = [send_invitation(request, db, reader, invitation, now) for invitation in imported.invitations]
    links = [_link(request, invitation) for invitation in imported.invitations]
    files = [_data_address(links[begin : begin + LINKS]) for begin in range(0, len(links), LINKS)]
    page = ImportedPage(imported.plan, links, files, SHOWN, LASTS.days, sent=any(mailed))
    return render(request, "imports/imported.html", page)


def imports(actor: Actor) -> Actor:
    if not actor.may_import():
        raise NotAllowed("Only admins import from a file.")
    return actor


def _new_page(request: Request, problem: str = "", status: int = HTTP_200_OK) -> Response:
    return render(request, "imports/new.html", ImportPage(problem, COLUMNS, TEMPLATE, LINES), status)


def _plan_page(request: Request, file: PeopleFile, plan: Plan, status: int, refused: str = "") -> Response:
    page = PlanPage(
        plan,
        [step for step in plan.steps if step.changes],
        [step for step in plan.steps if not step.changes],
        plan.problems,
        SHOWN,
        file.text if plan.changes and not plan.problems else "",
        refused,
    )
    return render(request, "imports/plan.html", page, status)


def _link(request: Request, invitation: Invited) -> Link:
    return Link(invitation.name, invitation.email, Site(request).address("invitation", secret=invitation.secret))


def _data_address(links: Sequence[Link]) -> str:
    """The links as a file inside an address: nothing here could answer for it later, since only digests are kept."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["name", "email", "link"])
    table.writerows([as_text(link.name), as_text(link.email), link.address] for link in links)
    return "data:text/csv;charset=utf-8," + quote("\ufeff" + text.getvalue())
