"""Real providers in processes of their own: oidc-provider-mock, and the certified oidc-provider, which needs Node.

Both are asked by browsers as people have them: pages, forms and cookies.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx2

from tests.oidc.forger import CLIENT, SECRET
from tests.server import free_port

HERE = Path(__file__).parent
REDIRECT = "https://testserver/sso/callback"
READY_WITHIN = 60.0  # seconds
STEPS = 12

PEOPLE: Mapping[str, Mapping[str, object]] = {
    "one": {"email": "one@example.org", "email_verified": True, "name": "First", "groups": ["/risk/fraud"]},
    "unverified": {"email": "unverified@example.org", "email_verified": False, "name": "Unverified"},
    "posing": {"email": "admin@example.org", "email_verified": True, "name": "Posing"},
}


class NoNode(Exception):
    """The certified provider cannot be run here."""


@dataclass(frozen=True, slots=True)
class Real:
    """A provider that runs, and how its sign-in pages are filled in."""

    issuer: str

    def sign_in(self, address: str, subject: str) -> str:
        """Sign in as somebody in a new browser; the address that the provider sends it back to."""
        with httpx2.Client(trust_env=False) as browser:
            answer = browser.get(address)
            for _ in range(STEPS):
                if answer.is_redirect:
                    onward = urljoin(str(answer.url), answer.headers["location"])
                    if onward.startswith(REDIRECT):
                        return onward
                    answer = browser.get(onward)
                else:
                    to, fields = _filled(answer, subject)
                    answer = browser.post(to, data=fields)
        raise AssertionError(f"The provider sent nobody back: {answer.status_code} {answer.text[:2000]}")


def _filled(page: httpx2.Response, subject: str) -> tuple[httpx2.URL, dict[str, str]]:
    """The form of a sign-in page, filled in: where it goes, and its fields."""
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
    fields = {"prompt": prompt[1], "login": subject, "password": "any"} if prompt else {"sub": subject}
    return page.url.join(action[1]) if action else page.url, fields


@contextmanager
def mock() -> Iterator[Real]:
    port = free_port()
    people = [part for sub, claims in PEOPLE.items() for part in ("--user-claims", json.dumps({"sub": sub, **claims}))]
    with _running([sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *people], port) as real:
        yield real


@contextmanager
def certified(folder: Path) -> Iterator[Real]:
    """Installed into the folder from the lock file. Raises NoNode where there is no Node, and only there."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoNode("The certified provider needs Node.js with npm: install them to run these tests.")
    for name in ("package.json", "package-lock.json", "provider.mjs"):
        shutil.copy(HERE / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert installed.returncode == 0, f"npm could not install the certified provider.\n{installed.stderr}"
    port = free_port()
    command = [node, str(folder / "provider.mjs"), str(port), CLIENT, SECRET, REDIRECT]
    with _running(command, port, PEOPLE=json.dumps(PEOPLE)) as real:
        yield real


@contextmanager
def _running(command: list[str], port: int, **environment: str) -> Iterator[Real]:
    real = Real(f"http://127.0.0.1:{port}")
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            given_up = time.monotonic() + READY_WITHIN
            while not _answers(real):
                assert process.poll() is None, f"{command[:3]} ended."
                assert time.monotonic() < given_up, f"{command[:3]} does not answer."
                time.sleep(0.05)
            yield real
        finally:
            process.kill()


def _answers(real: Real) -> bool:
    try:
        return httpx2.get(f"{real.issuer}/.well-known/openid-configuration", trust_env=False).is_success
    except httpx2.TransportError:
        return False
