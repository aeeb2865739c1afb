"""Reading how an organisation's people come in by single sign-on."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, exists, func, select

from app.db.base import table
from app.db.tables.org import Organisation
from app.db.tables.signing_in import Identity, SsoProvider
from app.domain.organisations import VISITORS
from app.domain.people import Role, RoleKind
from app.domain.sign_on import GroupRole, Provider

_provider, _identity, _organisation = table(SsoProvider).c, table(Identity).c, table(Organisation).c


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider without its secret. `people`: how many have come in by it, or linked their account."""

    issuer: str
    client_id: str
    groups_claim: str
    mapping: tuple[GroupRole, ...]
    created_at: datetime.datetime
    people: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What a stranger's sign-in page may say: which organisation's single sign-on, where the server has only that one.

    Organisations never see each other: where there are several, each has the address of its own page.
    """

    organisation_id: int | None = None
    any: bool = False


def provider(connection: Connection, organisation_id: int) -> Provider | None:
    """The organisation's provider with its secret, which is never to be shown; None where there is none."""
    row = connection.execute(
        select(_provider.issuer, _provider.client_id, _provider.client_secret, _provider.groups_claim).where(
            _provider.organisation_id == organisation_id
        )
    ).first()
    return None if row is None else Provider(*row)


def provider_line(connection: Connection, organisation_id: int) -> ProviderLine | None:
    people = (
        select(func.count(_identity.person_id.distinct()))
        .where(_identity.organisation_id == _provider.organisation_id, _identity.issuer == _provider.issuer)
        .correlate(table(SsoProvider))
        .scalar_subquery()
    )
    row = connection.execute(
        select(
            _provider.issuer,
            _provider.client_id,
            _provider.groups_claim,
            _provider.mapping,
            _provider.created_at,
            people.label("people"),
        ).where(_provider.organisation_id == organisation_id)
    ).first()
    if row is None:
        return None
    mapping = tuple(read_mapping(row.mapping))
    return ProviderLine(row.issuer, row.client_id, row.groups_claim, mapping, row.created_at, row.people)


def offered(connection: Connection) -> Offered:
    """What the sign-in page offers, by one statement."""
    others = select(func.count()).select_from(table(Organisation)).where(_organisation.id != VISITORS).scalar_subquery()
    row = connection.execute(select(_provider.organisation_id, others.label("organisations")).limit(1)).first()
    if row is None:
        return Offered()
    return Offered(row.organisation_id if row.organisations == 1 else None, any=True)


def linked(connection: Connection, organisation_id: int, person_id: int) -> bool | None:
    """Whether the person comes in by this organisation's present provider; None where it has none. One statement."""
    found = exists(
        select(_identity.subject).where(
            _identity.organisation_id == organisation_id,
            _identity.person_id == person_id,
            _identity.issuer == _provider.issuer,
        )
    )
    statement = select(found.correlate(table(SsoProvider))).where(_provider.organisation_id == organisation_id)
    answer = connection.execute(statement.select_from(table(SsoProvider))).scalar()
    return None if answer is None else bool(answer)


def read_mapping(document: Mapping[str, Any]) -> Iterable[GroupRole]:
    """The mapping as it is kept."""
    for line in document.get("groups", []):
        yield GroupRole(line["group"], Role(RoleKind(line["kind"]), line["unit_id"], line["team_id"]))


def written_mapping(mapping: Iterable[GroupRole]) -> dict[str, Any]:
    """The mapping as it is to be kept."""
    return {
        "groups": [
            {"group": line.group, "kind": line.role.kind, "unit_id": line.role.unit_id, "team_id": line.role.team_id}
            for line in mapping
        ]
    }
