"""A daemon that speaks ClamAV's protocol and finds only the file for testing scanners."""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator

import pytest

# In two parts, so that no scanner takes this file for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine. ``answer``, where set, replaces its verdict."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answer: bytes | None = None
        self.received: list[bytes] = []

    @property
    def port(self) -> int:
        """The address of the daemon."""
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        self.server.received.append(content)
        verdict = b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"
        self.wfile.write((self.server.answer or verdict) + b"\0")


@contextlib.contextmanager
def listening() -> Iterator[Clamd]:
    """A daemon at work for the duration of the block."""
    with Clamd() as daemon:
        thread = threading.Thread(target=daemon.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield daemon
        finally:
            daemon.shutdown()
            thread.join()


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with listening() as daemon:
        yield daemon
