"""The environment alembic runs every service's migrations in: on the connection that `db.migrate` opened."""

from __future__ import annotations

from alembic import context

# One transaction for all of it, on SQLite as well: db.py's connections make its DDL transactional.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
