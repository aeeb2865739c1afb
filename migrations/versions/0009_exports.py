"""Exports: what people asked to take away, and the files that came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
UNDER_WAY = sa.text("state IN ('waiting', 'writing')")


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cycle_id", NUMBER),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("done", NUMBER, nullable=False),
        sa.Column("total", NUMBER, nullable=False),
        sa.Column("file_key", sa.String(64)),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("size", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME),
        sa.Column("failed_at", TIME),
        sa.Column("error", sa.String(500)),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_export_membership",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_export_organisation_id_person_id_id", "export", ["organisation_id", "person_id", "id"])
    op.create_index(
        "ix_export_under_way",
        "export",
        ["organisation_id", "person_id", "digest"],
        unique=True,
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
