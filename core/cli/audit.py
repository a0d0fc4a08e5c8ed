"""`kaowu audit`: export the heads of the record, verify it, and prove that one entry is in it."""

import json
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress

from core.audit.agreement import disagreements
from core.audit.facts import covered_tables
from core.audit.heads import ExportedHead, export_heads, read_heads
from core.audit.proofs import prove_entry
from core.audit.verification import UNSEALED_FOR, RecordFault, VerifiedRecord, Verifier
from core.clock import start_of
from core.db.session import AuditorSession, system_actor
from core.platform import Platform, open_platform
from core.security.fact_coverage import COLUMNS_LEFT_OUT, ROWS_LEFT_OUT, TABLES_LEFT_OUT, WITHOUT_ENTRY
from core.settings import Settings

_FOUND = 1
"""The exit code of a verification that found a fault; one that could not be done ends with a message and 1 as well."""


@click.group()
def audit() -> None:
    """The record of what was done: its proof, and whether it still holds."""


@audit.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Only batches sealed from this day on.")
def heads(since: datetime | None) -> None:
    """Print the signed head of every batch, a line each. Keep them where no administrator of the database can write."""
    with _reading() as (session, _platform):
        for line in export_heads(session, since=None if since is None else start_of(since.date())):
            click.echo(line)


@audit.command()
@click.option(
    "--heads",
    "exports",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="An earlier export of heads, kept elsewhere; may be given again. Only this finds what was rewritten whole.",
)
@click.option(
    "--unsealed-for",
    type=click.IntRange(min=1),
    default=int(UNSEALED_FOR.total_seconds()),
    show_default=True,
    help="Seconds after which an entry has to be sealed.",
)
def verify(exports: tuple[Path, ...], unsealed_for: int) -> None:
    """Compare the record with its seals, and every row that decides with the record.

    Names the first wrong place of each office, and every row; exits with 1 if there is any.
    """
    exported = [head for file in exports for head in _exported(file)]
    with _reading() as (session, platform):
        console = Console(stderr=True)
        with Progress(console=console) as progress:
            task = progress.add_task("Verifying entries", total=None)
            verifier = Verifier(
                session,
                platform.record_keys,
                exported=exported,
                unsealed_for=timedelta(seconds=unsealed_for),
                advance=lambda count: progress.advance(task, count),
            )
            progress.update(task, total=verifier.entries())
            verified = verifier.verify()
            progress.add_task("Comparing every row that decides with it", total=None)
            differing = list(disagreements(session))
    _report(verified, differing)


@audit.command()
def coverage() -> None:
    """Print what `verify` compares with the record, and what it does not, each with its reason."""
    covered = covered_tables()
    click.echo(f"Every row of {len(covered)} tables is compared with its digest on the record:")
    click.echo(
        textwrap.fill(", ".join(table.name for table in covered), 110, initial_indent="  ", subsequent_indent="  ")
    )
    click.echo("In them these columns are not:")
    for name, columns in sorted(COLUMNS_LEFT_OUT.items()):
        for column, reason in sorted(columns.items()):
            click.echo(f"  {name}.{column}: {reason}")
    click.echo("These rows are not, until their columns have other values:")
    for name, values in sorted(ROWS_LEFT_OUT.items()):
        click.echo(f"  {name} with {', '.join(f'{column} = {value}' for column, value in values.items())}")
    click.echo("The rows of these tables may change in a transaction that leaves no entry:")
    for name, reason in sorted(WITHOUT_ENTRY.items()):
        click.echo(f"  {name}: {reason}")
    click.echo(f"No row of {len(TABLES_LEFT_OUT)} tables is compared:")
    for name, reason in sorted(TABLES_LEFT_OUT.items()):
        click.echo(f"  {name}: {reason}")


@audit.command()
@click.argument("entry_id", type=click.UUID)
def prove(entry_id: UUID) -> None:
    """Print the proof that an entry is in its signed batch: what it says, its way to the root, the head."""
    with _reading() as (session, _platform):
        click.echo(json.dumps(prove_entry(session, entry_id).plain(), ensure_ascii=False, indent=2))


def _exported(file: Path) -> list[ExportedHead]:
    with file.open(encoding="utf-8") as lines:
        return read_heads(lines, name=str(file))


def _report(verified: VerifiedRecord, differing: list[RecordFault]) -> None:
    looked_at = f"{verified.entries} entries in {verified.batches} batches of {verified.offices} offices"
    for fault in (*verified.faults, *differing):
        click.echo(str(fault))
    if verified.faults or differing:
        click.echo(f"The record does not hold. Looked at: {looked_at}.", err=True)
        sys.exit(_FOUND)
    click.echo(f"The record holds: {looked_at}.")


@contextmanager
def _reading() -> Iterator[tuple[AuditorSession, Platform]]:
    """A session that reads everything as of one moment."""
    with open_platform(Settings.load()) as platform:
        engine = platform.engine.execution_options(isolation_level="REPEATABLE READ")
        actor = system_actor(platform.offices.catalogue.province.code)
        with AuditorSession(engine, actor=actor, now=platform.clock()) as session, session.begin():
            yield session, platform
