"""Alembic's entry: runs the revisions on the connection that ``schema.migrate`` hands over."""

from alembic import context

from core.records.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
