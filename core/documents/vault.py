"""Encryption of files: each has a key of its own, which the installation's keys seal and which stays in its row.

A change of keys seals these keys again, as any other sealed value, and touches no file. A file is bound to its row: in
another's place it does not open.
"""

import hashlib
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag

from core.documents.models import KeptFile
from core.documents.storage import DocumentStorage, name_of
from core.security import ciphers
from core.security.ciphers import Damaged
from core.security.keys import KeyProvider, Place


def seal_new_key(file: KeptFile, keys: KeyProvider) -> None:
    """Give a file that is not written yet a fresh key of its own, sealed in its row."""
    file.sealed_key = keys.encrypt(ciphers.new_key(), _place(file))


def write(file: KeptFile, chunks: Iterable[bytes], *, store: DocumentStorage, keys: KeyProvider) -> None:
    """Put the content of ``file``, encrypted, where its name says."""
    key = keys.decrypt(file.sealed_key, _place(file))
    store.put(name_of(file), ciphers.seal(chunks, key, _context(file)))


def read(file: KeptFile, *, store: DocumentStorage, keys: KeyProvider) -> Iterator[bytes]:
    """The content of ``file`` in chunks.

    Raises FileNotFoundError at once where its file is gone, Unavailable where the installation's key is, and Damaged at
    the latest when the iterator ends, where the content is altered.
    """
    try:
        key = keys.decrypt(file.sealed_key, _place(file))
    except (InvalidTag, LookupError) as error:
        raise Damaged("the file's key does not open") from error
    return _checked(ciphers.unseal(store.read(name_of(file)), key, _context(file)), file)


def _checked(chunks: Iterable[bytes], file: KeptFile) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != file.sha256:
        raise Damaged("the content is not the one that was uploaded")


def _place(file: KeptFile) -> Place:
    return Place(file.__tablename__, "sealed_key", file.id)


def _context(file: KeptFile) -> bytes:
    return f"{file.__tablename__}/{file.id}".encode()
