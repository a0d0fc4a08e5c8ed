"""Where the bytes of uploaded files lie: a folder of this machine, or a bucket of any S3 store. They come encrypted.

A file appears whole or not at all. It is written before the transaction of its row commits, and is removed again where
that transaction does not; only a crash between the two can leave one that no row names, which ``kaowu documents sweep``
finds. Files are never changed, so a copy of the database needs only the files that it names.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import obstore
import structlog
from obstore.store import ObjectStore, S3Store
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from core.db.base import KeyedRow
from core.db.session import ScopedSession
from core.documents.models import KeptFile
from core.settings import Settings

PACKAGES = "packages/"
"""Where in the store the packages for the archive lie, each under its id."""

EXPORTS = "exports/"
"""Where in the store large tables lie that somebody has ordered, each under its id."""

_UNDO = "kaowu.undo_written_files"
_WRITING = ".writing-"
_READ_AT_ONCE = 1024 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the store lists it; ``name`` is unknown to the database where a crash left the file behind."""

    name: str
    size: int
    modified_at: datetime


class DocumentStorage(Protocol):
    """A place for files by name, such as ``<application>/<sha256>-<document>``."""

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file to stable storage, whole or not at all."""

    def read(self, name: str) -> Iterator[bytes]:
        """A file in chunks; raises FileNotFoundError at once where there is none."""

    def size(self, name: str) -> int | None:
        """How many bytes a file has; None where there is none."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""

    def files(self) -> Iterator[StoredFile]:
        """Every file, unfinished ones of a crashed process included."""


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """The usual place: a folder that the service's own account alone can enter."""

    folder: Path

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write beside the place and move there, so that a crash leaves no partial file under its name."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=path.parent, prefix=_WRITING)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
            Path(unfinished).replace(path)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)

    def read(self, name: str) -> Iterator[bytes]:
        """A file in chunks."""
        file = (self.folder / name).open("rb")

        def chunks() -> Iterator[bytes]:
            with file:
                while chunk := file.read(_READ_AT_ONCE):
                    yield chunk

        return chunks()

    def size(self, name: str) -> int | None:
        """How many bytes a file has."""
        path = self.folder / name
        return path.stat().st_size if path.is_file() else None

    def delete(self, name: str) -> None:
        """Remove a file, and its folder with the last one."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def files(self) -> Iterator[StoredFile]:
        """Every file of the folder."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = Path(folder, name)
                found = path.stat()
                moment = datetime.fromtimestamp(found.st_mtime, UTC)
                yield StoredFile(path.relative_to(self.folder).as_posix(), found.st_size, moment)


@dataclass(frozen=True, slots=True)
class BucketStore:
    """A bucket, through obstore; the store itself guarantees that a file is there whole or not at all."""

    bucket: ObjectStore

    def put(self, name: str, chunks: Iterable[bytes]) -> None:
        """Upload a file, in parts where it is large."""
        obstore.put(self.bucket, name, iter(chunks))

    def read(self, name: str) -> Iterator[bytes]:
        """A file in chunks."""
        return (bytes(chunk) for chunk in obstore.get(self.bucket, name).stream(min_chunk_size=_READ_AT_ONCE))

    def size(self, name: str) -> int | None:
        """How many bytes a file has."""
        try:
            return obstore.head(self.bucket, name)["size"]
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        """Remove a file; most stores do not say whether it was there, and those that do are not asked to."""
        try:
            obstore.delete(self.bucket, name)
        except FileNotFoundError:
            return

    def files(self) -> Iterator[StoredFile]:
        """Every file of the bucket, below its prefix."""
        for page in obstore.list(self.bucket):
            for found in page:
                yield StoredFile(found["path"], found["size"], found["last_modified"])


def open_storage(settings: Settings) -> DocumentStorage:
    """The bucket that the settings name, else the folder in the data directory."""
    if settings.documents_bucket is None:
        return DocumentStore(settings.data_dir / "documents")
    bucket, _, prefix = settings.documents_bucket.partition("/")
    secret = settings.documents_secret_key
    endpoint = settings.documents_endpoint
    return BucketStore(
        S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=endpoint,
            region=settings.documents_region,
            access_key_id=settings.documents_access_key,
            secret_access_key=secret.get_secret_value() if secret else None,
            client_options={"allow_http": bool(endpoint and endpoint.startswith("http://"))},
        )
    )


def name_of(file: KeptFile) -> str:
    """Where the bytes of a file lie.

    Its id stands in the name as well, because each file has a key of its own: the same scan uploaded for two materials
    is two files.
    """
    return f"{file.folder}/{file.sha256}-{file.id}"


def undo_unless_committed(session: ScopedSession, file: KeyedRow, undo: Callable[[], None]) -> None:
    """Call ``undo`` should the session's transaction end without ``file`` in the database."""
    session.info.setdefault(_UNDO, []).append((file, undo))


@event.listens_for(ScopedSession, "after_transaction_end", propagate=True)
def _undo_what_was_not_committed(session: Session, transaction: SessionTransaction) -> None:
    """After a commit the files' rows are persistent; after a rollback, or a close without either, they are not."""
    if transaction.parent is None:
        written: list[tuple[KeyedRow, Callable[[], None]]] = session.info.pop(_UNDO, [])
        for file, undo in written:
            if not inspect(file).persistent:
                _try(undo, file)


def _try(undo: Callable[[], None], file: KeyedRow) -> None:
    """An unreachable store keeps a file without a row, for the sweep; the refusal under way goes on."""
    try:
        undo()
    except Exception as error:
        log.warning("file_left_behind", document=str(file.id), exc_info=error)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself outlast a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
