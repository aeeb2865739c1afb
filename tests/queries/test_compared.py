"""The levels of parts that are compared are those of the dashboard, and of no other organisation."""

from app.db.engine import reading
from app.queries import dashboard
from app.queries.compared import levels_of
from tests.cast import Cast
from tests.company import company_of
from tests.conftest import StatementCount


def test_it_works(cast: Cast, count_statements: StatementCount) -> None:
    company = company_of(cast)
    company.agreed("Spring", "Risk", 1, 2, 2, 1, 3)
    company.agreed("Autumn", "Risk", 2, 2, 2, 2, 3)
    company.agreed("Autumn", "Wagons", 0, 3, 3, 3, 3)
    asked = [(cycle, unit) for cycle in company.cycles.values() for unit in (0, cast.units["Data"])]
    with reading(company.engine) as session:
        connection = session.connection()
        with count_statements(company.engine) as statements:
            found = levels_of(connection, cast.tram, asked)
        assert len(statements) == 1
        for cycle, unit in asked:
            same = dashboard.overview(connection, cast.tram, cycle, unit)
            assert (found[cycle, unit].overall, found[cycle, unit].categories) == (same.overall, same.categories)
            assert same.teams
        assert not any(each.teams for each in levels_of(connection, cast.ferry, asked).values())
