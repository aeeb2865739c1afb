"""Idempotency keys."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select

from app.actions.kept_answers import KEPT, LEASE, Answer, Claim, StillAtWork, claim, keep, purge_kept_answers
from app.db.engine import reading, writing
from app.db.tables.org import Team
from app.db.tables.signing_in import KeptAnswer
from app.domain.errors import Conflict
from app.queries.tokens import KnownToken, known_token
from tests.api.program import Caller, Program, make_token
from tests.api.test_conventions import kind
from tests.web.cast import Cast
from tests.web.visitor import Clock


def new_teams(engine: Engine) -> int:
    with reading(engine) as session:
        return session.scalars(select(func.count()).select_from(Team).where(Team.name == "New")).one()


def wanted(cast: Cast, name: str = "New") -> dict[str, object]:
    return {"name": name, "unit_id": cast.risk.id}


def test_it_works(program: Program, cast: Cast) -> None:
    token = program(cast.admin)

    first = token.post("/teams", wanted(cast), idempotency_key="a")
    again = token.post("/teams", wanted(cast), idempotency_key="a")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert {name: again.headers[name] for name in ("etag", "location")} == {
        name: first.headers[name] for name in ("etag", "location")
    }
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert new_teams(cast.engine) == 1


def test_without_a_key_it_is_done_again(program: Program, cast: Cast) -> None:
    token = program(cast.admin)

    assert token.post("/teams", wanted(cast)).status_code == 201
    assert kind(token.post("/teams", wanted(cast))) == (409, "/api#conflict")


def test_a_key_is_for_one_request_of_one_token(program: Program, cast: Cast) -> None:
    token, other = program(cast.admin), program(cast.admin)
    token.post("/teams", wanted(cast), idempotency_key="a")

    assert kind(token.post("/teams", wanted(cast, "Other"), idempotency_key="a")) == (422, "/api#unfit")
    assert other.post("/teams", wanted(cast, "Other"), idempotency_key="a").status_code == 201


def test_what_was_refused_may_be_sent_again(program: Program, cast: Cast) -> None:
    token = program(cast.admin)

    for body in (wanted(cast, "Fraud"), {"name": ""}, wanted(cast)):
        answer = token.post("/teams", body, idempotency_key="a")
    assert answer.status_code == 201


def test_a_secret_is_told_once(program: Program, cast: Cast) -> None:
    token = program(cast.lead)
    body = {"email": "new@example.org", "name": "New", "roles": [{"kind": "member", "team_id": cast.fraud.id}]}

    first, again = (token.post("/people", body, idempotency_key="a") for _ in range(2))

    assert first.status_code == again.status_code == 202
    assert "/invitation/" in first.json()["link"]
    assert again.json() == first.json() | {"link": None}
    with reading(cast.engine) as session:
        kept = session.scalars(select(KeptAnswer.body)).one()
    assert kept["link"] is None


@pytest.mark.parametrize("key", ["a" * 201, "a b", "\x7f"])
def test_a_key_that_is_none(program: Program, cast: Cast, key: str) -> None:
    assert kind(program(cast.admin).post("/teams", wanted(cast), idempotency_key=key))[0] == 422
    assert new_teams(cast.engine) == 0


def test_many_at_once_are_one(program: Program, cast: Cast) -> None:
    token, gate = program(cast.admin), threading.Barrier(4)

    def ask(_number: int) -> int:
        gate.wait()
        return token.post("/teams", wanted(cast), idempotency_key="a").status_code

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))

    assert 201 in found
    assert set(found) <= {201, 409}
    assert new_teams(cast.engine) == 1


def held(token: Caller, cast: Cast, clock: Clock) -> KnownToken:
    with reading(cast.engine) as session:
        found = known_token(session.connection(), token.secret, clock())
    assert found
    return found


def claimed(cast: Cast, token: KnownToken, now: datetime.datetime) -> Claim | Answer:
    with writing(cast.engine) as session:
        return claim(session, token, "a", b"digest", now)


def test_who_comes_second_waits_and_takes_over_from_the_dead(program: Program, cast: Cast, clock: Clock) -> None:
    token = held(program(cast.admin), cast, clock)
    first = claimed(cast, token, clock())
    assert isinstance(first, Claim)
    with pytest.raises(StillAtWork):
        claimed(cast, token, clock())

    clock.move(LEASE)
    second = claimed(cast, token, clock())

    assert isinstance(second, Claim)
    answer = Answer(201, {}, {"id": 1})
    with pytest.raises(Conflict), writing(cast.engine) as session:
        keep(session, first, answer)
    with writing(cast.engine) as session:
        keep(session, second, answer)
    assert claimed(cast, token, clock()) == answer


def test_the_second_of_two_is_told_to_come_again(program: Program, cast: Cast, clock: Clock) -> None:
    token = program(cast.admin)
    # Which request a claim is for is told by a digest; the one that stands here belongs to the request below.
    token.post("/teams", wanted(cast), idempotency_key="a")
    with writing(cast.engine) as session:
        kept = session.scalars(select(KeptAnswer)).one()
        kept.status = None

    answer = token.post("/teams", wanted(cast), idempotency_key="a")

    assert kind(answer) == (409, "/api#conflict")
    assert answer.headers["retry-after"] == "2"


def test_after_a_day_it_is_forgotten(program: Program, cast: Cast, clock: Clock) -> None:
    token = held(program(cast.admin), cast, clock)
    first = claimed(cast, token, clock())
    assert isinstance(first, Claim)
    with writing(cast.engine) as session:
        keep(session, first, Answer(201, {}, {}))
    clock.move(KEPT - datetime.timedelta(seconds=1))
    assert isinstance(claimed(cast, token, clock()), Answer)

    clock.move(datetime.timedelta(seconds=1))
    with writing(cast.engine) as session:
        purge_kept_answers(session, clock())

    assert isinstance(claimed(cast, token, clock()), Claim)


def test_a_token_of_its_own(program: Program, cast: Cast, clock: Clock) -> None:
    made = make_token(cast.engine, cast.lead, clock())
    assert program.holding(made).get("/token").json()["person_id"] == cast.lead.id
