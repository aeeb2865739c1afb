"""What an objection is against, what an answer was carried from at each change, reminders by hand, ending mail."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("answer_change", sa.Column("carried_from", NUMBER))
    op.add_column("answer_change", sa.Column("look_again", sa.Boolean, server_default=sa.false(), nullable=False))
    op.add_column("cycle", sa.Column("reminded_on", sa.Date()))
    op.add_column("delivery", sa.Column("unsubscribe", sa.String(500)))
    # No release wrote an objection before this one: made anew, it has its foreign keys in SQLite too.
    op.drop_table("objection")
    create_objections()


def create_objections() -> None:
    op.create_table(
        "objection",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("person_id", NUMBER),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("against_unit_id", NUMBER),
        sa.Column("against_value", sa.String(20), nullable=False),
        sa.Column("against_reason", sa.String(600), nullable=False),
        sa.Column("settled_at", TIME),
        sa.Column("settled_by", NUMBER),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_objection_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_objection_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "against_unit_id"], ["unit.organisation_id", "unit.id"], name="fk_objection_unit"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", "statement", name="pk_objection"),
    )
