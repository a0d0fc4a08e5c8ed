"""Uploading and downloading the papers of an application."""

import re
from typing import IO, Final
from uuid import UUID

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import CaseSession, PersonSession, ScopedSession, UnitSession
from core.documents.content import JPEG, Prepared, as_kept, prepare, refuse
from core.documents.models import Document
from core.documents.pages import PICTURES, below
from core.documents.photo import PHOTO, photo_name, prepare_photo
from core.documents.queries import check_awaited, current_documents, holder_of_case, offices_of, visible_document
from core.documents.receiving import Download, check_scanned, look_at, put_away, safe_name, take_out
from core.documents.scanning import Scan
from core.documents.storage import DocumentStorage
from core.messages.service import Recipient, notify
from core.security.keys import KeyProvider
from core.tenancy.config.office import DocumentsTable

MATERIAL: Final = r"[a-z][a-z0-9_.]{0,63}"
"""The pattern of a material's code."""


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
    adds: bool = False,
) -> Document:
    """Keep a file as the paper ``material`` of an application, in place of the one before.

    With ``adds`` the picture is the paper's next page: it stands below those that are there, in one file.

    Where a unit uploads it, the person is told, once a day at most: they declare in the end that all of it is true.
    ``content`` is a seekable file, ``limits`` and ``scan`` are the most local office's. The kind of file follows from
    its content, never from its name; a photo is kept in a size and kind of its own (``core/documents/photo.py``).
    Raises NotFound for an application that is not visible and Invalid, saying what to do, for a file that cannot be
    accepted; Conflict for a paper that the application no longer takes.
    """
    if not re.fullmatch(MATERIAL, material):
        refuse("material", "没有这项材料。请从材料清单中选择后重新上传。")
    office_id = offices_of(session, application_id).owner
    check_awaited(session, application_id, material)
    if material == PHOTO:
        prepared, file_name = prepare_photo(content, limits), photo_name(file_name)
    else:
        prepared = prepare(content, limits)
        if adds:
            prepared = _added(
                session, application_id, prepared, material=material, store=store, keys=keys, limits=limits
            )
            file_name = photo_name(file_name)
    with prepared.content:
        document = _new_document(session, application_id, prepared, material=material, file_name=file_name)
        look_at(session, document, prepared, keys=keys, scan=scan)
        _make_room(session, application_id, material=material, limits=limits)
        put_away(session, document, prepared, store=store, keys=keys)
    by_unit = isinstance(session, UnitSession)
    more = {"on_behalf": "unit"} if by_unit else {}
    record_document(session, "document.uploaded", document, office_id=office_id, **more)
    if by_unit:
        _tell_of_paper(session, application_id, office_id)
    return document


def _added(
    session: CaseSession,
    application_id: UUID,
    prepared: Prepared,
    *,
    material: str,
    store: DocumentStorage,
    keys: KeyProvider,
    limits: DocumentsTable,
) -> Prepared:
    """The paper as it is with one more page; the page alone where there is none yet."""
    _wait_for_other_uploads(session, application_id)
    current = {document.material: document for document in current_documents(session, application_id)}
    present = current.get(material)
    if present is None:
        return prepared
    with prepared.content as page:
        if not {present.media_type, prepared.media_type} <= PICTURES:
            refuse("page_no_picture", "只有照片能一页一页地加。PDF请把各页合成一个文件，用“重拍或重新选择”上传。")
        with take_out(present, store=store, keys=keys).content as before:
            return as_kept(JPEG, below((before, present.media_type), (page, prepared.media_type), limits))


def download(
    session: ScopedSession, document_id: UUID, *, store: DocumentStorage, keys: KeyProvider, limits: DocumentsTable
) -> Download:
    """The file of a document whose application is visible; the reading is recorded.

    Raises NotFound for a file that was erased when its time was over; Forbidden for one that was found infected, or
    that the office opens only to the applicant until it is found clean; Unavailable where the stored bytes are gone or
    altered.
    """
    document = visible_document(session, document_id)
    office_id = offices_of(session, document.application_id).owner
    check_scanned(document, required=limits.require_scan and not isinstance(session, PersonSession))
    opened = take_out(document, store=store, keys=keys)
    record_document(session, "document.downloaded", document, office_id=office_id)
    return opened


def materials_of(session: ScopedSession, application_id: UUID) -> frozenset[str]:
    """The codes of the materials that an application has a file for."""
    return frozenset(document.material for document in current_documents(session, application_id))


def record_document(session: ScopedSession, kind: str, document: Document, *, office_id: str, **more: str) -> None:
    """Add an entry about a document, with ``more`` facts."""
    subject = audit.RecordSubject(office_id, "application", document.application_id)
    audit.record_on(
        session, subject, kind, document=str(document.id), material=document.material, sha256=document.sha256, **more
    )


def _tell_of_paper(session: CaseSession, application_id: UUID, office_id: str) -> None:
    holder, day = holder_of_case(session, application_id), session.now.astimezone(SHANGHAI).date()
    notify(
        session,
        Recipient(person_id=holder.person_id),
        event_key=f"paper_on_behalf:{application_id}:{day}",
        office_id=office_id,
        kind="paper_on_behalf",
        title="单位代您上传了申报材料",
        body=f"{holder.unit_name}代您上传了申报{holder.reference}的材料。请登录报名网站逐份核对，不属实、不清楚的请更换后再提交。",
        application_id=application_id,
    )


def _new_document(
    session: CaseSession, application_id: UUID, prepared: Prepared, *, material: str, file_name: str
) -> Document:
    return Document(
        id=new_id(),
        application_id=application_id,
        material=material,
        file_name=safe_name(file_name),
        media_type=prepared.media_type,
        size=prepared.size,
        sha256=prepared.sha256,
        uploaded_at=session.now,
        uploaded_by=session.actor.account_id,
    )


def _wait_for_other_uploads(session: CaseSession, application_id: UUID) -> None:
    """Two uploads at once would count the same files and replace the same one: the second waits for the first."""
    one_at_a_time(session, f"documents/{application_id}")


def _make_room(session: CaseSession, application_id: UUID, *, material: str, limits: DocumentsTable) -> None:
    """Supersede the material's earlier file, once there is room for the new one."""
    _wait_for_other_uploads(session, application_id)
    current = current_documents(session, application_id)
    earlier = [document for document in current if document.material == material]
    if len(current) - len(earlier) >= limits.max_count:
        refuse("too_many", f"每份申报最多上传{limits.max_count}个文件。请合并或替换已有文件后再上传。")
    for document in earlier:
        document.superseded_at = session.now
    # Before the new row: the database holds one current file for each material.
    session.flush()
