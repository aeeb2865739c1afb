"""A provider that lies: a real HTTP server on loopback with keys of its own, which says whatever a test wants."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.quick_check import NOW

CLIENT = "shortstave"
SECRET = "hush: 50%/@+"
WAIT = 10  # seconds
JSON = "application/json"

Token = Callable[["Forger"], str]


@cache
def key(name: str) -> RSAKey:
    """A key of 2048 bits; making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


@dataclass
class Forger:
    """What the test decides.

    `claims` and `discovery` take the place of what an honest provider says; None leaves a member out. `told` is what it
    tells at its userinfo address, `token` makes the ID token. `stalls` names a path that is never answered, `drips` one
    whose answer never ends, `dawdles` one whose headers never do; `answers` holds status and body of others. `asked`
    lists the paths that were asked for, `given` what a client sent for a token.
    """

    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    keys: list[Mapping[str, Any]] = field(default_factory=lambda: [key("first").as_dict(private=False)])
    token: Token = field(default=lambda forger: signed(forger))
    stalls: str = ""
    drips: str = ""
    dawdles: str = ""
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    given: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0
    encrypted: bool = False

    @property
    def issuer(self) -> str:
        return f"https://localhost:{self.port}" if self.encrypted else f"http://127.0.0.1:{self.port}"

    @property
    def honest(self) -> dict[str, Any]:
        now = int(NOW.timestamp())
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "248289761001",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "email": "newcomer@example.org",
            "email_verified": True,
            "name": "Newcomer",
        } | self.claims
        return {name: value for name, value in said.items() if value is not None}

    def body(self, path: str) -> object:
        if path == "/.well-known/openid-configuration":
            said = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            } | self.discovery
            return {name: value for name, value in said.items() if value is not None}
        if path == "/jwks":
            return {"keys": self.keys}
        if path == "/token":
            return {"access_token": "a", "token_type": "Bearer", "id_token": self.token(self)}
        return {"sub": self.honest.get("sub"), **self.told}


def signed(forger: Forger, name: str = "first", **header: Any) -> str:
    """What an honest provider would send, with another key or another header where named."""
    return jwt.encode({"alg": "RS256", "kid": name, **header}, forger.honest, key(name), algorithms=["RS256"])


def unsigned(forger: Forger) -> str:
    """Algorithm none."""
    return f"{_part({'alg': 'none'})}.{_part(forger.honest)}."


def confused(forger: Forger) -> str:
    """HS256 with the public key as the secret, which everybody knows."""
    public = key("first").as_pem(private=False)
    # By hand: the library makes no such key any more.
    message = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(forger.honest)}"
    return f"{message}.{_base64(hmac.new(public, message.encode(), hashlib.sha256).digest())}"


def tampered(forger: Forger) -> str:
    """An honest token in which somebody else is named."""
    head, _, signature = signed(forger).split(".")
    return f"{head}.{_part(forger.honest | {'sub': 'somebody else'})}.{signature}"


def _part(document: object) -> str:
    return _base64(json.dumps(document).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def forger(tls: ssl.SSLContext | None = None) -> Iterator[Forger]:
    """A forger on loopback; over https, as `localhost`, where it has a certificate."""
    forging = Forger(encrypted=tls is not None)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            sent = parse_qs(self.rfile.read(length).decode())
            forging.given.append((self.headers.get("authorization", ""), sent))
            self.answer()

        def answer(self) -> None:
            path = self.path.split("?")[0]
            forging.asked.append(path)
            if path == forging.stalls:
                forging.closing.wait(WAIT)
                return
            status, body = forging.answers.get(path) or (200, json.dumps(forging.body(path)))
            self.send_response(status)
            for name, value in {"content-type": JSON, **forging.headers}.items():
                self.send_header(name, value)
            if path in (forging.drips, forging.dawdles):
                drop = b" " if path == forging.drips else b"x: x\r\n"
                self.flush_headers()
                self.wfile.write(b"\r\n" if path == forging.drips else b"")
                while not forging.closing.wait(0.02):
                    self.wfile.write(drop)
                return
            self.send_header("content-length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is to be said."""

        def handle(self) -> None:
            # A client that had enough hangs up.
            with suppress(ConnectionError, ssl.SSLError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    forging.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield forging
    finally:
        forging.closing.set()
        server.shutdown()
        server.server_close()
        thread.join(WAIT)
