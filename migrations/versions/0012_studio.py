"""The rubric studio: drafts, their history and trial answers, and which rubrics an organisation offers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("edition", NUMBER, nullable=False),
        sa.Column("based_on", NUMBER),
        sa.Column("begun_by", NUMBER),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_draft_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "based_on"],
            ["rubric_version.organisation_id", "rubric_version.id"],
            name="fk_draft_rubric_version",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "begun_by"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_draft_membership",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_draft_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_draft_organisation_id_key", "draft", ["organisation_id", "key"])
    of_draft = ["organisation_id", "draft_id"], ["draft.organisation_id", "draft.id"]
    op.create_table(
        "draft_change",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("draft_id", NUMBER, nullable=False),
        sa.Column("edition", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER),
        sa.Column("at", TIME, nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("back", sa.JSON(), nullable=False),
        sa.Column("undoes", NUMBER),
        sa.ForeignKeyConstraint(*of_draft, name="fk_draft_change_draft", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_draft_change_membership",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "draft_id", "edition", name="pk_draft_change"),
    )
    op.create_table(
        "trial",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("draft_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("expected", NUMBER),
        sa.ForeignKeyConstraint(*of_draft, name="fk_trial_draft", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_trial"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_trial_organisation_id_draft_id", "trial", ["organisation_id", "draft_id"])
    op.create_table(
        "offer",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_offer_organisation"),
        sa.PrimaryKeyConstraint("organisation_id", "key", name="pk_offer"),
    )
