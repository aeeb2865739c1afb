"""An organisation to test with, and another one beside it: units, teams, and one person for each role.

Tram                          Ferry
├── Data (1)                  └── Harbour
│   ├── Models (2)                └── Tides
│   │   ├── Risk
│   │   └── Timetable
│   └── Reports
└── Depots (3)
    └── Wagons
"""

import datetime
from dataclasses import dataclass, replace

from sqlalchemy import Engine

from app.actions.organisations import create_organisation
from app.actions.people import add_person
from app.actions.teams import create_team
from app.actions.units import create_unit
from app.db.engine import reading, writing
from app.domain.people import Actor, Role, RoleKind
from app.queries import people

NOW = datetime.datetime(2026, 11, 2, 9, 30, tzinfo=datetime.UTC)
ADMIN, MANAGER, LEAD, MEMBER, VIEWER = RoleKind

OPERATOR = Actor(0, None, "command line", admin=True)
"""Does what nobody was there for yet."""


@dataclass(frozen=True)
class Cast:
    """People are numbers, by what they are: `cast.people["lead"]` leads Risk, the viewer views it."""

    engine: Engine
    tram: int
    ferry: int
    units: dict[str, int]
    teams: dict[str, int]
    people: dict[str, int]

    def actor(self, name: str) -> Actor:
        """The person with the rights that they have now."""
        organisation = self.ferry if name == "outsider" else self.tram
        with reading(self.engine) as session:
            return people.actor(session.connection(), self.people[name], organisation)


def address(name: str) -> str:
    return f"{name.replace(' ', '.')}@tram.example"


def cast_of(engine: Engine) -> Cast:
    with writing(engine) as session:
        tram = create_organisation(session, "Tram", NOW).id
        ferry = create_organisation(session, "Ferry", NOW).id
        us, them = replace(OPERATOR, organisation_id=tram), replace(OPERATOR, organisation_id=ferry)
        units = {"Data": create_unit(session, us, "Data", None, NOW).id}
        units["Models"] = create_unit(session, us, "Models", units["Data"], NOW).id
        units["Depots"] = create_unit(session, us, "Depots", None, NOW).id
        units["Harbour"] = create_unit(session, them, "Harbour", None, NOW).id
        where = {"Risk": "Models", "Timetable": "Models", "Reports": "Data", "Wagons": "Depots"}
        teams = {name: create_team(session, us, units[unit], name, NOW).id for name, unit in where.items()}
        teams["Tides"] = create_team(session, them, units["Harbour"], "Tides", NOW).id
        roles = {
            "admin": Role(ADMIN),
            "second admin": Role(ADMIN),
            "manager": Role(MANAGER),
            "data manager": Role(MANAGER, unit_id=units["Data"]),
            "depot manager": Role(MANAGER, unit_id=units["Depots"]),
            "lead": Role(LEAD, team_id=teams["Risk"]),
            "member": Role(MEMBER, team_id=teams["Risk"]),
            "viewer": Role(VIEWER, team_id=teams["Risk"]),
            "stranger": Role(MEMBER, team_id=teams["Wagons"]),
        }
        everybody = {
            name: add_person(session, tram, address(name), name.title(), [role], NOW) for name, role in roles.items()
        }
        everybody["outsider"] = add_person(session, ferry, "outsider@ferry.example", "Outsider", [Role(ADMIN)], NOW)
    return Cast(engine, tram, ferry, units, teams, everybody)
