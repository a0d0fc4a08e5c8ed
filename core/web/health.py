"""For load balancers and monitoring: liveness, readiness and metrics.

The log names the faults, and so does an answer to the monitoring token; other askers learn only that there are some.
"""

import secrets
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from litestar import Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from core.clock import system_clock
from core.db import migrate
from core.db.clock_skew import clock_skew
from core.errors import NotFound, Unauthenticated
from core.platform import Platform
from core.security.keys import Place
from core.web.dependencies import ThePlatform

PATIENCE_SECONDS = 3
"""How long a check waits for the database: not in the queue of the requests, which may itself be the fault."""
GOOD_FOR_SECONDS = 1.0
"""For how long an answer about readiness is given again."""
OLDEST_BEAT = 60.0
"""Seconds since a worker's last sign of life, after which it counts as stopped."""

_PUBLIC: dict[str, Any] = {"opt": {"exclude_from_auth": True}, "include_in_schema": False}
_SINCE_LAST_BEAT = text("SELECT extract(epoch FROM clock_timestamp() - max(last_heartbeat)) FROM procrastinate_workers")

log = structlog.get_logger(__name__)


class LastLook:
    """The result of the last check. Anybody may ask, and asking often opens no more connections than asking once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at = float("-inf")
        self._faults: dict[str, str] = {}

    def faults(self, platform: Platform) -> dict[str, str]:
        """The faults as of a second ago at the most."""
        with self._lock:
            if monotonic() - self._at >= GOOD_FOR_SECONDS:
                self._faults = find_faults(platform)
                self._at = monotonic()
            return self._faults


@get("/healthz", sync_to_thread=False, **_PUBLIC)
def is_alive() -> dict[str, bool]:
    """The process answers; nothing else is checked."""
    return {"alive": True}


@get("/readyz", sync_to_thread=True, **_PUBLIC)
def is_ready(request: Request[Any, Any, Any], platform: ThePlatform) -> Response[dict[str, Any]]:
    """Whether requests can be worked on here: 200, else 503."""
    last: LastLook = request.app.state.last_look
    faults = last.faults(platform)
    if faults:
        log.error("not_ready", reason="; ".join(f"{name}: {fault}" for name, fault in faults.items()))
    content: dict[str, Any] = {"ready": not faults}
    if presents_token(request, platform):
        content["faults"] = faults
    return Response(content, status_code=503 if faults else 200)


@get("/metrics", sync_to_thread=True, **_PUBLIC)
def show_metrics(request: Request[Any, Any, Any], platform: ThePlatform) -> Response[bytes]:
    """The figures of this process and of the installation, as Prometheus reads them."""
    if platform.settings.monitoring_token is None:
        raise NotFound("no_such_address", "没有这个地址。请核对后重试。")
    if not presents_token(request, platform):
        raise Unauthenticated("token_missing", "请在请求头Authorization中以“Bearer 凭证”的形式提供监控凭证。")
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


def presents_token(request: Request[Any, Any, Any], platform: Platform) -> bool:
    """Whether the request carries the monitoring token; never where none is set."""
    token = platform.settings.monitoring_token
    given = request.headers.get("Authorization", "").encode()
    return token is not None and secrets.compare_digest(given, b"Bearer " + token.get_secret_value().encode())


def find_faults(platform: Platform) -> dict[str, str]:
    """The faults that keep this process from working, by the name of the check."""
    found = {"keys": _fault_of_keys(platform)}
    try:
        with probe(platform.databases.app_url).connect() as connection:
            found |= {name: check(platform, connection) for name, check in _DATABASE_CHECKS.items()}
    except SQLAlchemyError as error:
        found["database"] = f"does not answer ({type(error).__name__})"
    return {name: fault for name, fault in found.items() if fault is not None}


@cache
def probe(url: str) -> Engine:
    """Separate connections for the checks, each opened for one check."""
    options = f"-c statement_timeout={PATIENCE_SECONDS}s"
    arguments = {"connect_timeout": PATIENCE_SECONDS, "options": options}
    return create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)


def _fault_of_keys(platform: Platform) -> str | None:
    place = Place("health", "probe", UUID(int=0))
    try:
        opened = platform.keys.decrypt(platform.keys.encrypt(b"probe", place), place)
    except Exception as error:  # whatever the provider of keys raises, hardware included
        return f"do not work ({type(error).__name__})"
    return None if opened == b"probe" else "do not open what they sealed"


def _fault_of_schema(_platform: Platform, connection: Connection) -> str | None:
    return migrate.fault(connection)


def _fault_of_clock(platform: Platform, connection: Connection) -> str | None:
    skew = clock_skew(connection, system_clock)
    allowed = platform.settings.largest_clock_skew
    return None if abs(skew) <= allowed else f"differs from the database's by {skew:.1f} s, {allowed:g} s are allowed"


def _fault_of_worker(_platform: Platform, connection: Connection) -> str | None:
    age = connection.scalar(_SINCE_LAST_BEAT)
    if age is None:
        return "none is running: kaowu serve, or kaowu worker"
    return None if age <= OLDEST_BEAT else f"has given no sign of life for {age:.0f} s"


_DATABASE_CHECKS: Mapping[str, Callable[[Platform, Connection], str | None]] = {
    "schema": _fault_of_schema,
    "clock": _fault_of_clock,
    "worker": _fault_of_worker,
}
