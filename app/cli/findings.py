"""`shortstave check`: what is wrong with the settings, the folder, the database and mail, and how to mend it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import typer

from app.cli.preparation import database_trouble, reason, say, settings_or_exit
from app.connectors import mail
from app.settings import Settings, unknown_names

ENOUGH_SPACE = 200 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at; what is wrong with it and how to mend it, empty when all is well."""

    what: str
    trouble: str
    serious: bool = True


def check() -> None:
    """The command of that name."""
    found = list(findings(settings_or_exit()))
    for finding in found:
        mark = ("wrong" if finding.serious else "mind") if finding.trouble else "ok"
        say(f"{mark:6}{finding.what}{': ' if finding.trouble else ''}{finding.trouble}")
    if any(finding.trouble and finding.serious for finding in found):
        raise typer.Exit(1)


def findings(chosen: Settings) -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    yield Finding("names of the settings", _names_trouble(), serious=False)
    yield Finding("public address", _address_trouble(chosen), serious=False)
    yield Finding("signing in", _signing_in_trouble(chosen), serious=False)
    yield Finding("data folder", _folder_trouble(chosen))
    yield Finding("disk space", _space_trouble(chosen))
    yield Finding("database", database_trouble(chosen))
    yield Finding("mail", _mail_trouble(chosen))


def _names_trouble() -> str:
    names = ", ".join(unknown_names())
    return f"{names}: there is no such setting. docs/settings.md names them all." if names else ""


def _address_trouble(chosen: Settings) -> str:
    if chosen.public_url.startswith("http://"):
        return "SHORTSTAVE_PUBLIC_URL is plain http: what people answer can be read on the way. Use https."
    if not chosen.public_url and chosen.host not in {"127.0.0.1", "localhost", "::1"}:
        return "SHORTSTAVE_PUBLIC_URL is empty: requests for any name but this machine's own are refused. Set it."
    return ""


def _signing_in_trouble(chosen: Settings) -> str:
    if chosen.insecure_http == "1":
        return "SHORTSTAVE_INSECURE_HTTP is 1: passwords can be read on the way. Use https, and leave this setting out."
    return ""


def _folder_trouble(chosen: Settings) -> str:
    try:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        probe = chosen.data_dir / f".check-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return (
            f"{chosen.data_dir} cannot be written: {reason(error)}. Give it to this user, or set SHORTSTAVE_DATA_DIR."
        )
    return ""


def _space_trouble(chosen: Settings) -> str:
    folders = (chosen.data_dir, *chosen.data_dir.absolute().parents)
    place = next(folder for folder in folders if folder.is_dir())
    free = shutil.disk_usage(place).free
    if free >= ENOUGH_SPACE:
        return ""
    return f"only {free // 1024**2} MB are free at {place}. With none, no answer can be saved. Make room."


def _mail_trouble(chosen: Settings) -> str:
    if chosen.mail is None:
        return ""
    if not chosen.public_url:
        return "SHORTSTAVE_PUBLIC_URL is empty: links in mails would lead nowhere, so none is sent. Set it."
    found = mail.trouble(chosen.mail)
    return f"{found}. Is SHORTSTAVE_MAIL_URL right, and does the server run?" if found else ""
