"""An organisation's OpenID Connect provider: discovery, the way to it, and what it says about who comes back.

No call here may be made inside a transaction. A provider that did not answer is left alone for some seconds, so that
the sign-ins of one organisation do not keep everybody else's places in the house.
"""

import datetime
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.jwk import KeySet

from app.connectors.guarded import Unfit, guarded
from app.connectors.id_token import ALGORITHMS, UnknownKey, Untrue, checked, key_set
from app.domain.errors import DomainError, Sentence
from app.domain.sign_on import DISCOVERY, Claims, Provider, fit, on_loopback

SECONDS = 8.0
"""How long all calls of one errand may take together."""
KEPT = 600.0
"""Seconds for which a provider's addresses and keys are kept. A key that is not among them is asked for at once."""
PAUSE = 10.0
"""Seconds for which a provider that did not answer is not asked again."""
SCOPES = "openid email profile"
GROUPS_LIMIT = 5000
TEXT_LIMIT = 400


class Trouble(DomainError):
    """The provider could not be reached, or said what cannot be used; the text says what, for people."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What discovery says. `names_issuer`: answers to the browser name the issuer too (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    ways_to_authenticate: tuple[str, ...]
    challenges: tuple[str, ...] | None
    names_issuer: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a trial: the problems in sentences, none when all is well, and the provider's sign-in page."""

    problems: tuple[str, ...]
    sign_in_host: str = ""
    keys: int = 0


@dataclass(slots=True)
class _Known:
    metadata: Metadata
    keys: KeySet | None
    until: float


@dataclass(slots=True)
class Providers:
    """All providers that this process talks to; what they publish is the same for every organisation."""

    loopback: bool = True
    """Whether a provider may be one of this very machine: nowhere but where the product itself is only there."""
    seconds: float = SECONDS
    pause: float = PAUSE
    _known: dict[str, _Known] = field(default_factory=dict)
    _silent: dict[str, float] = field(default_factory=dict)

    def way_to(self, provider: Provider, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """The address of the provider's sign-in page for this attempt. Raises Trouble."""
        with self._calling(provider.issuer) as call:
            metadata = self._metadata(call, provider.issuer)
        with OAuth2Client(
            provider.client_id, scope=SCOPES, redirect_uri=redirect_uri, code_challenge_method="S256", trust_env=False
        ) as client:
            address, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(address)

    def claims(
        self,
        provider: Provider,
        redirect_uri: str,
        code: str,
        verifier: str,
        nonce: str,
        answered_by: str,
        now: datetime.datetime,
    ) -> Claims:
        """Who came back with this code. `answered_by` is the issuer that the answer named; empty if none.

        Raises Trouble, and Untrue where what the provider says proves nothing.
        """
        with self._calling(provider.issuer) as call:
            metadata = self._metadata(call, provider.issuer)
            # Without this, one provider could pass on to us what another one was asked for.
            if answered_by != metadata.issuer and (answered_by or metadata.names_issuer):
                raise Untrue("The answer is another provider's.")
            token = call.token(provider, metadata, redirect_uri, code, verifier)
            claims = self._checked(call, provider, metadata, _text(token, "id_token"), nonce, now)
            if not claims.get("email") or (provider.groups_claim and not _says(claims, provider.groups_claim)):
                claims = call.more(metadata, _text(token, "access_token"), claims)
        return read_claims(claims, provider.groups_claim)

    def trial(self, issuer: str) -> Found:
        """What is wrong with this provider, as far as it can be told without anybody signing in. Raises nothing."""
        self._known.pop(issuer, None)
        self._silent.pop(issuer, None)
        try:
            with self._calling(issuer) as call:
                metadata = self._metadata(call, issuer)
                keys = key_set(call.json(metadata.jwks_uri))
        except Trouble as trouble:
            return Found((str(trouble),))
        return Found(tuple(_unusable(metadata, keys)), urlsplit(metadata.authorization_endpoint).netloc, len(keys.keys))

    def check(self, issuer: str) -> None:
        """Raises Trouble for an issuer that this server never calls."""
        if on_loopback(issuer) and not self.loopback:
            raise Trouble(
                "This address is the service's own machine. A provider there is called only where the service too is "
                "reached at localhost (SHORTSTAVE_PUBLIC_URL)."
            )

    def _metadata(self, call: "_Call", issuer: str) -> Metadata:
        known = self._known.get(issuer)
        if known is None or known.until < time.monotonic():
            known = _Known(
                read_metadata(call.json(issuer.rstrip("/") + DISCOVERY), issuer), None, time.monotonic() + KEPT
            )
            self._known[issuer] = known
        return known.metadata

    def _checked(
        self, call: "_Call", provider: Provider, metadata: Metadata, token: str, nonce: str, now: datetime.datetime
    ) -> dict[str, Any]:
        expected = (metadata.issuer, provider.client_id, nonce, now)
        known = self._known[provider.issuer]
        if known.keys is not None:
            try:
                return checked(token, known.keys, *expected)
            except UnknownKey:
                pass
        known.keys = key_set(call.json(metadata.jwks_uri))
        return checked(token, known.keys, *expected)

    @contextmanager
    def _calling(self, issuer: str) -> "Iterator[_Call]":
        """Raises Trouble, in words, for whatever goes wrong on the way."""
        host = urlsplit(issuer).netloc
        self.check(issuer)
        if self._silent.get(issuer, 0) > time.monotonic():
            raise Trouble("%(host)s did not answer a moment ago. Try again in half a minute.", host=host)
        begun = time.monotonic()
        try:
            with guarded(self.seconds, loopback=on_loopback(issuer)) as transport:
                yield _Call(transport)
        except Unfit as unfit:
            raise Trouble(str(unfit)) from None
        except (httpx2.TransportError, OSError) as error:
            self._silent[issuer] = time.monotonic() + self.pause
            if isinstance(error, httpx2.TimeoutException) or time.monotonic() - begun >= self.seconds:
                raise Trouble("%(host)s did not answer in time.", host=host) from None
            raise Trouble(
                "%(host)s cannot be reached: %(error)s", host=host, error=ascii(str(error))[1:-1][:TEXT_LIMIT]
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError):
            raise Trouble("%(host)s answered what nobody understands.", host=host) from None


@dataclass(frozen=True, slots=True)
class _Call:
    """The calls of one errand."""

    transport: httpx2.BaseTransport

    def json(self, address: str, token: str = "") -> object:
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        with httpx2.Client(transport=self.transport, trust_env=False, follow_redirects=False) as client:
            answer = client.get(address, headers=headers)
        host = urlsplit(address).netloc
        if answer.status_code != httpx2.codes.OK:
            raise Trouble(
                "%(host)s answered %(status)s where %(path)s should be.",
                host=host,
                status=answer.status_code,
                path=urlsplit(address).path,
            )
        return answer.json()

    def token(
        self, provider: Provider, metadata: Metadata, redirect_uri: str, code: str, verifier: str
    ) -> Mapping[str, Any]:
        """What the provider gives for the code."""
        basic = "client_secret_basic" in metadata.ways_to_authenticate
        with OAuth2Client(
            provider.client_id, provider.client_secret, transport=self.transport, trust_env=False
        ) as client:
            # RFC 6749, section 2.3.1: both are written as in a form before they are joined by a colon.
            names = (quote_plus(provider.client_id), quote_plus(provider.client_secret))
            auth = httpx2.BasicAuth(*names) if basic else client.client_auth("client_secret_post")
            try:
                token = client.fetch_token(
                    metadata.token_endpoint,
                    code=code,
                    code_verifier=verifier,
                    redirect_uri=redirect_uri,
                    grant_type="authorization_code",
                    auth=auth,
                )
            except AuthlibBaseError as error:
                raise Trouble(_refused(error.error or "")) from None
        return dict(token)

    def more(self, metadata: Metadata, token: str, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims, and what the provider tells of the same person at its userinfo address."""
        if not metadata.userinfo_endpoint or not token:
            return claims
        told = self.json(metadata.userinfo_endpoint, token)
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise Untrue("The provider told of another person than the one that came back.")
        return {**told, **claims}


def read_metadata(document: object, issuer: str) -> Metadata:
    """Raises Trouble for a document that is not this issuer's, or names addresses that are not called."""
    if not isinstance(document, dict):
        raise Trouble("What is at the issuer's address is no description of a provider.")
    own = _text(document, "issuer")
    if own != issuer:
        raise Trouble(
            "The provider calls itself %(name)s: enter exactly that as the issuer.", name=ascii(own)[1:-1][:TEXT_LIMIT]
        )
    authorization, token, keys, userinfo = (
        _text(document, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    )
    for address in (authorization, token, keys, userinfo or issuer):
        if not fit(address, loopback=on_loopback(issuer)):
            raise Trouble(
                "The provider names an address that is missing or not encrypted: %(address)s.",
                address=ascii(address)[:TEXT_LIMIT],
            )
    return Metadata(
        own,
        authorization,
        token,
        keys,
        userinfo,
        _texts(document, "id_token_signing_alg_values_supported", ("RS256",)),
        _texts(document, "token_endpoint_auth_methods_supported", ("client_secret_basic",)),
        _texts(document, "code_challenge_methods_supported", None),
        document.get("authorization_response_iss_parameter_supported") is True,
    )


def read_claims(claims: Mapping[str, Any], groups_claim: str) -> Claims:
    """The claims as the product knows them. What a provider says in a form that is not the standard's is not taken."""
    # Entra ID says by xms_edov whether the domain of the address is one that the directory has proven to own.
    verified = claims.get("email_verified") in (True, "true") or claims.get("xms_edov") in (True, 1, "1", "true")
    name = _text(claims, "name") or _text(claims, "preferred_username")
    return Claims(claims["sub"], _text(claims, "email"), verified, name, _groups(claims, groups_claim))


def _groups(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    if not name or (name not in claims and _says(claims, name)):
        return None
    said = claims.get(name, [])
    listed = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return frozenset(each for each in listed[:GROUPS_LIMIT] if isinstance(each, str))


def _says(claims: Mapping[str, Any], name: str) -> bool:
    """Whether the claim is there, or stands elsewhere because it is too long (section 5.6.2): Entra ID does so."""
    elsewhere = claims.get("_claim_names")
    return name in claims or (isinstance(elsewhere, dict) and name in elsewhere)


def _unusable(metadata: Metadata, keys: KeySet) -> Iterator[Sentence]:
    if not keys:
        yield Sentence("The provider publishes no key that could prove a signature.")
    if not set(ALGORITHMS) & set(metadata.algorithms):
        yield Sentence("The provider signs in no way that proves anything; RS256 or ES256 are usual.")
    if metadata.challenges is not None and "S256" not in metadata.challenges:
        yield Sentence("The provider does not take part in PKCE (S256), which protects the way back.")
    if not {"client_secret_basic", "client_secret_post"} & set(metadata.ways_to_authenticate):
        yield Sentence("The provider does not let applications prove themselves by a secret.")


def _refused(code: str) -> Sentence:
    known = {
        "invalid_client": Sentence("The provider does not accept the client id or its secret."),
        "invalid_grant": Sentence("The provider does not know this sign-in any more, or the redirect address differs."),
        "unauthorized_client": Sentence("The provider does not allow this application to sign people in."),
    }
    gave_none = Sentence("The provider gave no token (%(code)s).", code=ascii(code)[1:-1][:40] or Sentence("no reason"))
    return known.get(code, gave_none)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _texts(document: Mapping[str, Any], name: str, usual: Any) -> Any:
    value = document.get(name)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else usual
