"""Whether a PDF opens without a password: its standard security handler asked with the empty user password.

A PDF that forbids printing or copying is encrypted with an owner's password, and everybody's reader opens it with the
empty one. Source: ISO 32000-2:2020 §7.6.4 (algorithms 2, 2.A, 2.B, 4, 5, 6); revision 5 by Adobe's extension level 3.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

PADDING: Final = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_HASHES: Final = (hashlib.sha256, hashlib.sha384, hashlib.sha512)


@dataclass(frozen=True, slots=True)
class Handler:
    """The entries of an encryption dictionary; ``length`` is the key's in bytes, ``first_id`` the file's first name."""

    revision: int
    length: int
    owner: bytes
    user: bytes
    permissions: int
    first_id: bytes
    encrypts_metadata: bool = True


def opens_without_password(handler: Handler) -> bool:
    """Whether the empty user password is the right one; False for a handler that nobody knows."""
    if handler.revision in {2, 3, 4} and len(handler.owner) >= 32 and len(handler.user) >= 32:
        return _by_md5(handler)
    if handler.revision in {5, 6} and len(handler.user) >= 48:
        wanted, salt = handler.user[:32], handler.user[32:40]
        found = hashlib.sha256(salt).digest() if handler.revision == 5 else hash_of_revision_six(salt)
        return found == wanted
    return False


def user_entry(handler: Handler) -> bytes:
    """The entry ``U`` that the empty user password gives, without its arbitrary end; revisions 2 to 4."""
    key = _file_key(handler)
    if handler.revision == 2:
        return rc4(key, PADDING)
    known = _md5(PADDING + handler.first_id)
    for turn in range(20):
        known = rc4(bytes(byte ^ turn for byte in key), known)
    return known


def hash_of_revision_six(salt: bytes) -> bytes:
    """The hash of the empty password with a salt, as revision 6 hardens it."""
    known = hashlib.sha256(salt).digest()
    turn = 0
    while True:
        encryptor = Cipher(AES128(known[:16]), CBC(known[16:32])).encryptor()
        mixed = encryptor.update(known * 64) + encryptor.finalize()
        known = _HASHES[sum(mixed[:16]) % 3](mixed).digest()
        if turn >= 63 and mixed[-1] <= turn - 31:
            return known[:32]
        turn += 1


def rc4(key: bytes, content: bytes) -> bytes:
    """The content, encrypted or decrypted with RC4."""
    state = list(range(256))
    at = 0
    for place in range(256):
        at = (at + state[place] + key[place % len(key)]) % 256
        state[place], state[at] = state[at], state[place]
    answer, place, at = bytearray(), 0, 0
    for byte in content:
        place = (place + 1) % 256
        at = (at + state[place]) % 256
        state[place], state[at] = state[at], state[place]
        answer.append(byte ^ state[(state[place] + state[at]) % 256])
    return bytes(answer)


def _by_md5(handler: Handler) -> bool:
    known = user_entry(handler)
    return handler.user[: len(known)] == known


def _file_key(handler: Handler) -> bytes:
    length = 5 if handler.revision == 2 else min(max(handler.length, 5), 16)
    permissions = (handler.permissions & 0xFFFFFFFF).to_bytes(4, "little")
    known = PADDING + handler.owner[:32] + permissions + handler.first_id
    if handler.revision == 4 and not handler.encrypts_metadata:
        known += b"\xff" * 4
    digest = _md5(known)
    for _ in range(50 if handler.revision > 2 else 0):
        digest = _md5(digest[:length])
    return digest[:length]


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()
