"""The cost of the record: submissions of 16 writers in one office, in turns without it, with entries, and with digests.

Run it from the repository root: ``python -m bench.record``. Slices of about a second with the record, each sealed at
its end as the worker seals every second, take turns with slices in which the digests of rows are left out, and with
slices in which the writing of entries is left out as well. All of each kind are added up: a machine that changes its
speed from second to second then bears on all alike. Compared are throughput and the processor's time for a submission,
ours and PostgreSQL's together (Linux): where the processor is the limit, its ratio is that of the throughputs, and
other programs disturb it less.
"""

import contextlib
import logging
import os
import tempfile
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
from sqlalchemy import Engine, create_engine, text

from core.applications import moves
from core.audit.facts import covered_tables
from core.audit.sealing import Sealer
from core.audit.verification import Verifier
from core.clock import SettableClock
from core.db import migrate, roles
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import AuditorSession, PersonSession, system_actor
from core.documents.storage import DocumentStore
from core.reviews.submission import submit
from tests.cases import CITY, PROVINCE, RECORD_KEYS, Case, Season, at, linshui_offices, load_linshui

WRITERS = 16
OFFICES, RULES = linshui_offices()
WITHOUT, ENTRIES, DIGESTS = "without the record", "with entries", "with entries and digests of rows"
KINDS = (WITHOUT, ENTRIES, DIGESTS)


@dataclass(slots=True)
class Spent:
    """The sums over the slices of one kind."""

    submissions: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def per_second(self) -> float:
        """Throughput."""
        return self.submissions / self.seconds

    @property
    def processor_ms(self) -> float:
        """The processor's milliseconds for one submission."""
        return 1000 * self.processor / self.submissions


@click.command()
@click.option("--slices", default=16, show_default=True, help="Slices of each kind.")
@click.option("--submissions", default=128, show_default=True, help="Submissions of one slice.")
def main(slices: int, submissions: int) -> None:
    """Print what each kind took, and what is left of the throughput without a record."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _server() as (engine, owner, postmaster):
        found = _measure(engine, owner, postmaster, slices=slices, submissions=submissions)
        _check(engine)
    table = Table("Submissions", "number", "per second", "processor ms each")
    for kind, measured in found.items():
        table.add_row(kind, str(measured.submissions), f"{measured.per_second:.1f}", f"{measured.processor_ms:.2f}")
    Console().print(table)
    without = found[WITHOUT]
    for kind in (ENTRIES, DIGESTS):
        by_processor = without.processor_ms / found[kind].processor_ms
        by_time = found[kind].per_second / without.per_second
        click.echo(f"Left {kind}: {by_processor:.3f} by the processor's time, {by_time:.3f} by the clock.")


def _measure(engine: Engine, owner: Engine, postmaster: int, *, slices: int, submissions: int) -> dict[str, Spent]:
    """The slices in the order A B C C B A …, after one of each that is not counted."""
    sealer = Sealer(engine, RECORD_KEYS, clock=SettableClock(at(3, 26)), province=PROVINCE)
    found = {kind: Spent() for kind in KINDS}
    for number in range(slices + 1):
        drafts = _drafts(engine, number, len(KINDS) * submissions)
        for place, kind in enumerate(KINDS if number % 2 else KINDS[::-1]):
            part = drafts[place * submissions : (place + 1) * submissions]
            _set_digests(owner, noted=kind == DIGESTS)
            started, spent = time.perf_counter(), _processor_seconds(postmaster)
            with _unrecorded() if kind == WITHOUT else contextlib.nullcontext():
                _submit(engine, part)
            if kind != WITHOUT:
                sealer.seal()
            if kind == DIGESTS:
                sealer.keep_facts()
            if number:
                found[kind].submissions += submissions
                found[kind].seconds += time.perf_counter() - started
                found[kind].processor += _processor_seconds(postmaster) - spent
    return found


def _set_digests(owner: Engine, *, noted: bool) -> None:
    """Switch the triggers that note the digests of rows on or off."""
    with owner.begin() as connection:
        for table in covered_tables():
            for trigger in ("note_come", "note_changed", "note_gone"):
                act = "ENABLE" if noted else "DISABLE"
                connection.execute(text(f'ALTER TABLE "{table.name}" {act} TRIGGER {trigger}'))


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
        patch.object(moves.audit, "record_on", lambda *_, **__: None),
        patch.object(moves, "move_digest", lambda _: ""),
    ):
        yield


def _check(engine: Engine) -> None:
    """Check that the measured record holds."""
    with AuditorSession(engine, actor=system_actor(PROVINCE), now=at(3, 26)) as session:
        faults = Verifier(session, RECORD_KEYS).verify().faults
    if faults:
        raise click.ClickException(str(faults[0]))


@contextlib.contextmanager
def _server() -> Iterator[tuple[Engine, Engine, int]]:
    """An embedded server of its own with the usual durability, and the invented province in it: as the running role and
    as the owner of the tables; its process id too.
    """
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
            of_owner = create_engine(owner)
            yield engine, of_owner, running.pid
            engine.dispose()
            of_owner.dispose()


if __name__ == "__main__":
    main()
