"""Single sign-on below its pages: two at once, and what is forgotten."""

from sqlalchemy import func, select

from app.actions.sign_on import keep_provider
from app.actions.signing_in import Entered
from app.actions.sso import LASTS, Attempt, begin, new_secrets, purge_attempts, sign_in, take
from app.db.engine import reading, writing
from app.db.tables.signing_in import Identity, SsoAttempt
from app.domain.sign_on import Claims, Provider
from app.queries import sign_on
from tests.cast import NOW, Cast
from tests.together import together

ISSUER = "https://id.tram.example"
WHO = Claims("1", "new@tram.example", True, "New", frozenset())


def connected(cast: Cast) -> Provider:
    with writing(cast.engine) as session:
        keep_provider(
            session,
            cast.actor("admin"),
            issuer=ISSUER,
            client_id="shortstave",
            client_secret="s",
            groups_claim="groups",
            now=NOW,
        )
    with reading(cast.engine) as session:
        found = sign_on.provider(session.connection(), cast.tram)
    assert found is not None
    return found


def test_who_comes_twice_at_once_is_one_person(cast: Cast) -> None:
    attempt = Attempt(cast.tram, connected(cast), "n", "v", "/", None)
    outcomes = together(cast.engine, [lambda session: sign_in(session, attempt, WHO, "", NOW)] * 4)

    assert len({entered.person_id for entered in outcomes if isinstance(entered, Entered)}) == 1, outcomes
    assert len({entered.secret for entered in outcomes if isinstance(entered, Entered)}) == 4
    with reading(cast.engine) as session:
        assert session.scalar(select(func.count()).select_from(Identity)) == 1


def test_of_two_who_bring_the_same_state_at_once_one_comes_in(cast: Cast) -> None:
    connected(cast)
    new = new_secrets()
    with writing(cast.engine) as session:
        begin(session, cast.tram, new, "browser", "/", NOW)
    outcomes = together(cast.engine, [lambda session: take(session, new.state, "browser", NOW)] * 4)

    assert sum(isinstance(taken, Attempt) for taken in outcomes) == 1


def test_who_does_not_come_back_is_forgotten(cast: Cast) -> None:
    connected(cast)
    with writing(cast.engine) as session:
        begin(session, cast.tram, new_secrets(), "browser", "/", NOW)
        begin(session, cast.tram, kept := new_secrets(), "browser", "/", NOW + LASTS / 2)
        purge_attempts(session, NOW + LASTS)
    with writing(cast.engine) as session:
        assert session.scalar(select(func.count()).select_from(SsoAttempt)) == 1
        assert take(session, kept.state, "browser", NOW + LASTS) is not None


def test_without_a_browsers_secret_nothing_is_taken(cast: Cast) -> None:
    connected(cast)
    new = new_secrets()
    with writing(cast.engine) as session:
        begin(session, cast.tram, new, "", "/", NOW)
        assert take(session, new.state, "", NOW) is None
