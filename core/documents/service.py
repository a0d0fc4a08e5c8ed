"""Uploading and downloading the papers of an application."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import Final, NoReturn
from uuid import UUID

import filetype
from cryptography.exceptions import InvalidTag
from sqlalchemy import Text, Uuid, column, select, table

from core.audit import service as audit
from core.db.base import new_id
from core.db.session import CaseSession, ScopedSession
from core.documents.models import Document
from core.documents.queries import current_documents, visible_document
from core.documents.storage import DocumentStore, remove_unless_committed
from core.errors import Invalid, NotFound, Unavailable
from core.keys import KeyProvider
from core.tenancy.config import DocumentsTable

_TYPE_NAMES: Final = {"application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG"}
_LONGEST_NAME: Final = 120

# Applications come later than documents in the list of capabilities; two columns of theirs are all that is needed.
_applications = table("applications", column("id", Uuid), column("office_id", Text))


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it goes out."""

    file_name: str
    media_type: str
    content: bytes = field(repr=False)


def upload(
    session: CaseSession,
    application_id: UUID,
    *,
    material: str,
    file_name: str,
    content: bytes,
    store: DocumentStore,
    keys: KeyProvider,
    limits: DocumentsTable,
) -> Document:
    """Keep a file as the paper ``material`` of an application, in place of the one before.

    What kind of file it is follows from its content, never from its name. Raises NotFound for an application that is
    not visible and Invalid for an empty or too large file, a type that the office does not accept, or too many files.
    """
    office_id = office_of(session, application_id)
    media_type = _checked_type(content, limits)
    current = current_documents(session, application_id)
    earlier = [document for document in current if document.material == material]
    if len(current) - len(earlier) >= limits.max_count:
        _refuse("too_many", f"每份申报最多上传{limits.max_count}个文件。请合并或替换已有文件后再上传。")
    for document in earlier:
        document.superseded_at = session.now
    document = Document(
        id=new_id(),
        application_id=application_id,
        material=material,
        file_name=_safe_name(file_name),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=session.now,
        uploaded_by=session.actor.account_id,
    )
    session.add(document)
    session.flush()
    remove_unless_committed(session, document, store.put(document, content, keys))
    _record(session, "document.uploaded", document, office_id=office_id)
    return document


def download(session: ScopedSession, document_id: UUID, *, store: DocumentStore, keys: KeyProvider) -> Download:
    """The file of a document whose application is visible; that it was read is recorded.

    Raises Unavailable where the stored bytes are gone or are no longer those that were uploaded.
    """
    document = visible_document(session, document_id)
    office_id = office_of(session, document.application_id)
    try:
        content = store.get(document, keys)
    except InvalidTag:
        content = b""
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise Unavailable("document_damaged", "文件校验不符，可能已损坏。请联系受理机构；必要时重新上传该材料。")
    _record(session, "document.downloaded", document, office_id=office_id)
    return Download(document.file_name, document.media_type, content)


def materials_of(session: ScopedSession, application_id: UUID) -> frozenset[str]:
    """The codes of the materials that an application has a file for."""
    return frozenset(document.material for document in current_documents(session, application_id))


def office_of(session: ScopedSession, application_id: UUID) -> str:
    """The office that counts the case; NotFound where the application is not the session's to see."""
    office_id: str | None = session.scalar(
        select(_applications.c.office_id).where(_applications.c.id == application_id)
    )
    if office_id is None:
        raise NotFound("application_not_found", "没有找到该申报。请核对后重试。")
    return office_id


def _checked_type(content: bytes, limits: DocumentsTable) -> str:
    if not content:
        _refuse("empty", "文件是空的。请重新选择文件后上传。")
    if len(content) > limits.max_bytes:
        most = limits.max_bytes / (1024 * 1024)
        _refuse("too_large", f"文件超过{most:.3g}MB的上限。请压缩后重新上传。")
    media_type = filetype.guess_mime(content)
    if media_type not in _TYPE_NAMES or media_type not in limits.accepted_types:
        accepted = "、".join(name for kind, name in _TYPE_NAMES.items() if kind in limits.accepted_types)
        _refuse("type", f"文件内容不是可以接受的格式。请转换为{accepted}格式后重新上传。")
    return str(media_type)


def _refuse(fault: str, message: str) -> NoReturn:
    raise Invalid(f"document_{fault}", message, fields={"content": message})


def _safe_name(file_name: str) -> str:
    """The last part of the name, without control characters and not too long; a name is shown, never opened."""
    last = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip()
    return shown[-_LONGEST_NAME:] or "未命名"


def _record(session: ScopedSession, kind: str, document: Document, *, office_id: str) -> None:
    audit.record(
        session,
        kind,
        office_id=office_id,
        subject_type="application",
        subject_id=document.application_id,
        payload={"document": str(document.id), "material": document.material, "sha256": document.sha256},
    )
