"""What is counted of agreed results, so that a dashboard costs the same for a hundred teams as for a hundred thousand.

Nothing here says anything that the agreed results do not: `actions.counting` keeps it, and `shortstave verify` counts
it anew. No row refers to the cycle or the unit by a foreign key: those are never deleted, and each key more would be
looked up whenever a result is agreed.
"""

from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Text, short
from app.db.tables.assessments import STATEMENT_LIMIT, of_assessment
from app.db.tables.org import NAME_LIMIT
from app.domain.rollup import MOST_TOGETHER
from app.domain.tallies import TallyKind

KEY_LIMIT = MOST_TOGETHER * (STATEMENT_LIMIT + 1)


class Tally(Base):
    """A number of teams, as `domain.tallies.TallyKey` says. Unit 0 is the whole organisation; 0 teams is no tally."""

    __tablename__ = "tally"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    cycle_id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TallyKind] = mapped_column(short(TallyKind), primary_key=True)
    key: Mapped[str] = mapped_column(Text(KEY_LIMIT), primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    teams: Mapped[int]


class CountedResult(Base):
    """An agreed result that is counted, one for each assessment: a row of the heat map.

    `result_id` is the agreement that was counted, `unit_id` the unit of the team, `name` its name, and `system` that of
    its ML system or empty. `levels` has the level of each category, `limiting` the categories that limit.
    """

    __tablename__ = "counted_result"
    __table_args__ = (
        of_assessment(),
        ForeignKeyConstraint(["organisation_id", "team_id"], ["team.organisation_id", "team.id"]),
        Index(None, "organisation_id", "team_id", "cycle_id"),
        Index(None, "organisation_id", "cycle_id", "name", "assessment_id"),
        # In the order of teams, so that one cycle beside another is read along two stretches of it and never at random.
        Index(
            "ix_counted_result_filtered",
            "organisation_id",
            "cycle_id",
            "team_id",
            "ml_system_id",
            "rubric",
            "overall",
            "unit_id",
            "name",
            "assessment_id",
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int]
    rubric: Mapped[str] = mapped_column(Text(100))
    team_id: Mapped[int]
    ml_system_id: Mapped[int | None]
    unit_id: Mapped[int]
    result_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    system: Mapped[str] = mapped_column(Text(NAME_LIMIT))
    overall: Mapped[int]
    levels: Mapped[dict[str, Any]]
    limiting: Mapped[list[str]] = mapped_column(JSON)


class CountedLevel(Base):
    """One level of a counted result, to sort and to filter by: of a category, or overall where that is empty.

    A category that nothing applied to is at level -1. `name` is the team's, so that equals come by name.
    """

    __tablename__ = "counted_level"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "assessment_id"],
            ["counted_result.organisation_id", "counted_result.assessment_id"],
            ondelete="CASCADE",
        ),
        Index(
            "ix_counted_level_sorted",
            "organisation_id",
            "cycle_id",
            "category",
            "level",
            "name",
            "assessment_id",
            "limits",
        ),
    )

    organisation_id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(Text(STATEMENT_LIMIT), primary_key=True)
    cycle_id: Mapped[int]
    level: Mapped[int]
    limits: Mapped[bool]
    name: Mapped[str] = mapped_column(Text(NAME_LIMIT))
