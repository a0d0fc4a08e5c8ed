"""Runs a program as an account without privileges, because PostgreSQL refuses to be run by root.

Imported, this module names that account and wraps a command line for it. Started by its path
(``python -I -S unprivileged.py ...``), it becomes that account and then the program; a small program of its own is
safer than ``preexec_fn``, which runs Python between fork and exec of a process that may hold threads.

A clone may lie in a folder that is closed to others, such as ``/root``. Its permissions are not changed. Instead
the server's processes keep one ambient capability, CAP_DAC_READ_SEARCH: they may pass through closed folders and
read, and may write in their own folders alone. Linux only; it is kept only where a folder on the way is closed.
"""

import ctypes
import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

_ACCOUNT = "nobody"

_PR_SET_SECUREBITS = 28
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The account that runs the server in root's place."""

    uid: int
    gid: int
    reads_closed_folders: bool


def account_for(folder: Path, *, programs: Path) -> ServerAccount | None:
    """Return the account that runs root's server on ``folder``; None for an ordinary user.

    A folder that exists already is served by its owner. Raises LookupError where the machine has no ``nobody``.
    """
    if os.geteuid() != 0:
        return None
    owner = folder.stat() if folder.exists() else None
    if owner is not None and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        entry = pwd.getpwnam(_ACCOUNT)
        uid, gid = entry.pw_uid, entry.pw_gid
    closed = _closed_to(uid, folder) or _closed_to(uid, programs)
    return ServerAccount(uid, gid, reads_closed_folders=closed)


def _closed_to(uid: int, path: Path) -> bool:
    """Return whether a folder on the way to ``path`` is closed to this account."""
    found = (folder.stat() for folder in (path, *path.parents) if folder.is_dir())
    return any(folder.st_uid != uid and not folder.st_mode & stat.S_IXOTH for folder in found)


def wrapped(arguments: list[str], account: ServerAccount | None, *, detached: bool = False) -> list[str]:
    """Return the command line that runs ``arguments`` as ``account``; ``detached``, it outlives its parent."""
    identity = f"{account.uid}:{account.gid}:{int(account.reads_closed_folders)}" if account else "-"
    life = "detached" if detached else "attached"
    return [sys.executable, "-I", "-S", str(Path(__file__).resolve()), identity, life, *arguments]


def _become(uid: int, gid: int, *, keep_reading: bool) -> None:
    """Give up root for good; ``keep_reading`` keeps CAP_DAC_READ_SEARCH, for this program and those it starts."""
    libc = ctypes.CDLL(None, use_errno=True)
    if keep_reading:
        # Without this bit access(2) ignores capabilities of ordinary accounts, and PostgreSQL asks access(2)
        # whether it can run its own programs. The bit also keeps them over the change of account just below.
        _succeed(libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if keep_reading:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        only = 1 << _CAP_DAC_READ_SEARCH
        sets = (ctypes.c_uint32 * 6)(only, only, only, 0, 0, 0)
        _succeed(libc.capset(header, sets))
        _succeed(libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0))
    if sys.platform == "linux":
        _succeed(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _succeed(result: int) -> None:
    """Raise the operating system's error of a C call that failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _main(identity: str, life: str, program: str, *arguments: str) -> None:
    if life == "detached":
        if os.fork():
            return
        os.setsid()
    if identity != "-":
        uid, gid, keep_reading = (int(part) for part in identity.split(":"))
        _become(uid, gid, keep_reading=bool(keep_reading))
    if program == "reach":
        sys.exit(next((path for path in arguments if not os.access(path, os.X_OK)), 0))
    os.execv(program, [program, *arguments])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    _main(*sys.argv[1:])
