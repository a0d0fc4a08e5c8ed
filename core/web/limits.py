"""How much and how long: the length of an address, the size of a body and how slowly it may come, and the database's
patience with one request.
"""

from typing import Final

import anyio
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

LARGEST_BODY: Final = 2 * 1024 * 1024
"""In bytes; what takes files says itself how large they may be."""
LARGEST_FORM: Final = 256 * 1024
"""In bytes: a page's form without a file holds texts, and each of those is bounded by itself."""
LARGEST_UPLOAD: Final = 32 * 1024 * 1024
LONGEST_ADDRESS: Final = 8 * 1024
"""In bytes, the query included."""
LONGEST_HEADERS: Final = 32 * 1024
"""In bytes, the first line included. What is longer never reaches the application."""
LONGEST_PAUSE: Final = 30.0
"""Seconds until the next piece of a body; a browser on a poor line pauses too, but not as long."""

DATABASE_PATIENCE: Final = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
"""What one request may take in the database before it is undone, and the asker is told to try again later."""


class Limits(ASGIMiddleware):
    """Refuses an address that is too long, and gives up on a body that does not come."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on, its body watched. Raises HTTPException."""
        if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise HTTPException(status_code=414)
        await next_app(scope, _Watched(receive), send)


class _Watched:
    """Receives a body piece by piece. Once it is there, waiting for the browser to leave may take any time."""

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
            # Nobody hears the answer; it is no fault of ours either.
            raise HTTPException(status_code=400)
        self._complete = not message.get("more_body", False)
        return message  # type: ignore[return-value]
