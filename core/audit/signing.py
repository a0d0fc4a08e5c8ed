"""The keys that sign the record's batches (Ed25519): files outside the database, readable by the service alone.

Whoever owns the database can recompute every digest in it, but cannot sign what comes of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.errors import ConfigurationError

_FIRST = "record-1.key"


@dataclass(frozen=True)
class RecordKeys:
    """Every signing key that this installation has had; the newest signs. A public key is written as hex."""

    private: tuple[Ed25519PrivateKey, ...]

    @property
    def public(self) -> tuple[str, ...]:
        """The public keys, the one that signs now last."""
        return tuple(one.public_key().public_bytes_raw().hex() for one in self.private)

    @property
    def current(self) -> str:
        """The public key of the one that signs now."""
        return self.public[-1]

    def sign(self, head: bytes) -> bytes:
        """The newest key's signature."""
        return self.private[-1].sign(head)

    def accepts(self, public_key: str, head: bytes, signature: bytes) -> bool:
        """Whether ``public_key`` is one of ours and its signature on ``head`` holds."""
        return public_key in self.public and is_signed(public_key, head, signature)


def is_signed(public_key: str, head: bytes, signature: bytes) -> bool:
    """Whether the signature on ``head`` is that of a public key, whoever's it is."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, head)
    except (InvalidSignature, ValueError):
        return False
    return True


def create_record_keys(folder: Path) -> None:
    """Make the first signing key where there is none (the demo and tests do; elsewhere an operator does, once)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not any(folder.glob("record-*.key")):
        descriptor = os.open(folder / _FIRST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())


def load_record_keys(folder: Path) -> RecordKeys:
    """The keys ``record-N.key`` of a folder; ConfigurationError without one: nothing may go on the record unsigned."""
    files = sorted(folder.glob("record-*.key"), key=_number)
    if not files:
        raise ConfigurationError(
            f"{folder}: no record-N.key found, which signs the record. Restore it from the backup; "
            "for a new and empty installation make the first one: kaowu keys create"
        )
    return RecordKeys(tuple(map(_read, files)))


def _number(file: Path) -> int:
    number = file.stem.removeprefix("record-")
    if not number.isdecimal():
        raise ConfigurationError(f"{file}: a signing key is named record-N.key, N being its number.")
    return int(number)


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: cannot be read as a key ({error}). Restore it from the backup.") from error
