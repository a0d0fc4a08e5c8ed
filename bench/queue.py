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
import random
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
from core.applications.initials import initials
from core.db import migrate, roles
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import Role
from core.reviews.lists.orders import Order, Sorted
from core.web.authentication.cookies import SESSION
from tests.callers import Web
from tests.cases import CITY, at, linshui_offices, load_linshui, platform_at

OFFICES = linshui_offices()
SHORT = 30
UNITS = 300
_UNIT = UUID(hashlib.md5(b"unit7", usedforsecurity=False).hexdigest())
MOST = 1.5
"""How much longer the first page of the long queue may take."""
# Frequent surnames, the most frequent first, some with several readings; and signs of given names.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤"
    "尹黎易常武乔贺赖龚文单解查仇"
)
_GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂建国志华红玉梅文辉力永健世广义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮"
    "会思群豪心邦承乐绍功松善厚庆友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘"
)
PAGES = {
    "first page": "/desk",
    "search by initials": "/desk?q=csw",
    "search by one person's initials": "/desk?q={initials}",
    "search by name": "/desk?q={name}",
    "search by a part of the name": "/desk?q={part}",
    "search by a part of the unit": "/desk?q=第7号",
    "search by last digits": "/desk?q=0017",
    "one grade": "/desk?grade=4",
    "one trade": "/desk?trade=LS-7",
    "one unit": "/desk?unit={unit}",
    "one department": "/desk?department={unit}",
    "overdue": "/desk?overdue=1",
    "due by a day": "/desk?due=2024-04-20",
    "a page in the middle": "/desk?after={middle}",
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
    'name', invented.name))).*
FROM persons p, invented
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
    'person_name', invented.name, 'id_tail', lpad((n %% 10000)::text, 4, '0'), 'initials', invented.initials,
    'grade', 1 + n %% 5, 'trade', 'LS-' || 1 + n %% 40, 'asks', n %% 9 = 0, 'deferral_open', n %% 50 = 0,
    'round', 1 + (n %% 25 = 0)::int, 'unit_id', md5('unit' || 1 + n %% %(units)s::int)::uuid,
    'unit_name', '测试单位第' || 1 + n %% %(units)s::int || '号',
    'department_id', md5('unit' || 1 + (n + 7) %% %(units)s::int)::uuid,
    'submitted_at', a.submitted_at + n * interval '1 second',
    'due_at', CASE WHEN n %% 20 > 0 THEN a.due_at + n * interval '1 second' END))).*
FROM applications a, invented
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
            words = _words(superuser)
            for name, path in ((name, path.format(**words)) for name, path in PAGES.items()):
                _ask(web, path, cookie)
                asked = [_ask(web, path, cookie) for _ in range(times)]
                counted[name] |= {statements for statements, _ in asked}
                medians[name].append(statistics.median(milliseconds for _, milliseconds in asked))
                read[name].append(_read(web, path, cookie))
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


def _words(superuser: psycopg.Connection) -> dict[str, object]:
    """What the addresses of the pages ask for."""
    row = superuser.execute(
        "SELECT due_at, id FROM applications WHERE due_at IS NOT NULL ORDER BY due_at, id "
        "OFFSET (SELECT count(*) / 2 FROM applications) LIMIT 1"
    ).fetchone()
    assert row is not None  # noqa: S101 - there are cases
    name = _named(2)
    return {
        "unit": _UNIT,
        "name": name,
        "part": name[-2:],
        "initials": initials(name).split()[0],
        "middle": Sorted().key(*row),
    }


def _named(number: int) -> str:
    """A name whose signs are as frequent as in real ones, and that nobody takes for a real one."""
    drawn = random.Random(number)  # noqa: S311 - made up, no secret
    surname = drawn.choices(_SURNAMES, weights=[1 / (place + 2) for place in range(len(_SURNAMES))])[0]
    return "测试" + surname + "".join(drawn.choices(_GIVEN, k=2))


def fill(superuser: psycopg.Connection, there: int, length: int) -> None:
    """Copy the one application until there are so many; figures of the planner as autovacuum would have them."""
    superuser.execute("CREATE TEMP TABLE IF NOT EXISTS invented (n int, name text, initials text)")
    superuser.execute("TRUNCATE invented")
    with superuser.cursor().copy("COPY invented FROM STDIN") as copy:
        for number in range(there + 1, length + 1):
            name = _named(number)
            copy.write_row((number, name, initials(name)))
    for statement in (_UNITS, _PEOPLE, _CASES):
        superuser.execute(statement, {"first": there + 1, "last": length, "units": UNITS})
    # The worker adds them up every minute.
    superuser.execute("SELECT add_up_case_counts()")
    superuser.execute("VACUUM ANALYZE")


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
