"""Whether the files that the database names are there and whole, and which files it does not name."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from core.ciphers import Damaged
from core.db.session import AuditorSession, ProvinceSession
from core.documents import vault
from core.documents.models import Document
from core.documents.queries import every_document, known_ids, offices_of
from core.documents.service import record_document
from core.documents.storage import PACKAGES, DocumentStorage, StoredFile
from core.errors import Unavailable
from core.keys import KeyProvider

EverybodySession = ProvinceSession | AuditorSession
"""Only these see the papers of every office, drafts included."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One document after the check; ``fault`` is empty where its file is whole."""

    reference: str
    material: str
    document_id: UUID
    fault: str = ""


def verify(session: EverybodySession, *, store: DocumentStorage, keys: KeyProvider) -> Iterator[Checked]:
    """Read every file to its end, and say which are missing or altered."""
    for reference, document in every_document(session):
        fault = _fault(document, store=store, keys=keys)
        # What was erased while this ran is not missing.
        if fault and not known_ids(session, [document.id]):
            continue
        if fault:
            _record(session, document, fault)
        yield Checked(reference, document.material, document.id, fault)


def sweep(session: EverybodySession, store: DocumentStorage, *, older_than: timedelta) -> Iterator[StoredFile]:
    """Remove the files that no document names, and name each; ``older_than`` spares uploads that are under way.

    Packages for the archive lie in the same store, are no documents, and stay.
    """
    until = session.now - older_than
    old = (one for one in store.files() if one.modified_at < until and not one.name.startswith(PACKAGES))
    while some := list(islice(old, 100)):
        ids = {one.name: _document_id(one.name) for one in some}
        known = known_ids(session, [one for one in ids.values() if one is not None])
        for one in some:
            if ids[one.name] not in known:
                store.delete(one.name)
                yield one


def _record(session: EverybodySession, document: Document, fault: str) -> None:
    owner = offices_of(session, document.application_id).owner
    record_document(session, "document.fault_found", document, office_id=owner, fault=fault.partition(":")[0])


def _fault(document: Document, *, store: DocumentStorage, keys: KeyProvider) -> str:
    try:
        deque(vault.read(document, store=store, keys=keys), maxlen=0)
    except FileNotFoundError:
        return "missing"
    except Damaged as error:
        return f"altered: {error}"
    except Unavailable:
        return "locked: the key that sealed its key is not here"
    return ""


def _document_id(name: str) -> UUID | None:
    """The document's id in a file's name; None in that of an unfinished file."""
    try:
        return UUID(name[-36:])
    except ValueError:
        return None
