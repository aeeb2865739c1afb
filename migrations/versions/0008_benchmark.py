"""From how many teams on a group's figures may be shown to those who compare their team with it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("organisation", sa.Column("least_compared", NUMBER, server_default="5", nullable=False))
