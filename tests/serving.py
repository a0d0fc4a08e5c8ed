"""The application for a test: routes are made once and put to work on one platform after another.

Making them takes the better part of a second, and there are hundreds of tests. Everything that a test could change
belongs to the platform and is the test's own.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.testing import TestClient

from core.app import Routes
from core.cli.serve import listen
from core.platform import Platform

_IDLE: list[Routes] = []


@contextmanager
def application(platform: Platform) -> Iterator[Litestar]:
    """The application on a platform, until the block ends; others may be at work beside it."""
    routes = _IDLE.pop() if _IDLE else Routes()
    try:
        yield routes.at_work(platform)
    finally:
        _IDLE.append(routes)


@contextmanager
def client_of(platform: Platform) -> Iterator[TestClient[Litestar]]:
    """A caller of the application on a platform; a fault of it is an answer, not an exception."""
    with application(platform) as app, TestClient(app, raise_server_exceptions=False) as client:
        yield client


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(app: Any) -> Iterator[tuple[uvicorn.Server, int]]:
    """Serve an application in a thread of this process, as `kaowu serve` does, until the block ends; with its port."""
    with closing(listen("127.0.0.1", free_port())) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        yield server, int(listener.getsockname()[1])
        server.should_exit = True
        thread.join()


def without_settings() -> dict[str, str]:
    """The environment of this process without the settings of Kaowu, for processes that tests start."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KAOWU_")}
