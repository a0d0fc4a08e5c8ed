"""Brings a database to the shape that the code expects. Runs as the owner; the running role can alter no table."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine

from core.settings import ROOT


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Migrate forwards. All steps are one transaction: a database is at the new revision or was not touched."""
    command.upgrade(_config(owner_url), revision)


def downgrade(owner_url: str, revision: str) -> None:
    """Migrate backwards to ``revision`` ("base" takes everything away), likewise in one transaction."""
    command.downgrade(_config(owner_url), revision)


def current(owner_url: str) -> str | None:
    """Return the revision that the database is at, None before the first."""
    engine = create_engine(owner_url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision that the code expects."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


def knows(revision: str) -> bool:
    """Whether this version of the code has a revision, and so can bring a database that is at it forwards."""
    return any(one.revision == revision for one in ScriptDirectory.from_config(_config("")).walk_revisions())


def _config(owner_url: str) -> Config:
    return Config(toml_file=ROOT / "pyproject.toml", attributes={"owner_url": owner_url})
