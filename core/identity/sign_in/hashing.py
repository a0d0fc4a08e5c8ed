"""Hashing passwords with Argon2id: slow to guess, and equally slow where there is no account."""

import os
import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError


class Hasher:
    """The one hasher of an installation. The defaults are OWASP's for Argon2id: 2 passes over 19 MiB in one lane.

    No more hashes are made at once than the machine has cores, so that a flood of sign-ins cannot take all memory.
    """

    def __init__(self, *, passes: int = 2, memory_kib: int = 19_456, lanes: int = 1) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        self._turns = threading.BoundedSemaphore(os.cpu_count() or 1)

    def hash(self, password: str) -> str:
        """The password's hash with parameters and a salt of its own, as it is stored."""
        with self._turns:
            return self._argon2.hash(_normalised(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. Without a stored hash the same work is done, so that the time discloses nothing.

        False as well for a stored hash that no Argon2 has made.
        """
        with self._turns:
            try:
                self._argon2.verify(self._nobodys if stored is None else stored, _normalised(password))
            except (VerifyMismatchError, InvalidHashError):
                return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the settings have changed since, so that the password is to be hashed again when it is known."""
        return self._argon2.check_needs_rehash(stored)

    @cached_property
    def _nobodys(self) -> str:
        return self._argon2.hash(secrets.token_urlsafe())


def _normalised(password: str) -> str:
    """The same letters are the same password on every keyboard."""
    return unicodedata.normalize("NFC", password)
