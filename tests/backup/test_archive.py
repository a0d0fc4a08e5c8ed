"""The file of a backup: what goes in comes out, for its recipient alone, and every changed byte is noticed."""

import hashlib
import os
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from core.backup import archive, recipient
from core.backup.archive import MAGIC, Entry, Manifest
from core.errors import ConfigurationError
from core.security.ciphers import Damaged

PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(32)))
EMPTY = Manifest(
    "0.1.0", 18, "0013", "2024-04-01T09:00:00+08:00", {"persons": 3}, {"linshui": "1:ab"}, {}, with_keys=True
)
CONTENTS = {
    "settings.json": b"{}",
    "database/000000": os.urandom(3000),
    "documents/a/b": b"",
    "tenants/测试.toml": b"x" * 512,
}


def _manifest() -> Manifest:
    return replace(EMPTY, missing=[], files={})


def _written(file: Path, contents: dict[str, bytes] | None = None) -> Manifest:
    manifest = _manifest()
    entries = (Entry(name, len(content), [content]) for name, content in (contents or CONTENTS).items())
    with file.open("wb") as written:
        archive.write(entries, manifest, written, PRIVATE.public_key())
    return manifest


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    manifest = _written(tmp_path / "b")
    found = {name: content.read() for name, content in archive.read(tmp_path / "b", PRIVATE)}
    found.pop(archive.MANIFEST)
    assert found == CONTENTS
    assert archive.verify(tmp_path / "b", PRIVATE) == manifest
    assert manifest.files == {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


def test_nothing_of_it_can_be_read_without_the_key(tmp_path: Path) -> None:
    _written(tmp_path / "b", {"settings.json": b"a secret of somebody"})
    assert b"somebody" not in (tmp_path / "b").read_bytes()
    with pytest.raises(Damaged):
        archive.verify(tmp_path / "b", X25519PrivateKey.generate())


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    file = tmp_path / "b"
    _written(file)
    whole = file.read_bytes()
    for at in [*range(len(MAGIC) + 32), *range(len(MAGIC) + 32, len(whole), 13), len(whole) - 1]:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(Damaged):
            archive.verify(file, PRIVATE)


CUT: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _whole: b"",
    "only the beginning": lambda whole: whole[:20],
    "only the head": lambda whole: whole[: len(MAGIC) + 32],
    "half": lambda whole: whole[: len(whole) // 2],
    "all but the last byte": lambda whole: whole[:-1],
    "something added": lambda whole: whole + b"\0",
    "a sealed chunk left out": lambda whole: whole[:47] + whole[47 + 65_552 :],
}


@pytest.mark.parametrize("how", CUT)
def test_a_backup_that_was_cut_or_continued_is_noticed(tmp_path: Path, how: str) -> None:
    file = tmp_path / "b"
    _written(file, {"database/000000": os.urandom(200_000)})
    file.write_bytes(CUT[how](file.read_bytes()))
    with pytest.raises(Damaged):
        archive.verify(file, PRIVATE)


def test_a_manifest_that_says_otherwise_is_noticed(tmp_path: Path) -> None:
    manifest = replace(_manifest(), files={"documents/lost": "00" * 32})
    with (tmp_path / "b").open("wb") as written:
        archive.write([Entry("settings.json", 2, [b"{}"])], manifest, written, PRIVATE.public_key())
    with pytest.raises(Damaged, match="manifest"):
        archive.verify(tmp_path / "b", PRIVATE)


def test_an_entry_that_shrinks_while_it_is_copied_breaks_the_backup_off(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="was to have 10"), (tmp_path / "b").open("wb") as written:
        archive.write([Entry("documents/a", 10, [b"short"])], _manifest(), written, PRIVATE.public_key())


def test_a_large_backup_takes_little_memory(tmp_path: Path) -> None:
    def zeros() -> Iterator[bytes]:
        for _ in range(160):
            yield bytes(256 * 1024)

    tracemalloc.start()
    with (tmp_path / "b").open("wb") as written:
        archive.write([Entry("documents/a", 40 * 1024 * 1024, zeros())], _manifest(), written, PRIVATE.public_key())
    archive.verify(tmp_path / "b", PRIVATE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_a_pair_of_keys_is_written_once_and_read_again(tmp_path: Path) -> None:
    public = recipient.make_pair(tmp_path / "private")
    private = recipient.read_private(tmp_path / "private")
    assert (tmp_path / "private").stat().st_mode & 0o077 == 0
    assert recipient.read_public(public).public_bytes_raw() == private.public_key().public_bytes_raw()
    with pytest.raises(ConfigurationError, match="Name a new file"):
        recipient.make_pair(tmp_path / "private")


@pytest.mark.parametrize("text", ["", "kaowu-backup-public-12", "kaowu-backup-private-" + "0" * 64, "x" * 84])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="kaowu backup key"):
        recipient.read_public(text)
