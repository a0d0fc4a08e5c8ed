"""The cost of a long queue: each filter and order of an office with 100,000 applications beside one with 30.

Run it from the repository root: ``python -m bench.queue``. One application goes through the real services; its copies,
each of a person of its own, are inserted by the database's superuser. Timed is the first page as a reviewer's browser
asks for it: signing in by the cookie, the queue with its counts, the rendered HTML. Statements are counted at the
driver. The number of statements must not depend on the length; the time of the long queue is printed as a multiple of
that of the short one, and more than 1.5 times as much fails. Beside it stands what does not depend on the machine's
load: the pages (8 KB) that PostgreSQL read for each statement's plan, and the rows of tables and indexes behind them.
"""

import hashlib
import logging
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

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
from core.reviews.lists.orders import Order
from core.web.authentication.cookies import SESSION
from tests.callers import Web
from tests.cases import CITY, at, linshui_offices, load_linshui, platform_at

OFFICES = linshui_offices()
SHORT = 30
UNITS = 300
_UNIT = UUID(hashlib.md5(b"unit7", usedforsecurity=False).hexdigest())
MOST = 1.5
"""How much longer the first page of the long queue may take."""
PAGES = {
    "first page": "/desk",
    "search by initials": "/desk?q=csj",
    "search by one person's initials": "/desk?q=csjcdb",
    "search by name": "/desk?q=测试甲000001",
    "search by a part of the name": "/desk?q=甲00002",
    "search by a part of the unit": "/desk?q=第7号",
    "search by last digits": "/desk?q=0017",
    "one grade": "/desk?grade=4",
    "one trade": "/desk?trade=LS-7",
    "one unit": "/desk?unit={unit}",
    "one department": "/desk?department={unit}",
    "overdue": "/desk?overdue=1",
    "due by a day": "/desk?due=2024-04-20",
    "the rules ask": "/desk?found=asks",
    "the rules ask nothing": "/desk?found=nothing",
    "papers follow": "/desk?papers=missing",
    "papers are in": "/desk?papers=in",
    "returned before": "/desk?returned=1",
    "one's own claims": "/desk?claimed=mine",
    "colleagues' claims": "/desk?claimed=colleagues",
    "claimed by nobody": "/desk?claimed=nobody",
    **{
        f"sorted by {order.value}{', falling' if falling else ''}": f"/desk?sort={order.value}{'&falling=1' * falling}"
        for order in Order
        for falling in (False, True)
    },
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
# Units are added with the first cases; each is the department of the cases of another.
_UNITS = """
INSERT INTO units SELECT (jsonb_populate_record(u, jsonb_build_object(
    'id', md5('unit' || n)::uuid, 'name', '测试单位第' || n || '号'))).*
FROM units u, generate_series(1, %(units)s::int) n
WHERE u.id = (SELECT unit_id FROM applications ORDER BY created_at LIMIT 1)
ON CONFLICT DO NOTHING
"""
_CASES = """
INSERT INTO applications SELECT (jsonb_populate_record(a, jsonb_build_object(
    'id', md5('case' || n)::uuid, 'person_id', md5('person' || n)::uuid, 'reference', 'B' || lpad(n::text, 11, '0'),
    'person_name', '测试甲' || lpad(n::text, 6, '0'), 'id_tail', lpad((n %% 10000)::text, 4, '0'),
    'initials', 'csj' || translate(n::text, '0123456789', 'abcdefghij') || repeat(' csx', (n %% 40 = 0)::int),
    'grade', 1 + n %% 5, 'trade', 'LS-' || 1 + n %% 40, 'asks', n %% 9 = 0, 'deferral_open', n %% 50 = 0,
    'round', 1 + (n %% 25 = 0)::int, 'unit_id', md5('unit' || 1 + n %% %(units)s::int)::uuid,
    'unit_name', '测试单位第' || 1 + n %% %(units)s::int || '号',
    'department_id', md5('unit' || 1 + (n + 7) %% %(units)s::int)::uuid,
    'submitted_at', a.submitted_at + n * interval '1 second',
    'due_at', CASE WHEN n %% 20 > 0 THEN a.due_at + n * interval '1 second' END))).*
FROM applications a, generate_series(%(first)s::int, %(last)s::int) n
WHERE a.id = (SELECT id FROM applications ORDER BY created_at LIMIT 1)
"""


@click.command()
@click.option("--applications", default=100_000, show_default=True, help="How long the long queue is.")
@click.option("--times", default=50, show_default=True, help="How often each page is asked for and timed.")
def main(applications: int, times: int) -> None:
    """Print statements and milliseconds of each page with both queues."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sizes = (f"{SHORT}", f"{applications:,}")
    table = Table("Page", "statements", *(f"ms, {size}" for size in sizes), "times", "verdict")
    for size in sizes:
        table.add_column(f"pages read, {size}")
    table.add_column("rows read, long")
    counted: dict[str, set[int]] = {name: set() for name in PAGES}
    medians: dict[str, list[float]] = {name: [] for name in PAGES}
    read: dict[str, list[Read]] = {name: [] for name in PAGES}
    with installation() as (web, superuser):
        flow = web.submitted()
        flow.at_office()
        cookie = {"Cookie": f"{SESSION}={web.session_of(web.staff(Role.CITY_REVIEWER, CITY))}"}
        there = 1
        for length in (SHORT, applications):
            fill(superuser, there, length)
            there = length
            for name, path in PAGES.items():
                _ask(web, path.format(unit=_UNIT), cookie)
                asked = [_ask(web, path.format(unit=_UNIT), cookie) for _ in range(times)]
                counted[name] |= {statements for statements, _ in asked}
                medians[name].append(statistics.median(milliseconds for _, milliseconds in asked))
                read[name].append(_read(web, path.format(unit=_UNIT), cookie))
    slow = []
    for name, (short, long) in medians.items():
        (few, _), (many, rows) = read[name]
        within = long <= MOST * short and len(counted[name]) == 1
        figures = (f"{short:.1f}", f"{long:.1f}", f"{long / short:.2f}", "within" if within else "OVER")
        table.add_row(name, str(max(counted[name])), *figures, str(few), str(many), str(rows))
        slow += [name] if long > MOST * short else []
    Console(width=150).print(table)
    if any(len(statements) != 1 for statements in counted.values()):
        raise click.ClickException(f"The number of statements depends on the length of the queue: {counted}")
    if slow:
        raise click.ClickException(f"More than {MOST} times as long: {', '.join(slow)}")


Read: TypeAlias = tuple[int, int]
"""The pages and the rows that the plans of a request's statements read."""


def _read(web: Web, path: str, headers: dict[str, str]) -> Read:
    """What the statements of a page read, by the plan of each, run once more in the same transaction."""
    plans: list[dict[str, Any]] = []

    def explain(_connection: object, cursor: Any, statement: str, parameters: Any, *_more: object) -> None:
        if statement.lstrip().startswith("SELECT") and "set_config" not in statement:
            found = cursor.connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            plans.append(found.fetchone()[0][0]["Plan"])

    event.listen(web.platform.engine, "before_cursor_execute", explain)
    web.client.get(path, headers=headers)
    event.remove(web.platform.engine, "before_cursor_execute", explain)
    pages = sum(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] for plan in plans)
    return pages, round(sum(_rows_read(plan) for plan in plans))


def _rows_read(plan: dict[str, Any]) -> float:
    """The rows that the scans of a plan have looked at, those that a filter removed included."""
    scanned = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if "Scan" in plan["Node Type"] else 0
    return scanned * plan["Actual Loops"] + sum(_rows_read(part) for part in plan.get("Plans", ()))


def fill(superuser: psycopg.Connection, there: int, length: int) -> None:
    """Copy the one application until there are so many; figures of the planner as autovacuum would have them."""
    for statement in (_UNITS, _PEOPLE, _CASES):
        superuser.execute(statement, {"first": there + 1, "last": length, "units": UNITS})
    # The worker adds them up every minute.
    superuser.execute("SELECT add_up_case_counts()")
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
def installation() -> Iterator[tuple[Web, psycopg.Connection]]:
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
