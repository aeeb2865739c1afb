"""Whether the service can work."""

from sqlalchemy.orm import Session

from app.db.migrate import up_to_date


def ready(session: Session) -> bool:
    """Whether the database answers and has the schema of this code. Raises SQLAlchemy's errors when it is away."""
    return up_to_date(session.connection())
