"""Uploading and downloading the papers of an application."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Final
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.ciphers import CHUNK, Damaged
from core.db.base import new_id
from core.db.session import CaseSession, PersonSession, ScopedSession
from core.documents import vault
from core.documents.content import Prepared, from_start, in_full, prepare, refuse
from core.documents.models import Document
from core.documents.queries import check_awaited, current_documents, offices_of, visible_document
from core.documents.scanning import Scan, verdict_of, view_of
from core.documents.storage import DocumentStorage, name_of, undo_unless_committed
from core.errors import Forbidden, NotFound, Unavailable
from core.keys import KeyProvider
from core.plugin_api import ScanVerdict
from core.tenancy.config import DocumentsTable

MATERIAL: Final = r"[a-z][a-z0-9_.]{0,63}"
"""What a material's code looks like."""
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it goes out, checked to its last byte; ``content`` stands at its beginning."""

    file_name: str
    media_type: str
    size: int
    content: IO[bytes] = field(repr=False)

    def chunks(self) -> Iterator[bytes]:
        """The content, once; closes it."""
        with self.content as file:
            while chunk := file.read(CHUNK):
                yield chunk


def upload(
    session: CaseSession,
    application_id: UUID,
    *,
    material: str,
    file_name: str,
    content: IO[bytes],
    store: DocumentStorage,
    keys: KeyProvider,
    limits: DocumentsTable,
    scan: Scan,
) -> Document:
    """Keep a file as the paper ``material`` of an application, in place of the one before.

    ``content`` is a seekable file, ``limits`` and ``scan`` are the most local office's. What kind of file it is follows
    from its content, never from its name. Raises NotFound for an application that is not visible and Invalid, saying
    what to do, for a file that cannot be accepted; Conflict for a paper that the application takes no more.
    """
    if not re.fullmatch(MATERIAL, material):
        refuse("material", "没有这项材料。请从材料清单中选择后重新上传。")
    office_id = offices_of(session, application_id).owner
    check_awaited(session, application_id, material)
    prepared = prepare(content, limits)
    with prepared.content:
        document = _new_document(session, application_id, prepared, material=material, file_name=file_name)
        document.sealed_key = vault.new_sealed_key(document.id, keys)
        document.scan_verdict = verdict_of(scan(view_of(document, partial(from_start, prepared.content))))
        if document.scan_verdict == ScanVerdict.INFECTED:
            refuse("infected", "文件未通过安全检查，可能含有恶意程序。请在查毒后重新扫描或导出，再行上传。")
        document.scanned_at = session.now if document.scan_verdict == ScanVerdict.CLEAN else None
        _make_room(session, application_id, material=material, limits=limits)
        session.add(document)
        session.flush()
        undo_unless_committed(session, document, partial(store.delete, name_of(document)))
        vault.write(document, from_start(prepared.content), store=store, keys=keys)
    record_document(session, "document.uploaded", document, office_id=office_id)
    return document


def download(
    session: ScopedSession, document_id: UUID, *, store: DocumentStorage, keys: KeyProvider, limits: DocumentsTable
) -> Download:
    """The file of a document whose application is visible; that it was read is recorded.

    Raises NotFound for a file that was erased when its time was over; Forbidden for one that was found infected, or
    that the office lets nobody but the applicant open before it was found clean; Unavailable where the stored bytes are
    gone or are no longer those that were uploaded.
    """
    document = visible_document(session, document_id)
    if document.erased_at is not None:
        raise NotFound("document_erased", "该材料的保存期限已满，文件已按规定清除，不能再查看。")
    office_id = offices_of(session, document.application_id).owner
    _check_scanned(session, document, limits)
    try:
        content = in_full(vault.read(document, store=store, keys=keys))
    except FileNotFoundError:
        raise Unavailable("document_missing", "文件暂时无法读取。请稍后再试；仍不成功的，请联系受理机构。") from None
    except Damaged as error:
        raise Unavailable(
            "document_damaged", "文件校验不符，可能已损坏。请联系受理机构；必要时重新上传该材料。"
        ) from error
    record_document(session, "document.downloaded", document, office_id=office_id)
    return Download(document.file_name, document.media_type, document.size, content)


def materials_of(session: ScopedSession, application_id: UUID) -> frozenset[str]:
    """The codes of the materials that an application has a file for."""
    return frozenset(document.material for document in current_documents(session, application_id))


def record_document(session: ScopedSession, kind: str, document: Document, *, office_id: str, **more: str) -> None:
    """Write down what happened to a document, with what else there is to say."""
    audit.record(
        session,
        kind,
        office_id=office_id,
        subject_type="application",
        subject_id=document.application_id,
        payload={"document": str(document.id), "material": document.material, "sha256": document.sha256, **more},
    )


def _new_document(
    session: CaseSession, application_id: UUID, prepared: Prepared, *, material: str, file_name: str
) -> Document:
    return Document(
        id=new_id(),
        application_id=application_id,
        material=material,
        file_name=_safe_name(file_name),
        media_type=prepared.media_type,
        size=prepared.size,
        sha256=prepared.sha256,
        uploaded_at=session.now,
        uploaded_by=session.actor.account_id,
    )


def _make_room(session: CaseSession, application_id: UUID, *, material: str, limits: DocumentsTable) -> None:
    """Supersede the material's earlier file, once there is room for the new one."""
    # Two uploads at once would count the same files and supersede the same one: the second waits for the first.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"documents/{application_id}", 0))))
    current = current_documents(session, application_id)
    earlier = [document for document in current if document.material == material]
    if len(current) - len(earlier) >= limits.max_count:
        refuse("too_many", f"每份申报最多上传{limits.max_count}个文件。请合并或替换已有文件后再上传。")
    for document in earlier:
        document.superseded_at = session.now
    # Before the new row: the database holds one current file for each material.
    session.flush()


def _check_scanned(session: ScopedSession, document: Document, limits: DocumentsTable) -> None:
    if document.scan_verdict == ScanVerdict.INFECTED:
        raise Forbidden("document_infected", "该文件未通过安全检查，不能打开。请通知申报人查毒后重新上传。")
    held = limits.require_scan and document.scan_verdict != ScanVerdict.CLEAN
    if held and not isinstance(session, PersonSession):
        raise Forbidden("document_not_scanned", "该文件尚未完成安全检查，暂不能打开。请稍后再试。")


def _safe_name(file_name: str) -> str:
    """The last part of the name, without control characters and not too long; a name is shown, never opened."""
    last = unicodedata.normalize("NFC", file_name).replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    shown = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip()
    return shown[-_LONGEST_NAME:] or "未命名"
