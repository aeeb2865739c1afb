"""A real mail server for tests: aiosmtpd on a free port of loopback, with what it answers decided by the test."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as MAIL
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope

USER, PASSWORD = "someone", "hush: 50%/@"
WAIT = 10  # seconds


@dataclass
class Mailbox:
    """What came in, and what is answered to it: a line for RCPT and one for the text, each time the next of them."""

    came: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    answers_to_address: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    stalls: bool = False
    port: int = 0
    signed_in: list[bool] = field(default_factory=list)

    def url(self, more: str = "starttls=never", scheme: str = "smtp", who: str = "") -> str:
        return f"{scheme}://{who}localhost:{self.port}?from=shortstave@example.org{'&' if more else ''}{more}"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        answer = self.answers_to_address.pop(0) if self.answers_to_address else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, session: Any, envelope: Envelope) -> str:
        if self.stalls:
            await asyncio.Event().wait()
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.content or b"", _class=EmailMessage, policy=MAIL)  # type: ignore[arg-type]
            self.came.append(mail)
            self.to += envelope.rcpt_tos
            self.signed_in.append(bool(session.authenticated))
        return answer


def checked(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextmanager
def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, sign_in: bool = False
) -> Iterator[Mailbox]:
    """A server with STARTTLS, with encryption from the start, or with neither."""
    mailbox, loop, begun, over = Mailbox(), asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    encrypted = bool(starttls or tls)

    def session() -> SMTP:
        return SMTP(
            mailbox,
            hostname="localhost",
            loop=loop,
            tls_context=starttls,
            authenticator=checked,
            auth_required=sign_in,
            auth_require_tls=encrypted and not tls,
            enable_SMTPUTF8=True,
        )

    async def listen() -> asyncio.Server:
        server = await loop.create_server(session, "localhost", 0, family=2, ssl=tls)
        mailbox.port = server.sockets[0].getsockname()[1]
        begun.set()
        return server

    async def end(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        # A handler of the server may swallow being cancelled: nobody waits for it.
        if others:
            await asyncio.wait(others, timeout=0.1)

    async def serve() -> None:
        server = await listen()
        await over.wait()
        await end(server)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert begun.wait(WAIT)
    try:
        yield mailbox
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(WAIT)
