"""Single sign-on in page tests: an organisation with a provider, and a browser that goes there and comes back."""

from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from httpx2 import Response
from sqlalchemy import select

from app.actions.sign_on import keep_provider, map_group
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEvent
from app.db.tables.people import Person
from app.db.tables.people import Role as RoleRow
from app.db.tables.signing_in import Identity
from app.domain.people import Actor, Role
from tests.oidc.forger import CLIENT, SECRET, Forger
from tests.web.cast import Browser, Cast, Player
from tests.web.document import document


def connect(cast: Cast, issuer: str, organisation_id: int | None = None, groups: str = "groups") -> None:
    """Give an organisation, ours unless named, this provider."""
    with writing(cast.engine) as session:
        keep_provider(
            session,
            operator(organisation_id or cast.organisation_id),
            issuer=issuer,
            client_id=CLIENT,
            client_secret=SECRET,
            groups_claim=groups,
            now=cast.clock(),
        )


def operator(organisation_id: int) -> Actor:
    return Actor(organisation_id, None, "command line", admin=True)


def map_to(cast: Cast, group: str, role: Role) -> None:
    with writing(cast.engine) as session:
        map_group(session, operator(cast.organisation_id), group, role, cast.clock())


def link(cast: Cast, issuer: str, player: Player, subject: str) -> None:
    with writing(cast.engine) as session:
        session.add(
            Identity(
                organisation_id=player.organisation_id,
                issuer=issuer,
                subject=subject,
                person_id=player.id,
                linked_at=cast.clock(),
            )
        )


def asked(answer: Response) -> dict[str, str]:
    """What the page that leads to the provider asks it for."""
    assert answer.status_code == 200, answer.text
    address = document(answer.text).one("a", id="go").attributes["href"]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@dataclass
class Traveller:
    """A browser on its way to a forger and back; what the forger says of them can be changed in between."""

    browser: Browser
    forger: Forger
    cast: Cast
    organisation_id: int
    state: str = ""
    sent: dict[str, str] = field(default_factory=dict)

    def go(self, following: str = "/") -> "Traveller":
        answer = self.browser.post(f"/sso/{self.organisation_id}", data={"next": following})
        return self.gone(answer)

    def gone(self, answer: Response) -> "Traveller":
        self.sent = asked(answer)
        self.state, self.forger.nonce = self.sent["state"], self.sent["nonce"]
        return self

    def back(self, **more: str) -> Response:
        brought = {"state": self.state, "code": "code"} | more
        return self.browser.get("/sso/callback", params=brought)

    def travel(self, **claims: Any) -> Response:
        self.forger.claims = claims
        return self.go().back()

    def in_another_browser(self) -> "Traveller":
        other = Browser(self.browser.app, base_url=str(self.browser.base_url), follow_redirects=False)
        return replace(self, browser=other)


def people(cast: Cast) -> set[str]:
    with reading(cast.engine) as session:
        return set(session.scalars(select(Person.email)))


def roles(cast: Cast, person_id: int) -> set[tuple[str, int | None, int | None, bool]]:
    """Kind, unit, team, and whether single sign-on gave it."""
    with reading(cast.engine) as session:
        found = session.scalars(select(RoleRow).where(RoleRow.person_id == person_id))
        return {(str(role.kind), role.unit_id, role.team_id, role.from_sign_on) for role in found}


def actions(cast: Cast) -> list[str]:
    """The audit trail of our organisation."""
    with reading(cast.engine) as session:
        return list(
            session.scalars(
                select(AuditEvent.action)
                .where(AuditEvent.organisation_id == cast.organisation_id)
                .order_by(AuditEvent.id)
            )
        )
