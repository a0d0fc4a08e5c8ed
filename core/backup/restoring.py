"""Restoring a backup onto an empty machine: everything, or nothing.

The backup is read to its end and checked before anything is made. Then everything is made beside its place, and moved
there in one step or taken away again.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from core.backup import archive
from core.backup.archive import DATABASE, HEADS, KEYS, PAPERS, Manifest
from core.backup.creating import Progress, superuser_url
from core.db import dump, migrate
from core.db.database import embedded_server
from core.db.server.embedded import MAJOR
from core.documents.storage import DocumentStorage, open_storage
from core.errors import ConfigurationError
from core.settings import Settings

CONFIGURATION = "restored-configuration"
"""The folder in the new data directory for tenants/ and settings of the old machine, which an operator compares."""

_READ_AT_ONCE = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Target:
    """The place of the restoration: the future data directory, the database, the store of papers."""

    folder: Path
    url: str
    store: DocumentStorage


def restore(settings: Settings, file: Path, private: X25519PrivateKey, *, tell: Progress = print) -> Manifest:
    """Bring ``file`` back, and return its manifest.

    Raises Damaged for a damaged backup, and ConfigurationError where the target is not empty or the backup is another
    version's; either way nothing has changed.
    """
    _check_folders(settings)
    tell("checking the backup")
    manifest = archive.verify(file, private)
    _check_versions(manifest)
    with _target(settings) as target:
        for section, entries in groupby(archive.read(file, private), lambda entry: entry[0].partition("/")[0]):
            tell(section)
            if section == DATABASE:
                dump.restore(target.url, (chunk for _, content in entries for chunk in _chunks(content)))
            else:
                for name, content in entries:
                    _put(name, content, target)
        found = dump.figures(target.url)
        if (found.counts, found.heads) != (manifest.counts, manifest.heads):
            raise ConfigurationError("What was brought back has other counts or record heads than the backup says")
    if settings.keys_dir != settings.data_dir / KEYS and (settings.data_dir / KEYS).exists():
        shutil.move(settings.data_dir / KEYS, settings.keys_dir)
    return manifest


def _check_folders(settings: Settings) -> None:
    for folder in (settings.data_dir, settings.keys_dir):
        if folder.exists() and any(folder.iterdir()):
            raise ConfigurationError(
                f"{folder} is not empty: a backup is brought back onto an empty machine only. Name another folder, or "
                "move this one away."
            )


def _check_versions(manifest: Manifest) -> None:
    if manifest.kaowu.split(".")[0] != version("kaowu").split(".")[0] or not migrate.knows(manifest.revision):
        raise ConfigurationError(
            f"The backup is of Kaowu {manifest.kaowu} (database {manifest.revision}), this is {version('kaowu')}. "
            "Bring it back with the version that made it, then upgrade."
        )
    if manifest.postgres != MAJOR:
        raise ConfigurationError(f"The backup is of PostgreSQL {manifest.postgres}, and Kaowu runs on {MAJOR} here.")


@contextmanager
def _target(settings: Settings) -> Iterator[_Target]:
    """An empty installation beside the place of the new one; moved there at the end, or taken away after a failure."""
    staging = settings.data_dir.with_name(f".{settings.data_dir.name}.restoring")
    if staging.exists():
        raise ConfigurationError(f"{staging} is what a restore left that was killed. Remove it, and try again.")
    inside = settings.model_copy(update={"data_dir": staging, "keys_dir": staging / KEYS})
    own = settings.database_url is not None
    try:
        with nullcontext() if own else embedded_server(inside).in_use():
            staging.mkdir(mode=0o700, parents=True, exist_ok=True)
            target = _Target(staging, superuser_url(inside), open_storage(inside))
            _check_empty(target)
            try:
                yield target
            except BaseException:
                for left in target.store.files():
                    target.store.delete(left.name)
                if own:
                    dump.make_empty(target.url)
                raise
        if settings.data_dir.exists():
            settings.data_dir.rmdir()
        staging.rename(settings.data_dir)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _check_empty(target: _Target) -> None:
    if not dump.is_empty(target.url):
        raise ConfigurationError("The database of KAOWU_MAINTENANCE_DATABASE_URL is not empty. Name an empty one.")
    if next(target.store.files(), None) is not None:
        raise ConfigurationError("The store of papers is not empty. Name another bucket or prefix.")


def _put(name: str, content: IO[bytes], target: _Target) -> None:
    section, _, rest = name.partition("/")
    if section == PAPERS:
        target.store.put(rest, _chunks(content))
        return
    place = target.folder / name if section in {KEYS, HEADS} else target.folder / CONFIGURATION / name
    if not place.resolve().is_relative_to(target.folder.resolve()):
        raise ConfigurationError(f"{name} leads out of the data directory")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.writelines(_chunks(content))
        written.flush()
        os.fsync(written.fileno())


def _chunks(content: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: content.read(_READ_AT_ONCE), b"")
