"""Drafts of rubrics: who may, what is kept of each change, two admins at once, and what publishing makes of them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.actions.drafts import (
    begin_from_rubric,
    begin_from_version,
    change_draft,
    discard_draft,
    keep_trial,
    publish_draft,
    remove_trial,
    undo_change,
)
from app.actions.rubrics import adopt, load_shipped, make_default, offer, publish, retire
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.rubrics import RubricVersion, State
from app.db.tables.studio import Draft, DraftChange, Trial
from app.domain.answers import Value
from app.domain.draft_places import values_at
from app.domain.drafts import Overtaken, Set, mark
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.people import Actor
from app.domain.rubric_file import shipped
from app.queries import rubrics, studio
from tests.cast import NOW, Cast
from tests.together import together

RUBRIC = shipped()["gigaom-mlops"]
FIRST = RUBRIC.categories[0].statements[0].key


@pytest.fixture
def version(cast: Cast) -> int:
    """The organisation's first version of the maturity rubric."""
    with writing(cast.engine) as session:
        return adopt(session, cast.tram, RUBRIC.key, NOW).id


@pytest.fixture
def draft(cast: Cast, version: int) -> int:
    with writing(cast.engine) as session:
        return begin_from_version(session, cast.actor("admin"), version, NOW).id


def rewrite(session: Session, draft_id: int, text: str, field: str = "text") -> Set:
    """The step that writes a field of the first statement, by who looks at it now."""
    document = session.get_one(Draft, draft_id).document
    seen = values_at(document, f"statements.{FIRST}").get(field)
    return Set(f"statements.{FIRST}", field, text, mark(seen))


def change(cast: Cast, draft_id: int, text: str, by: str = "admin") -> int:
    with writing(cast.engine) as session:
        return change_draft(session, cast.actor(by), draft_id, [rewrite(session, draft_id, text)], NOW)


def text_of(cast: Cast, draft_id: int) -> str:
    with reading(cast.engine) as session:
        document = studio.draft(session.connection(), cast.tram, draft_id).document
    return str(values_at(document, f"statements.{FIRST}")["text"])


def actions(cast: Cast) -> list[str]:
    with reading(cast.engine) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


Doing = Callable[[Session, Actor, int, int], object]
DEEDS: dict[str, Doing] = {
    "begin": lambda session, who, version, _: begin_from_version(session, who, version, NOW),
    "begin from a file": lambda session, who, _, __: begin_from_rubric(session, who, RUBRIC, NOW),
    "change": lambda session, who, _, draft: change_draft(session, who, draft, [rewrite(session, draft, "New.")], NOW),
    "undo": lambda session, who, _, draft: undo_change(session, who, draft, 1, NOW),
    "keep a trial": lambda session, who, _, draft: keep_trial(session, who, draft, "One", {}, None, NOW),
    "publish": lambda session, who, _, draft: publish_draft(session, who, draft, 1, NOW),
    "discard": lambda session, who, _, draft: discard_draft(session, who, draft, NOW),
    "retire": lambda session, who, version, _: retire(session, who, version, NOW),
    "offer": lambda session, who, _, __: offer(session, who, "ml-test-score", NOW, offered=False),
    "default": lambda session, who, _, __: make_default(session, who, "ml-test-score", NOW),
}

# They cannot even look at what they would change.
OUTSIDE: dict[str, Doing] = {"change": lambda session, who, _, draft: change_draft(session, who, draft, [], NOW)}


@pytest.mark.parametrize("name", DEEDS)
def test_admins_and_nobody_else(cast: Cast, draft: int, version: int, name: str) -> None:
    change(cast, draft, "Something else.")
    for who in ("manager", "lead", "member", "viewer"):
        with writing(cast.engine) as session, pytest.raises(NotAllowed):
            DEEDS[name](session, cast.actor(who), version, draft)
    before = len(actions(cast))
    with writing(cast.engine) as session:
        DEEDS[name](session, cast.actor("second admin"), version, draft)
    assert len(actions(cast)) > before, "every write has its event"


@pytest.mark.parametrize("name", [name for name in DEEDS if name not in ("begin from a file", "offer", "default")])
def test_for_another_organisation_there_is_no_draft(cast: Cast, draft: int, version: int, name: str) -> None:
    change(cast, draft, "Something else.")
    outside = replace(cast.actor("outsider"), admin=True)
    with writing(cast.engine) as session, pytest.raises(Missing):
        OUTSIDE.get(name, DEEDS[name])(session, outside, version, draft)


def test_every_change_is_kept_and_taken_back(cast: Cast, draft: int) -> None:
    before = text_of(cast, draft)
    assert [change(cast, draft, text) for text in ("One.", "Two.", "Two.")] == [1, 2, 2], "nothing new is no edition"

    with writing(cast.engine) as session:
        undo_change(session, cast.actor("second admin"), draft, 2, NOW)
        assert undo_change(session, cast.actor("second admin"), draft, 1, NOW) == 4
    assert text_of(cast, draft) == before
    with reading(cast.engine) as session:
        kept = studio.changes(session.connection(), cast.tram, draft)
        assert studio.last_change(session.connection(), cast.tram, draft) is None
    assert [(each.edition, each.by, each.undoes, each.undone) for each in kept] == [
        (4, "Second Admin", 1, False),
        (3, "Second Admin", 2, False),
        (2, "Admin", None, True),
        (1, "Admin", None, True),
    ]
    with writing(cast.engine) as session, pytest.raises(Conflict, match="already"):
        undo_change(session, cast.actor("admin"), draft, 1, NOW)


def test_what_was_changed_again_since_is_not_taken_back(cast: Cast, draft: int) -> None:
    change(cast, draft, "One.")
    change(cast, draft, "Two.", by="second admin")

    with writing(cast.engine) as session, pytest.raises(Overtaken) as overtaken:
        undo_change(session, cast.actor("admin"), draft, 1, NOW)

    assert overtaken.value.now == "Two."
    assert text_of(cast, draft) == "Two."


def test_two_admins_at_once(cast: Cast, draft: int) -> None:
    """Of two who rewrite the same field one is told; two who rewrite different ones both have their way."""
    with reading(cast.engine) as session:
        same = [rewrite(session, draft, f"By {who}.") for who in ("one", "other")]
        other = rewrite(session, draft, "Do it.", "do")

    def doing(step: Set, who: str) -> Callable[[Session], object]:
        return lambda session: change_draft(session, cast.actor(who), draft, [step], NOW)

    done = together(
        cast.engine, [doing(same[0], "admin"), doing(same[1], "second admin"), doing(other, "second admin")]
    )

    assert sorted(type(each).__name__ for each in done) == ["Overtaken", "int", "int"], done
    assert text_of(cast, draft) in ("By one.", "By other.")


def test_publishing_makes_the_next_version_and_ends_the_draft(cast: Cast, draft: int, version: int) -> None:
    edition = change(cast, draft, "A sponsor speaks for it.")

    with writing(cast.engine) as session:
        published = publish_draft(session, cast.actor("admin"), draft, edition, NOW)

    with reading(cast.engine) as session:
        connection = session.connection()
        new, old = (rubrics.published(connection, cast.tram, each) for each in (published, version))
        assert (new.number, new.rubric.statements[FIRST].text) == (2, "A sponsor speaks for it.")
        assert old.rubric == RUBRIC, "what was published stays as it was"
        assert studio.drafts(connection, cast.tram) == []
        assert session.scalars(select(DraftChange)).all() == []
    assert actions(cast)[-1] == "rubric published"


def test_what_was_changed_since_one_looked_is_not_published(cast: Cast, draft: int) -> None:
    change(cast, draft, "One.")
    change(cast, draft, "Two.", by="second admin")

    with writing(cast.engine) as session, pytest.raises(Conflict, match="changed since"):
        publish_draft(session, cast.actor("admin"), draft, 1, NOW)


def test_a_draft_that_breaks_the_format_is_not_published(cast: Cast, draft: int) -> None:
    edition = change(cast, draft, "")

    with writing(cast.engine) as session, pytest.raises(Invalid, match="breaks the format"):
        publish_draft(session, cast.actor("admin"), draft, edition, NOW)


def test_what_says_the_same_is_not_published(cast: Cast, draft: int) -> None:
    with writing(cast.engine) as session, pytest.raises(Conflict, match="exactly the same"):
        publish_draft(session, cast.actor("admin"), draft, 0, NOW)


def test_a_copy_is_a_rubric_of_its_own(cast: Cast, version: int) -> None:
    with writing(cast.engine) as session:
        copied = begin_from_version(session, cast.actor("admin"), version, NOW, key="our-own", title="Our own")
        publish_draft(session, cast.actor("admin"), copied.id, 0, NOW)

    with reading(cast.engine) as session:
        known = rubrics.known_rubrics(session.connection(), cast.tram)
    assert (known["our-own"].title, known["our-own"].categories) == ("Our own", RUBRIC.categories)
    assert known[RUBRIC.key] == RUBRIC


@pytest.mark.parametrize(
    ("key", "error"), [("Not A Key", Invalid), (RUBRIC.key, Conflict), ("ml-test-score", Conflict)]
)
def test_keys_of_copies(cast: Cast, version: int, key: str, error: type[Exception]) -> None:
    with writing(cast.engine) as session, pytest.raises(error):
        begin_from_version(session, cast.actor("admin"), version, NOW, key=key)


def test_trial_answers_are_kept_with_the_draft(cast: Cast, draft: int) -> None:
    answers = {FIRST: Value.HALF}
    with writing(cast.engine) as session:
        keep_trial(session, cast.actor("admin"), draft, "Begun", answers, 0, NOW)
        keep_trial(session, cast.actor("admin"), draft, "Begun", answers, 1, NOW)
    with reading(cast.engine) as session:
        (trial,) = studio.trials(session.connection(), cast.tram, draft)
    assert (trial.name, trial.answers, trial.expected) == ("Begun", answers, 1)

    with writing(cast.engine) as session:
        remove_trial(session, cast.actor("admin"), draft, trial.id, NOW)
        with pytest.raises(Missing):
            remove_trial(session, cast.actor("admin"), draft, trial.id, NOW)
    with writing(cast.engine) as session:
        keep_trial(session, cast.actor("admin"), draft, "Again", answers, None, NOW)
        discard_draft(session, cast.actor("admin"), draft, NOW)
        assert session.scalars(select(Trial)).all() == []


def test_a_retired_version_is_no_longer_begun_with(cast: Cast, draft: int, version: int) -> None:
    edition = change(cast, draft, "Another text.")
    admin = cast.actor("admin")
    with writing(cast.engine) as session:
        second = publish_draft(session, admin, draft, edition, NOW)
        retire(session, admin, second, NOW)
    with writing(cast.engine) as session:
        connection = session.connection()
        assert rubrics.latest(connection, cast.tram, RUBRIC.key).id == version
        assert rubrics.published(connection, cast.tram, second).number == 2, "what was answered by it is still read"
        with pytest.raises(Conflict):
            retire(session, admin, second, NOW)
        retire(session, admin, second, NOW, again=True)
        assert rubrics.latest(connection, cast.tram, RUBRIC.key).id == second


def test_offers(cast: Cast, version: int) -> None:
    admin = cast.actor("admin")
    with writing(cast.engine) as session:
        connection = session.connection()
        assert rubrics.rubrics_to_choose(connection, cast.tram)[0][0] == RUBRIC.key
        offer(session, admin, "ml-test-score", NOW, offered=False)
        assert "ml-test-score" not in dict(rubrics.rubrics_to_choose(connection, cast.tram))
        make_default(session, admin, "ml-test-score", NOW)
        assert rubrics.rubrics_to_choose(connection, cast.tram)[0][0] == "ml-test-score"
        make_default(session, admin, RUBRIC.key, NOW)
        assert rubrics.default_rubric(connection, cast.tram) == RUBRIC.key
        with pytest.raises(Conflict, match="default"):
            offer(session, admin, RUBRIC.key, NOW, offered=False)
        with pytest.raises(Missing):
            offer(session, admin, "no-such-rubric", NOW, offered=False)
        retire(session, admin, version, NOW)
        assert RUBRIC.key not in rubrics.known_rubrics(connection, cast.tram), "all its versions are retired"


def test_a_newer_shipped_text_comes_and_never_over_an_edited_one(cast: Cast) -> None:
    older = replace(RUBRIC, title="As it was shipped before")
    with writing(cast.engine) as session:
        publish(session, 1, [older], NOW)
        load_shipped(session, NOW)
        publish(session, cast.tram, [older], NOW)
        publish(session, cast.ferry, [replace(older, title="Edited")], NOW)

        assert adopt(session, cast.tram, RUBRIC.key, NOW).rubric == RUBRIC
        assert adopt(session, cast.ferry, RUBRIC.key, NOW).rubric.title == "Edited"
        states = session.scalars(select(RubricVersion.state).where(RubricVersion.organisation_id == cast.tram)).all()
    assert states == [State.PUBLISHED, State.PUBLISHED]
