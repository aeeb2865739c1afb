"""What the API answered to requests with an idempotency key."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("token_id", NUMBER, nullable=False),
        sa.Column("key_digest", sa.LargeBinary, nullable=False),
        sa.Column("request_digest", sa.LargeBinary, nullable=False),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("status", NUMBER),
        sa.Column("headers", sa.JSON),
        sa.Column("body", sa.JSON),
        sa.ForeignKeyConstraint(
            ["organisation_id", "token_id"], ["token.organisation_id", "token.id"], name="fk_kept_answer_token"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "token_id", "key_digest", name="pk_kept_answer"),
    )
    op.create_index("ix_kept_answer_claimed_at", "kept_answer", ["claimed_at"])
