"""The storage of packages for the archive: encrypted in the store of documents, each with its own key."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from core.documents.storage import PACKAGES, DocumentStorage
from core.results.models.awards import ArchivePackage
from core.security import ciphers
from core.security.keys import KeyProvider, Place


def new_package_key(package_id: UUID, keys: KeyProvider) -> bytes:
    """A fresh key for one package, sealed for its row."""
    return keys.encrypt(ciphers.new_key(), _place(package_id))


def write(package: ArchivePackage, chunks: Iterable[bytes], *, store: DocumentStorage, keys: KeyProvider) -> None:
    """Put a package into the store, in place of the remains of a failed job."""
    key = keys.decrypt(package.sealed_key, _place(package.id))
    store.put(_name(package), ciphers.seal(chunks, key, _context(package)))


def read(package: ArchivePackage, *, store: DocumentStorage, keys: KeyProvider) -> Iterator[bytes]:
    """The package in chunks; FileNotFoundError at once where it is gone, Damaged where it was exchanged."""
    key = keys.decrypt(package.sealed_key, _place(package.id))
    return ciphers.unseal(store.read(_name(package)), key, _context(package))


def _name(package: ArchivePackage) -> str:
    return f"{PACKAGES}{package.id}"


def _place(package_id: UUID) -> Place:
    return Place("archive_packages", "sealed_key", package_id)


def _context(package: ArchivePackage) -> bytes:
    return f"archive_packages/{package.id}".encode()
