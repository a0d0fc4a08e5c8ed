"""Files are locked each with a key of its own: what opens, what does not, and a change of keys."""

import hashlib
import os
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from core.db.resealing import reseal
from core.db.session import KeeperSession
from core.documents import vault
from core.documents.models import Document
from core.documents.queries import current_documents
from core.documents.storage import DocumentStore, name_of
from core.errors import Unavailable
from core.security import ciphers
from core.security.ciphers import CHUNK, Damaged
from core.security.keys import FileKeys
from tests.cases import KEYS, Season

KEY, CONTEXT = bytes(32), b"documents/1"
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


def _sealed(content: bytes) -> bytes:
    return b"".join(ciphers.seal([content], KEY, CONTEXT))


def _opened(sealed: bytes, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    return b"".join(ciphers.unseal([sealed], key, context))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_again_and_has_the_size_that_was_foretold(size: int) -> None:
    content = os.urandom(size)
    sealed = _sealed(content)
    assert _opened(sealed) == content
    assert len(sealed) == ciphers.sealed_size(size)


@given(st.lists(st.binary(max_size=300), max_size=20), st.integers(1, 400))
@settings(max_examples=50, deadline=None)
def test_how_a_stream_was_cut_makes_no_difference(chunks: list[bytes], step: int) -> None:
    sealed = b"".join(ciphers.seal(chunks, KEY, CONTEXT))
    pieces = [sealed[at : at + step] for at in range(0, len(sealed), step)]
    assert b"".join(ciphers.unseal(pieces, KEY, CONTEXT)) == b"".join(chunks)


TAMPERED: dict[str, Callable[[bytes], bytes]] = {
    "cut by a byte": lambda whole: whole[:-1],
    "cut after a chunk": lambda whole: whole[: CHUNK + 16],
    "cut before its last chunk": lambda whole: whole[: 2 * (CHUNK + 16)],
    "empty": lambda _whole: b"",
    "continued": lambda whole: whole + b"\0",
    "two chunks exchanged": lambda whole: (
        whole[CHUNK + 16 : 2 * (CHUNK + 16)] + whole[: CHUNK + 16] + whole[2 * (CHUNK + 16) :]
    ),
    "a chunk twice": lambda whole: whole[: CHUNK + 16] * 2 + whole[CHUNK + 16 :],
    "a chunk left out": lambda whole: whole[CHUNK + 16 :],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_stream_that_was_tampered_with_does_not_open(how: str) -> None:
    with pytest.raises(Damaged):
        _opened(TAMPERED[how](_sealed(os.urandom(2 * CHUNK + 100))))


def test_every_single_changed_byte_is_noticed() -> None:
    sealed = _sealed(b"an identity card")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Damaged):
            _opened(bytes(changed))


@pytest.mark.parametrize(("key", "context"), [(bytes(31) + b"\1", CONTEXT), (KEY, b"documents/2")])
def test_another_key_and_another_place_do_not_open(key: bytes, context: bytes) -> None:
    with pytest.raises(Damaged):
        _opened(_sealed(b"x"), key, context)


def test_a_large_file_is_sealed_and_opened_in_little_memory() -> None:
    def large() -> Iterator[bytes]:
        for _ in range(256):
            yield bytes(256 * 1024)

    tracemalloc.start()
    size = sum(len(chunk) for chunk in ciphers.unseal(ciphers.seal(large(), KEY, CONTEXT), KEY, CONTEXT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == 64 * 1024 * 1024
    assert peak < 2 * 1024 * 1024


def _document(content: bytes, keys: FileKeys = KEYS, number: int = 1) -> Document:
    made = Document(
        id=UUID(int=number), application_id=UUID(int=9), sha256=hashlib.sha256(content).hexdigest(), size=len(content)
    )
    vault.seal_new_key(made, keys)
    return made


def _read(document: Document, store: DocumentStore, keys: FileKeys = KEYS) -> bytes:
    return b"".join(vault.read(document, store=store, keys=keys))


def _write(document: Document, content: Iterable[bytes], store: DocumentStore) -> None:
    vault.write(document, content, store=store, keys=KEYS)


def test_a_change_of_keys_touches_the_row_and_not_the_file(season: Season) -> None:
    case = season.draft()
    store = season.store
    assert isinstance(store, DocumentStore)
    with season.as_person(case.person) as session:
        document = current_documents(session, case.id)[0]
        before, content = (store.folder / name_of(document)).read_bytes(), _read(document, store)
    old, new = bytes(range(32)), bytes(range(64, 96))
    both = FileKeys(2, {1: old, 2: new}, bytes(range(32, 64)))
    with KeeperSession(season.connection, now=season.now) as keeper, keeper.begin():
        column = Document.__table__.c.sealed_key
        found, _ = reseal(keeper, column, both, current=2, after=UUID(int=0), limit=100)
    assert found == 3
    with season.as_person(case.person) as session:
        changed = session.get_one(Document, document.id)
    assert (store.folder / name_of(document)).read_bytes() == before
    assert changed.sealed_key != document.sealed_key
    assert _read(changed, store, FileKeys(2, {2: new}, bytes(range(32, 64)))) == content
    with pytest.raises(Unavailable):
        _read(changed, store, KEYS)


def test_without_its_row_a_file_is_not_readable_by_any_key(tmp_path: Path) -> None:
    store, document = DocumentStore(tmp_path), _document(b"a paper")
    _write(document, [b"a paper"], store)
    vault.seal_new_key(document, KEYS)
    with pytest.raises(Damaged):
        _read(document, store)


def test_a_file_in_the_place_of_another_does_not_open(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path)
    mine, other = _document(b"a paper", number=1), _document(b"a paper", number=2)
    for one in (mine, other):
        _write(one, [b"a paper"], store)
    (tmp_path / name_of(other)).replace(tmp_path / name_of(mine))
    with pytest.raises(Damaged):
        _read(mine, store)


def test_altered_content_is_noticed_even_when_sealed_correctly(tmp_path: Path) -> None:
    store, document = DocumentStore(tmp_path), _document(b"a paper")
    _write(document, [b"another paper"], store)
    with pytest.raises(Damaged, match="not the one that was uploaded"):
        _read(document, store)
