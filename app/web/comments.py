"""The talk about one statement of an assessment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import comments as talking
from app.domain.answers import NOTE_LIMIT
from app.domain.errors import Missing, NotAllowed
from app.domain.people import Actor
from app.domain.rubric import Rubric, Statement
from app.domain.translations import in_language
from app.queries import teams
from app.queries.assessing import Assessing, assessing
from app.queries.comments import CommentLine, comment_lines
from app.queries.teams import TeamPerson
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, acted, filled, lines
from app.web.letters import MentionLetter, send_letter
from app.web.render import Site, render
from app.web.rubric_reading import read_version

router = APIRouter()


class CommentForm(Form):
    """`thread` is the comment that began the thread, 0 for a new one; `mention` are people."""

    text: Annotated[str, lines(NOTE_LIMIT)]
    thread: Number = 0
    mention: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    first: CommentLine
    answers: tuple[CommentLine, ...]

    @property
    def all(self) -> tuple[CommentLine, ...]:
        return (self.first, *self.answers)


@dataclass(frozen=True, slots=True)
class CommentsPage:
    """`people` are those who can be mentioned; `me` is the reader's number."""

    found: Assessing
    rubric: Rubric
    statement: Statement
    threads: Sequence[Thread]
    people: Sequence[TeamPerson]
    me: int | None
    may_comment: bool
    form: Checked[CommentForm]


@router.get("/assessments/{assessment_id}/comments/{statement}", name="comments")
def shown(request: Request, db: Db, me: Me, assessment_id: int, statement: str) -> Response:
    return _page(request, db, me, assessment_id, statement, filled(CommentForm))


@router.post("/assessments/{assessment_id}/comments/{statement}", name="comment-add")
def add(request: Request, db: Db, me: Me, now: Now, posted: Posted, assessment_id: int, statement: str) -> Response:
    def act(form: CommentForm) -> None:
        thread = form.thread or None
        said = talking.comment(db, me, assessment_id, statement, form.text, now, thread, form.mention)
        _tell(request, db, me, now, said, statement)

    checked = acted(CommentForm, posted, act, "text")
    if checked.form is None:
        return _page(request, db, me, assessment_id, statement, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    return _back(request, assessment_id, statement)


@router.post("/assessments/{assessment_id}/threads/{thread_id}/resolve", name="comment-resolve")
def resolve(request: Request, db: Db, me: Me, now: Now, assessment_id: int, thread_id: int) -> Response:
    statement = talking.resolve_thread(db, me, assessment_id, thread_id, now, resolved=True)
    return _back(request, assessment_id, statement)


@router.post("/assessments/{assessment_id}/threads/{thread_id}/reopen", name="comment-reopen")
def reopen(request: Request, db: Db, me: Me, now: Now, assessment_id: int, thread_id: int) -> Response:
    statement = talking.resolve_thread(db, me, assessment_id, thread_id, now, resolved=False)
    return _back(request, assessment_id, statement)


@router.post("/assessments/{assessment_id}/said/{comment_id}/remove", name="comment-remove")
def remove(request: Request, db: Db, me: Me, now: Now, assessment_id: int, comment_id: int) -> Response:
    return _back(request, assessment_id, talking.remove_comment(db, me, assessment_id, comment_id, now))


def _tell(request: Request, db: Db, me: Actor, now: Now, said: talking.Said, statement: str) -> None:
    """A letter to everybody mentioned; it names the statement, and nothing of what was said."""
    path = Site(request).path("comments", assessment_id=said.found.id, statement=statement)
    for one in said.mentioned:
        text = in_language(said.rubric, one.language or "").statements[statement].text
        letter = MentionLetter(path, me.name, said.found.team, text)
        send_letter(request, db, one.email, letter, now, f"{said.id} {one.person_id}", me.organisation_id, one.language)


def _page(
    request: Request,
    db: Db,
    me: Actor,
    assessment_id: int,
    statement: str,
    form: Checked[CommentForm],
    status: int = HTTP_200_OK,
) -> Response:
    connection = db.connection()
    found = assessing(connection, me, assessment_id)
    if not found.alone.may_see_what_others_add(found.viewer(me)):
        raise NotAllowed("Everybody answers alone first. Comments open to you when you have submitted your answers.")
    rubric = read_version(db, me.organisation_id, found.sheet.rubric_version_id).rubric
    if statement not in rubric.statements:
        raise Missing("This rubric has no such statement.")
    said = comment_lines(connection, me.organisation_id, assessment_id, statement)
    threads = [
        Thread(first, tuple(each for each in said if each.thread_id == first.id))
        for first in said
        if first.thread_id is None
    ]
    may_comment = me.person_id is not None and me.may_answer(found.place)
    people = teams.people_of_team(connection, me.organisation_id, found.place.team_id) if may_comment else ()
    choices = tuple(talking.to_mention(people, found, me.person_id).values())
    page = CommentsPage(found, rubric, rubric.statements[statement], threads, choices, me.person_id, may_comment, form)
    return render(request, "comments/comments.html", page, status)


def _back(request: Request, assessment_id: int, statement: str) -> Response:
    return RedirectResponse(Site(request).path("comments", assessment_id=assessment_id, statement=statement), 303)
