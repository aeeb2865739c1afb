"""Single sign-on: an organisation's OpenID Connect provider, and what it says about a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from app.domain.errors import Invalid
from app.domain.hosts import LOOPBACK
from app.domain.people import Role

ISSUER_LIMIT = 400
CLIENT_LIMIT = 400
CLAIM_LIMIT = 100
GROUP_LIMIT = 200
SUBJECT_LIMIT = 255
"""OpenID Connect Core 1.0, section 2: a subject has at most 255 characters of ASCII."""
DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """What an organisation knows of its provider. An empty `groups_claim`: nothing is asked about groups."""

    issuer: str
    client_id: str
    client_secret: str
    groups_claim: str = ""


@dataclass(frozen=True, slots=True)
class GroupRole:
    """Whoever is in this group of the provider has this role."""

    group: str
    role: Role


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider said about a person, after every check.

    `email` is empty where it said none, and no more than a word where it is not `verified`. `groups` is None where the
    provider did not say which: then nothing follows from them.
    """

    subject: str
    email: str
    verified: bool
    name: str
    groups: frozenset[str] | None


def checked_issuer(text: str) -> str:
    """The issuer as it was typed, without the path of the discovery; Invalid where it cannot be one."""
    issuer = text.strip().removesuffix(DISCOVERY)
    parts = _parts(issuer)
    if parts is None or parts.query or parts.fragment or "?" in issuer or "#" in issuer:
        raise Invalid("This is no address of an issuer, such as https://id.example.org/realms/works.")
    if not fit(issuer):
        raise Invalid("An issuer's address begins with https://. Plain http is for this very machine alone.")
    return issuer


def fit(address: str, *, loopback: bool = True) -> bool:
    """Whether the product calls this address: over https, or, where `loopback` allows it, on this very machine."""
    parts = _parts(address)
    if parts is None:
        return False
    local = parts.hostname in LOOPBACK
    return loopback if local else parts.scheme == "https"


def on_loopback(address: str) -> bool:
    parts = _parts(address)
    return parts is not None and parts.hostname in LOOPBACK


def roles_for(mapping: Iterable[GroupRole], groups: frozenset[str]) -> tuple[Role, ...]:
    """The roles that these groups give, each once. Names of groups are compared letter by letter."""
    return tuple(dict.fromkeys(line.role for line in mapping if line.group in groups))


def _parts(address: str) -> SplitResult | None:
    if not address.isascii() or any(sign <= " " or sign in '"<>\\^`{|}\x7f' for sign in address):
        return None
    try:
        parts = urlsplit(address)
        # An address may name a port that is none.
        known = parts.port is None or parts.port > 0
    except ValueError:
        return None
    plain = parts.scheme in {"http", "https"} and parts.hostname and parts.username is None and parts.password is None
    return parts if plain and known else None
