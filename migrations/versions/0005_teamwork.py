"""Cycles, own and agreed sheets, agreed results, dissents, objections, evidence, comments, and who is at work."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
WORD = sa.String(20)


def upgrade() -> None:
    create_cycles()
    widen_assessments()
    widen_sheets()
    create_findings()
    op.add_column("membership", sa.Column("reminders", sa.Boolean, server_default=sa.true(), nullable=False))


def create_cycles() -> None:
    op.create_table(
        "cycle",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("unit_id", NUMBER),
        sa.Column("rubric_version_id", NUMBER, nullable=False),
        sa.Column("mode", WORD, nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("carried_from", NUMBER),
        sa.Column("created_by", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        sa.Column("reopened_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["organisation_id", "carried_from"], ["cycle.organisation_id", "cycle.id"], name="fk_cycle_cycle"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "created_by"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_cycle_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"],
            ["rubric_version.organisation_id", "rubric_version.id"],
            name="fk_cycle_rubric_version",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name="fk_cycle_organisation"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"], ["unit.organisation_id", "unit.id"], name="fk_cycle_unit"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cycle"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_cycle_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cycle_organisation_id_due_on", "cycle", ["organisation_id", "due_on"])


def widen_assessments() -> None:
    numbers = highest_number("assessment")
    with op.batch_alter_table("assessment", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in ("cycle_id", "ml_system_id", "unit_id"):
            batch.add_column(sa.Column(name, NUMBER))
        batch.add_column(sa.Column("revealed_at", TIME))
        for other in ("cycle", "ml_system", "unit"):
            batch.create_foreign_key(
                f"fk_assessment_{other}", other, ["organisation_id", f"{other}_id"], ["organisation_id", "id"]
            )
    if numbers is not None:
        keep_numbers("assessment", numbers)
    once_in_a_cycle("team", "cycle_id IS NOT NULL AND team_id IS NOT NULL AND ml_system_id IS NULL", "team_id")
    once_in_a_cycle("ml_system", "cycle_id IS NOT NULL AND ml_system_id IS NOT NULL", "ml_system_id")
    once_in_a_cycle("unit", "cycle_id IS NOT NULL AND team_id IS NULL AND unit_id IS NOT NULL", "unit_id")
    once_in_a_cycle("organisation", "cycle_id IS NOT NULL AND team_id IS NULL AND unit_id IS NULL")


def once_in_a_cycle(subject: str, when: str, *columns: str) -> None:
    only_where(f"uq_assessment_{subject}_in_cycle", "assessment", ["organisation_id", "cycle_id", *columns], when)


def only_where(name: str, table: str, columns: list[str], when: str) -> None:
    only = sa.text(when)
    op.create_index(name, table, columns, unique=True, sqlite_where=only, postgresql_where=only)


def widen_sheets() -> None:
    numbers = highest_number("sheet")
    with op.batch_alter_table("sheet", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("person_id", NUMBER))
        batch.add_column(sa.Column("submitted_at", TIME))
        batch.create_foreign_key(
            "fk_sheet_membership", "membership", ["organisation_id", "person_id"], ["organisation_id", "person_id"]
        )
    if numbers is not None:
        keep_numbers("sheet", numbers)
    # What was claimed is what its team says: it goes on as the agreed sheet of an assessment outside any cycle.
    op.execute(
        "UPDATE sheet SET kind = 'agreed' WHERE EXISTS (SELECT 1 FROM assessment"
        " WHERE assessment.organisation_id = sheet.organisation_id AND assessment.id = sheet.assessment_id"
        " AND assessment.team_id IS NOT NULL)"
    )
    op.create_index("ix_sheet_organisation_id_person_id", "sheet", ["organisation_id", "person_id"])
    only_where("uq_sheet_agreed", "sheet", ["organisation_id", "assessment_id"], "kind = 'agreed'")
    only_where("uq_sheet_own", "sheet", ["organisation_id", "assessment_id", "person_id"], "person_id IS NOT NULL")
    op.add_column("answer", sa.Column("carried_from", NUMBER))
    op.add_column("answer", sa.Column("look_again", sa.Boolean, server_default=sa.false(), nullable=False))
    op.add_column("mutation", sa.Column("person_id", NUMBER))


def highest_number(table: str) -> int | None:
    """The highest number that SQLite ever gave; None on PostgreSQL, which counts apart from the table."""
    if op.get_context().dialect.name != "sqlite":
        return None
    asked = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    return op.get_bind().execute(asked, {"table": table}).scalar() or 0


def keep_numbers(table: str, highest: int) -> None:
    """SQLite copied the table, and would give the numbers of rows that were deleted to new ones."""
    connection, row = op.get_bind(), {"table": table, "highest": highest}
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), row)
    connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :highest)"), row)


def create_findings() -> None:
    op.create_table(
        "respondent",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("categories", sa.JSON()),
        sa.Column("asked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_respondent_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_respondent_membership",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", "person_id", name="pk_respondent"),
    )
    op.create_index("ix_respondent_organisation_id_person_id", "respondent", ["organisation_id", "person_id"])
    op.create_table(
        "presence",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("sheet_id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200)),
        sa.Column("seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_presence_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "sheet_id"],
            ["sheet.organisation_id", "sheet.id"],
            name="fk_presence_sheet",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "sheet_id", "person_id", name="pk_presence"),
    )
    op.create_table(
        "agreed_result",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("revision", NUMBER, nullable=False),
        sa.Column("rubric_version_id", NUMBER, nullable=False),
        sa.Column("sheet_version", NUMBER, nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("overall", NUMBER),
        sa.Column("agreed_at", TIME, nullable=False),
        sa.Column("agreed_by", NUMBER),
        sa.Column("reopened_at", TIME),
        sa.Column("reopened_by", NUMBER),
        sa.Column("reopen_reason", sa.String(4000)),
        sa.ForeignKeyConstraint(
            ["organisation_id", "agreed_by"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_agreed_result_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_agreed_result_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "rubric_version_id"],
            ["rubric_version.organisation_id", "rubric_version.id"],
            name="fk_agreed_result_rubric_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agreed_result"),
        sa.UniqueConstraint(
            "organisation_id",
            "assessment_id",
            "revision",
            name="uq_agreed_result_organisation_id_assessment_id_revision",
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "dissent",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("value", WORD),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_dissent_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_dissent_membership",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", "statement", "person_id", name="pk_dissent"),
    )
    op.create_table(
        "objection",
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("person_id", NUMBER),
        sa.Column("note", sa.String(4000), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("settled_at", TIME),
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
        sa.PrimaryKeyConstraint("organisation_id", "assessment_id", "statement", name="pk_objection"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("link", sa.String(2000)),
        sa.Column("file_name", sa.String(300)),
        sa.Column("file_key", sa.String(64)),
        sa.Column("media_type", sa.String(100)),
        sa.Column("size", NUMBER),
        sa.Column("speaks_for", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("dated", sa.Date()),
        sa.Column("expires", sa.Date()),
        sa.Column("person_id", NUMBER),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("removed_at", TIME),
        sa.Column("removed_by", NUMBER),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_evidence_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_evidence_membership",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_evidence_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_evidence_organisation_id_assessment_id_statement",
        "evidence",
        ["organisation_id", "assessment_id", "statement"],
    )
    op.create_table(
        "comment",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("organisation_id", NUMBER, nullable=False),
        sa.Column("assessment_id", NUMBER, nullable=False),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("thread_id", NUMBER),
        sa.Column("person_id", NUMBER),
        sa.Column("text", sa.String(4000), nullable=False),
        sa.Column("mentions", sa.JSON()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resolved_at", TIME),
        sa.Column("resolved_by", NUMBER),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["assessment.organisation_id", "assessment.id"],
            name="fk_comment_assessment",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "person_id"],
            ["membership.organisation_id", "membership.person_id"],
            name="fk_comment_membership",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "thread_id"],
            ["comment.organisation_id", "comment.id"],
            name="fk_comment_comment",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_comment_organisation_id_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_comment_organisation_id_assessment_id_statement",
        "comment",
        ["organisation_id", "assessment_id", "statement"],
    )
