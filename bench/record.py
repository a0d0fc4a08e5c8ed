"""What the record costs: submissions of 16 writers in one office, with the record and without it, in turns.

Run it from the repository root: ``python -m bench.record``. Each round submits the same number of fresh drafts twice,
in changing order: once as it is, with a sealer beside that seals every second, once with the writing of entries left
out and no sealer. Printed are throughputs and the processor's time for a submission, ours and PostgreSQL's together
(Linux): where the processor is the limit, its ratio is that of the throughputs, and other programs disturb it less.
"""

from __future__ import annotations

import contextlib
import logging
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import click
import structlog
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, create_engine

from core.applications import moves
from core.audit.sealing import Sealer
from core.audit.verification import Verifier
from core.clock import SettableClock
from core.db import migrate, roles
from core.db.database import Databases
from core.db.embedded import EmbeddedServer
from core.db.session import AuditorSession, PersonSession, system_actor
from core.documents.storage import DocumentStore
from core.reviews.submission import submit
from tests.cases import CITY, PROVINCE, RECORD_KEYS, Case, Season, at, linshui_offices, load_linshui

WRITERS = 16
OFFICES, RULES = linshui_offices()


@dataclass(frozen=True, slots=True)
class Measured:
    """Submissions a second, and the processor's milliseconds for each."""

    per_second: float
    processor_ms: float


@dataclass(frozen=True, slots=True)
class Round:
    """The same number of submissions without the record and with it."""

    without: Measured
    with_it: Measured

    @property
    def ratio(self) -> float:
        """What the record leaves of the throughput, by the processor's time."""
        return self.without.processor_ms / self.with_it.processor_ms


@click.command()
@click.option("--rounds", default=8, show_default=True, help="How often both are measured; the first is not counted.")
@click.option("--submissions", default=96, show_default=True, help="Submissions of one measurement.")
def main(rounds: int, submissions: int) -> None:
    """Print a line for each round, and the median of the ratios."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _server() as (engine, postmaster):
        measured = [_round(engine, postmaster, number, submissions) for number in range(rounds + 1)][1:]
        _check(engine)
    table = Table("Round", "per second without", "with", "processor ms without", "with", "ratio")
    for number, one in enumerate(measured, start=1):
        figures = (one.without.per_second, one.with_it.per_second, one.without.processor_ms, one.with_it.processor_ms)
        table.add_row(str(number), *(f"{figure:.1f}" for figure in figures), f"{one.ratio:.3f}")
    Console().print(table)
    by_time = statistics.median(one.with_it.per_second / one.without.per_second for one in measured)
    by_processor = statistics.median(one.ratio for one in measured)
    click.echo(
        f"Median ratio: {by_processor:.3f} by the processor's time, {by_time:.3f} by the clock; aim: above 0.900."
    )


def _round(engine: Engine, postmaster: int, number: int, submissions: int) -> Round:
    drafts = _drafts(engine, number, 2 * submissions)
    half = {"without": drafts[:submissions], "with": drafts[submissions:]}
    found: dict[str, Measured] = {}
    for arm in ("without", "with") if number % 2 else ("with", "without"):
        started, spent = time.perf_counter(), _processor_seconds(postmaster)
        with _unrecorded() if arm == "without" else _sealing(engine):
            _submit(engine, half[arm])
        spent, elapsed = _processor_seconds(postmaster) - spent, time.perf_counter() - started
        found[arm] = Measured(submissions / elapsed, 1000 * spent / submissions)
    return Round(found["without"], found["with"])


def _submit(engine: Engine, drafts: list[Case]) -> None:
    def write(case: Case) -> None:
        with PersonSession(engine, actor=case.person, now=at(3, 26)) as session, session.begin():
            submit(session, case.id, offices=OFFICES, rules=RULES)

    with ThreadPoolExecutor(WRITERS) as writers:
        for _ in writers.map(write, drafts):
            pass


def _processor_seconds(postmaster: int) -> float:
    """What this process and PostgreSQL have used so far, the server's ended processes included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = stat.read_text().rpartition(")")[2].split()
            parent, user, system, children_user, children_system = (int(fields[n]) for n in (1, 11, 12, 13, 14))
            if stat.parent.name == str(postmaster):
                ticks += user + system + children_user + children_system
            elif parent == postmaster:
                ticks += user + system
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _drafts(engine: Engine, number: int, count: int) -> list[Case]:
    with tempfile.TemporaryDirectory() as folder, engine.connect() as connection, connection.begin():
        season = Season(connection, OFFICES, RULES, DocumentStore(Path(folder)), now=at(3, 26), _people=number * count)
        return [season.draft(CITY) for _ in range(count)]


@contextlib.contextmanager
def _unrecorded() -> Iterator[None]:
    """A submission without its entry: neither its digests nor its insert."""
    with (
        patch.object(moves, "record", lambda *_, **__: None),
        patch.object(moves, "move_digest", lambda _: ""),
    ):
        yield


@contextlib.contextmanager
def _sealing(engine: Engine) -> Iterator[None]:
    """A sealer beside, as the worker runs it, which also seals what is left at the end."""
    sealer = Sealer(engine, RECORD_KEYS, clock=SettableClock(at(3, 26)), province=PROVINCE)
    sealer.seal()
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(1.0):
            sealer.seal()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        sealer.seal()


def _check(engine: Engine) -> None:
    """What was measured did what it says: the record holds."""
    with AuditorSession(engine, actor=system_actor(PROVINCE), now=at(3, 26)) as session:
        faults = Verifier(session, RECORD_KEYS).verify().faults
    if faults:
        raise click.ClickException(str(faults[0]))


@contextlib.contextmanager
def _server() -> Iterator[tuple[Engine, int]]:
    """An embedded server of its own with the usual durability, and the invented province in it; its process id too."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(data_dir=Path(folder) / "data")
        with server.in_use():
            app, owner = (
                server.address(role).render_as_string(hide_password=False) for role in (roles.APP, roles.OWNER)
            )
            migrate.upgrade(owner)
            load_linshui(Databases(app, owner), OFFICES)
            engine = create_engine(app, pool_size=WRITERS + 4)
            running = server.status()
            assert running is not None  # noqa: S101 - it is in use
            yield engine, running.pid
            engine.dispose()


if __name__ == "__main__":
    main()
