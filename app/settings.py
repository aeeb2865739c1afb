"""All settings, read from the environment (prefix SHORTSTAVE_) and from `.env` in the working directory.

Nothing else in the product reads the environment. docs/settings.md and .env.example name every one of them.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.errors import Invalid
from app.domain.mail import MailServer, mail_server

PREFIX = "SHORTSTAVE_"
OTHER_READERS = frozenset({"SHORTSTAVE_TEST_DATABASE_URL", "SHORTSTAVE_TEST_CHROMIUM"})


class Settings(BaseSettings):
    """The settings of one process, fixed for its life. A wrong value raises pydantic's ValidationError."""

    # A refused value is not repeated: it may hold a password.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(
        Path("data"), description="Folder of the embedded database, of evidence files and of cached files."
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="Address of a PostgreSQL database. Empty: the embedded SQLite database in the data folder.",
    )
    pgbouncer: Literal["on", "off"] = Field(
        "off",
        description="Whether the database address leads through PgBouncer in transaction mode. `shortstave migrate` "
        "needs the address of the database itself.",
    )
    public_url: str = Field(
        "",
        description="Where people reach the service, such as https://maturity.example.org. Needed behind a proxy and "
        "whenever the service is reached by another name than localhost.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    insecure_http: Literal["0", "1"] = Field(
        "0",
        description="1 lets people sign in over plain http from other machines: passwords can then be read on the way. "
        "Only for a network where nobody listens.",
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1",
        description="Addresses of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, with commas "
        "between. An asterisk is refused: anybody could then pretend to be anybody.",
    )
    mail_url: SecretStr = Field(
        SecretStr(""),
        description="Server that takes mail, and whom mail comes from, such as "
        "smtp://user:password@mail.example.org:587?starttls=required&from=shortstave@example.org, or smtps://... "
        "for one that is encrypted from the start. Empty: no mail is sent. Links in mails need the public address.",
    )
    quick_check: Literal["on", "off"] = Field("on", description="Whether visitors may begin quick checks.")
    worker: Literal["on", "off"] = Field(
        "on", description="Whether the server does background jobs itself. Off where `shortstave worker` runs."
    )
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least important log line.")

    @field_validator("public_url")
    @classmethod
    def _an_address_without_path(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (
            parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query
        ):
            raise ValueError("must be an address such as https://maturity.example.org, without a path")
        return url.rstrip("/")

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _named_proxies(cls, addresses: str) -> str:
        if "*" in addresses:
            raise ValueError("must name the proxies; an asterisk would let anybody pretend to be anybody")
        return addresses

    @field_validator("mail_url")
    @classmethod
    def _a_mail_server(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            try:
                mail_server(url.get_secret_value())
            except Invalid as unfit:
                raise ValueError(str(unfit)) from None
        return url

    @model_validator(mode="after")
    def _a_known_database(self) -> Self:
        if self.database_url.get_secret_value() and not self.database.startswith(("postgresql", "sqlite")):
            raise ValueError("SHORTSTAVE_DATABASE_URL must begin with postgresql:// (or sqlite:///)")
        return self

    @cached_property
    def database(self) -> str:
        """The address of the database, with its password: never to be logged."""
        return self.database_url.get_secret_value() or f"sqlite:///{(self.data_dir / 'shortstave.sqlite3').as_posix()}"

    @property
    def mail(self) -> MailServer | None:
        """The server that takes mail, with its password: never to be logged. None where no mail is sent."""
        url = self.mail_url.get_secret_value()
        return mail_server(url) if url else None

    @property
    def embedded(self) -> bool:
        """Whether the database is SQLite, so that one process alone may serve it."""
        return self.database.startswith("sqlite")


def settings() -> Settings:
    """The settings of this process, from the environment first and `.env` second."""
    return Settings(_env_file=".env")


def unknown_names() -> list[str]:
    """Names in the environment that begin like ours and are no setting: misspelt, most likely."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OTHER_READERS
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
