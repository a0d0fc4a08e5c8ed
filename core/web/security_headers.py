"""Security headers of every answer, refusals and faults included: trusted sources, and caching.

Pages hold no inline script or style, so the policy needs no exception. A handler that sets a header itself (a download
in a sandbox) keeps it.
"""

from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from core.web.authentication import cookies
from core.web.authentication.csrf import NEW_VISIT

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Style sheets hold small drawings as data.
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        # A PDF beside the form of its case; every answer that may not be framed says so.
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # With "no-referrer" browsers would send forms with "Origin: null", which hides where they come from.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_YEAR = 365 * 24 * 3600
_STATIC = "/static/"
VERSION = "v"
"""The parameter of a static address that names the content, so that it may be kept for good."""


async def protect_answer(message: Message, scope: Scope) -> None:
    """Add the headers to an answer as it leaves."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    message.setdefault("headers", [])
    headers = MutableScopeHeaders.from_message(message)
    connection: ASGIConnection = ASGIConnection(scope)  # type: ignore[type-arg]
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if cookies.is_encrypted(connection):
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    if scope["path"].startswith(_STATIC) and message["status"] < 400:
        kept = VERSION in connection.query_params
        headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if kept else "no-cache"
    else:
        # Answers hold personal data: neither the browser nor anything on the way may keep them.
        headers.setdefault("Cache-Control", "no-store")
    visit: str | None = scope["state"].get(NEW_VISIT)
    if visit is not None:
        headers.add("Set-Cookie", cookies.make_cookie(connection, cookies.VISIT, visit).to_header(header=""))
