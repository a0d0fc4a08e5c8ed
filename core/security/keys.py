"""The installation's one key provider: encryption of personal data, and the keyed hash by which a person is found.

What is encrypted is bound to its table, column and row, so that a value copied into another row does not open. A sealed
value starts with the id of its key, one byte, whoever the provider is: so keys can be changed while the service runs.
The built-in provider is AES-256-GCM through ``cryptography`` with keys from a folder or from the settings; hardware
takes its place by ``KAOWU_KEY_PROVIDER``.
"""

import hashlib
import hmac
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import ConfigurationError, Unavailable
from core.settings import Settings

BUILT_IN: Final = "local"
ENTRY_POINTS: Final = "kaowu.key_providers"
MOST_KEYS: Final = 255

_NONCE_BYTES = 12
_KEY_BYTES = 32
_LOOKUP = "lookup.key"
_NEXT_LOOKUP = "lookup.key.next"
_RACY_SECONDS = 1.0


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
    """What services ask of the keys."""

    def encrypt(self, value: bytes, place: Place) -> bytes:
        """``value`` sealed for ``place`` with the newest key, whose id is the first byte."""

    def decrypt(self, sealed: bytes, place: Place) -> bytes:
        """What was sealed for ``place``; raises where it was altered or belongs elsewhere."""

    def lookup_hash(self, value: str) -> bytes:
        """A keyed hash of 32 bytes: equal for equal values, useless without the key."""


class KeyKeeper(KeyProvider, Protocol):
    """The whole of a provider: what ``kaowu keys`` asks besides."""

    def current(self) -> int:
        """The id of the key that seals now, 1 to 255; the highest."""

    def known(self) -> frozenset[int]:
        """The ids of all keys that open."""

    def make_key(self) -> int:
        """Make the next key, which seals from now on in every process, and return its id.

        Raises ConfigurationError, saying what to do, where keys are made elsewhere.
        """

    def retire_key(self, key: int) -> str:
        """Open nothing with ``key`` any more, and return where it is kept for the backups that still need it."""

    def next_lookup_hash(self) -> Callable[[str], bytes]:
        """The keyed hash under the look-up key that is to come; asked again, the same one."""

    def drop_next_lookup(self) -> None:
        """Forget the look-up key that was to come: nothing was hashed with it after all."""

    def change_lookup(self) -> None:
        """Make the look-up key that was to come the present one."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The keys as of one moment."""

    current: int
    encryption: Mapping[int, bytes]
    lookup: bytes


class FileKeys:
    """Keys that this machine holds: in a folder that only the service's account can read, or given once for all.

    A folder is read again when something in it has changed, so that every process on it takes part in a change of keys.
    """

    def __init__(
        self, current: int, encryption: Mapping[int, bytes], lookup: bytes, folder: Path | None = None
    ) -> None:
        self._held, self._folder, self._as_of = _Held(current, encryption, lookup), folder, 0

    def current(self) -> int:
        """The highest id."""
        return self._fresh().current

    def known(self) -> frozenset[int]:
        """The ids of the keys in the folder."""
        return frozenset(self._fresh().encryption)

    def encrypt(self, value: bytes, place: Place) -> bytes:
        """Key id (1 byte), nonce (12 bytes), ciphertext with its tag."""
        held, nonce = self._fresh(), os.urandom(_NONCE_BYTES)
        sealed = AESGCM(held.encryption[held.current]).encrypt(nonce, value, place.associated_data())
        return bytes([held.current]) + nonce + sealed

    def decrypt(self, sealed: bytes, place: Place) -> bytes:
        """Open with the key that the first byte names; Unavailable where it is not here."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        key = self._fresh().encryption.get(sealed[0])
        if key is None:
            raise Unavailable("key_missing", "加密内容暂时无法读取，本次操作没有保存。请联系系统运维人员核对密钥。")
        return AESGCM(key).decrypt(nonce, body, place.associated_data())

    def lookup_hash(self, value: str) -> bytes:
        """HMAC-SHA-256 under the look-up key."""
        return hmac.digest(self._fresh().lookup, value.encode(), hashlib.sha256)

    def make_key(self) -> int:
        """Write the next key into the folder."""
        folder, key = self._writable(), max(self.known()) + 1
        if key > MOST_KEYS:
            raise ConfigurationError(f"{folder}: {MOST_KEYS} keys have been made, and a key's id is one byte.")
        _write_key(folder / f"encryption-{key}.key")
        return key

    def retire_key(self, key: int) -> str:
        """Rename the key's file, so that it is not read any more."""
        kept = self._writable() / f"encryption-{key}.retired"
        (kept.parent / f"encryption-{key}.key").rename(kept)
        return str(kept)

    def next_lookup_hash(self) -> Callable[[str], bytes]:
        """Under the key in ``lookup.key.next``, made where there is none."""
        file = self._writable() / _NEXT_LOOKUP
        if not file.exists():
            _write_key(file)
        key = _read(file)
        return lambda value: hmac.digest(key, value.encode(), hashlib.sha256)

    def drop_next_lookup(self) -> None:
        """Remove ``lookup.key.next``, if it is there."""
        (self._writable() / _NEXT_LOOKUP).unlink(missing_ok=True)

    def change_lookup(self) -> None:
        """Put ``lookup.key.next`` in the place of ``lookup.key``."""
        folder = self._writable()
        (folder / _NEXT_LOOKUP).replace(folder / _LOOKUP)

    def _fresh(self) -> _Held:
        """The keys as they are in the folder now; the moment it last changed tells whether to look."""
        if self._folder is not None:
            changed = self._folder.stat().st_mtime_ns
            if changed != self._as_of:
                self._held = _read_folder(self._folder)
                # Within one tick of the file system's clock two changes have the same moment: look again until then.
                self._as_of = changed if time.time_ns() - changed > _RACY_SECONDS * 1e9 else 0
        return self._held

    def _writable(self) -> Path:
        if self._folder is None:
            raise ConfigurationError(
                "The keys come from KAOWU_ENCRYPTION_KEYS and KAOWU_LOOKUP_KEY, which Kaowu cannot change. Add a key "
                "with the next higher id there, restart every server and worker, and run `kaowu keys rotate` again."
            )
        return self._folder


def opened(keys: KeyProvider, sealed: bytes, place: Place) -> bytes | None:
    """The value of something sealed that comes back from outside; None where it was not sealed so, for this place."""
    try:
        return keys.decrypt(sealed, place)
    except (InvalidTag, IndexError, ValueError, Unavailable):
        return None


def open_keys(settings: Settings, *, unfinished: bool = False) -> KeyKeeper:
    """The keys of this installation; ConfigurationError, saying what to do, where there are none.

    A change of the look-up key that was broken off refuses as well, but for the command that ends it (``unfinished``).
    """
    if settings.key_provider != BUILT_IN:
        return _installed(settings)
    if settings.encryption_keys is not None and settings.lookup_key is not None:
        return _given(settings.encryption_keys.get_secret_value(), settings.lookup_key.get_secret_value())
    if not unfinished and (settings.keys_dir / _NEXT_LOOKUP).exists():
        raise ConfigurationError(
            f"{settings.keys_dir / _NEXT_LOOKUP}: a change of the look-up key was broken off. "
            "End it: kaowu keys change-lookup"
        )
    return load_keys(settings.keys_dir)


def has_next_lookup(settings: Settings) -> bool:
    """Whether a look-up key that is to come lies beside the present one, or could: hardware does not say."""
    return settings.key_provider != BUILT_IN or (settings.keys_dir / _NEXT_LOOKUP).exists()


def create_keys(folder: Path) -> None:
    """Make a first set of keys in a folder that has none; beside a key that is there, nothing is made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not have_keys(folder):
        _write_key(folder / _LOOKUP)
        _write_key(folder / "encryption-1.key")


def have_keys(folder: Path) -> bool:
    """Whether a folder holds a key of personal data, be it one of those that are needed."""
    return any(folder.glob("encryption-*.key")) or any(folder.glob("lookup.key*"))


def load_keys(folder: Path) -> FileKeys:
    """The keys of ``folder``; ConfigurationError where one is missing or malformed: the service must not start."""
    held = _read_folder(folder)
    return FileKeys(held.current, held.encryption, held.lookup, folder)


def _read_folder(folder: Path) -> _Held:
    encryption = {int(file.stem.removeprefix("encryption-")): _read(file) for file in folder.glob("encryption-*.key")}
    if not encryption:
        raise ConfigurationError(
            f"{folder}: no encryption-N.key found. Restore the keys from their backup (KAOWU_KEYS_DIR names another "
            "folder); for a new and empty installation make the first ones: kaowu keys create"
        )
    return _Held(max(encryption), encryption, _read(folder / _LOOKUP))


def _given(encryption: str, lookup: str) -> FileKeys:
    keys = {}
    for part in encryption.split(","):
        number, _, key = part.strip().partition(":")
        if not number.isdecimal() or not 1 <= int(number) <= MOST_KEYS:
            raise ConfigurationError("KAOWU_ENCRYPTION_KEYS: write ID:HEX, ids from 1 to 255, with commas between.")
        keys[int(number)] = _parsed(key, "KAOWU_ENCRYPTION_KEYS")
    return FileKeys(max(keys), keys, _parsed(lookup, "KAOWU_LOOKUP_KEY"))


def _installed(settings: Settings) -> KeyKeeper:
    """The provider that the setting names: an entry point, or module:function. It is called with the settings."""
    name = settings.key_provider
    try:
        found = entry_points(group=ENTRY_POINTS, name=name)
        module, _, function = name.partition(":")
        factory = next(iter(found)).load() if found else getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"KAOWU_KEY_PROVIDER: {name!r} is no entry point of the group {ENTRY_POINTS} and no module:function that "
            f"can be imported ({error}). Install its package, or leave the setting out for the built-in provider."
        ) from error
    provider: KeyKeeper = factory(settings)
    return provider


def _read(file: Path) -> bytes:
    try:
        return _parsed(file.read_text(), str(file))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file}: cannot be read as a key ({error}). Restore it from the backup.") from error


def _parsed(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        raise ConfigurationError(f"{where}: a key is {_KEY_BYTES} bytes in hexadecimal. Restore it.") from None
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(f"{where}: holds {len(key)} bytes, a key has {_KEY_BYTES}. Restore it.")
    return key


def _write_key(file: Path) -> None:
    """Write a fresh key so that it appears whole, outlasts a power failure, and replaces nothing."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".making-")
    try:
        with os.fdopen(descriptor, "w") as written:
            written.write(secrets.token_hex(_KEY_BYTES))
            written.flush()
            os.fsync(written.fileno())
        file.hardlink_to(name)
    finally:
        Path(name).unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
