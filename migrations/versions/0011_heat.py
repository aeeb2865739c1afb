"""Indexes that the filters of the heat map look along without reading a row of a table."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index(
        "ix_counted_result_filtered",
        "counted_result",
        [
            "organisation_id",
            "cycle_id",
            "team_id",
            "ml_system_id",
            "rubric",
            "overall",
            "unit_id",
            "name",
            "assessment_id",
        ],
    )
    op.drop_index("ix_counted_level_sorted", "counted_level")
    op.create_index(
        "ix_counted_level_sorted",
        "counted_level",
        ["organisation_id", "cycle_id", "category", "level", "name", "assessment_id", "limits"],
    )
