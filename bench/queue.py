"""The cost of a long queue: the first page of an office with 100,000 applications beside that of one with 30.

Run it from the repository root: ``python -m bench.queue``. One application goes through the real services; its copies,
each of a person of its own, are inserted by the database's superuser. Timed is the page as a reviewer's browser asks
for it: signing in by the cookie, the queue with its counts, the rendered HTML. Statements are counted at the driver.
"""

import logging
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
import structlog
from litestar.testing import TestClient
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine, event

from core.app import create_app
from core.db import migrate, roles
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.callers import Web
from tests.cases import CITY, at, linshui_offices, load_linshui, platform_at

OFFICES = linshui_offices()
SHORT = 30
PAGES = {
    "first page": "/desk",
    "search by initials": "/desk?q=csj",
    "search by name": "/desk?q=测试甲0001",
    "search by last digits": "/desk?q=0417",
    "one grade": "/desk?grade=4",
}

# Copies of the newest application under other ids, references, people and due dates. The trigger on applications gives
# each its office in charge.
_PEOPLE = """
INSERT INTO persons SELECT (jsonb_populate_record(p, jsonb_build_object(
    'id', md5('person' || n)::uuid, 'id_hash', '\\x' || md5('hash' || n), 'id_tail', lpad((n %% 10000)::text, 4, '0'),
    'name', '测试甲' || lpad(n::text, 6, '0')))).*
FROM persons p, generate_series(%(first)s::int, %(last)s::int) n
WHERE p.id = (SELECT person_id FROM applications ORDER BY created_at LIMIT 1)
"""
_CASES = """
INSERT INTO applications SELECT (jsonb_populate_record(a, jsonb_build_object(
    'id', md5('case' || n)::uuid, 'person_id', md5('person' || n)::uuid, 'reference', 'B' || lpad(n::text, 11, '0'),
    'person_name', '测试甲' || lpad(n::text, 6, '0'), 'id_tail', lpad((n %% 10000)::text, 4, '0'),
    'initials', 'csj' || n, 'grade', 1 + n %% 5, 'due_at', a.due_at + n * interval '1 second'))).*
FROM applications a, generate_series(%(first)s::int, %(last)s::int) n
WHERE a.id = (SELECT id FROM applications ORDER BY created_at LIMIT 1)
"""


@click.command()
@click.option("--applications", default=100_000, show_default=True, help="How long the long queue is.")
@click.option("--times", default=50, show_default=True, help="How often each page is asked for.")
def main(applications: int, times: int) -> None:
    """Print statements and milliseconds of each page with both queues."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    table = Table("Page", "applications", "statements", "median ms", "95 % ms")
    counted: dict[str, set[int]] = {name: set() for name in PAGES}
    with _installation() as (web, superuser):
        flow = web.submitted()
        flow.at_office()
        cookie = {"Cookie": f"{SESSION}={web.session_of(web.staff(Role.CITY_REVIEWER, CITY))}"}
        there = 1
        for length in (SHORT, applications):
            _fill(superuser, there, length)
            there = length
            for name, path in PAGES.items():
                asked = [_ask(web, path, cookie) for _ in range(times)][1:]
                took = [milliseconds for _, milliseconds in asked]
                counted[name] |= {statements for statements, _ in asked}
                spread = (statistics.median(took), statistics.quantiles(took, n=20)[-1])
                table.add_row(name, f"{length:,}", str(asked[-1][0]), *(f"{took_ms:.1f}" for took_ms in spread))
    Console().print(table)
    if any(len(statements) != 1 for statements in counted.values()):
        raise click.ClickException(f"The number of statements depends on the length of the queue: {counted}")


def _fill(superuser: psycopg.Connection, there: int, length: int) -> None:
    """Copy the one application until there are so many; figures of the planner as autovacuum would have them."""
    for statement in (_PEOPLE, _CASES):
        superuser.execute(statement, {"first": there + 1, "last": length})
    superuser.execute("ANALYZE")


def _ask(web: Web, path: str, headers: dict[str, str]) -> tuple[int, float]:
    """How many statements a page takes, and how many milliseconds."""
    made: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        made.append(statement)

    event.listen(web.platform.engine, "before_cursor_execute", listen)
    started = time.perf_counter()
    answer = web.client.get(path, headers=headers)
    took = 1000 * (time.perf_counter() - started)
    event.remove(web.platform.engine, "before_cursor_execute", listen)
    if answer.status_code != 200:
        raise click.ClickException(f"{path} answered {answer.status_code}")
    return len(made), took


@contextmanager
def _installation() -> Iterator[tuple[Web, psycopg.Connection]]:
    """The application on an embedded server that goes away again, and a connection past row-level security."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(data_dir=Path(folder) / "data")
        with server.in_use():
            databases = Databases(
                *(server.address(role).render_as_string(hide_password=False) for role in (roles.APP, roles.OWNER))
            )
            migrate.upgrade(databases.owner_url)
            load_linshui(databases, OFFICES[0])
            engine: Engine = create_engine(databases.app_url)
            platform = platform_at(at(3, 25), databases, engine, offices=OFFICES, folder=Path(folder), simulation=True)
            with TestClient(create_app(platform)) as client, server.superuser(roles.DATABASE) as superuser:
                yield Web(platform, client, platform.clock), superuser  # type: ignore[arg-type]
            engine.dispose()


if __name__ == "__main__":
    main()
