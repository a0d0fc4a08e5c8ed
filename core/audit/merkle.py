"""Pure: Merkle trees over digests, built as in RFC 6962: the root of a batch, and the path that proves an entry."""

import hashlib
from collections.abc import Sequence

_LEAF, _NODE = b"\x00", b"\x01"


def root(digests: Sequence[bytes]) -> bytes:
    """The root over digests in their order; a batch has at least one."""
    if len(digests) == 1:
        return _leaf(digests[0])
    half = _left_size(len(digests))
    return _node(root(digests[:half]), root(digests[half:]))


def path(digests: Sequence[bytes], position: int) -> list[bytes]:
    """The roots beside the way from the digest at ``position`` up to the root, the lowest first."""
    if len(digests) == 1:
        return []
    half = _left_size(len(digests))
    if position < half:
        return [*path(digests[:half], position), root(digests[half:])]
    return [*path(digests[half:], position - half), root(digests[:half])]


def root_by_path(digest: bytes, position: int, size: int, beside: Sequence[bytes]) -> bytes:
    """The root of ``size`` digests of which ``digest`` is at ``position``; ValueError where the path does not fit.

    The digest, the path and a signed root are enough to prove that the digest is in the batch.
    """
    if size == 1:
        if beside or position:
            raise ValueError("the path does not fit the place")
        return _leaf(digest)
    if not beside or not 0 <= position < size:
        raise ValueError("the path does not fit the place")
    half = _left_size(size)
    if position < half:
        return _node(root_by_path(digest, position, half, beside[:-1]), beside[-1])
    return _node(beside[-1], root_by_path(digest, position - half, size - half, beside[:-1]))


def _left_size(size: int) -> int:
    """The largest power of two that is less than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _leaf(digest: bytes) -> bytes:
    return hashlib.sha256(_LEAF + digest).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
