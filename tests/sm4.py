"""A second key provider, as a province's hardware would be: SM4-GCM and SM3, with keys that no file holds."""

import os
from collections.abc import Callable

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC

from core.security.keys import Place
from core.settings import Settings

_NONCE, _TAG = 12, 16


class Sm4Keys:
    """Keys in memory, as many as are asked for."""

    def __init__(self) -> None:
        self._keys = {1: os.urandom(16)}
        self._lookup, self._next = os.urandom(32), b""

    def current(self) -> int:
        """The highest id."""
        return max(self._keys)

    def known(self) -> frozenset[int]:
        """All of them."""
        return frozenset(self._keys)

    def encrypt(self, value: bytes, place: Place) -> bytes:
        """Key id, nonce, tag, ciphertext."""
        key, nonce = self.current(), os.urandom(_NONCE)
        cipher = Cipher(algorithms.SM4(self._keys[key]), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(place.associated_data())
        sealed = cipher.update(value) + cipher.finalize()
        return bytes([key]) + nonce + cipher.tag + sealed

    def decrypt(self, sealed: bytes, place: Place) -> bytes:
        """The value, if nothing was altered."""
        nonce, tag, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE : 1 + _NONCE + _TAG], sealed[1 + _NONCE + _TAG :]
        cipher = Cipher(algorithms.SM4(self._keys[sealed[0]]), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(place.associated_data())
        return cipher.update(body) + cipher.finalize()

    def lookup_hash(self, value: str) -> bytes:
        """HMAC-SM3."""
        return _sm3(self._lookup, value)

    def make_key(self) -> int:
        """One more."""
        self._keys[self.current() + 1] = os.urandom(16)
        return self.current()

    def retire_key(self, key: int) -> str:
        """Forget it."""
        del self._keys[key]
        return "the hardware's own archive"

    def next_lookup_hash(self) -> Callable[[str], bytes]:
        """Hashes under the next look-up key."""
        self._next = self._next or os.urandom(32)
        return lambda value: _sm3(self._next, value)

    def drop_next_lookup(self) -> None:
        """It will not come."""
        self._next = b""

    def change_lookup(self) -> None:
        """Use the next look-up key from now on."""
        self._lookup, self._next = self._next, b""


def _sm3(key: bytes, value: str) -> bytes:
    digest = HMAC(key, hashes.SM3())
    digest.update(value.encode())
    return digest.finalize()


_INSTALLED = Sm4Keys()


def open_keys(_settings: Settings) -> Sm4Keys:
    """The target of ``KAOWU_KEY_PROVIDER=tests.sm4:open_keys``: a process has one piece of hardware."""
    return _INSTALLED
