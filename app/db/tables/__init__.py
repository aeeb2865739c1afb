"""The tables, one module for each part of the domain. Importing this package makes `Base.metadata` whole."""

from app.db.tables import assessments, audit, jobs, org, rubrics

__all__ = ["assessments", "audit", "jobs", "org", "rubrics"]
