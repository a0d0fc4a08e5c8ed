"""Merkle trees: a path proves its own digest at its own place, and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from core.audit import merkle

DIGESTS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70, unique=True)


def leaf(digest: bytes) -> bytes:
    return sha256(b"\x00" + digest).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def test_the_tree_is_that_of_rfc_6962() -> None:
    a, b, c, d, e = (bytes([number]) * 32 for number in range(5))
    assert merkle.root([a]) == leaf(a)
    assert merkle.root([a, b]) == node(leaf(a), leaf(b))
    assert merkle.root([a, b, c]) == node(node(leaf(a), leaf(b)), leaf(c))
    four = node(node(leaf(a), leaf(b)), node(leaf(c), leaf(d)))
    assert merkle.root([a, b, c, d, e]) == node(four, leaf(e))


@given(DIGESTS, st.data())
def test_a_path_proves_its_digest(digests: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(digests) - 1))
    beside = merkle.path(digests, position)
    assert merkle.root_by_path(digests[position], position, len(digests), beside) == merkle.root(digests)


@given(DIGESTS.filter(lambda digests: len(digests) > 1), st.data())
def test_a_path_proves_no_other_digest_and_no_other_place(digests: list[bytes], data: st.DataObject) -> None:
    position, other = data.draw(st.permutations(range(len(digests))))[:2]
    beside, size = merkle.path(digests, position), len(digests)
    assert merkle.root_by_path(digests[other], position, size, beside) != merkle.root(digests)
    try:
        elsewhere = merkle.root_by_path(digests[position], other, size, beside)
    except ValueError:
        return
    assert elsewhere != merkle.root(digests)


@given(DIGESTS, DIGESTS)
def test_different_digests_have_different_roots(one: list[bytes], other: list[bytes]) -> None:
    assert (merkle.root(one) == merkle.root(other)) == (one == other)


@pytest.mark.parametrize(
    ("position", "size", "beside"), [(0, 1, [b"x"]), (1, 1, []), (0, 2, []), (2, 2, [b"x"]), (-1, 2, [b"x"])]
)
def test_a_path_of_another_length_is_refused(position: int, size: int, beside: list[bytes]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        merkle.root_by_path(b"digest", position, size, beside)
