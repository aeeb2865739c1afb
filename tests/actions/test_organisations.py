"""An organisation's name, logo and settings, which only its admins change."""

import pytest

from app.actions.organisations import change_logo, change_settings, rename_organisation
from app.db.engine import reading, writing
from app.db.tables.org import Organisation
from app.domain.errors import Invalid, NotAllowed
from app.domain.logo import LOGO_LIMIT, logo_type
from tests.cast import NOW, Cast
from tests.together import Deed

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def test_it_works(cast: Cast) -> None:
    who = cast.actor("admin")
    with writing(cast.engine) as session:
        rename_organisation(session, who, " Tramways ", NOW)
        change_logo(session, who, JPEG, NOW)
        change_settings(session, who, members_see_organisation=True, single_sign_on_only=False, now=NOW)
    with reading(cast.engine) as session:
        tram = session.get_one(Organisation, cast.tram)
        assert (tram.name, tram.logo_type, tram.members_see_organisation) == ("Tramways", "image/jpeg", True)
        assert session.get_one(Organisation, cast.ferry).name == "Ferry"


@pytest.mark.parametrize("name", ["manager", "data manager", "lead", "member", "viewer"])
def test_only_admins(cast: Cast, name: str) -> None:
    who = cast.actor(name)
    deeds: tuple[Deed, ...] = (
        lambda session: rename_organisation(session, who, "New", NOW),
        lambda session: change_logo(session, who, PNG, NOW),
        lambda session: change_settings(
            session, who, members_see_organisation=True, single_sign_on_only=False, now=NOW
        ),
    )
    for deed in deeds:
        with pytest.raises(NotAllowed), writing(cast.engine) as session:
            deed(session)


def test_the_least_to_compare_with_has_bounds(cast: Cast) -> None:
    who = cast.actor("admin")
    asked = {"members_see_organisation": False, "single_sign_on_only": False, "now": NOW}
    with pytest.raises(Invalid, match="at least 3 teams"), writing(cast.engine) as session:
        change_settings(session, who, **asked, least_compared=2)  # type: ignore[arg-type]
    with writing(cast.engine) as session:
        change_settings(session, who, **asked, least_compared=7)  # type: ignore[arg-type]
        change_settings(session, who, **asked)  # type: ignore[arg-type]
    with reading(cast.engine) as session:
        assert session.get_one(Organisation, cast.tram).least_compared == 7
        assert session.get_one(Organisation, cast.ferry).least_compared == 5


def test_single_sign_on_is_set_up_before_it_is_the_only_way_in(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Set single sign-on up"), writing(cast.engine) as session:
        change_settings(session, cast.actor("admin"), members_see_organisation=False, single_sign_on_only=True, now=NOW)


def test_a_logo_goes_again(cast: Cast) -> None:
    with writing(cast.engine) as session:
        change_logo(session, cast.actor("admin"), PNG, NOW)
    with writing(cast.engine) as session:
        change_logo(session, cast.actor("admin"), None, NOW)
    with reading(cast.engine) as session:
        assert session.get_one(Organisation, cast.tram).logo_type is None


@pytest.mark.parametrize("picture", [b"", b"<svg/>", b"GIF89a", PNG + bytes(LOGO_LIMIT), b" " + PNG])
def test_no_other_picture(picture: bytes) -> None:
    with pytest.raises(Invalid):
        logo_type(picture)
