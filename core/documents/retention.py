"""Erasing the papers of applications whose time is over: the files go, what was known about them is reduced."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.documents.models import Document
from core.documents.storage import DocumentStorage, name_of


def erase_papers(session: KeeperSession, application_ids: Sequence[UUID], store: DocumentStorage) -> None:
    """Remove the files of these applications; the rows stay, without a name, for what refers to them."""
    _erase(session, Document.application_id.in_(application_ids), store)


def erase_documents(session: KeeperSession, document_ids: Sequence[UUID], store: DocumentStorage) -> None:
    """The same for single papers."""
    _erase(session, Document.id.in_(document_ids), store)


def _erase(session: KeeperSession, which: ColumnElement[bool], store: DocumentStorage) -> None:
    """The files go first: a crash leaves rows that the next run finishes, never a file that nobody looks for."""
    ours = which & Document.erased_at.is_(None)
    for document in session.scalars(select(Document).where(ours)):
        store.delete(name_of(document))
    # Without its key a copy of the file that lies elsewhere, in a backup or an old version of a bucket, opens no more.
    gone = {"file_name": ERASED, "sealed_key": b"", "erased_at": session.now}
    session.execute(update(Document).where(ours).values(gone))
