"""Where the bytes of uploaded files lie: a folder, encrypted, one file for each document.

A file appears whole or not at all. It is written before the transaction that tells of it commits, and is removed again
where that transaction does not; only a crash between the two can leave one that no row names.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session, SessionTransaction

from core.db.session import ScopedSession
from core.documents.models import Document
from core.errors import Unavailable
from core.keys import KeyProvider, Place

_WRITTEN = "kaowu.written_files"


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """A folder of encrypted files, by application and SHA-256 of the content.

    The document's id stands in the name as well, because the encryption binds the bytes to it: the same scan uploaded
    for two materials is two files.
    """

    folder: Path

    def put(self, document: Document, content: bytes, keys: KeyProvider) -> Path:
        """Write the content of ``document``, encrypted, to stable storage, and return where."""
        path = self._path(document)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(keys.encrypt(content, _place(document.id)))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        return path

    def get(self, document: Document, keys: KeyProvider) -> bytes:
        """The content of ``document``; Unavailable where its file is gone. Raises what ``keys.decrypt`` raises."""
        try:
            sealed = self._path(document).read_bytes()
        except FileNotFoundError:
            raise Unavailable(
                "document_missing", "文件暂时无法读取。请稍后再试；仍不成功的，请联系受理机构。"
            ) from None
        return keys.decrypt(sealed, _place(document.id))

    def exists(self, document: Document) -> bool:
        """Whether the content of ``document`` is here."""
        return self._path(document).is_file()

    def delete(self, document: Document) -> None:
        """Remove the content of ``document``, if it is here."""
        self._path(document).unlink(missing_ok=True)

    def _path(self, document: Document) -> Path:
        return self.folder / str(document.application_id) / f"{document.sha256}-{document.id}"


def remove_unless_committed(session: ScopedSession, document: Document, path: Path) -> None:
    """Remove the file at ``path`` again, should the session's transaction end without ``document`` in the database."""
    session.info.setdefault(_WRITTEN, []).append((document, path))


@event.listens_for(ScopedSession, "after_transaction_end", propagate=True)
def _remove_what_was_not_committed(session: Session, transaction: SessionTransaction) -> None:
    """After a commit the documents are persistent; after a rollback, or a close without either, they are not."""
    if transaction.parent is None:
        written: list[tuple[Document, Path]] = session.info.pop(_WRITTEN, [])
        for document, path in written:
            if not inspect(document).persistent:
                path.unlink(missing_ok=True)


def _place(document_id: UUID) -> Place:
    return Place("documents", "content", document_id)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself outlast a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
