"""How Alembic runs the revisions: on the connection it is given, inside the transaction that is open there."""

from alembic import context

_connection = context.config.attributes["connection"]
if _connection.dialect.name == "postgresql":
    # Two processes that start at the same time migrate one after the other.
    _connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727466)")
context.configure(connection=_connection)
context.run_migrations()
