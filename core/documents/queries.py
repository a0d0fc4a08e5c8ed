"""Reading what is known about files, without their bytes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.db.session import ScopedSession
from core.documents.models import Document
from core.errors import NotFound


def visible_document(session: ScopedSession, document_id: UUID) -> Document:
    """The document, if its application is visible; NotFound otherwise."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound("document_not_found", "没有找到该材料。请刷新页面后重试。")
    return document


def current_documents(session: ScopedSession, application_id: UUID) -> tuple[Document, ...]:
    """The files of an application that no later one supersedes, in the order in which they were uploaded."""
    return tuple(
        session.scalars(
            select(Document)
            .where(Document.application_id == application_id, Document.superseded_at.is_(None))
            .order_by(Document.uploaded_at, Document.id)
        )
    )
