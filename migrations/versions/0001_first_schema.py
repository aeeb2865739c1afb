"""The first schema: rubric versions, assessments with their answers, the audit trail, and jobs."""

import datetime
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
WORD = sa.String(20)
OPEN = sa.text("finished_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    create_organisations()
    create_rubrics()
    create_assessments()
    create_answers()
    create_audit_and_jobs()


def create_organisations() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )
    op.create_table(
        "server",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_server"),
    )
    op.create_table(
        "allowance",
        sa.Column("key_digest", sa.LargeBinary, nullable=False),
        sa.Column("window_start", TIME, nullable=False),
        sa.Column("used", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name="pk_allowance"),
    )
    # The reserved organisation of the quick checks that nobody signed in for.
    op.execute(
        sa.text("INSERT INTO organisation (id, name, created_at) VALUES (1, 'Visitors', :now)").bindparams(
            sa.bindparam("now", datetime.datetime.now(datetime.UTC), TIME)
        )
    )
    # PostgreSQL does not count a number that was given by hand.
    if op.get_context().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('organisation', 'id'), 1)")
    op.execute(
        sa.text("INSERT INTO server (id, salt) VALUES (1, :salt)").bindparams(
            sa.bindparam("salt", secrets.token_bytes(32), sa.LargeBinary)
        )
    )


def create_rubrics() -> None:
    op.create_table(
        "rubric_version",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("published_at", TIME),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_rubric_version_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_rubric_version"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_rubric_version_organisation_id_id"),
        sa.UniqueConstraint("organisation_id", "key", "number", name="uq_rubric_version_organisation_id_key_number"),
    )


def create_assessments() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("rubric_version_id", NUMBER, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"],
            ["rubric_version.organisation_id", "rubric_version.id"],
            name="fk_assessment_rubric_version",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_assessment_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_assessment_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quick_check",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("secret_digest", sa.LargeBinary, nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_quick_check_assessment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", name="pk_quick_check"),
        sa.UniqueConstraint("secret_digest", name="uq_quick_check_secret_digest"),
    )
    op.create_table(
        "sheet",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("answered_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_sheet_assessment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sheet"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_sheet_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sheet_organisation_id_assessment_id", "sheet", ["organisation_id", "assessment_id"])


def create_answers() -> None:
    op.create_table(
        "answer",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("value", WORD),
        sa.Column("reason", sa.String(600), nullable=False),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("answered_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "sheet_id"],
            ["sheet.organisation_id", "sheet.id"],
            name="fk_answer_sheet",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "sheet_id", "statement", name="pk_answer"),
    )
    op.create_table(
        "answer_change",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("value", WORD),
        sa.Column("reason", sa.String(600), nullable=False),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "sheet_id"],
            ["sheet.organisation_id", "sheet.id"],
            name="fk_answer_change_sheet",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "sheet_id", "version", "statement", name="pk_answer_change"),
    )
    op.create_table(
        "mutation",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("mutation_id", sa.String(36), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("category", sa.String(200)),
        sa.Column("level", NUMBER),
        sa.Column("undone_by", NUMBER),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "sheet_id"],
            ["sheet.organisation_id", "sheet.id"],
            name="fk_mutation_sheet",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "sheet_id", "mutation_id", name="pk_mutation"),
    )


def create_audit_and_jobs() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", NUMBER, nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.Column("person_id", NUMBER),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_audit_event_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_organisation_id_id", "audit_event", ["organisation_id", "id"])
    op.create_table(
        "job",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease_until", TIME),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("failed_at", TIME),
        sa.Column("last_error", sa.String(2000)),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_job_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("idempotency_key", name="uq_job_idempotency_key"),
    )
    op.create_index("ix_job_due_at", "job", ["due_at"], postgresql_where=OPEN, sqlite_where=OPEN)
