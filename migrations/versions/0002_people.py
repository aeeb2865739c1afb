"""Units, teams and people with their roles, how they sign in, tokens, mail, and the seals of the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
WORD = sa.String(20)


def upgrade() -> None:
    widen_organisations()
    create_units_and_teams()
    widen_assessments()
    create_people()
    create_ways_in()
    create_tokens()
    create_single_sign_on()
    create_mail_and_seals()


def widen_organisations() -> None:
    op.add_column("organisation", sa.Column("logo", sa.LargeBinary))
    op.add_column("organisation", sa.Column("logo_type", sa.String(20)))
    # With defaults of the server: during an upgrade the release before goes on inserting without them.
    for name in ("members_see_organisation", "single_sign_on_only"):
        op.add_column("organisation", sa.Column(name, sa.Boolean, server_default=sa.false(), nullable=False))


def widen_assessments() -> None:
    numbers = highest_number("assessment")
    with op.batch_alter_table("assessment", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("team_id", NUMBER))
        batch.create_foreign_key(
            "fk_assessment_team", "team", ["organisation_id", "team_id"], ["organisation_id", "id"]
        )
    op.create_index("ix_assessment_organisation_id_team_id", "assessment", ["organisation_id", "team_id"])
    op.add_column("sheet", sa.Column("closed_at", TIME))
    if numbers is not None:
        keep_numbers("assessment", numbers)


def highest_number(table: str) -> int | None:
    """The highest number that SQLite ever gave; None on PostgreSQL, which counts apart from the table."""
    if op.get_context().dialect.name != "sqlite":
        return None
    asked = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    return op.get_bind().execute(asked, {"table": table}).scalar() or 0


def keep_numbers(table: str, highest: int) -> None:
    """SQLite copied the table, and would give the numbers of rows that were deleted to new ones."""
    connection, row = op.get_bind(), {"table": table, "highest": highest}
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), row)
    connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :highest)"), row)


def create_units_and_teams() -> None:
    op.create_table(
        "unit",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("parent_id", NUMBER),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("path", sa.String(1000), nullable=False),
        sa.Column("archived_at", TIME),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_unit_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "parent_id"], ["unit.organisation_id", "unit.id"], name="fk_unit_unit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_unit_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_unit_organisation_id_parent_id", "unit", ["organisation_id", "parent_id"])
    op.create_index(
        "ix_unit_organisation_id_path",
        "unit",
        ["organisation_id", "path"],
        postgresql_ops={"path": "varchar_pattern_ops"},
    )
    op.create_table(
        "team",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("archived_at", TIME),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_team_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"], name="fk_team_unit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_team_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_team_organisation_id_name_id", "team", ["organisation_id", "name", "id"])
    op.create_index("ix_team_organisation_id_unit_id", "team", ["organisation_id", "unit_id"])
    op.create_table(
        "ml_system",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("team_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("archived_at", TIME),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_ml_system_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "team_id"], ["team.organisation_id", "team.id"], name="fk_ml_system_team"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ml_system"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_ml_system_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ml_system_organisation_id_team_id", "ml_system", ["organisation_id", "team_id"])


def create_people() -> None:
    op.create_table(
        "person",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(300)),
        sa.Column("language", sa.String(20)),
        sa.Column("time_zone", sa.String(60)),
        sa.Column("theme", sa.String(20)),
        sa.Column("totp_secret", sa.String(64)),
        sa.Column("totp_step", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email", name="uq_person_email"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "membership",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("joined_at", TIME, nullable=False),
        sa.Column("deactivated_at", TIME),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_membership_organisation"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_membership_person"),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name="pk_membership"),
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_table(
        "role",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("unit_id", NUMBER),
        sa.Column("team_id", NUMBER),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_role_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "team_id"], ["team.organisation_id", "team.id"], name="fk_role_team"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"], name="fk_role_unit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_role"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_role_organisation_id_person_id", "role", ["organisation_id", "person_id"])
    op.create_index("ix_role_organisation_id_team_id", "role", ["organisation_id", "team_id"])
    op.create_index("ix_role_organisation_id_unit_id", "role", ["organisation_id", "unit_id"])
    op.create_table(
        "invitation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("secret_digest", sa.LargeBinary, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("invited_by", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("accepted_at", TIME),
        sa.Column("withdrawn_at", TIME),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_invitation_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "invited_by"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_invitation_membership",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_invitation_organisation_id_id"),
        sa.UniqueConstraint("secret_digest", name="uq_invitation_secret_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitation_organisation_id_email", "invitation", ["organisation_id", "email"])


def create_ways_in() -> None:
    op.create_table(
        "signed_in",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("secret_digest", sa.LargeBinary, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_signed_in_membership",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signed_in"),
        sa.UniqueConstraint("secret_digest", name="uq_signed_in_secret_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_signed_in_organisation_id_person_id", "signed_in", ["organisation_id", "person_id"])
    op.create_index("ix_signed_in_person_id", "signed_in", ["person_id"])
    op.create_table(
        "lock_out",
        sa.Column("email_digest", sa.LargeBinary, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("first_failed_at", TIME, nullable=False),
        sa.Column("locked_until", TIME),
        sa.PrimaryKeyConstraint("email_digest", name="pk_lock_out"),
    )
    op.create_table(
        "one_time_link",
        sa.Column("secret_digest", sa.LargeBinary, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("person_id", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_one_time_link_person"),
        sa.PrimaryKeyConstraint("secret_digest", name="pk_one_time_link"),
    )
    op.create_index("ix_one_time_link_person_id", "one_time_link", ["person_id"])
    op.create_table(
        "recovery_code",
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("code_digest", sa.LargeBinary, nullable=False),
        sa.Column("used_at", TIME),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_recovery_code_person"),
        sa.PrimaryKeyConstraint("person_id", "code_digest", name="pk_recovery_code"),
    )


def create_tokens() -> None:
    op.create_table(
        "token",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("secret_digest", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("person_id", NUMBER),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("team_ids", sa.JSON()),
        sa.Column("created_by", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("last_used_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name="fk_token_person"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_token_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_token_membership",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_token_organisation_id_id"),
        sa.UniqueConstraint("secret_digest", name="uq_token_secret_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_token_organisation_id_person_id", "token", ["organisation_id", "person_id"])


def create_single_sign_on() -> None:
    op.create_table(
        "identity",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("issuer", sa.String(400), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_identity_membership",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "issuer", "subject", name="pk_identity"),
    )
    op.create_index("ix_identity_organisation_id_person_id", "identity", ["organisation_id", "person_id"])
    op.create_table(
        "sso_provider",
        sa.Column("organisation_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("issuer", sa.String(400), nullable=False),
        sa.Column("client_id", sa.String(400), nullable=False),
        sa.Column("client_secret", sa.String(400), nullable=False),
        sa.Column("groups_claim", sa.String(100), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_sso_provider_organisation"),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_sso_provider"),
    )
    op.create_table(
        "sso_attempt",
        sa.Column("state_digest", sa.LargeBinary, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("nonce", sa.String(100), nullable=False),
        sa.Column("verifier", sa.String(200), nullable=False),
        sa.Column("next", sa.String(2000), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_sso_attempt_organisation"),
        sa.PrimaryKeyConstraint("state_digest", name="pk_sso_attempt"),
    )


def create_mail_and_seals() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER),
        sa.Column("to_address", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.String(20000), nullable=False),
        sa.Column("html", sa.String(100000), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("last_error", sa.String(2000)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME),
        sa.Column("reason_key", sa.String(200)),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_delivery_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint("reason_key", name="uq_delivery_reason_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_organisation_id_id", "delivery", ["organisation_id", "id"])
    op.create_table(
        "audit_name",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_audit_name_organisation"),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name="pk_audit_name"),
    )
    op.create_table(
        "audit_seal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("up_to", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_audit_seal_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_seal"),
        sa.UniqueConstraint("organisation_id", "up_to", name="uq_audit_seal_organisation_id_up_to"),
        sqlite_autoincrement=True,
    )
