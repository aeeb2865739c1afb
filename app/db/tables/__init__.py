"""The tables, one module for each part of the domain. Importing this package makes `Base.metadata` whole."""

from app.db.tables import (
    assessments,
    audit,
    cycles,
    exports,
    findings,
    jobs,
    mail,
    org,
    people,
    rollup,
    rubrics,
    shares,
    signing_in,
    studio,
)

__all__ = [
    "assessments",
    "audit",
    "cycles",
    "exports",
    "findings",
    "jobs",
    "mail",
    "org",
    "people",
    "rollup",
    "rubrics",
    "shares",
    "signing_in",
    "studio",
]
