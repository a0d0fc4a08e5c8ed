"""`kaowu documents`: whether every uploaded file is there and whole, and what a crash left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from core.db.session import ProvinceSession, system_actor
from core.documents import store_check
from core.documents.models import Attachment, Document
from core.platform import Platform, open_platform
from core.settings import Settings


@click.group()
def documents() -> None:
    """Uploaded files, of applications and of anything else: check them, clear away what a crash left behind."""


@documents.command()
def verify() -> None:
    """Read every file to its end and name those that are missing or altered. Ends with 1 where there are any."""
    faults = 0
    with open_platform(Settings.load()) as platform, _everybody(platform) as session:
        total = sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Document, Attachment))
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Documents", total=total)
            for checked in store_check.verify(session, store=platform.documents, keys=platform.keys):
                progress.advance(task)
                if checked.fault:
                    faults += 1
                    click.echo(
                        f"{checked.reference} {checked.material}: {checked.fault} (document {checked.document_id})"
                    )
        session.commit()
    click.echo(f"{total} documents, {faults} at fault")
    if faults:
        raise click.exceptions.Exit(1)


@documents.command()
@click.option("--older-than", "hours", type=click.FloatRange(min=1), default=24.0, show_default=True, help="In hours.")
def sweep(*, hours: float) -> None:
    """Remove files that no row names: what uploads left behind whose process was killed."""
    removed = 0
    with open_platform(Settings.load()) as platform, _everybody(platform) as session:
        for file in store_check.sweep(session, platform.documents, older_than=timedelta(hours=hours)):
            removed += 1
            click.echo(f"removed {file.name} ({file.size} bytes of {file.modified_at:%F %H:%M})")
    click.echo(f"{removed} files removed")


@contextmanager
def _everybody(platform: Platform) -> Iterator[ProvinceSession]:
    actor = system_actor(platform.offices.catalogue.province.code)
    with ProvinceSession(platform.engine, actor=actor, now=platform.clock()) as session:
        yield session
