"""One line in the log for each request, and the id by which the lines of one request are found again."""

import re
import time
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from core.db.session import Actor

REQUEST_ID_HEADER = "X-Request-ID"
NO_ROUTE = "none"
"""The route of a request that no handler has."""

# What proxies make: a UUID, or 32 hexadecimal digits. Anything else could be somebody's number.
_REQUEST_ID = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEADER = REQUEST_ID_HEADER.lower().encode()

log = structlog.get_logger("kaowu.requests")


class RequestLog:
    """Stands around the whole application: what it writes down holds for a fault of ours and an unknown address, too.

    The address that was asked is not written down, only its route: an address holds ids and whatever was searched for.
    """

    def __init__(self, app: ASGIApp, *, trusted: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app, self._trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, then write its line."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id, began, status = self._request_id(scope), time.perf_counter(), 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_HEADER, request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            finally:
                _write(scope, status, time.perf_counter() - began)

    def _request_id(self, scope: HTTPScope) -> str:
        """The proxy's id where a proxy that we trust gives one, a new one otherwise."""
        given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
        if _REQUEST_ID.fullmatch(given) and self._is_trusted(scope):
            return given.decode()
        return uuid4().hex

    def _is_trusted(self, scope: HTTPScope) -> bool:
        try:
            client = ip_address((scope["client"] or ("", 0))[0])
        except ValueError:
            return False
        return any(client in network for network in self._trusted)


def _write(scope: HTTPScope, status: int, seconds: float) -> None:
    actor = scope.get("user")
    log.info(
        "request",
        method=scope["method"],
        route=scope.get("path_template") or NO_ROUTE,
        status=status,
        duration_ms=round(seconds * 1000, 1),
        account_id=actor.account_id if isinstance(actor, Actor) else None,
    )
