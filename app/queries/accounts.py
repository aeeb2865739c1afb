"""Reading what belongs to a person and to none of their organisations."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.db.base import table
from app.db.tables.people import Person
from app.db.tables.signing_in import RecoveryCode

_person, _code = table(Person).c, table(RecoveryCode).c


@dataclass(frozen=True, slots=True)
class AccountLine:
    """`codes_left`: recovery codes of the second factor that were not used yet."""

    email: str
    name: str
    language: str | None
    time_zone: str | None
    theme: str | None
    has_password: bool
    second_factor: bool
    codes_left: int


def account_line(connection: Connection, person_id: int) -> AccountLine:
    """The person's own account, by one statement."""
    left = (
        select(func.count())
        .select_from(table(RecoveryCode))
        .where(_code.person_id == _person.id, _code.used_at.is_(None))
        .scalar_subquery()
    )
    row = connection.execute(
        select(
            _person.email,
            _person.name,
            _person.language,
            _person.time_zone,
            _person.theme,
            _person.password_hash.is_not(None).label("has_password"),
            _person.totp_secret.is_not(None).label("second_factor"),
            left.label("codes_left"),
        ).where(_person.id == person_id)
    ).one()
    return AccountLine(*row)
