"""The recipient of backups: a key pair with a private half that need never be on the machine that makes backups.

X25519 with a fresh pair for each backup, then HKDF, as in sealed boxes; the content is sealed in chunks. A thief of the
machine and its data keys therefore cannot read the backups that were carried away from it.
"""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ConfigurationError
from core.security.ciphers import KEY_BYTES

PUBLIC_BYTES = 32
_PUBLIC, _PRIVATE = "kaowu-backup-public-", "kaowu-backup-private-"


def make_pair(file: Path) -> str:
    """Write a fresh private key to ``file``, readable by its owner alone, and return the public key."""
    private = X25519PrivateKey.generate()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be made ({error.strerror}). Name a new file.") from None
    with os.fdopen(descriptor, "w") as written:
        written.write(f"{_PRIVATE}{private.private_bytes_raw().hex()}\n")
        written.flush()
        os.fsync(written.fileno())
    return public_text(private)


def public_text(private: X25519PrivateKey) -> str:
    """The public half as it is written down."""
    return f"{_PUBLIC}{private.public_key().public_bytes_raw().hex()}"


def read_public(text: str) -> X25519PublicKey:
    """The key that backups are encrypted for; ConfigurationError where it is none."""
    return X25519PublicKey.from_public_bytes(_parsed(text, _PUBLIC, "KAOWU_BACKUP_RECIPIENT"))


def read_private(file: Path) -> X25519PrivateKey:
    """The key that opens backups; ConfigurationError where the file holds none."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: cannot be read as a key ({error})") from None
    return X25519PrivateKey.from_private_bytes(_parsed(text, _PRIVATE, str(file)))


def key_to_seal(recipient: X25519PublicKey, purpose: bytes) -> tuple[bytes, bytes]:
    """A key for one backup, and the public bytes with which the recipient finds it again."""
    once = X25519PrivateKey.generate()
    sent = once.public_key().public_bytes_raw()
    return _derived(once.exchange(recipient), sent + recipient.public_bytes_raw(), purpose), sent


def key_to_open(private: X25519PrivateKey, sent: bytes, purpose: bytes) -> bytes:
    """The same key, found with the private half; ValueError where ``sent`` is no key at all."""
    shared = private.exchange(X25519PublicKey.from_public_bytes(sent))
    return _derived(shared, sent + private.public_key().public_bytes_raw(), purpose)


def _derived(shared: bytes, both: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=both, info=purpose).derive(shared)


def _parsed(text: str, prefix: str, where: str) -> bytes:
    try:
        found = bytes.fromhex(text.strip().removeprefix(prefix))
    except ValueError:
        found = b""
    if not text.startswith(prefix) or len(found) != PUBLIC_BYTES:
        raise ConfigurationError(
            f"{where}: a key begins with {prefix} and has 64 digits. To make one: kaowu backup key"
        )
    return found
