"""How Alembic runs the revisions: on the connection it is given, all in one transaction."""

from alembic import context

from rising_bsm.db.base import Row

_connection = context.config.attributes["connection"]
# SQLite can undo DDL as well, once its driver begins no transactions on its own; Alembic assumes it cannot.
context.configure(connection=_connection, target_metadata=Row.metadata, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    if _connection.dialect.name == "postgresql":
        # Two processes that start at the same time migrate one after the other.
        _connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727466)")
    context.run_migrations()
