"""`kaowu archive`: check that a package of awards in the archive is the one that was made."""

from pathlib import Path

import click

from core.results.archive.file import faults_of
from core.security.signatures import PaperKeys
from core.settings import Settings


@click.group()
def archive() -> None:
    """Packages for the archive: lists, certificates and marks of a season in one signed file."""


@archive.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--public-key", "public_keys", multiple=True, help="In hex; by default the keys of this installation.")
def verify(*, file: Path, public_keys: tuple[str, ...]) -> None:
    """Compare everything in FILE with its signed manifest. Ends with 1 where anything is wrong."""
    keys = public_keys or PaperKeys.load(Settings.load().keys_dir).public
    faults = faults_of(file, public_keys=keys)
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.exceptions.Exit(1)
    click.echo("The package is whole, and signed by one of the keys.")
