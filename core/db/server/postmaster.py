"""The server of a PostgreSQL cluster, read from the server's own file and confirmed by its process.

The file can outlive its server, and after a reboot another program may have the process id in it. A process gets a
signal only where its command line is that of PostgreSQL on this folder.
"""

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server: its process, and the folder that holds its socket."""

    pid: int
    socket_folder: Path
    ready: bool


def find_postmaster(cluster: Path) -> Postmaster | None:
    """Return the server of ``cluster``, or None when no process confirms the file."""
    lines = _pid_file(cluster)
    if len(lines) < 5 or not lines[0].isdecimal():
        return None
    pid = int(lines[0])
    arguments = _command_line(pid)
    if not _is_postgres(arguments) or str(cluster) not in arguments:
        return None
    return Postmaster(pid, Path(lines[4]), ready=len(lines) >= 8 and lines[7].strip() == "ready")


def forget_dead_postmaster(cluster: Path) -> None:
    """Remove the file of a dead server: PostgreSQL does not start while another program has the process id in it.

    The file stays where the process is any PostgreSQL, which then decides for itself.
    """
    lines = _pid_file(cluster)
    if lines and lines[0].isdecimal() and not _is_postgres(_command_line(int(lines[0]))):
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_postgres(arguments: list[str]) -> bool:
    return bool(arguments) and Path(arguments[0]).name == "postgres"


def _command_line(pid: int) -> list[str]:
    """Return the command line of a process; empty if the process has ended."""
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return []
    listed = subprocess.run(
        ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shlex.split(listed.stdout)
