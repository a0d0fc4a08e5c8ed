"""Encryption of streams: files of any size are sealed and opened in chunks, so that memory stays flat.

AES-256-GCM over chunks of 64 KiB. A chunk's nonce is its number and whether it is the last one, so that a changed,
missing, moved or cut-off chunk is noticed. A key seals one stream and never a second one.
"""

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
CHUNK = 64 * 1024
_TAG = 16


class Damaged(Exception):
    """A stream that is not as it was sealed: altered, cut short, continued, or sealed with another key."""


def new_key() -> bytes:
    """A fresh key, for one stream."""
    return os.urandom(KEY_BYTES)


def sealed_size(size: int) -> int:
    """The size in bytes of ``size`` bytes when they are sealed."""
    return size + max(1, -(-size // CHUNK)) * _TAG


def seal(chunks: Iterable[bytes], key: bytes, context: bytes) -> Iterator[bytes]:
    """``chunks`` of any sizes, sealed; ``context`` names the owner of the stream and is needed to open it."""
    cipher = AESGCM(key)
    for number, (block, last) in enumerate(blocks(chunks, CHUNK)):
        yield cipher.encrypt(_nonce(number, last=last), block, context)


def unseal(chunks: Iterable[bytes], key: bytes, context: bytes) -> Iterator[bytes]:
    """The sealed content, chunk by chunk, each checked before it is given; raises Damaged at the first wrong chunk.

    Only the end of the iterator shows that the stream is complete.
    """
    cipher = AESGCM(key)
    for number, (block, last) in enumerate(blocks(chunks, CHUNK + _TAG)):
        try:
            yield cipher.decrypt(_nonce(number, last=last), block, context)
        except InvalidTag as error:
            raise Damaged(f"chunk {number} does not open") from error


def blocks(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in blocks of ``size``, each with whether it is the last; one empty last block for no bytes."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
