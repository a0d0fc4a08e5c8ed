"""A province with a million applications: what the first page and the usual searches of every post take.

Run it from the repository root: ``python -m bench.million``. Two seasons of invented people go through the services
(those of the demonstration); every application with what belongs to it is then copied by the database's superuser, past
the policies and triggers, until there are so many, over all offices, both years and every state, in units of a hundred
people or so. Pages are asked for as a browser does, by who may see them. ``--folder`` keeps the database.
"""

import logging
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import click
import psycopg
import structlog
from litestar.testing import TestClient
from rich.console import Console
from rich.table import Table
from sqlalchemy import event

from bench.copies import COPIES, FIGURES, LIST_OUT, SITTINGS_OF_PLANS, UNIT_OF, Copied
from bench.million_pages import Asked, Look, pages
from core.app import create_app
from core.cli import demo
from core.db import roles
from core.db.database import embedded_server
from core.db.session import ANONYMOUS, SignInSession
from core.identity.sign_in.sessions import Origin, open_session
from core.platform import Platform, open_platform
from core.settings import Settings
from core.web.authentication.cookies import SESSION

_ENOUGH = 100.0
"""Milliseconds that a page should stay below."""


@click.command()
@click.option("--applications", default=1_000_000, show_default=True, help="How many there are to be.")
@click.option("--times", default=20, show_default=True, help="How often each page is asked for.")
@click.option("--folder", type=click.Path(path_type=Path), help="Keeps the database; used again if it is there.")
@click.option("--only", default="", help="Only the pages of posts that begin so.")
def main(applications: int, times: int, folder: Path | None, only: str) -> None:
    """Print statements, milliseconds and rows of each page."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _folder(folder) as place:
        settings = Settings.load(data_dir=place, simulation=True, verifications_per_minute=10**6)
        if not (place / "filled").exists():
            demo.make(settings)
            _fill(settings, applications)
            (place / "filled").touch()
        table = Table("Post", "Page", "Statements", "Median ms", "Worst ms", "Rows")
        slow = []
        with open_platform(settings) as platform, TestClient(create_app(platform)) as client:
            with embedded_server(settings).superuser(roles.DATABASE) as superuser:
                asked = [page for page in pages(superuser) if page.post.startswith(only)]
            for page in asked:
                seen = measure(platform, client, page, times)
                table.add_row(page.post, page.title, *seen.cells())
                if seen.median > _ENOUGH:
                    slow.append(f"{page.post}, {page.title}: {seen.median:.0f} ms")
    Console(width=140).print(table)
    click.echo(f"Above {_ENOUGH:g} ms: {'; '.join(slow) or 'none'}")


def measure(platform: Platform, client: TestClient, asked: Asked, times: int) -> Look:  # type: ignore[type-arg]
    """Ask for a page so often, once more to warm up; raises where it is refused."""
    headers = {"Accept": "text/html"}
    client.cookies.clear()
    if asked.account_id is not None:
        client.cookies.set(SESSION, _signed_in(platform, asked.account_id))
    statements: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    took: list[float] = []
    text = ""
    event.listen(platform.engine, "before_cursor_execute", listen)
    try:
        for _ in range(times + 1):
            statements.clear()
            started = time.perf_counter()
            if asked.sent is None:
                answer = client.get(asked.address, headers=headers)
            else:
                answer = client.post(asked.address, json=asked.sent)
            took.append(1000 * (time.perf_counter() - started))
            text = answer.text
            if answer.status_code not in {200, 201} or "/sign-in" in str(answer.url):
                raise click.ClickException(
                    f"{asked.post}: {asked.address} answered {answer.status_code} at {answer.url}"
                )
    finally:
        event.remove(platform.engine, "before_cursor_execute", listen)
    return Look(len(statements), statistics.median(took[1:]), max(took[1:]), text.count("<tr>") + text.count("<tr "))


def _signed_in(platform: Platform, account_id: UUID) -> str:
    origin = Origin("127.0.0.1", "测试浏览器")
    with SignInSession(platform.engine, actor=ANONYMOUS, now=platform.clock()) as session, session.begin():
        return open_session(session, account_id, awaits=None, origin=origin, lifetimes=platform.door.lifetimes).token


def _fill(settings: Settings, applications: int) -> None:
    """Copy everything; figures of the planner and maps of visible rows are left as autovacuum would leave them."""
    with open_platform(settings, durable=False), embedded_server(settings).superuser(roles.DATABASE) as superuser:
        there = superuser.execute("SELECT count(*) FROM applications").fetchone()
        assert there is not None  # noqa: S101 - a count has a row
        copies = max(1, round(applications / there[0]) - 1)
        superuser.execute("SET session_replication_role = replica")
        for copy in COPIES:
            started = time.perf_counter()
            made = _copy(superuser, copy, copies)
            click.echo(f"{made:>10,} {copy.table} in {time.perf_counter() - started:.0f} s", err=True)
        superuser.execute(SITTINGS_OF_PLANS, {"last": copies // UNIT_OF})
        superuser.execute(LIST_OUT)
        superuser.execute(f"TRUNCATE case_counts; {FIGURES}")
        superuser.execute("VACUUM ANALYZE")


def _copy(superuser: psycopg.Connection, copied: Copied, copies: int) -> int:
    found = superuser.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
        (copied.table,),
    )
    columns = [row[0] for row in found]
    values = [copied.changed.get(column, f'o."{column}"') for column in columns]
    listed = ", ".join(f'"{column}"' for column in columns)
    statement = (
        f"INSERT INTO {copied.table} ({listed}) SELECT {', '.join(values)} FROM {copied.table} o, "
        f"generate_series(1, {copied.number_of(copies)}) n WHERE {copied.which}"
    )
    return superuser.execute(statement).rowcount  # type: ignore[arg-type]


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept.resolve()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


if __name__ == "__main__":
    main()
