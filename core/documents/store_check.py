"""Checking the store: files that are missing or altered, and files without a row."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from core.audit import service as audit
from core.db.session import AuditorSession, ProvinceSession
from core.documents import vault
from core.documents.attachment_queries import every_attachment
from core.documents.models import Attachment, Document, KeptFile
from core.documents.queries import every_document, known_ids, offices_of
from core.documents.service import record_document
from core.documents.storage import EXPORTS, PACKAGES, DocumentStorage, StoredFile
from core.errors import Unavailable
from core.security.ciphers import Damaged
from core.security.keys import KeyProvider

EverybodySession = ProvinceSession | AuditorSession
"""Only these see the files of every office, drafts' papers included."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One file after the check; ``fault`` is empty where it is whole.

    ``reference`` is that of the case, or the id of the thing of an attachment.
    """

    reference: str
    material: str
    document_id: UUID
    fault: str = ""


def verify(session: EverybodySession, *, store: DocumentStorage, keys: KeyProvider) -> Iterator[Checked]:
    """Read every file to its end, and report which are missing or altered."""
    for reference, file in _every_file(session):
        fault = _fault(file, store=store, keys=keys)
        # A file that was erased while this ran is not missing.
        if fault and not known_ids(session, [file.id]):
            continue
        if fault:
            _record(session, file, fault)
        yield Checked(reference, file.what, file.id, fault)


def _every_file(session: EverybodySession) -> Iterator[tuple[str, KeptFile]]:
    yield from every_document(session)
    yield from ((str(file.subject_id), file) for file in every_attachment(session))


def sweep(session: EverybodySession, store: DocumentStorage, *, older_than: timedelta) -> Iterator[StoredFile]:
    """Remove the files that no row names, and name each; ``older_than`` spares uploads that are under way.

    Packages for the archive and ordered tables lie in the same store, are no documents, and stay.
    """
    until = session.now - older_than
    ours = (file for file in store.files() if not file.name.startswith((PACKAGES, EXPORTS)))
    old = (file for file in ours if file.modified_at < until)
    while some := list(islice(old, 100)):
        ids = {file.name: _row_id(file.name) for file in some}
        known = known_ids(session, [row_id for row_id in ids.values() if row_id is not None])
        for file in some:
            if ids[file.name] not in known:
                store.delete(file.name)
                yield file


def _record(session: EverybodySession, file: KeptFile, fault: str) -> None:
    named = fault.partition(":")[0]
    if isinstance(file, Attachment):
        audit.record_on(session, file, "attachment.fault_found", fault=named)
        return
    assert isinstance(file, Document)  # noqa: S101 - there are two kinds
    owner = offices_of(session, file.application_id).owner
    record_document(session, "document.fault_found", file, office_id=owner, fault=named)


def _fault(file: KeptFile, *, store: DocumentStorage, keys: KeyProvider) -> str:
    try:
        deque(vault.read(file, store=store, keys=keys), maxlen=0)
    except FileNotFoundError:
        return "missing"
    except Damaged as error:
        return f"altered: {error}"
    except Unavailable:
        return "locked: the key that sealed its key is not here"
    return ""


def _row_id(name: str) -> UUID | None:
    """The id of the row in a file's name; None in that of an unfinished file."""
    try:
        return UUID(name[-36:])
    except ValueError:
        return None
