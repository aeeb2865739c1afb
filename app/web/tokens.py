"""Tokens: a person's own, and for admins those of the whole organisation. A secret is shown once."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.status import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_422_UNPROCESSABLE_CONTENT

from app.actions import tokens as changing
from app.domain.errors import Invalid, NotAllowed
from app.domain.organisations import NAME_LIMIT
from app.domain.people import ORDER, Actor, Scope
from app.domain.tokens import WantedToken
from app.queries import teams, tokens
from app.queries.pages import Page
from app.queries.tokens import TokenLine
from app.web.deps import Db, Me, Now, Posted
from app.web.forms import Checked, Form, Number, check, filled, line
from app.web.lists import Asked, Listing
from app.web.render import render
from app.web.safely import Safely

router = APIRouter()

TEAMS_OFFERED = 200
"""Teams of the longest list to choose from; a token for others is made on the command line."""
LIVES = ("7", "30", "90", "365", "0")
"""Days, and 0 for a token without end."""
USUAL_LIFE = "90"


class TokenForm(Form):
    """Without any team, the token is for all."""

    name: Annotated[str, line(NAME_LIMIT)]
    scope: Scope
    days: Literal["7", "30", "90", "365", "0"]
    teams: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a form for a token offers: scopes, lives in days, teams, and whether there are more teams than those."""

    form: Checked[TokenForm]
    scopes: Sequence[Scope]
    lives: Sequence[str]
    teams: Sequence[tuple[int, str]]
    more_teams: bool
    service: bool


@dataclass(frozen=True, slots=True)
class OwnTokensPage:
    tokens: Sequence[TokenLine]
    new: NewToken
    now: datetime.datetime
    may_see_all: bool


@dataclass(frozen=True, slots=True)
class TokensPage:
    tokens: Page[TokenLine]
    listing: Listing
    first: str
    further: str
    now: datetime.datetime


@dataclass(frozen=True, slots=True)
class MadePage:
    """The secret, which is shown this once."""

    name: str
    secret: str
    service: bool


@router.get("/account/tokens", name="own-tokens")
def own(request: Request, db: Db, me: Me, now: Now) -> Response:
    return _own_page(request, db, me, now, filled(TokenForm, scope=Scope.READ, days=USUAL_LIFE))


@router.post("/account/tokens", name="own-token-create", dependencies=[Safely])
def create_own(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    checked = check(TokenForm, posted)
    if checked.form is None:
        return _own_page(request, db, me, now, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        made = changing.create_token(db, me, _wanted(checked.form), _end(checked.form, now), now)
    except Invalid as unfit:
        return _own_page(request, db, me, now, checked.refused(unfit, "name"), HTTP_422_UNPROCESSABLE_CONTENT)
    return render(request, "tokens/made.html", MadePage(checked.form.name, made.secret, service=False))


@router.post("/account/tokens/{token_id}/revoke", name="own-token-revoke")
def revoke_own(request: Request, db: Db, me: Me, token_id: int, now: Now) -> Response:
    changing.revoke_token(db, me, token_id, now)
    return RedirectResponse(request.app.url_path_for("own-tokens"), HTTP_303_SEE_OTHER)


@router.get("/tokens", name="tokens")
def shown(request: Request, db: Db, me: Me, asked: Asked, now: Now) -> Response:
    _check(me)
    found = tokens.token_lines(
        db.connection(), me.organisation_id, search=asked.search, revoked=asked.archived, after=asked.after
    )
    path = request.app.url_path_for("tokens")
    page = TokensPage(found, asked, asked.first(path), asked.further(path, found.after), now)
    return render(request, "tokens/tokens.html", page)


@router.get("/tokens/new", name="token-new")
def new(request: Request, db: Db, me: Me) -> Response:
    _check(me)
    return _new_page(request, db, me, filled(TokenForm, scope=Scope.READ, days=USUAL_LIFE))


@router.post("/tokens/new", name="token-create", dependencies=[Safely])
def create(request: Request, db: Db, me: Me, posted: Posted, now: Now) -> Response:
    _check(me)
    checked = check(TokenForm, posted)
    if checked.form is None:
        return _new_page(request, db, me, checked, HTTP_422_UNPROCESSABLE_CONTENT)
    try:
        made = changing.create_service_token(db, me, _wanted(checked.form), _end(checked.form, now), now)
    except Invalid as unfit:
        return _new_page(request, db, me, checked.refused(unfit, "name"), HTTP_422_UNPROCESSABLE_CONTENT)
    return render(request, "tokens/made.html", MadePage(checked.form.name, made.secret, service=True))


@router.post("/tokens/{token_id}/revoke", name="token-revoke")
def revoke(request: Request, db: Db, me: Me, token_id: int, now: Now) -> Response:
    _check(me)
    changing.revoke_token(db, me, token_id, now)
    return RedirectResponse(request.app.url_path_for("tokens"), HTTP_303_SEE_OTHER)


def _check(me: Actor) -> None:
    if not me.may_see_tokens():
        raise NotAllowed("The list of all tokens is for admins. Your own are in your account.")


def _wanted(form: TokenForm) -> WantedToken:
    return WantedToken(form.name, frozenset({form.scope}), frozenset(form.teams) or None)


def _end(form: TokenForm, now: datetime.datetime) -> datetime.datetime | None:
    return now + datetime.timedelta(days=int(form.days)) if form.days != "0" else None


def _offered(db: Db, me: Actor, form: Checked[TokenForm], *, service: bool) -> NewToken:
    found = teams.team_lines(db.connection(), me, limit=TEAMS_OFFERED)
    scopes = [
        scope for scope in ORDER if (me.may_make_service_token({scope}) if service else me.may_make_token({scope}))
    ]
    offered = [(team.id, team.name) for team in found.lines]
    return NewToken(form, scopes, LIVES, offered, found.after is not None, service)


def _own_page(
    request: Request, db: Db, me: Actor, now: datetime.datetime, form: Checked[TokenForm], status: int = HTTP_200_OK
) -> Response:
    own = tokens.own_tokens(db.connection(), me.organisation_id, me.person_id) if me.person_id is not None else ()
    page = OwnTokensPage(own, _offered(db, me, form, service=False), now, me.may_see_tokens())
    return render(request, "tokens/own.html", page, status)


def _new_page(request: Request, db: Db, me: Actor, form: Checked[TokenForm], status: int = HTTP_200_OK) -> Response:
    return render(request, "tokens/new.html", _offered(db, me, form, service=True), status)
