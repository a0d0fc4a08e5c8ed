"""Making a backup of a whole installation, as of one moment, without stopping anybody.

The moment is the snapshot of the database. Papers are copied after it, which is the same moment for them, since a file
lies in the store before the row that names it commits, and is never changed: every file that the snapshot names is
there. Files uploaded later are not in the snapshot. Files that retention erases during the backup need no copy.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from pydantic import SecretStr
from pydantic_core import to_json

from core.audit import service as audit
from core.backup import archive
from core.backup.archive import DATABASE, HEADS, KEYS, PAPERS, SETTINGS, TENANTS, Entry, Manifest
from core.db import dump, roles
from core.db.database import embedded_server
from core.db.server.embedded import SUPERUSER
from core.db.session import ProvinceSession, system_actor
from core.errors import ConfigurationError, PluginError
from core.platform import Platform
from core.security.ciphers import sealed_size
from core.settings import Settings
from core.tenancy.models import Office

_PART = 8 * 1024 * 1024

Progress = Callable[[str], None]


def create(
    platform: Platform, file: Path, recipient: X25519PublicKey, *, with_keys: bool = True, tell: Progress = print
) -> Manifest:
    """Write a backup of everything to ``file``, which appears whole or not at all; its manifest.

    Papers that are not in the store are named in ``missing``: the backup holds everything else all the same.
    """
    url = superuser_url(platform.settings)
    with _appearing(file) as written, dump.open_snapshot(url) as snapshot:
        figures, papers = snapshot.figures(), snapshot.files()
        manifest = Manifest(
            kaowu=version("kaowu"),
            postgres=figures.postgres,
            revision=figures.revision,
            created_at=platform.clock().isoformat(),
            counts=figures.counts,
            heads=figures.heads,
            plugins=_plugins(platform),
            with_keys=with_keys,
        )
        archive.write(_entries(platform, snapshot, papers, manifest, tell=tell), manifest, written, recipient)
    _record(platform, manifest, file)
    return manifest


def _record(platform: Platform, manifest: Manifest, file: Path) -> None:
    """Write down that everything has left the database in a file; the file itself cannot hold this any more."""
    province = platform.offices.catalogue.province.code
    with ProvinceSession(platform.engine, actor=system_actor(province), now=platform.clock()) as session:
        if session.get(Office, province) is None:
            # Before the offices are loaded there is no record to write in.
            return
        subject = audit.RecordSubject(province, "office", province)
        audit.record_on(
            session,
            subject,
            "backup.created",
            size=file.stat().st_size,
            missing=len(manifest.missing),
            with_keys=manifest.with_keys,
        )
        session.commit()


def superuser_url(settings: Settings) -> str:
    """Where a superuser finds the database of this machine; raises ConfigurationError where that is not known."""
    if settings.database_url is None:
        address = embedded_server(settings).address(SUPERUSER, roles.DATABASE)
        return address.render_as_string(hide_password=False)
    if settings.maintenance_database_url is None:
        raise ConfigurationError(
            "Backups copy rows of every office, which neither kaowu_app nor kaowu_owner may: set "
            "KAOWU_MAINTENANCE_DATABASE_URL to the same database as its superuser, for this command alone"
        )
    return settings.maintenance_database_url.get_secret_value()


@contextmanager
def _appearing(file: Path) -> Iterator[IO[bytes]]:
    """A file that is there under its name only when it is complete, readable by its owner alone."""
    if file.exists():
        raise ConfigurationError(f"{file} is there already. Name a new file.")
    try:
        descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be written ({error.strerror})") from None
    try:
        with os.fdopen(descriptor, "wb") as written:
            yield written
            written.flush()
            os.fsync(written.fileno())
        Path(unfinished).rename(file)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _entries(
    platform: Platform, snapshot: dump.Snapshot, papers: list[tuple[str, int]], manifest: Manifest, *, tell: Progress
) -> Iterator[Entry]:
    settings = platform.settings
    said = to_json(_without_secrets(settings), indent=1)
    yield Entry(SETTINGS, len(said), [said])
    yield from _folder(settings.tenants_dir, TENANTS)
    if manifest.with_keys:
        yield from _folder(settings.keys_dir, KEYS)
    yield from _folder(settings.heads_dir, HEADS)
    tell("database")
    yield from _parts(snapshot.dump())
    # The moment is in the backup; a snapshot that is held longer keeps the database from clearing up.
    snapshot.connection.close()
    tell(f"{len(papers)} papers")
    for name, size in papers:
        try:
            whole = platform.documents.size(name) == sealed_size(size)
            chunks = platform.documents.read(name) if whole else iter(())
        except FileNotFoundError:
            whole, chunks = False, iter(())
        if whole:
            yield Entry(f"{PAPERS}/{name}", sealed_size(size), chunks)
        elif dump.is_kept(snapshot.url, name[-36:]):
            manifest.missing.append(name)


def _parts(chunks: Iterable[bytes]) -> Iterator[Entry]:
    """A stream of unknown length as entries of known ones."""
    waiting, number = bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= _PART:
            yield Entry(f"{DATABASE}/{number:06}", _PART, [bytes(waiting[:_PART])])
            del waiting[:_PART]
            number += 1
    yield Entry(f"{DATABASE}/{number:06}", len(waiting), [bytes(waiting)])


def _folder(folder: Path, section: str) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            yield Entry(f"{section}/{path.relative_to(folder).as_posix()}", len(content), [content])


def _without_secrets(settings: Settings) -> dict[str, Any]:
    return {name: value for name, value in settings if not isinstance(value, SecretStr)}


def _plugins(platform: Platform) -> dict[str, list[str]]:
    """Each office's plugins with their versions; an office that is closed by a fault names none."""
    found: dict[str, list[str]] = {}
    for office in platform.offices.catalogue.offices():
        try:
            found[office.code] = list(platform.offices.hooks(office.code).versions())
        except PluginError:
            found[office.code] = []
    return found
