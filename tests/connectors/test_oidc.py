"""What the product believes of a provider, and how long it listens to one that means ill."""

import datetime
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from app.connectors.guarded import LARGEST
from app.connectors.id_token import Untrue
from app.connectors.oidc import Providers, Trouble
from app.domain.errors import Invalid
from app.domain.sign_on import Claims, Provider, checked_issuer, fit
from tests.oidc.forger import CLIENT, SECRET, Forger, Token, confused, forger, key, signed, tampered, unsigned
from tests.quick_check import NOW
from tests.server import free_port

REDIRECT = "https://testserver/sso/callback"
QUICK = 0.4  # seconds


@pytest.fixture
def lying() -> Iterator[Forger]:
    with forger() as provider:
        provider.nonce = "n"
        yield provider


def provider(lying: Forger, groups_claim: str = "") -> Provider:
    return Provider(lying.issuer, CLIENT, SECRET, groups_claim)


def claims(
    lying: Forger,
    providers: Providers | None = None,
    groups_claim: str = "",
    iss: str = "",
    now: datetime.datetime = NOW,
) -> Claims:
    asked = provider(lying, groups_claim)
    return (providers or Providers()).claims(asked, REDIRECT, "code", "v" * 43, "n", iss, now)


def test_it_works(lying: Forger) -> None:
    assert claims(lying) == Claims("248289761001", "newcomer@example.org", True, "Newcomer", None)
    header, sent = lying.given[0]
    assert header.startswith("Basic ")
    assert sent == {
        "grant_type": ["authorization_code"],
        "code": ["code"],
        "code_verifier": ["v" * 43],
        "redirect_uri": [REDIRECT],
    }


def test_the_way_to_the_provider_names_what_comes_back(lying: Forger) -> None:
    address = Providers().way_to(provider(lying), REDIRECT, "the state", "the nonce", "v" * 43)

    assert address.startswith(f"{lying.issuer}/authorize?")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": REDIRECT,
        "scope": "openid email profile",
        "state": "the state",
        "nonce": "the nonce",
        "code_challenge": "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM",
        "code_challenge_method": "S256",
    }


FORGED: dict[str, tuple[dict[str, object], str]] = {
    "wrong issuer": ({"iss": "https://id.example.org"}, "another issuer"),
    "wrong audience": ({"aud": "somebody else"}, "another application"),
    "several audiences and no party": ({"aud": [CLIENT, "somebody else"]}, "another application"),
    "several audiences, another party": ({"aud": [CLIENT, "other"], "azp": "other"}, "another application"),
    "another party": ({"azp": "other"}, "another application"),
    "wrong nonce": ({"nonce": "of another sign-in"}, "another sign-in"),
    "no nonce": ({"nonce": None}, "another sign-in"),
    "nonce in a list": ({"nonce": ["n"]}, "names nobody"),
    "expired": ({"exp": int(NOW.timestamp()) - 61}, "expired"),
    "never expires": ({"exp": None}, "does not say what it has to"),
    "expires in words": ({"exp": "tomorrow"}, "does not say what it has to"),
    "from the future": ({"iat": int(NOW.timestamp()) + 61}, "future"),
    "no subject": ({"sub": None}, "does not say what it has to"),
    "empty subject": ({"sub": ""}, "does not say what it has to"),
    "subject is a number": ({"sub": 7}, "does not say what it has to"),
    "long subject": ({"sub": "x" * 256}, "names nobody"),
    "subject with NUL": ({"sub": "a\0b"}, "names nobody"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_claim_is_not_believed(lying: Forger, case: str) -> None:
    lying.claims, reason = FORGED[case]

    with pytest.raises(Untrue, match=reason):
        claims(lying)


def other_key(lying: Forger) -> str:
    return signed(lying, "second", kid="first")


SIGNED: dict[str, tuple[Token, str]] = {
    "none": (unsigned, "not signed in a way"),
    "HS256 with the public key": (confused, "not signed in a way"),
    "tampered": (tampered, "signature is not the provider's"),
    "another key": (other_key, "signature is not the provider's"),
    "unknown key": (lambda lying: signed(lying, "second"), "does not publish"),
    "no token": (lambda lying: "", "not signed in a way"),
    "no words": (lambda lying: "a.b.c", "not signed in a way"),
    "two parts": (lambda lying: signed(lying).rpartition(".")[0], "not signed in a way"),
    "critical header": (lambda lying: signed(lying).replace("eyJ", "e", 1), "not signed in a way"),
}


@pytest.mark.parametrize("case", SIGNED)
def test_a_forged_signature_is_not_believed(lying: Forger, case: str) -> None:
    lying.token, reason = SIGNED[case]

    with pytest.raises(Untrue, match=reason):
        claims(lying)


def test_a_clock_may_differ_by_a_minute(lying: Forger) -> None:
    lying.claims = {"exp": int(NOW.timestamp()) - 59, "iat": int(NOW.timestamp()) + 59}

    assert claims(lying).subject


@pytest.mark.parametrize(
    ("own", "algorithm"),
    [
        (ECKey.generate_key("P-256", {"kid": "k"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "k"}), "Ed25519"),
        (key("first"), "PS256"),
    ],
    ids=["ES256", "Ed25519", "PS256"],
)
def test_usual_algorithms_are_taken(lying: Forger, own: ECKey | OKPKey | RSAKey, algorithm: str) -> None:
    lying.keys = [own.as_dict(private=False)]
    lying.token = lambda one: jwt.encode({"alg": algorithm, "kid": own.kid}, one.honest, own, algorithms=[algorithm])

    assert claims(lying).subject == "248289761001"


def test_a_key_that_is_not_for_signatures_or_short_proves_nothing(lying: Forger) -> None:
    for weak in ({"use": "enc"}, {"kty": "oct", "k": "AAAA"}, {"n": "AQAB"}):
        lying.keys = [{**key("first").as_dict(private=False), **weak}, "no key", {"kty": "RSA"}]  # type: ignore[list-item]
        with pytest.raises(Untrue):
            claims(lying)


def test_new_keys_are_found_and_old_ones_kept(lying: Forger) -> None:
    providers = Providers()
    claims(lying, providers)
    claims(lying, providers)
    assert lying.asked.count("/jwks") == 1

    lying.keys = [key("second").as_dict(private=False)]
    lying.token = lambda one: signed(one, "second")
    assert claims(lying, providers).subject
    assert lying.asked.count("/jwks") == 2

    lying.token = lambda one: signed(one, "first")
    with pytest.raises(Untrue, match="does not publish"):
        claims(lying, providers)
    assert lying.asked.count("/jwks") == 3


def test_groups_are_asked_for_only_where_they_are_needed(lying: Forger) -> None:
    lying.told = {"groups": ["a", "b", 7], "email": "other@example.org"}

    assert claims(lying).groups is None
    assert "/userinfo" not in lying.asked
    told = claims(lying, groups_claim="groups")
    assert (told.groups, told.email) == (frozenset({"a", "b"}), "newcomer@example.org")

    lying.claims = {"groups": "one"}
    assert claims(lying, groups_claim="groups").groups == frozenset({"one"})
    assert lying.asked.count("/userinfo") == 1


def test_groups_that_stand_elsewhere_say_nothing(lying: Forger) -> None:
    """As Entra ID does it for people in very many groups: nobody loses their roles by it."""
    lying.claims = {"_claim_names": {"groups": "src1"}}

    assert claims(lying, groups_claim="groups").groups is None


def test_userinfo_of_somebody_else_is_not_taken(lying: Forger) -> None:
    lying.told = {"sub": "somebody else", "email": "admin@example.org"}
    lying.claims = {"email": None}

    with pytest.raises(Untrue, match="another person"):
        claims(lying)


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        ({"email_verified": "true"}, True),
        ({"email_verified": None, "xms_edov": 1}, True),
        ({"email_verified": "false"}, False),
        ({"email_verified": None}, False),
        ({"email_verified": ["true"]}, False),
    ],
)
def test_what_counts_as_a_verified_address(lying: Forger, said: dict[str, object], verified: bool) -> None:
    lying.claims = said

    assert claims(lying).verified is verified


def test_an_answer_of_another_provider_is_not_taken(lying: Forger) -> None:
    with pytest.raises(Untrue, match="another provider's"):
        claims(lying, iss="https://id.example.org")
    assert claims(lying, iss=lying.issuer).subject

    lying.discovery = {"authorization_response_iss_parameter_supported": True}
    lying.asked.clear()
    with pytest.raises(Untrue, match="another provider's"):
        claims(lying)
    assert "/token" not in lying.asked


@pytest.mark.parametrize(
    ("discovery", "reason"),
    [
        ({"issuer": "https://id.example.org"}, "calls itself https://id.example.org"),
        ({"issuer": None}, "calls itself"),
        ({"token_endpoint": "http://id.example.org/token"}, "not encrypted"),
        ({"jwks_uri": None}, "missing"),
        ({"authorization_endpoint": 'https://id.example.org/"><script>'}, "not encrypted"),
        ({"userinfo_endpoint": "ftp://127.0.0.1/"}, "not encrypted"),
    ],
)
def test_a_description_that_does_not_fit(lying: Forger, discovery: dict[str, object], reason: str) -> None:
    lying.discovery = discovery

    with pytest.raises(Trouble, match=reason):
        claims(lying)
    assert reason in Providers().trial(lying.issuer).problems[0]


@pytest.mark.parametrize(
    ("path", "answer", "reason"),
    [
        ("/.well-known/openid-configuration", (404, "{}"), "answered 404"),
        ("/.well-known/openid-configuration", (200, "<html>"), "nobody understands"),
        ("/.well-known/openid-configuration", (200, "[]"), "no description"),
        ("/.well-known/openid-configuration", (200, '"' + "x" * LARGEST), "larger"),
        ("/.well-known/openid-configuration", (302, "{}"), "answered 302"),
        ("/token", (400, '{"error": "invalid_grant"}'), "does not know this sign-in"),
        ("/token", (401, '{"error": "invalid_client"}'), "client id or its secret"),
        ("/token", (400, '{"error": "<script>"}'), "gave no token"),
        ("/token", (500, "oops"), "cannot be used|nobody understands"),
        ("/token", (200, "[]"), "nobody understands"),
        ("/jwks", (503, "{}"), "answered 503"),
    ],
)
def test_what_goes_wrong_is_said_in_words(lying: Forger, path: str, answer: tuple[int, str], reason: str) -> None:
    lying.answers = {path: answer}
    lying.headers = {"location": "http://127.0.0.1:1/"} if answer[0] == 302 else {}

    with pytest.raises(Trouble, match=reason):
        claims(lying)


def test_packed_answers_are_not_unpacked(lying: Forger) -> None:
    lying.headers = {"content-encoding": "gzip"}

    with pytest.raises(Trouble, match="packed"):
        claims(lying)


@pytest.mark.parametrize("how", ["stalls", "drips", "dawdles"])
@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
def test_a_slow_provider_is_left_in_time_and_then_alone(lying: Forger, how: str, path: str) -> None:
    providers = Providers(seconds=QUICK)
    setattr(lying, how, path)
    begun = time.monotonic()

    with pytest.raises(Trouble, match="in time"):
        claims(lying, providers)
    assert time.monotonic() - begun < 10 * QUICK

    asked = len(lying.asked)
    with pytest.raises(Trouble, match="a moment ago"):
        claims(lying, providers)
    assert len(lying.asked) == asked


def test_a_provider_that_is_away_is_said_to_be(lying: Forger) -> None:
    away = replace(provider(lying), issuer=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(Trouble, match="cannot be reached"):
        Providers().way_to(away, REDIRECT, "s", "n", "v" * 43)


def test_the_secret_goes_into_the_form_where_the_provider_wants_it_there(lying: Forger) -> None:
    lying.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    claims(lying)

    header, sent = lying.given[0]
    assert (header, sent["client_id"], sent["client_secret"]) == ("", [CLIENT], [SECRET])


def test_a_trial_says_what_is_missing(lying: Forger) -> None:
    assert Providers().trial(lying.issuer).problems == ()

    lying.keys = []
    lying.discovery = {
        "id_token_signing_alg_values_supported": ["HS256", "none"],
        "code_challenge_methods_supported": ["plain"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    }
    assert len(Providers().trial(lying.issuer).problems) == 4


def test_a_certificate_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with forger(context) as encrypted:
        [problem] = Providers().trial(encrypted.issuer).problems
        assert "CERTIFICATE_VERIFY_FAILED" in problem

        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert Providers().trial(encrypted.issuer).problems == ()


@pytest.mark.parametrize(
    ("address", "called"),
    [
        ("https://id.example.org", True),
        ("http://id.example.org", False),
        ("http://127.0.0.1:8080/realms/works", True),
        ("http://localhost", True),
        ("http://[::1]:80", True),
        ("http://127.0.0.1.example.org", False),
        ("https://user@id.example.org", False),
        ("https://id.example.org:99999", False),
        ("https://id.example.org\\@evil", False),
        ("https:// id.example.org", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://ïd.example.org", False),
    ],
)
def test_which_addresses_are_called(address: str, called: bool) -> None:
    assert fit(address) is called
    assert not fit(address, loopback=False) or address.startswith("https://")


def test_an_issuer_is_taken_as_people_paste_it() -> None:
    assert checked_issuer(" https://id.example.org/.well-known/openid-configuration ") == "https://id.example.org"
    for wrong in (
        "id.example.org",
        "https://id.example.org?a",
        "https://id.example.org#a",
        "http://id.example.org",
        "",
    ):
        with pytest.raises(Invalid):
            checked_issuer(wrong)
