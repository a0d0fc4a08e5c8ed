"""Reloading the page of a refused form: the address that the form was sent to leads back to the page.

A refused form shows its page under the address of the act. A browser that asks for this address again (the address bar,
a bookmark, a lost connection) has nothing to send, and is led to the page instead.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from core.web.routes import PAGE, SHOWN_ON, WAY_BACK

_FIRST: Final = "/"
_PART: Final = re.compile(r"\{\w+:(\w+)\}")


def ways_back(handlers: Iterable[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """A GET route for every form's address that has none: to the page of the form, or the nearest above it."""
    listed = list(handlers)
    reads = {_plain(path): handler for handler in listed if "GET" in handler.http_methods for path in handler.paths}
    pages = {path for path, handler in reads.items() if handler.opt.get(PAGE)}
    return [
        _way_back(path, handler.opt.get(SHOWN_ON) or _nearest(path, pages))
        for handler in listed
        if "POST" in handler.http_methods
        for path in sorted(handler.paths)
        if _plain(path) not in reads
    ]


def _way_back(path: str, above: str) -> HTTPRouteHandler:
    parts = above.strip("/").count("/") + 1 if above != _FIRST else 0

    @get(path, include_in_schema=False, sync_to_thread=False, opt={WAY_BACK: above})
    def lead_back(request: Request[Any, Any, Any]) -> Redirect:
        """The page, in the season of the address."""
        address = "/" + "/".join(request.url.path.strip("/").split("/")[:parts]) if "{" in above else above
        return Redirect(f"{address}?{request.url.query}" if request.url.query else address, status_code=303)

    return lead_back


def _nearest(path: str, pages: set[str]) -> str:
    """The page whose address is the longest beginning of the path, by whole parts."""
    parts = _plain(path).strip("/").split("/")
    above = ("/" + "/".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((address for address in above if address in pages), _FIRST)


def _plain(path: str) -> str:
    """A path whose parts are named by their kind alone."""
    return _PART.sub(r"{\1}", path)
