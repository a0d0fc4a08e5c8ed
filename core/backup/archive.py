"""The file of a backup: a tar, sealed in chunks for a recipient, with a manifest of hashes as its last entry.

Written and read as a stream, so that neither memory nor another disk need hold it. Every byte is under the seal: one
that was changed, left out or added is noticed, at the latest at the end, and nothing is believed before the end.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from core.backup.recipient import PUBLIC_BYTES, key_to_open, key_to_seal
from core.security.ciphers import Damaged, seal, unseal

MAGIC: Final = b"KAOWU-BACKUP-1\n"
MANIFEST: Final = "manifest.json"
SETTINGS: Final = "settings.json"
TENANTS, KEYS, HEADS, DATABASE, PAPERS = "tenants", "keys", "heads", "database", "documents"
"""The folders of a backup, in the order in which they are written."""

_READ_AT_ONCE = 256 * 1024
_BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup; ``chunks`` must give exactly ``size`` bytes."""

    name: str
    size: int
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content and the moment of a backup. ``files`` maps each name to its SHA-256.

    ``missing`` are papers that were not in the store when the backup was made: they are not in it either.
    """

    kaowu: str
    postgres: int
    revision: str
    created_at: str
    counts: dict[str, int]
    heads: dict[str, str]
    plugins: dict[str, list[str]]
    with_keys: bool
    missing: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def write(entries: Iterable[Entry], manifest: Manifest, file: IO[bytes], recipient: X25519PublicKey) -> None:
    """Write a backup; ``manifest`` gets the hashes of the entries as they go by, and its other parts until then."""
    key, sent = key_to_seal(recipient, MAGIC)
    file.write(MAGIC + sent)
    for chunk in seal(_tar(entries, manifest), key, MAGIC + sent):
        file.write(chunk)


def read(file: Path, private: X25519PrivateKey) -> Iterator[tuple[str, IO[bytes]]]:
    """Every entry by its name, in order, as a file to be read before the next one is asked for.

    Raises Damaged where the backup was changed or cut, or is for another recipient.
    """
    with file.open("rb") as source:
        head = source.read(len(MAGIC) + PUBLIC_BYTES)
        if not head.startswith(MAGIC):
            raise Damaged("this is no backup, or one of another version")
        try:
            key = key_to_open(private, head[len(MAGIC) :], MAGIC)
        except ValueError as error:
            raise Damaged("its head is damaged") from error
        stream = _Stream(unseal(iter(lambda: source.read(_READ_AT_ONCE), b""), key, head))
        yield from _entries(stream)
        # The end of the tar is not the end of the file: what follows is under the seal as well.
        while stream.read(_READ_AT_ONCE):
            pass


def verify(file: Path, private: X25519PrivateKey) -> Manifest:
    """Read a backup to its end and compare everything with its manifest; raises Damaged at the first fault."""
    found: dict[str, str] = {}
    manifest = None
    for name, content in read(file, private):
        if name == MANIFEST:
            manifest = Manifest(**json.loads(content.read()))
        else:
            found[name] = _digest(content)
    if manifest is None or manifest.files != found:
        raise Damaged("its entries are not those of its manifest")
    return manifest


def _tar(entries: Iterable[Entry], manifest: Manifest) -> Iterator[bytes]:
    for entry in entries:
        digest = hashlib.sha256()
        yield from _file(entry, digest)
        manifest.files[entry.name] = digest.hexdigest()
    last = json.dumps(asdict(manifest), ensure_ascii=False, sort_keys=True).encode()
    yield from _file(Entry(MANIFEST, len(last), [last]), hashlib.sha256())
    yield bytes(2 * _BLOCK)


def _file(entry: Entry, digest: Any) -> Iterator[bytes]:
    info = tarfile.TarInfo(entry.name)
    info.size, info.mode = entry.size, 0o600
    yield info.tobuf(tarfile.PAX_FORMAT)
    written = 0
    for chunk in entry.chunks:
        written += len(chunk)
        digest.update(chunk)
        yield chunk
    if written != entry.size:
        raise Damaged(f"{entry.name} has {written} bytes and was to have {entry.size}")
    yield bytes(-entry.size % _BLOCK)


def _entries(stream: _Stream) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    raise Damaged(f"{member.name} is no file")
                yield member.name, content
    except tarfile.TarError as error:
        raise Damaged(f"it cannot be read: {error}") from error


def _digest(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(_READ_AT_ONCE):
        digest.update(chunk)
    return digest.hexdigest()


class _Stream(io.RawIOBase):
    """Chunks as a file that can only be read on."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        parts, wanted = [], size
        while wanted:
            if not self._rest:
                self._rest = next(self._chunks, b"")
                if not self._rest:
                    break
            part, self._rest = self._rest[:wanted], self._rest[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)
