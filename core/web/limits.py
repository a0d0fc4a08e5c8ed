"""Limits of a request: the length of its address, the size and the pace of its body, and its time in the database."""

from typing import Final

import anyio
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

LARGEST_BODY: Final = 2 * 1024 * 1024
"""In bytes; routes that take files set their own limit."""
LARGEST_FORM: Final = 256 * 1024
"""In bytes: a page's form without a file holds texts, each with a limit of its own."""
LARGEST_UPLOAD: Final = 32 * 1024 * 1024
LONGEST_ADDRESS: Final = 8 * 1024
"""In bytes, the query included."""
LONGEST_HEADERS: Final = 32 * 1024
"""In bytes, names and values together; the server also ends a request whose headers do not come to an end by then."""
LONGEST_PAUSE: Final = 30.0
"""Seconds until the next piece of a body; a browser on a poor line pauses for less."""

DATABASE_PATIENCE: Final = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
"""The time that one request may take in the database before it is undone; the asker is told to retry later."""


class Limits(ASGIMiddleware):
    """Refuses an address or headers that are too long, and a body that does not arrive."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, its body watched. Raises HTTPException."""
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise HTTPException(status_code=414)
        if sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS:
            raise HTTPException(status_code=431)
        await next_app(scope, _Watched(receive), send)


class _Watched:
    """Receives a body piece by piece. Once it is complete, waiting for the browser to leave has no limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._complete = False

    async def __call__(self) -> HTTPReceiveMessage:
        if self._complete:
            return await self._receive()  # type: ignore[return-value]
        try:
            with anyio.fail_after(LONGEST_PAUSE):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(status_code=408) from None
        if message["type"] == "http.disconnect":
            # Nobody receives the answer, and it is no fault of ours.
            raise HTTPException(status_code=400)
        self._complete = not message.get("more_body", False)
        return message  # type: ignore[return-value]
