"""What Alembic runs for each command: it uses the connection that `store.engine` hands it."""

from alembic import context

from mapping.store import models

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=models.Base.metadata,
    # SQLite cannot alter a table in place; Alembic then copies it. Triggers are not copied: a migration
    # that touches `audit_log` must make its triggers again.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
