"""`kaowu retention`: erase personal data after its time."""

import click
from rich.console import Console
from rich.progress import Progress

from core.platform import open_platform
from core.retention import retention_of
from core.settings import Settings


@click.group()
def retention() -> None:
    """How long personal data is kept: the terms stand in the province's file, [retention]."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only say how much is due.")
def run(*, dry_run: bool) -> None:
    """Erase what is due. The worker does this every night; run again, it erases nothing twice."""
    with open_platform(Settings.load()) as platform:
        keeper = retention_of(platform)
        due = keeper.due()
        if dry_run:
            for name, count in due.items():
                click.echo(f"{name}: {count} due")
            return
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("Erasing", total=sum(due.values()))
            done = keeper.run(lambda _name, count: progress.advance(task, count))
        for name in due:
            click.echo(f"{name}: {done.get(name, 0)} erased")
