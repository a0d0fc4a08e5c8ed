"""Migration of a database to the schema of this version, as the owner; the running role can alter no table."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text

from core.db import present_sql
from core.settings import ROOT

_REVISION = text("SELECT version_num FROM alembic_version")


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Migrate forwards in one transaction: the database is at the new revision afterwards, or unchanged.

    At the newest revision it also holds this version's functions, views and policies (``present_sql``); at an earlier
    one it holds none, and only the owner has rights.
    """
    command.upgrade(_config(owner_url), revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate backwards to ``revision`` ("base" takes everything away), likewise in one transaction.

    The functions and policies of that revision come back with the version of the program that has it as its newest.
    """
    command.downgrade(_config(owner_url), revision)


def current(owner_url: str) -> str | None:
    """Return the revision that the database is at, None before the first."""
    engine = create_engine(owner_url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that the code expects."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


def fault(connection: Connection) -> str | None:
    """Return the fault of the schema for this version of the code; None where it is the expected one."""
    found = connection.scalar(_REVISION)
    if found != newest():
        return f"is at {found}, this version expects {newest()}"
    return None if present_sql.are_loaded(connection) else "has functions or policies of another version"


def knows(revision: str) -> bool:
    """Whether this version of the code has a revision, and so can migrate a database from it."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config("")).walk_revisions())


def _config(owner_url: str) -> Config:
    return Config(toml_file=ROOT / "pyproject.toml", attributes={"owner_url": owner_url})
