"""The keys that sign what leaves the house (Ed25519): the record's batches, and the papers that people carry.

They are files outside the database, readable by the service alone: whoever owns the database can change every row in
it, but cannot sign what comes of it. A paper's code can be checked without Kaowu, by anybody who has the public key.
"""

import base64
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.errors import ConfigurationError

_SEPARATOR: Final = "\x1f"
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True)
class SigningKeys:
    """Every signing key of one purpose that this installation has had; the newest signs. Public keys are hex."""

    private: tuple[Ed25519PrivateKey, ...]

    name: ClassVar[str]
    signs: ClassVar[str]

    @property
    def public(self) -> tuple[str, ...]:
        """The public keys, the one that signs now last."""
        return tuple(one.public_key().public_bytes_raw().hex() for one in self.private)

    @property
    def current(self) -> str:
        """The public key of the one that signs now."""
        return self.public[-1]

    def sign(self, content: bytes) -> bytes:
        """The newest key's signature."""
        return self.private[-1].sign(content)

    def accepts(self, public_key: str, content: bytes, signature: bytes) -> bool:
        """Whether ``public_key`` is one of ours and its signature on ``content`` holds."""
        return public_key in self.public and is_signed(public_key, content, signature)

    def verify(self, content: bytes, signature: bytes) -> bool:
        """Whether one of our keys, old or new, signed ``content``."""
        return any(is_signed(one, content, signature) for one in self.public)

    @classmethod
    def create(cls, folder: Path) -> None:
        """Make the first key where there is none (the demo and tests do; elsewhere an operator does, once)."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not cls.are_in(folder):
            descriptor = os.open(folder / f"{cls.name}-1.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())

    @classmethod
    def are_in(cls, folder: Path) -> bool:
        """Whether a folder holds a key of this purpose."""
        return any(folder.glob(f"{cls.name}-*.key"))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The keys ``NAME-N.key`` of a folder; ConfigurationError without one: nothing may go out unsigned."""
        files = sorted(folder.glob(f"{cls.name}-*.key"), key=cls._number)
        if not files:
            raise ConfigurationError(
                f"{folder}: no {cls.name}-N.key found, which signs {cls.signs}. Restore it from the backup; "
                "for an installation that never had one make it: kaowu keys create"
            )
        return cls(tuple(map(_read, files)))

    @classmethod
    def _number(cls, file: Path) -> int:
        number = file.stem.removeprefix(f"{cls.name}-")
        if not number.isdecimal():
            raise ConfigurationError(f"{file}: a signing key is named {cls.name}-N.key, N being its number.")
        return int(number)


class RecordKeys(SigningKeys):
    """The keys that sign the heads of the record's batches."""

    name = "record"
    signs = "the record"


class PaperKeys(SigningKeys):
    """The keys that sign admission tickets and certificates."""

    name = "papers"
    signs = "admission tickets and certificates"

    def code(self, *fields: str) -> str:
        """What a paper's QR code says: the fields and their signature. The first one names the kind of paper.

        URL-safe text of about 4/3 of the fields' length plus 86. No field may hold U+001F, which parts them.
        """
        if any(_SEPARATOR in one for one in fields):
            raise ValueError("a field of a signed code holds U+001F")
        content = _SEPARATOR.join(fields).encode()
        return base64.urlsafe_b64encode(self.sign(content) + content).rstrip(b"=").decode()


def create_signing_keys(folder: Path) -> None:
    """Make the first key of each purpose in a folder; keys that are there stay as they are."""
    for purpose in (RecordKeys, PaperKeys):
        purpose.create(folder)


def read_code(code: str, public_keys: Collection[str]) -> tuple[str, ...] | None:
    """The fields of a code that one of these keys signed, without asking anybody; None for every other text."""
    try:
        raw = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        content = raw[_SIGNATURE_BYTES:].decode()
    except ValueError:
        return None
    if any(is_signed(key, content.encode(), raw[:_SIGNATURE_BYTES]) for key in public_keys):
        return tuple(content.split(_SEPARATOR))
    return None


def is_signed(public_key: str, content: bytes, signature: bytes) -> bool:
    """Whether the signature on ``content`` is that of a public key, whoever's it is."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text().strip()))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: cannot be read as a key ({error}). Restore it from the backup.") from error
