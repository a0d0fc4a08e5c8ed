"""Metrics: every request by its route, and waiting or failed work in the whole installation.

Figures of the installation are read on demand, in a session of the auditor; labels hold only names of ours.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from core.db.session import ANONYMOUS, AuditorSession
from core.platform import Platform
from core.web.health import probe

NO_ROUTE = "none"
"""The route of a request that no handler has."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

# name → what it says, its label, and the statement that gives label and figure.
_FIGURES: dict[str, tuple[str, str, TextClause]] = {
    "kaowu_jobs": (
        "Jobs in the queue, by status.",
        "status",
        text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"),
    ),
    "kaowu_outbox_messages": (
        "Messages in the outbox, by state.",
        "state",
        text("SELECT state, count(*) FROM outbox GROUP BY state"),
    ),
    "kaowu_plugin_failures_last_day": (
        "Failures of plugins within a day, by office.",
        "office",
        text("SELECT office_id, count(*) FROM plugin_failures WHERE at > :since GROUP BY office_id"),
    ),
}
_OLDEST_UNSEALED = text(
    "SELECT e.id FROM record_entries e WHERE e.id >= :since "
    "AND NOT EXISTS (SELECT FROM record_seals s WHERE s.entry_id = e.id) ORDER BY e.id LIMIT 1"
)
_RANDOM_BITS = 80
"""What follows the milliseconds in a UUIDv7."""


class Measured:
    """Wraps the whole application and measures each request, unknown addresses and faults included."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("method", "route", "status")
        self._requests = Counter("kaowu_requests", "Requests answered.", labels, registry=registry)
        self._seconds = Histogram(
            "kaowu_request_seconds",
            "How long an answer took.",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then count."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            # Requested addresses are no labels: an unlimited number of them would fill the memory.
            method = scope["method"] if scope["method"] in _METHODS else "other"
            route = scope.get("path_template") or NO_ROUTE
            self._requests.labels(method, route, str(status)).inc()
            self._seconds.labels(method, route).observe(time.perf_counter() - began)


def make_registry(platform: Platform) -> CollectorRegistry:
    """The metrics of one application: of its process, and of the installation."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(_Installation(platform))
    return registry


class _Installation(Collector):
    """Waiting and failed work and closed offices, read from the database at each scrape."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not query the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every figure; without the database, only that it is unreachable."""
        yield GaugeMetricFamily("kaowu_offices_closed", "Offices closed by a fault.", value=self._closed())
        reachable = 1
        try:
            yield from self._figures()
        except SQLAlchemyError:
            reachable = 0
        yield GaugeMetricFamily("kaowu_database_up", "Whether the database answers.", value=reachable)

    def _closed(self) -> int:
        offices = self._platform.offices
        return len({office.code for office in offices.catalogue.closed()} | set(offices.registry.closed))

    def _figures(self) -> list[Metric]:
        now = self._platform.clock()
        found: list[Metric] = []
        with AuditorSession(probe(self._platform.databases.app_url), actor=ANONYMOUS, now=now) as session:
            for name, (about, label, statement) in _FIGURES.items():
                family = GaugeMetricFamily(name, about, labels=[label])
                given = {"since": now - timedelta(days=1)} if ":since" in statement.text else {}
                for value, count in session.execute(statement, given):
                    family.add_metric([value], count)
                found.append(family)
            lag = _sealing_lag(session, now)
        about = "Age of the oldest entry of the record that is not sealed yet, within a day."
        return [*found, GaugeMetricFamily("kaowu_record_unsealed_seconds", about, value=lag)]


def _sealing_lag(session: AuditorSession, now: datetime) -> float:
    """Seconds; by the entries' ids, which are ordered by time, so that a long record is not read for it."""
    a_day_ago = UUID(int=int((now - timedelta(days=1)).timestamp() * 1000) << _RANDOM_BITS)
    oldest: UUID | None = session.scalar(_OLDEST_UNSEALED, {"since": a_day_ago})
    return 0.0 if oldest is None else max(0.0, now.timestamp() - (oldest.int >> _RANDOM_BITS) / 1000)
