"""Scanning of files by the scanners of their office, on receipt and, until one could look, in the background.

Without a scanner every file stays not scanned; the office's ``documents.require_scan`` decides whether others than the
applicant may open it.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import cast

import structlog

from core.audit import service as audit
from core.db.session import SystemSession
from core.documents import vault
from core.documents.content import from_start, in_full
from core.documents.models import Attachment, Document, KeptFile
from core.documents.queries import waiting_for_a_scan
from core.documents.storage import DocumentStorage
from core.errors import PluginError
from core.plugin_api import DocumentView, ScanResult, ScanVerdict
from core.security.ciphers import Damaged
from core.security.keys import KeyProvider
from core.tenancy.offices import Offices

Scan = Callable[[DocumentView], Sequence[ScanResult]]
"""An office's scanners, such as ``offices.hooks(code).document_received``."""

_AT_ONCE = 100
_PATIENCE = 5

log = structlog.get_logger(__name__)


def verdict_of(results: Iterable[ScanResult]) -> ScanVerdict:
    """The worst result; clean where at least one scanner looked and none found anything."""
    found = {result.verdict for result in results}
    worst_first = (ScanVerdict.INFECTED, ScanVerdict.CLEAN)
    return next((verdict for verdict in worst_first if verdict in found), ScanVerdict.NOT_SCANNED)


def view_of(file: KeptFile, chunks: Callable[[], Iterable[bytes]]) -> DocumentView:
    """A file as scanners see it."""
    return DocumentView(
        document_id=str(file.id),
        application_id=str(file.application_id) if isinstance(file, Document) else "",
        material=file.what,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        chunks=chunks,
    )


def scan_waiting(
    working_for: Callable[[str], AbstractContextManager[SystemSession]],
    owner: str,
    *,
    offices: Offices,
    store: DocumentStorage,
    keys: KeyProvider,
) -> int:
    """Scan an office's files that no scanner could look at yet, papers and attachments; returns how many were.

    ``working_for`` opens a transaction of the system for an office: none is open while a scanner works. When several in
    a row could not be scanned the round ends, and the next one tries again.
    """
    with working_for(owner) as session:
        waiting = waiting_for_a_scan(session, owner, most=_AT_ONCE)
    done = in_a_row = 0
    for file, local in waiting:
        scan = _scanners(offices, local)
        if scan is None:
            continue
        verdict = _verdict(scan, file, store=store, keys=keys)
        if verdict is ScanVerdict.NOT_SCANNED:
            in_a_row += 1
            if in_a_row == _PATIENCE:
                break
            continue
        in_a_row = 0
        with working_for(owner) as session:
            _write_down(session, file, verdict)
        done += 1
    return done


def _scanners(offices: Offices, code: str) -> Scan | None:
    """An office's scanners; None where it has none, or is closed by a fault, which is reported elsewhere."""
    try:
        hooks = offices.hooks(code)
    except PluginError:
        return None
    return hooks.document_received if hooks.who_answers()["document_received"] else None


def _verdict(scan: Scan, file: KeptFile, *, store: DocumentStorage, keys: KeyProvider) -> ScanVerdict:
    """The verdict on a stored file; a missing or altered one is a fault of the store, not of the scanners."""
    try:
        content = in_full(vault.read(file, store=store, keys=keys))
    except (FileNotFoundError, Damaged) as error:
        log.warning("document_not_readable", document=str(file.id), reason=str(error))
        return ScanVerdict.NOT_SCANNED
    with content:
        try:
            return verdict_of(scan(view_of(file, partial(from_start, content))))
        except PluginError:
            # The call of the plugin was logged; the file waits for the next round.
            return ScanVerdict.NOT_SCANNED


def _write_down(session: SystemSession, looked_at: KeptFile, verdict: ScanVerdict) -> None:
    file = cast(KeptFile, session.get_one(type(looked_at), looked_at.id))
    file.scan_verdict, file.scanned_at = verdict, session.now
    if isinstance(file, Attachment):
        audit.record_on(session, file, "attachment.scanned", verdict=verdict.value)
        return
    subject = audit.RecordSubject(session.office_id, "application", file.application_id)
    audit.record_on(
        session, subject, "document.scanned", document=str(file.id), verdict=verdict.value, sha256=file.sha256
    )
