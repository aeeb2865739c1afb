"""Reading an organisation: its name, its settings, its logo."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.db.base import table
from app.db.tables.audit import AuditEvent
from app.db.tables.org import Organisation
from app.db.tables.people import Membership
from app.db.tables.signing_in import SsoProvider
from app.domain.errors import Missing

EXAMPLE = "example organisation created"
"""The first event in the trail of an example; no other organisation's trail begins so."""

_organisation, _provider, _event = table(Organisation).c, table(SsoProvider).c, table(AuditEvent).c
_membership = table(Membership).c
_begun_by = (
    select(_event.action)
    .where(_event.organisation_id == _organisation.id)
    .order_by(_event.id)
    .limit(1)
    .correlate(table(Organisation))
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """`logo_type` is None where there is no logo; `single_sign_on`: a provider is set up.

    `example`: it was made up by the product, and can be removed whole. `least_compared`: of fewer teams no benchmark
    shows figures.
    """

    id: int
    name: str
    logo_type: str | None
    members_see_organisation: bool
    single_sign_on_only: bool
    single_sign_on: bool
    example: bool
    least_compared: int


@dataclass(frozen=True, slots=True)
class Logo:
    picture: bytes
    media_type: str


def organisation(connection: Connection, organisation_id: int) -> OrganisationLine:
    row = connection.execute(
        select(
            _organisation.id,
            _organisation.name,
            _organisation.logo_type,
            _organisation.members_see_organisation,
            _organisation.single_sign_on_only,
            _provider.organisation_id.is_not(None),
            _begun_by,
            _organisation.least_compared,
        )
        .outerjoin_from(table(Organisation), table(SsoProvider), _provider.organisation_id == _organisation.id)
        .where(_organisation.id == organisation_id)
    ).first()
    if row is None:
        raise Missing("There is no such organisation.")
    return OrganisationLine(row[0], row[1], row[2], bool(row[3]), bool(row[4]), bool(row[5]), row[6] == EXAMPLE, row[7])


def examples(connection: Connection, person_id: int) -> Sequence[tuple[int, str]]:
    """Numbers and names of the example organisations that the person is an active member of, by name."""
    rows = connection.execute(
        select(_organisation.id, _organisation.name)
        .join_from(table(Membership), table(Organisation), _organisation.id == _membership.organisation_id)
        .where(_membership.person_id == person_id, _membership.deactivated_at.is_(None), _begun_by == EXAMPLE)
        .order_by(_organisation.name, _organisation.id)
    )
    return [(row.id, row.name) for row in rows]


def logo(connection: Connection, organisation_id: int) -> Logo:
    """The organisation's logo; Missing where it has none."""
    row = connection.execute(
        select(_organisation.logo, _organisation.logo_type).where(_organisation.id == organisation_id)
    ).first()
    if row is None or row.logo is None or row.logo_type is None:
        raise Missing("This organisation has no logo.")
    return Logo(row.logo, row.logo_type)
