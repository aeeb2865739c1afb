"""Links that show a report or a badge to whoever holds them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "share",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("cycle_id", NUMBER),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER),
        sa.Column("notes", sa.Boolean(), nullable=False),
        sa.Column("comments", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Boolean(), nullable=False),
        sa.Column("level", NUMBER),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("opened_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.ForeignKeyConstraint(
            ["organisation_id", "made_by"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_share_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_share_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "cycle_id"], ["cycle.organisation_id", "cycle.id"], name="fk_share_cycle"
        ),
        sa.UniqueConstraint("organisation_id", "id", name="uq_share_organisation_id_id"),
        sa.UniqueConstraint("secret_digest", name="uq_share_secret_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_share_organisation_id_made_by", "share", ["organisation_id", "made_by"])
