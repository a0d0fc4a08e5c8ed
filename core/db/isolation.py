"""Checks of row-level security: every table is under forced policies, or stands here with the reason why not.

The policies themselves are in ``migrations/sql/policies``, a file for each table (``core.db.present_sql``). This module
asks PostgreSQL's catalogue whether they exist, and whether they bind the running role.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from core.errors import ConfigurationError

OPEN_TABLES: Mapping[str, str] = {
    "offices": "Names of public offices; written by the owner alone.",
    "office_areas": "Area codes of public offices; written by the owner alone.",
    "seasons": "What the province's public notice says; written by the owner alone.",
    "season_subjects": "What the province's public notice says; written by the owner alone.",
    "season_trades": "The public catalogue of trades; written by the owner and the provincial center.",
    "trade_lists": "The public catalogue of trades, version by version; added to by the provincial center.",
    "rule_texts": "The texts of rule documents, which are public; added to and never changed.",
    "transitions": "The table of verbs; written by migrations alone.",
    "allowances": "Keyed hashes and moments; counted before anybody is known.",
    "alembic_version": "The schema's revision; written by migrations alone.",
    "procrastinate_jobs": "The job queue: names of tasks and ids, never a personal value.",
    "procrastinate_events": "When a job was taken up and how it ended.",
    "procrastinate_periodic_defers": "When each periodic task was last enqueued.",
    "procrastinate_workers": "Which workers are alive, and nothing else.",
}
"""The tables without policies, each with the reason why it needs none."""

_UNPROTECTED = text(
    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity) "
    "ORDER BY relname"
)
_WITHOUT_POLICY = text(
    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'public' AND relrowsecurity "
    "AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) ORDER BY relname"
)
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
_POLICIES = text(
    "SELECT tablename, policyname, cmd, unnest(roles)::text AS role, permissive = 'RESTRICTIVE' AS narrows, "
    "concat_ws(' AND ', qual, with_check) AS condition FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2"
)
_ROLE = text(
    "SELECT rolname, rolsuper, rolbypassrls, "
    "EXISTS (SELECT FROM pg_class WHERE relowner = r.oid AND relkind = 'r') AS owns "
    "FROM pg_roles r WHERE rolname = session_user"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The ``condition`` under which a role may use a command on rows; one that ``narrows`` only restricts others."""

    table: str
    name: str
    command: str
    role: str
    narrows: bool
    condition: str


def tables(connection: Connection) -> list[str]:
    """Every table of the database, by name."""
    return list(connection.scalars(_TABLES))


def policies(connection: Connection) -> list[Policy]:
    """The policies in the database, as PostgreSQL writes them."""
    return [Policy(*row) for row in connection.execute(_POLICIES)]


def unprotected_tables(connection: Connection) -> list[str]:
    """The tables without policies that ``OPEN_TABLES`` does not name; empty in a sound database."""
    bare = [name for name in connection.scalars(_UNPROTECTED) if name not in OPEN_TABLES]
    return bare + list(connection.scalars(_WITHOUT_POLICY))


def check_running_role(connection: Connection) -> None:
    """Refuse a role that policies do not bind: a superuser, one with BYPASSRLS, or an owner of tables."""
    role = connection.execute(_ROLE).one()
    faults = [
        name
        for name, found in (
            ("is a superuser", role.rolsuper),
            ("has BYPASSRLS", role.rolbypassrls),
            ("owns tables", role.owns),
        )
        if found
    ]
    if faults:
        raise ConfigurationError(
            f"The database role {role.rolname} {' and '.join(faults)}, so the isolation of offices would not bind it. "
            "Set KAOWU_DATABASE_URL to the role kaowu_app."
        )
