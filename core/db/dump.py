"""A consistent copy of the database and the way back, with PostgreSQL's own pg_dump and pg_restore.

Both connect as a superuser: row-level security is forced on the tables' owner as well, and the copy must be complete.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from core.db import roles
from core.db.database import libpq_url
from core.db.server.embedded import postgres_programs
from core.errors import ConfigurationError

_READ_AT_ONCE = 1024 * 1024
_TABLES = (
    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE n.nspname = 'public' AND relkind IN ('r', 'p') ORDER BY relname"
)
_HEADS = (
    "SELECT DISTINCT ON (office_id) office_id, number || ':' || encode(head, 'hex') FROM record_batches "
    "ORDER BY office_id, number DESC"
)
_NAMES = (
    "SELECT id, application_id::text || '/' || sha256 || '-' || id::text AS name, size FROM documents "
    "WHERE erased_at IS NULL UNION ALL "
    "SELECT id, 'attachments/' || subject_id::text || '/' || sha256 || '-' || id::text, size FROM attachments "
    "WHERE erased_at IS NULL"
)
_FILES = f"SELECT name, size FROM ({_NAMES}) AS kept ORDER BY id"  # noqa: S608 - a constant
_KEPT = f"SELECT EXISTS (SELECT FROM ({_NAMES}) AS kept WHERE id = %s)"  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class DatabaseFigures:
    """The figures that a copy is compared with: rows of each table, and the last head of each office's record."""

    postgres: int
    revision: str
    counts: dict[str, int]
    heads: dict[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database as of one moment, for as long as its transaction is open."""

    name: str
    url: str
    connection: psycopg.Connection

    def figures(self) -> DatabaseFigures:
        """Its figures."""
        return _figures(self.connection)

    def files(self) -> list[tuple[str, int]]:
        """The name and the size in bytes, before encryption, of every file in the database."""
        return [(str(name), int(size)) for name, size in self.connection.execute(_FILES)]

    def dump(self) -> Iterator[bytes]:
        """The whole database in pg_dump's own format; ConfigurationError with pg_dump's message where it fails."""
        arguments = ["--format=custom", "--compress=6", f"--snapshot={self.name}"]
        with _program("pg_dump", self.url, *arguments, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None  # noqa: S101 - asked for above
            while chunk := process.stdout.read(_READ_AT_ONCE):
                yield chunk


@contextmanager
def open_snapshot(url: str) -> Iterator[Snapshot]:
    """Keep one moment of the database readable for the duration of the block; ``url`` is a superuser's."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None  # noqa: S101 - a function gives a row
        yield Snapshot(row[0], url, connection)


def figures(url: str) -> DatabaseFigures:
    """The figures of a database as it is now."""
    with psycopg.connect(libpq_url(url)) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _figures(connection)


def is_kept(url: str, file_id: str) -> bool:
    """Whether a file's row still exists and has not been erased since a snapshot was taken."""
    with psycopg.connect(libpq_url(url)) as connection:
        row = connection.execute(_KEPT, [file_id]).fetchone()
        return bool(row and row[0])


def is_empty(url: str) -> bool:
    """Whether the database has no table."""
    with psycopg.connect(libpq_url(url)) as connection:
        return not connection.execute(_TABLES).fetchall()


def restore(url: str, chunks: Iterable[bytes]) -> None:
    """Put a dump into an empty database, whole or not at all."""
    arguments = ["--single-transaction", "--exit-on-error"]
    with _program("pg_restore", url, *arguments, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - asked for above
        try:
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            # The program has ended; its own message says why.
            return


def make_empty(url: str) -> None:
    """Empty a database in which a restore has failed."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute(roles.schema_statement())


def _figures(connection: psycopg.Connection) -> DatabaseFigures:
    counts = {}
    for (table,) in connection.execute(_TABLES).fetchall():
        row = connection.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))).fetchone()
        counts[str(table)] = int(row[0]) if row else 0
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    heads = {str(office): str(head) for office, head in connection.execute(_HEADS)}
    return DatabaseFigures(connection.info.server_version // 10_000, revision[0] if revision else "", counts, heads)


@contextmanager
def _program(
    name: str, url: str, *arguments: str, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of PostgreSQL for the duration of the block; the password is in its environment alone."""
    address = make_url(url)
    shown = libpq_url(address.set(password=None).render_as_string(hide_password=False))
    environment = {"PATH": os.defpath, "LC_ALL": "C", "PGPASSWORD": address.password or ""}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [str(postgres_programs() / name), *arguments, f"--dbname={shown}"],
            stdin=stdin or subprocess.DEVNULL,
            stdout=stdout or subprocess.DEVNULL,
            stderr=said,
            env=environment,
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            code = process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if code != 0:
            said.seek(0)
            raise ConfigurationError(f"{name} failed: {said.read().decode(errors='replace').strip()[-2000:]}")
