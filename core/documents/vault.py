"""How a file is locked away: each has a key of its own, which the installation's keys seal and which stays in its row.

A change of keys seals the small keys anew, as any other sealed value, and touches no file. A file is bound to its
document: put in another's place it does not open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag

from core import ciphers
from core.ciphers import Damaged
from core.documents.models import Document
from core.documents.storage import DocumentStorage, name_of
from core.keys import KeyProvider, Place


def new_sealed_key(document_id: UUID, keys: KeyProvider) -> bytes:
    """A fresh key for one document, sealed for its row."""
    return keys.encrypt(ciphers.new_key(), _place(document_id))


def write(document: Document, chunks: Iterable[bytes], *, store: DocumentStorage, keys: KeyProvider) -> None:
    """Put the content of ``document``, encrypted, where its name says."""
    key = keys.decrypt(document.sealed_key, _place(document.id))
    store.put(name_of(document), ciphers.seal(chunks, key, _context(document)))


def read(document: Document, *, store: DocumentStorage, keys: KeyProvider) -> Iterator[bytes]:
    """The content of ``document`` in chunks.

    Raises FileNotFoundError at once where its file is gone, Unavailable where the installation's key is, and Damaged at
    the latest when the iterator ends, where the content is not the one that was uploaded.
    """
    try:
        key = keys.decrypt(document.sealed_key, _place(document.id))
    except (InvalidTag, LookupError) as error:
        raise Damaged("the document's key does not open") from error
    return _checked(ciphers.unseal(store.read(name_of(document)), key, _context(document)), document)


def _checked(chunks: Iterable[bytes], document: Document) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != document.sha256:
        raise Damaged("the content is not the one that was uploaded")


def _place(document_id: UUID) -> Place:
    return Place("documents", "sealed_key", document_id)


def _context(document: Document) -> bytes:
    return f"documents/{document.id}".encode()
