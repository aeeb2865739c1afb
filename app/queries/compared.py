"""Parts of the organisation beside each other: the levels of several units in several cycles."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from app.domain import tallies
from app.domain.rollup import Overview
from app.domain.tallies import Row, TallyKind
from app.queries.dashboard import LEVELS


def levels_of(
    connection: Connection, organisation_id: int, parts: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], Overview]:
    """The distributions of each part, a cycle and a unit: overall and by category, nothing else. One statement.

    Whoever asks has asked `dashboard.seen_part` for each unit first.
    """
    wanted = list(parts)
    asked = {
        "organisation_id": organisation_id,
        "cycle_ids": sorted({cycle for cycle, _ in wanted}),
        "unit_ids": sorted({unit for _, unit in wanted}),
        "kinds": [TallyKind.OVERALL, TallyKind.CATEGORY],
    }
    rows: dict[tuple[int, int], list[Row]] = {part: [] for part in wanted}
    for cycle_id, unit_id, kind, key, level, teams in connection.execute(LEVELS, asked):
        if (cycle_id, unit_id) in rows:
            rows[cycle_id, unit_id].append((TallyKind(kind), key, level, teams))
    return {part: tallies.overview(each) for part, each in rows.items()}
