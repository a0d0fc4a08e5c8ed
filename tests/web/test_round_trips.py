"""How often a request waits for the database before its own work begins: once to sign in, and to begin."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

import pytest
from litestar import Router, get
from litestar.testing import TestClient
from sqlalchemy import Engine, event, text

from core.app import create_app
from core.db.session import Role
from core.web.authentication.actor import TokenAuthentication
from core.web.authentication.browser import BrowserAuthentication
from core.web.authentication.cookies import SESSION
from core.web.dependencies import AnySession
from tests.callers import Web


@get("/nothing", sync_to_thread=True)
def _nothing() -> None:
    """Ask for nothing."""


@get("/one", sync_to_thread=True)
def _one(session: AnySession) -> int:
    """Ask the database once."""
    return int(session.execute(text("SELECT 1")).scalar_one())


ROUTES = (
    Router("/test/program", route_handlers=[_nothing, _one], middleware=[TokenAuthentication], include_in_schema=False),
    Router(
        "/test/browser", route_handlers=[_nothing, _one], middleware=[BrowserAuthentication], include_in_schema=False
    ),
)


@contextmanager
def _traced(engine: Engine) -> Iterator[Callable[[], int]]:
    """Counts the round trips of an engine's connections, by libpq's own trace of what it sends and receives."""
    with tempfile.TemporaryFile("w+") as seen:

        def trace(driver: Any, *_: object) -> None:
            driver.pgconn.trace(seen.fileno())

        def untrace(driver: Any, *_: object) -> None:
            driver.pgconn.untrace()

        def count() -> int:
            seen.flush()
            seen.seek(0)
            ways = [line.split("\t")[1] for line in seen.read().splitlines() if "\t" in line]
            return sum(1 for way, _ in groupby(ways) if way == "F")

        event.listen(engine, "checkout", trace)
        event.listen(engine, "checkin", untrace)
        try:
            yield count
        finally:
            event.remove(engine, "checkout", trace)
            event.remove(engine, "checkin", untrace)


def _trips(web: Web, client: TestClient[Any], address: str, headers: dict[str, str]) -> int:
    with _traced(web.platform.engine) as count:
        assert client.get(address, headers=headers).is_success
        return count()


@pytest.mark.parametrize("role", [Role.CITY_REVIEWER, Role.UNIT_MANAGER])
@pytest.mark.parametrize("by", ["program", "browser"])
def test_a_request_signs_in_by_one_round_trip(web: Web, role: Role, by: str) -> None:
    caller = web.staff(role, unit_id=web.unit() if role is Role.UNIT_MANAGER else None)
    headers = {
        "program": {"Authorization": f"Bearer {caller.token}"},
        "browser": {"Cookie": f"{SESSION}={web.session_of(caller)}"},
    }[by]
    app = create_app(web.platform)
    for routes in ROUTES:
        app.register(routes)
    trips = {}
    with TestClient(app) as client:
        for name in ("nothing", "one"):
            # The driver prepares a statement that comes often, and forgets another, by one more round trip each; that
            # falls on some of the requests, and the pool has several connections.
            trips[name] = min(_trips(web, client, f"/test/{by}/{name}", headers) for _ in range(20))
    # To sign in; and to begin, to make the settings, to ask, and to commit.
    assert trips == {"nothing": 1, "one": 5}
