"""The installation's one key provider: encryption of personal data, and the keyed hash by which a person is found.

AES-256-GCM through ``cryptography``; what is encrypted is bound to its table, column and row, so that a value copied
into another row does not open. A ciphertext starts with the id of its key, so that keys can be rotated.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import ConfigurationError

_NONCE_BYTES = 12
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where an encrypted value stands: the associated data of its encryption."""

    table: str
    column: str
    row: UUID

    def associated_data(self) -> bytes:
        """The bytes that encryption binds the value to."""
        return f"{self.table}.{self.column}/{self.row}".encode()


class KeyProvider(Protocol):
    """What holds the keys; hardware with SM4 can take the place of :class:`FileKeys`."""

    def encrypt(self, value: bytes, place: Place) -> bytes:
        """``value`` sealed for ``place``."""

    def decrypt(self, sealed: bytes, place: Place) -> bytes:
        """What was sealed for ``place``; raises where it was altered or belongs elsewhere."""

    def lookup_hash(self, value: str) -> bytes:
        """A keyed hash (HMAC-SHA-256): equal for equal values, useless without the key."""


@dataclass(frozen=True)
class FileKeys:
    """Keys kept in a folder of files that only the service's own account can read."""

    current: int
    encryption: dict[int, bytes]
    lookup: bytes

    def encrypt(self, value: bytes, place: Place) -> bytes:
        """Key id (1 byte), nonce (12 bytes), ciphertext with its tag."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.encryption[self.current]).encrypt(nonce, value, place.associated_data())
        return bytes([self.current]) + nonce + sealed

    def decrypt(self, sealed: bytes, place: Place) -> bytes:
        """Open with the key that the first byte names."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        return AESGCM(self.encryption[sealed[0]]).decrypt(nonce, body, place.associated_data())

    def lookup_hash(self, value: str) -> bytes:
        """HMAC-SHA-256 under the look-up key."""
        return hmac.digest(self.lookup, value.encode(), hashlib.sha256)


def create_keys(folder: Path) -> None:
    """Make a first set of keys where there is none (the demo and tests do; elsewhere an operator does, once)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("encryption-1.key", "lookup.key"):
        if not (folder / name).exists():
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))


def load_keys(folder: Path) -> FileKeys:
    """The keys of ``folder``; ConfigurationError where one is missing or malformed: the service must not start."""
    encryption = {int(file.stem.removeprefix("encryption-")): _read(file) for file in folder.glob("encryption-*.key")}
    if not encryption:
        raise ConfigurationError(
            f"{folder}: no encryption-N.key found. Restore the keys from the backup; "
            "docs/operations.md says how to make a first set."
        )
    return FileKeys(max(encryption), encryption, _read(folder / "lookup.key"))


def _read(file: Path) -> bytes:
    try:
        key = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: cannot be read as a key ({error}). Restore it from the backup.") from error
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"{file}: holds {len(key)} bytes, a key has {_KEY_BYTES}. Restore it from the backup.")
    return key
