"""Runs the migrations for Alembic: as the owner, on one connection, in one transaction.

Around the revisions it removes and loads functions, views and policies, those of this version (core.db.present_sql).

`core.db.migrate` gives the address. Alembic's own command (`python -m alembic revision ...`), with which a developer
writes a migration, uses the database that the settings name.
"""

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from core.audit.facts import note_again
from core.clock import system_clock
from core.db import present_sql
from core.db.database import open_database
from core.db.tables import all_tables
from core.settings import Settings

# Two processes that start at once migrate one after the other; the number is the key of this lock alone.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(8236046001)")


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=all_tables(), compare_type=True)
    with context.begin_transaction():
        connection.execute(_ONE_AT_A_TIME)
        if not _has_work(connection):
            context.run_migrations()
            return
        present_sql.take_away(connection)
        before = _revision()
        context.run_migrations()
        if _revision() == _newest():
            if before != _newest():
                note_again(connection, system_clock())
            present_sql.load(connection)


def _has_work(connection: Connection) -> bool:
    """Whether there are revisions to run or texts to load. `alembic current` and the like name no revision to go to."""
    try:
        wanted = context.get_revision_argument()
    except KeyError:
        return False
    return not (_revision() == wanted == _newest() and present_sql.are_loaded(connection))


def _revision() -> str | None:
    return context.get_context().get_current_revision()


def _newest() -> str | None:
    return context.script.get_current_head()


def _run(owner_url: str) -> None:
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        _migrate(connection)


if given := context.config.attributes.get("owner_url"):
    _run(given)
else:
    with open_database(Settings.load()) as databases:
        _run(databases.owner_url)
