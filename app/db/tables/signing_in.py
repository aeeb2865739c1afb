"""How people and services come in. Of every secret only its SHA-256 is kept."""

import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import NEVER_AGAIN, Base, Text, short
from app.db.tables.org import NAME_LIMIT
from app.db.tables.people import of_membership
from app.domain.secret import LinkKind as LinkKind


class SignedIn(Base):
    """A browser in which somebody is signed in. ("Session" is what the database library calls something else.)

    `only_here`: they came by the single sign-on of this organisation, which vouches for nobody anywhere else.
    """

    __tablename__ = "signed_in"
    __table_args__ = (
        of_membership(),
        Index(None, "organisation_id", "person_id"),
        Index(None, "person_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[int]
    organisation_id: Mapped[int]
    device: Mapped[str] = mapped_column(Text(200))
    created_at: Mapped[datetime.datetime]
    last_seen_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    ended_at: Mapped[datetime.datetime | None]
    only_here: Mapped[bool] = mapped_column(default=False, server_default=false())


class LockOut(Base):
    """Failures to sign in under one address, known or not. The digest has this database's salt."""

    __tablename__ = "lock_out"

    email_digest: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    first_failed_at: Mapped[datetime.datetime]
    locked_until: Mapped[datetime.datetime | None]


class OneTimeLink(Base):
    __tablename__ = "one_time_link"
    __table_args__ = (Index(None, "person_id"),)

    secret_digest: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(short(LinkKind))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    used_at: Mapped[datetime.datetime | None]


class RecoveryCode(Base):
    __tablename__ = "recovery_code"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    code_digest: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[datetime.datetime | None]


class Token(Base):
    """A key to the API: of a person, or of a service where it names none. `team_ids` is None for all teams."""

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        of_membership(),
        Index(None, "organisation_id", "person_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    prefix: Mapped[str] = mapped_column(Text(20))
    secret_digest: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    person_id: Mapped[int | None]
    scopes: Mapped[list[str]]
    team_ids: Mapped[list[int] | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime | None]
    last_used_at: Mapped[datetime.datetime | None]
    revoked_at: Mapped[datetime.datetime | None]


class KeptAnswer(Base):
    """What a POST with an idempotency key was answered, so that sending it again does nothing again.

    `status` is None while the first one is still at work. Only the digest of the key is kept, as it was sent.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "token_id"], ["token.organisation_id", "token.id"]),
        Index(None, "claimed_at"),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    request_digest: Mapped[bytes]
    claimed_at: Mapped[datetime.datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Identity(Base):
    """Whom a provider's subject stands for in an organisation; never found by its e-mail address."""

    __tablename__ = "identity"
    __table_args__ = (of_membership(), Index(None, "organisation_id", "person_id"))

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(Text(400), primary_key=True)
    subject: Mapped[str] = mapped_column(Text(255), primary_key=True)
    person_id: Mapped[int]
    linked_at: Mapped[datetime.datetime]


class SsoProvider(Base):
    """An organisation's OpenID Connect provider. `mapping` says which of its groups is which role."""

    __tablename__ = "sso_provider"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    issuer: Mapped[str] = mapped_column(Text(400))
    client_id: Mapped[str] = mapped_column(Text(400))
    client_secret: Mapped[str] = mapped_column(Text(400))
    groups_claim: Mapped[str] = mapped_column(Text(100))
    mapping: Mapped[dict[str, Any]]
    created_at: Mapped[datetime.datetime]


class SsoAttempt(Base):
    """Somebody was sent to a provider, and has not come back yet. `next` is the page that they wanted.

    The digest is of the state together with a secret of the browser's own. `person_id`: who is signed in, and wants to
    come in this way from now on; None where somebody wants to come in.
    """

    __tablename__ = "sso_attempt"

    state_digest: Mapped[bytes] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    nonce: Mapped[str] = mapped_column(Text(100))
    verifier: Mapped[str] = mapped_column(Text(200))
    next: Mapped[str] = mapped_column(Text(2000))
    expires_at: Mapped[datetime.datetime]
    person_id: Mapped[int | None]
