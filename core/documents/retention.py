"""Retention of files: the bytes are erased once their time is over; the rows stay, with fewer facts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, select, update
from sqlalchemy.orm import aliased

from core.audit import service as audit
from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.documents.attachment_subjects import Subject
from core.documents.models import Attachment, Document
from core.documents.storage import DocumentStorage, name_of


def erase_papers(session: KeeperSession, application_ids: Sequence[UUID], store: DocumentStorage) -> None:
    """Remove the papers of these applications and the attachments about them; the rows stay, without a name."""
    _erase_documents(session, Document.application_id.in_(application_ids), store)
    _erase(session, Attachment.application_id.in_(application_ids), store)


def erase_documents(session: KeeperSession, document_ids: Sequence[UUID], store: DocumentStorage) -> None:
    """The same for single papers."""
    _erase_documents(session, Document.id.in_(document_ids), store)


def _erase_documents(session: KeeperSession, which: ColumnElement[bool], store: DocumentStorage) -> None:
    """The files go first: a crash leaves rows that the next run finishes, never a file without a row."""
    ours = which & Document.erased_at.is_(None)
    for document in session.scalars(select(Document).where(ours)):
        store.delete(name_of(document))
    # Without its key a copy of the file that lies elsewhere, in a backup or an old version of a bucket, opens no more.
    gone = {"file_name": ERASED, "sealed_key": b"", "erased_at": session.now}
    session.execute(update(Document).where(ours).values(gone))


def erase_attached(
    session: KeeperSession, subject: Subject, subject_ids: Sequence[UUID], store: DocumentStorage
) -> None:
    """Remove the files of these things, whose own content is erased."""
    _erase(session, (Attachment.subject_type == subject.value) & Attachment.subject_id.in_(subject_ids), store)


def erase_attachments(session: KeeperSession, ids: Sequence[UUID], store: DocumentStorage) -> None:
    """Remove these files."""
    _erase(session, Attachment.id.in_(ids), store)


def attachments_due(before: datetime) -> Select[UUID]:
    """Files that were added before."""
    return _kept().where(Attachment.uploaded_at < before)


def superseded_due(before: datetime) -> Select[UUID]:
    """Superseded files, by the day on which the right one came."""
    later = aliased(Attachment)
    return _kept().join(later, later.supersedes == Attachment.id).where(later.uploaded_at < before)


def _kept() -> Select[UUID]:
    return select(Attachment.id).where(Attachment.erased_at.is_(None)).order_by(Attachment.id)


def _erase(session: KeeperSession, which: ColumnElement[bool], store: DocumentStorage) -> None:
    ours = which & Attachment.erased_at.is_(None)
    files = session.scalars(select(Attachment).where(ours)).all()
    for file in files:
        store.delete(name_of(file))
        audit.record_on(session, file, "attachment.erased")
    gone = {
        "file_name": ERASED,
        "title": ERASED,
        "uploaded_name": ERASED,
        "reason": case((Attachment.supersedes.is_(None), ""), else_=ERASED),
        "sealed_key": b"",
        "erased_at": session.now,
    }
    session.execute(update(Attachment).where(Attachment.id.in_([file.id for file in files])).values(gone))
