"""What Alembic runs for each command: it uses the connection that `store.engine` hands it."""

from alembic import context

import mapping.store.models
import mapping.store.place_models
import mapping.store.run_models  # noqa: F401
from mapping.store.columns import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter a table in place; Alembic then copies it. Triggers are not copied: a migration
    # that touches `audit_log` must make its triggers again.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
