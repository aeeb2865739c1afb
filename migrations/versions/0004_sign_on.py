"""Which roles and which signed-in browsers come from single sign-on, and who links an account to it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # With defaults of the server: during an upgrade the release before goes on inserting without them.
    op.add_column("role", sa.Column("from_sign_on", sa.Boolean, server_default=sa.false(), nullable=False))
    op.add_column("signed_in", sa.Column("only_here", sa.Boolean, server_default=sa.false(), nullable=False))
    op.add_column("sso_attempt", sa.Column("person_id", NUMBER))
