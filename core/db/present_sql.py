"""The present SQL: functions, views and policies, each in a file of its own below ``migrations/sql``.

Revisions make tables and rows; these texts belong to the version of the program and not to a revision. Before the first
revision of a run they are all removed, and after the last one, at the newest revision, all are loaded as they stand
(``migrations/env.py``). So an early revision meets no text that names a later column, and a database never holds a
policy or a function other than those of the files. Between revisions only the owner has rights.

The comment on the table ``alembic_version`` is the digest of the texts that a database holds.
"""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import Connection, text

from core.db import roles
from core.errors import ConfigurationError
from core.security import fact_coverage
from core.settings import ROOT

FOLDER = ROOT / "migrations" / "sql"
KINDS = ("functions", "views", "policies")
"""The folders, in the order in which they are loaded: policies and views may call functions."""

WORDS = {
    "scope": "(SELECT nullif(current_setting('kaowu.scope', true), ''))",
    "account": "(SELECT nullif(current_setting('kaowu.account_id', true), '')::uuid)",
    "behalf": "(SELECT nullif(current_setting('kaowu.on_behalf_of', true), '')::uuid)",
    "role": "(SELECT nullif(current_setting('kaowu.role', true), ''))",
    "may": "(SELECT nullif(current_setting('kaowu.permissions', true), ''))::text[]",
    "person": "(SELECT nullif(current_setting('kaowu.person_id', true), '')::uuid)",
    "office": "(SELECT nullif(current_setting('kaowu.office_id', true), ''))",
    "units": "(SELECT nullif(current_setting('kaowu.unit_ids', true), ''))::uuid[]",
    "tables_left_out": fact_coverage.tables_word(),
    "columns_left_out": fact_coverage.columns_word(),
    "rows_left_out": fact_coverage.rows_word(),
}
"""The SQL for ``{office}`` and the like in the files: the identity of the asker (``core.db.session``), and what the
digests of rows leave out (``core.security.fact_coverage``).

The former are sub-selects, so that PostgreSQL evaluates each once a statement and not once a row.
"""
_WORD = re.compile(r"\{(" + "|".join(WORDS) + r")\}")

_REQUESTS = ", ".join(role for role in roles.ALL_ROLES if role != roles.OWNER)
_FUNCTION_OWNER = f"CREATE ON SCHEMA public %s {roles.TRANSFER}"
_DIGEST = text("SELECT obj_description(to_regclass('public.alembic_version'), 'pg_class')")
# The job queue's own functions and triggers come with its library, and stay.
_TAKE_AWAY = """
DO $$
DECLARE
    thing record;
BEGIN
    FOR thing IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON %I', thing.policyname, thing.tablename);
    END LOOP;
    FOR thing IN SELECT tgname, tgrelid::regclass AS relation FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND pronamespace = 'public'::regnamespace AND NOT starts_with(proname, 'procrastinate_')
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', thing.tgname, thing.relation);
    END LOOP;
    FOR thing IN SELECT viewname FROM pg_views WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP VIEW %I', thing.viewname);
    END LOOP;
    FOR thing IN SELECT oid::regprocedure AS signature FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND NOT starts_with(proname, 'procrastinate_')
    LOOP
        EXECUTE format('DROP FUNCTION %s', thing.signature);
    END LOOP;
    FOR thing IN SELECT oid::regclass AS relation FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relrowsecurity
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', thing.relation);
    END LOOP;
END
$$;
"""


def files() -> Iterator[Path]:
    """Every file, in the order in which it is loaded."""
    for kind in KINDS:
        yield from sorted((FOLDER / kind).glob("*.sql"))


def statements(file: Path) -> str:
    """A file's text as PostgreSQL is given it."""
    return _WORD.sub(lambda found: WORDS[found[1]], file.read_text())


def digest() -> str:
    """The digest of this version's texts."""
    whole = hashlib.sha256()
    for file in files():
        whole.update(f"{file.parent.name}/{file.name}\n{statements(file)}\n".encode())
    return whole.hexdigest()


def are_loaded(connection: Connection) -> bool:
    """Whether the database holds the texts of this version."""
    loaded: str | None = connection.scalar(_DIGEST)
    return loaded == digest()


def take_away(connection: Connection) -> None:
    """Remove every policy, trigger, view, function and grant but those of the job queue's library; as the owner."""
    _run(connection, _TAKE_AWAY)
    for things in ("TABLES", "SEQUENCES"):
        _run(connection, f"REVOKE ALL ON ALL {things} IN SCHEMA public FROM {_REQUESTS}")
    if connection.scalar(_DIGEST) is not None:
        _run(connection, "COMMENT ON TABLE alembic_version IS NULL")


def load(connection: Connection) -> None:
    """Load every text into a database that holds none, at the newest revision; as the owner.

    Raises ConfigurationError, which names the file, where PostgreSQL refuses one.
    """
    # Functions call each other: their bodies are checked when they run, and by a test.
    _run(connection, "SET LOCAL check_function_bodies = off")
    _run(connection, f"GRANT {_FUNCTION_OWNER % 'TO'}")
    for file in files():
        try:
            _run(connection, statements(file))
        except psycopg.Error as error:
            raise ConfigurationError(f"{file.relative_to(FOLDER.parent)}: {error}") from error
    _run(connection, f"REVOKE {_FUNCTION_OWNER % 'FROM'}")
    _run(connection, "SET LOCAL check_function_bodies = on")
    _run(connection, f"COMMENT ON TABLE alembic_version IS '{digest()}'")


def _run(connection: Connection, sql: str) -> None:
    """Run many statements at once, straight by the driver: SQLAlchemy would read some of their signs as parameters."""
    connection.connection.cursor().execute(sql)
