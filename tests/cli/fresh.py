"""Interpreters for the commands under test, in each of which nobody has imported anything of Kaowu.

To start Python and import the libraries takes longer than most commands. So one process imports the libraries, and
nothing of Kaowu, and each command runs in a copy of it: ``python tests/cli/fresh.py SOCKET`` is that process.
"""

import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

LIBRARIES = (
    *("alembic.command", "cryptography.x509", "jinja2", "litestar", "litestar.openapi.plugins"),
    *("litestar.plugins.jinja", "procrastinate", "prometheus_client", "psycopg", "psycopg_pool", "pydantic"),
    *("pydantic_settings", "rich.table", "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.orm", "structlog"),
    "uvicorn",
)
_OURS = {"core", "plugins", "tests"}
_START_SECONDS = 60.0


@contextmanager
def interpreters(folder: Path, root: Path) -> Iterator[Path]:
    """Have the process with the libraries at work in ``root`` for the block, which gets the address for :func:`run`."""
    address = folder / "fresh.socket"
    with subprocess.Popen([sys.executable, __file__, str(address)], cwd=root, start_new_session=True) as process:
        deadline = time.monotonic() + _START_SECONDS
        while not address.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        try:
            yield address
        finally:
            # With every command that somebody stopped waiting for.
            os.killpg(process.pid, signal.SIGTERM)


def run(
    address: Path, words: Sequence[str], environment: Mapping[str, str], *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m core.cli`` with these words, as ``subprocess.run`` would in this environment."""
    with socket.socket(socket.AF_UNIX) as caller, TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        caller.settimeout(timeout)
        caller.connect(str(address))
        given = json.dumps({"words": list(words), "environment": dict(environment)}).encode()
        socket.send_fds(caller, [len(given).to_bytes(8, "big")], [output.fileno(), errors.fileno()])
        caller.sendall(given)
        status = int(caller.recv(16))
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(list(words), status, output.read(), errors.read())


def _serve(address: str) -> None:
    """Wait for calls for ever; returns in the copies that have become a command."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen()
        Path(f"{address}.new").rename(address)
        while True:
            caller, _ = listener.accept()
            # A child answers the caller, and a child of its own is the command.
            if os.fork() == 0:
                listener.close()
                return _answer(caller)
            caller.close()
            while _reaped():
                pass


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _answer(caller: socket.socket) -> None:
    """Tell the caller how the command ended; returns in the command's own process alone."""
    length, files, *_ = socket.recv_fds(caller, 8, 2)
    with caller.makefile("rb") as sent:
        given = json.loads(sent.read(int.from_bytes(length, "big")))
    command = os.fork()
    if command != 0:
        _, ended = os.waitpid(command, 0)
        caller.sendall(str(os.waitstatus_to_exitcode(ended)).encode())
        os._exit(0)
    caller.close()
    for number, file in enumerate(files, start=1):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(given["environment"])
    sys.argv = ["kaowu", *given["words"]]


if __name__ == "__main__":
    for library in LIBRARIES:
        importlib.import_module(library)
    ours = {name for name in sys.modules if name.partition(".")[0] in _OURS}
    assert not ours, ours
    # As `python -m` does it: the current folder comes first.
    sys.path[0] = str(Path.cwd())
    _serve(sys.argv[1])
    runpy.run_module("core.cli", run_name="__main__", alter_sys=True)
