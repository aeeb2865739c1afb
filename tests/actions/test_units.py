"""Units: a tree that stays one, whatever is moved where, and by how many at once."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.actions.teams import archive_team
from app.actions.units import archive_unit, create_unit, move_unit, rename_unit, restore_unit
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.org import Unit
from app.domain.errors import Conflict, Invalid, Missing, NotAllowed
from app.domain.people import Actor
from tests.cast import NOW, Cast
from tests.conftest import StatementCount
from tests.together import together

REFUSED = ("data manager", "depot manager", "lead", "member", "viewer", "stranger")


def paths(engine: Engine) -> dict[str, str]:
    with reading(engine) as session:
        return {unit.name: unit.path for unit in session.scalars(select(Unit))}


def test_it_works(cast: Cast) -> None:
    data, models = cast.units["Data"], cast.units["Models"]
    with writing(cast.engine) as session:
        created = create_unit(session, cast.actor("manager"), "  Vision ", models, NOW)
        id = created.id
        assert (created.name, created.path) == ("Vision", f"/{data}/{models}/{id}/")
    with reading(cast.engine) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
        assert (event.action, event.subject_id, event.person_id) == ("unit created", id, cast.people["manager"])


@pytest.mark.parametrize("name", REFUSED)
def test_only_admins_and_managers_of_all_change_units(cast: Cast, name: str) -> None:
    who, data = cast.actor(name), cast.units["Data"]
    for deed in (
        lambda session: create_unit(session, who, "New", None, NOW),
        lambda session: rename_unit(session, who, data, "New", NOW),
        lambda session: move_unit(session, who, cast.units["Models"], None, NOW),
        lambda session: archive_unit(session, who, data, NOW),
        lambda session: restore_unit(session, who, data, NOW),
    ):
        with pytest.raises(NotAllowed), writing(cast.engine) as session:
            deed(session)


def test_a_unit_of_another_organisation_is_missing(cast: Cast) -> None:
    who, foreign = cast.actor("admin"), cast.units["Harbour"]
    for deed in (
        lambda session: create_unit(session, who, "New", foreign, NOW),
        lambda session: rename_unit(session, who, foreign, "New", NOW),
        lambda session: move_unit(session, who, foreign, None, NOW),
        lambda session: move_unit(session, who, cast.units["Data"], foreign, NOW),
        lambda session: archive_unit(session, who, foreign, NOW),
        lambda session: restore_unit(session, who, foreign, NOW),
    ):
        with pytest.raises(Missing), writing(cast.engine) as session:
            deed(session)


def test_what_is_below_moves_along_by_one_statement(cast: Cast, count_statements: StatementCount) -> None:
    data, models, depots = (cast.units[name] for name in ("Data", "Models", "Depots"))
    with writing(cast.engine) as session:
        deep = create_unit(session, cast.actor("admin"), "Deep", models, NOW).id
    with count_statements(cast.engine) as statements, writing(cast.engine) as session:
        move_unit(session, cast.actor("admin"), data, depots, NOW)

    assert len([statement for statement in statements if statement.startswith("UPDATE unit")]) == 1
    assert paths(cast.engine) == {
        "Depots": f"/{depots}/",
        "Data": f"/{depots}/{data}/",
        "Models": f"/{depots}/{data}/{models}/",
        "Deep": f"/{depots}/{data}/{models}/{deep}/",
        "Harbour": f"/{cast.units['Harbour']}/",
    }
    with writing(cast.engine) as session:
        assert move_unit(session, cast.actor("admin"), data, None, NOW).path == f"/{data}/"


def test_a_unit_is_never_below_itself(cast: Cast) -> None:
    data, models = cast.units["Data"], cast.units["Models"]
    for below in (data, models):
        with pytest.raises(Invalid), writing(cast.engine) as session:
            move_unit(session, cast.actor("admin"), data, below, NOW)


def test_two_that_are_moved_below_each_other_at_once_make_no_circle(cast: Cast) -> None:
    models, depots = cast.units["Models"], cast.units["Depots"]
    who = cast.actor("admin")
    outcomes = together(
        cast.engine,
        [
            lambda session: move_unit(session, who, models, depots, NOW),
            lambda session: move_unit(session, who, depots, models, NOW),
        ],
    )
    assert sorted(isinstance(outcome, Invalid) for outcome in outcomes) == [False, True]
    for path in paths(cast.engine).values():
        numbers = path.strip("/").split("/")
        assert len(numbers) == len(set(numbers))


def test_a_name_is_given_once_beside_each_other(cast: Cast) -> None:
    who = cast.actor("admin")
    with pytest.raises(Conflict, match="Data already"), writing(cast.engine) as session:
        create_unit(session, who, "Data", None, NOW)
    with pytest.raises(Conflict, match="Data already"), writing(cast.engine) as session:
        rename_unit(session, who, cast.units["Depots"], "Data", NOW)
    with writing(cast.engine) as session:
        create_unit(session, who, "Data", cast.units["Depots"], NOW)
        rename_unit(session, who, cast.units["Data"], "Data", NOW)
    with pytest.raises(Conflict, match="Data already"), writing(cast.engine) as session:
        move_unit(session, who, cast.units["Data"], cast.units["Depots"], NOW)


def test_of_two_that_are_created_with_one_name_at_once_one_is(cast: Cast) -> None:
    who = cast.actor("admin")
    outcomes = together(cast.engine, [lambda session: create_unit(session, who, "New", None, NOW)] * 4)
    assert sum(isinstance(outcome, Unit) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3


def test_only_what_is_empty_is_archived(cast: Cast) -> None:
    who, models = cast.actor("admin"), cast.units["Models"]
    for used in ("Data", "Models"):
        with pytest.raises(Conflict, match="Move or archive"), writing(cast.engine) as session:
            archive_unit(session, who, cast.units[used], NOW)
    with writing(cast.engine) as session:
        for team in ("Risk", "Timetable", "Reports"):
            archive_team(session, who, cast.teams[team], NOW)
        archive_unit(session, who, models, NOW)
        archive_unit(session, who, cast.units["Data"], NOW)
    for deed in (
        lambda session: create_unit(session, who, "New", models, NOW),
        lambda session: move_unit(session, who, cast.units["Depots"], models, NOW),
        lambda session: restore_unit(session, who, models, NOW),
    ):
        with pytest.raises(Conflict, match="is archived"), writing(cast.engine) as session:
            deed(session)
    with writing(cast.engine) as session:
        restore_unit(session, who, cast.units["Data"], NOW)
        restore_unit(session, who, models, NOW)


def test_what_was_archived_comes_back_only_while_its_name_is_free(cast: Cast) -> None:
    who = cast.actor("admin")
    with writing(cast.engine) as session:
        archive_team(session, who, cast.teams["Wagons"], NOW)
        archive_unit(session, who, cast.units["Depots"], NOW)
        create_unit(session, who, "Depots", None, NOW)
    with pytest.raises(Conflict, match="Depots already"), writing(cast.engine) as session:
        restore_unit(session, who, cast.units["Depots"], NOW)


def deeper(session: Session, who: Actor, parent: int, times: int) -> int:
    for _ in range(times):
        parent = create_unit(session, who, "Deeper", parent, NOW).id
    return parent


def test_a_tree_is_deep_and_not_without_end(cast: Cast) -> None:
    who, parent = cast.actor("admin"), cast.units["Data"]
    with writing(cast.engine) as session:
        parent = deeper(session, who, parent, 99)
    with pytest.raises(Invalid, match="too deep"), writing(cast.engine) as session:
        deeper(session, who, parent, 400)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "nul \x00", "\ud800", "left \u202e right", "x" * 201])
def test_a_name_is_one_line_that_can_be_seen(cast: Cast, name: str) -> None:
    with pytest.raises(Invalid), writing(cast.engine) as session:
        create_unit(session, cast.actor("admin"), name, None, NOW)
