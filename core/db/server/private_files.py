"""Folders and files that only one account may open, and locks between processes, for the embedded server."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.db.server.unprivileged import ServerAccount
from core.errors import ConfigurationError

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX

_PRIVATE_FOLDER = 0o040700  # A folder, not a link to one, and closed to everybody else.
_PAUSE = 0.02


def make_private_folder(folder: Path, account: ServerAccount | None) -> None:
    """Make a folder that only ``account`` (None: our own) may enter; refuse an existing one with other rights."""
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if found.st_mode != _PRIVATE_FOLDER or found.st_uid != owner:
            raise ConfigurationError(
                f"{folder} is not the private folder it should be: remove it and try again"
            ) from None
        return
    if account:
        os.chown(folder, account.uid, account.gid)


def write_private(file: Path, text: str, account: ServerAccount | None) -> None:
    """Write a file that only ``account`` (None: our own) may read, completely or not at all."""
    unfinished = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    if account:
        os.chown(unfinished, account.uid, account.gid)
    unfinished.replace(file)


@contextmanager
def locked(file: Path, mode: int, *, within: float = 0.0) -> Iterator[int]:
    """Hold a lock on ``file``; raises BlockingIOError where it is not free ``within`` so many seconds.

    The lock belongs to the open descriptor that the block gets: a program that inherits the descriptor keeps the lock,
    and the system releases it when the last such program has ended.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, mode, deadline=time.monotonic() + within)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, mode: int, *, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return
