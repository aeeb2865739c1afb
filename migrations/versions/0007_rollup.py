"""What is counted of agreed results; those that are there already are counted by a job of this release."""

import datetime

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("cycle_id", NUMBER, nullable=False),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(603), nullable=False),
        sa.Column("level", NUMBER, nullable=False),
        sa.Column("teams", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_tally_organisation"),
        sa.PrimaryKeyConstraint("organisation_id", "cycle_id", "unit_id", "kind", "key", "level", name="pk_tally"),
    )
    op.create_table(
        "counted_result",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("cycle_id", NUMBER, nullable=False),
        sa.Column("rubric", sa.String(100), nullable=False),
        sa.Column("team_id", NUMBER, nullable=False),
        sa.Column("ml_system_id", NUMBER),
        sa.Column("unit_id", NUMBER, nullable=False),
        sa.Column("result_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("system", sa.String(200), nullable=False),
        sa.Column("overall", NUMBER, nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("limiting", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_counted_result_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "team_id"], ["team.organisation_id", "team.id"], name="fk_counted_result_team"
        ),
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", name="pk_counted_result"),
    )
    op.create_index(
        "ix_counted_result_organisation_id_team_id_cycle_id",
        "counted_result",
        ["organisation_id", "team_id", "cycle_id"],
    )
    op.create_index(
        "ix_counted_result_organisation_id_cycle_id_name_assessment_id",
        "counted_result",
        ["organisation_id", "cycle_id", "name", "assessment_id"],
    )
    op.create_table(
        "counted_level",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("category", sa.String(200), nullable=False),
        sa.Column("cycle_id", NUMBER, nullable=False),
        sa.Column("level", NUMBER, nullable=False),
        sa.Column("limits", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["counted_result.organisation_id", "counted_result.assessment_id"],
            name="fk_counted_level_counted_result",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", "category", name="pk_counted_level"),
    )
    op.create_index(
        "ix_counted_level_sorted",
        "counted_level",
        ["organisation_id", "cycle_id", "category", "level", "name", "assessment_id"],
    )
    count_what_is_there()


def count_what_is_there() -> None:
    """By jobs, because a migration knows nothing of results. The second one is for what a replica of the release before
    agrees while this one is brought in, and does not count."""
    connection = op.get_bind()
    if connection.execute(sa.text("SELECT id FROM agreed_result LIMIT 1")).first() is None:
        return
    job = sa.table(
        "job",
        sa.column("kind", sa.String),
        sa.column("payload", sa.JSON),
        sa.column("idempotency_key", sa.String),
        sa.column("due_at", TIME),
        sa.column("attempts", NUMBER),
    )
    now = datetime.datetime.now(datetime.UTC)
    if connection.dialect.name == "sqlite":
        now = now.replace(tzinfo=None)
    for hours in (0, 1):
        row = {
            "kind": "count results",
            "payload": {"after": 0, "round": hours},
            "idempotency_key": f"count results {hours}:0",
            "due_at": now + datetime.timedelta(hours=hours),
            "attempts": 0,
        }
        connection.execute(job.insert(), row)
