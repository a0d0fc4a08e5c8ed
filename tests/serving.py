"""The application for a test: routes are made once and put to work on one platform after another.

Making them takes the better part of a second, and there are hundreds of tests. Everything that a test could change
belongs to the platform and is the test's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar
from litestar.testing import TestClient

from core.app import Routes
from core.platform import Platform

_IDLE: list[Routes] = []


@contextmanager
def application(platform: Platform) -> Iterator[Litestar]:
    """The application on a platform, until the block ends; others may be at work meanwhile."""
    routes = _IDLE.pop() if _IDLE else Routes()
    try:
        yield routes.at_work(platform)
    finally:
        _IDLE.append(routes)


@contextmanager
def client_of(platform: Platform) -> Iterator[TestClient[Litestar]]:
    """Somebody who calls the application on a platform; a fault of it is an answer, not an exception."""
    with application(platform) as app, TestClient(app, raise_server_exceptions=False) as client:
        yield client
