"""Whether the service can work."""

from sqlalchemy.orm import Session

from app.db.migrate import at_head


def ready(session: Session) -> bool:
    """Whether the database answers and has the schema of this code. Raises SQLAlchemy's errors when it is away."""
    return at_head(session.connection())
