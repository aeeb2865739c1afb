"""Alembic's entry: runs the migrations on the connection that `app.db.migrate` opened and locked."""

from alembic import context

from app.db.base import Base
from app.db.tables import assessments  # noqa: F401 (importing one of the tables makes the metadata whole)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
