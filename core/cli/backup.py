"""`kaowu backup`: the whole installation in one encrypted file, and its restoration."""

from pathlib import Path

import click
from rich.console import Console

from core.backup import archive, creating, recipient, restoring
from core.backup.archive import Manifest
from core.errors import ConfigurationError
from core.platform import open_platform
from core.security.ciphers import Damaged
from core.settings import Settings

_FILE = click.Path(path_type=Path, dir_okay=False)
_THERE = click.Path(path_type=Path, dir_okay=False, exists=True)
_KEY = click.option("--key", "key", type=_THERE, required=True, help="The private key that `kaowu backup key` made.")


@click.group()
def backup() -> None:
    """Backups: make one, check one, bring one back."""


@backup.command()
@click.argument("file", type=_FILE)
def key(*, file: Path) -> None:
    """Make the pair of keys of backups: the private one goes to FILE, which is then carried away."""
    public = recipient.make_pair(file)
    click.echo(
        f"The private key is in {file}. Keep it, and a copy of it, away from this machine: only it opens backups."
    )
    click.echo(f"Set on this machine: KAOWU_BACKUP_RECIPIENT={public}")


@backup.command()
@click.argument("file", type=_FILE)
@click.option("--without-keys", is_flag=True, help="Leave the data keys out, where they are kept in another way.")
def create(*, file: Path, without_keys: bool) -> None:
    """Write everything as of this moment to FILE. Ends with 1 where a paper was missing in the store."""
    settings = Settings.load()
    if settings.backup_recipient is None:
        raise ConfigurationError("Set KAOWU_BACKUP_RECIPIENT to the public key. To make a pair: kaowu backup key FILE")
    public = recipient.read_public(settings.backup_recipient)
    with open_platform(settings) as platform:
        manifest = creating.create(platform, file, public, with_keys=not without_keys, tell=_tell)
    _summary(manifest)
    click.echo(f"{file.stat().st_size:,} bytes written to {file}")
    if manifest.missing:
        for name in manifest.missing:
            click.echo(f"not in the store, and so not in the backup: {name}", err=True)
        raise click.exceptions.Exit(1)


@backup.command()
@click.argument("file", type=_THERE)
@_KEY
def verify(*, file: Path, key: Path) -> None:
    """Read FILE to its end and compare everything with its manifest. Ends with 1 where anything is wrong."""
    try:
        _summary(archive.verify(file, recipient.read_private(key)))
    except Damaged as error:
        raise _damaged(file, error) from error
    click.echo("The backup is whole.")


@backup.command()
@click.argument("file", type=_THERE)
@_KEY
def restore(*, file: Path, key: Path) -> None:
    """Bring FILE back onto an empty machine: into KAOWU_DATA_DIR, or the database and bucket that settings name."""
    settings = Settings.load()
    try:
        manifest = restoring.restore(settings, file, recipient.read_private(key), tell=_tell)
    except Damaged as error:
        raise _damaged(file, error) from error
    _summary(manifest)
    click.echo(f"Everything is back in {settings.data_dir}. Now:")
    if not manifest.with_keys:
        click.echo(f"- the data keys are not in this backup: put them into {settings.keys_dir}")
    click.echo(f"- compare {settings.data_dir / restoring.CONFIGURATION} with {settings.tenants_dir} and your settings")
    click.echo("- run kaowu documents verify and kaowu audit verify")


def _damaged(file: Path, error: Damaged) -> click.ClickException:
    return click.ClickException(f"{file} is damaged, or was made for another key: {error}. Nothing was changed.")


def _summary(manifest: Manifest) -> None:
    rows = sum(manifest.counts.values())
    papers = sum(name.startswith(f"{archive.PAPERS}/") for name in manifest.files)
    keys = "with" if manifest.with_keys else "without"
    click.echo(
        f"As of {manifest.created_at}: Kaowu {manifest.kaowu}, database {manifest.revision}, {rows} rows in "
        f"{len(manifest.counts)} tables, {len(manifest.heads)} record heads, {papers} papers, {keys} the data keys"
    )


def _tell(step: str) -> None:
    Console(stderr=True).print(f"… {step}", highlight=False)
