"""What makes an ID token good: OpenID Connect Core 1.0, section 3.1.3.7, and RFC 8725 for its signature."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidKeyIdError,
    JoseError,
)
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from app.domain.errors import DomainError, Sentence
from app.domain.sign_on import SUBJECT_LIMIT

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""None that is symmetric: with those, whoever knows the public key, or the secret, could sign."""
KINDS: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
LEEWAY = 60
"""Seconds that two clocks may differ."""
SHORTEST_RSA = 2048


class Untrue(DomainError):
    """The token does not prove who somebody is; the text says why, and nothing of the token."""


class UnknownKey(Untrue):
    """It names a key that is not among the known ones: the provider may have a new one."""


def key_set(document: object) -> KeySet:
    """The keys of a JWKS document that may sign, possibly none; what is not understood is left out."""
    listed = document.get("keys") if isinstance(document, dict) else None
    return KeySet(list(_keys(listed if isinstance(listed, list) else [])))


def _keys(listed: Iterable[object]) -> Iterable[RSAKey | ECKey | OKPKey]:
    for each in listed:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig" or each.get("kty") not in KINDS:
            continue
        public: dict[str, str | list[str]] = {name: value for name, value in each.items() if isinstance(value, str)}
        try:
            key = KINDS[each["kty"]].import_key(public)
            short = isinstance(key, RSAKey) and key.public_key.key_size < SHORTEST_RSA
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if not short:
            yield key


def checked(
    token: str, keys: KeySet, issuer: str, client_id: str, nonce: str, now: datetime.datetime
) -> dict[str, Any]:
    """The claims of a token that is this issuer's, for us, for this sign-in, and of now. Raises Untrue."""
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except InvalidKeyIdError:
        raise UnknownKey("It is signed with a key that the provider does not publish.") from None
    except BadSignatureError:
        raise Untrue("Its signature is not the provider's.") from None
    except (JoseError, ValueError, TypeError, KeyError):
        # Among them what is signed in no way, or in a way that proves nothing.
        raise Untrue("It is not signed in a way that proves anything.") from None
    registry = jwt.JWTClaimsRegistry(
        int(now.timestamp()),
        LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError:
        raise Untrue("It has expired. Should it be new, the clocks of the two servers differ.") from None
    except ClaimError as error:
        raise Untrue(_reason(error.claim)) from None
    _check_party(claims, client_id)
    if not isinstance(claims["nonce"], str) or len(claims["sub"]) > SUBJECT_LIMIT or not claims["sub"].isprintable():
        raise Untrue("It names nobody in a way that could be kept.")
    return claims


def _check_party(claims: Mapping[str, Any], client_id: str) -> None:
    """Of a token for several parties, the one that asked has to be us."""
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and len(audience) > 1
    if (several and party is None) or (party is not None and party != client_id):
        raise Untrue(_reason("aud"))


def _reason(claim: str) -> Sentence:
    unsaid = Sentence("It does not say what it has to (%(claim)s).", claim=ascii(claim)[1:40])
    return {
        "iss": Sentence("It is of another issuer."),
        "aud": Sentence("It is for another application."),
        "nonce": Sentence("It belongs to another sign-in."),
        "iat": Sentence("It says to be from the future. The clocks of the two servers differ."),
    }.get(claim, unsaid)
