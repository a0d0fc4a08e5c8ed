"""The cookies of browsers: their names and their flags, the same for all of them.

Behind TLS a name begins with ``__Host-``: the browser then refuses the cookie from another host, for another path or
without TLS. Scripts never see a cookie, and no form of another site carries one.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

SESSION = "kaowu_session"
"""The token of the browser's session on the server."""
VISIT = "kaowu_visit"
"""Binds a form to the browser that received it, before the sign-in."""
NOTHING_STAYS = {"Clear-Site-Data": '"storage"'}
"""Sent at the sign-out: the browser deletes the kept forms with the session. Pages are never kept."""


def is_encrypted(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the browser speaks TLS: with this server, or with a trusted proxy that says so."""
    return connection.url.scheme == "https"


def read_cookie(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str | None:
    """The value of the cookie, None where the browser has sent none, or an empty one."""
    return connection.cookies.get(_full_name(connection, name)) or None


def make_cookie(
    connection: ASGIConnection[Any, Any, Any, Any], name: str, value: str, *, max_age: int | None = None
) -> Cookie:
    """A cookie for the answer. Without ``max_age`` (seconds) it ends with the browser; 0 takes it away."""
    return Cookie(
        key=_full_name(connection, name),
        value=value,
        max_age=max_age,
        path="/",
        secure=is_encrypted(connection),
        httponly=True,
        # "strict" would show people who follow a link in a notice as signed out; what changes anything needs a token.
        samesite="lax",
    )


def _full_name(connection: ASGIConnection[Any, Any, Any, Any], name: str) -> str:
    return f"__Host-{name}" if is_encrypted(connection) else name
