"""Alembic's environment; the connection is handed in by `csms.adapters.db.migrate`."""

from alembic import context

from csms.adapters.db.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
