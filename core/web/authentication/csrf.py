"""No other site can act through somebody's browser: what changes anything must come from a page of ours.

Two locks. The browser says from where a request comes (``Sec-Fetch-Site``, else ``Origin``), and the form holds a token
that only our page could know, bound to the browser's session. A program with a bearer token carries no cookie that
another site could abuse, and needs neither.

A template writes ``{{ csrf_field() }}`` into each of its forms (the field is named ``_csrf``), or has its token sent in
the header ``X-CSRF-Token`` (htmx: ``<body hx-headers='{"X-CSRF-Token": "{{ form_token() }}"}'>``). Both need the page's
own context: a macro in another file is imported ``with context``.
"""

import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from jinja2.runtime import Context
from jinja2.utils import pass_context
from litestar import Request
from litestar.enums import RequestEncodingType, ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from markupsafe import Markup

from core.errors import Forbidden
from core.platform import Platform
from core.security.keys import KeyProvider
from core.web.authentication import cookies

FIELD = "_csrf"
HEADER = "X-CSRF-Token"
NEW_VISIT = "kaowu_new_visit"
"""Where a request's state holds the value of a cookie that the answer is to set."""

_API = "/api/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})
_FORMS = frozenset({RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART})
_SALT = 16


class CsrfProtection(ASGIMiddleware):
    """Refuses, before anything else looks at it, a change that a page of ours has not asked for."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let a request through that is safe or ours. Raises Forbidden."""
        request: Request[Any, Any, Any] = Request(scope, receive=receive)
        if request.method not in _SAFE and not _carries_nothing_to_abuse(request):
            if not comes_from_here(request.headers):
                raise Forbidden(
                    "foreign_site", "该请求不是从本平台的页面发出的，没有办理。请打开本平台的页面，在页面上办理。"
                )
            if not _fits(request, await _given(request)):
                raise Forbidden("form_expired", "页面已过期，没有保存。请刷新页面后重新填写提交。")
        await next_app(scope, receive, send)


@pass_context
def form_token(context: Context) -> str:
    """A token for the page that is being rendered; the browser gets a cookie to bind it to if it has none yet."""
    return token_for(context["request"])


def token_for(request: Request[Any, Any, Any]) -> str:
    """The same for whoever answers otherwise than by a page."""
    binding = _binding(request)
    if binding is None:
        binding = request.scope["state"][NEW_VISIT] = secrets.token_urlsafe(24)
    salt = secrets.token_hex(_SALT // 2)
    return salt + _signature(_keys(request), salt, binding)


@pass_context
def csrf_field(context: Context) -> Markup:
    """The hidden field that every form holds."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token(context))


def comes_from_here(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that one of our pages has sent this. What says nothing at all is no browser of today."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _carries_nothing_to_abuse(request: Request[Any, Any, Any]) -> bool:
    """A browser adds cookies by itself, a bearer token never. Pages are always guarded: signing in is, too."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return True
    return request.scope["path"].startswith(_API) and cookies.read_cookie(request, cookies.SESSION) is None


async def _given(request: Request[Any, Any, Any]) -> str:
    header = request.headers.get(HEADER)
    if header is not None:
        return header
    if request.content_type[0] not in _FORMS:
        return ""
    value = (await request.form()).get(FIELD)
    return value if isinstance(value, str) else ""


def _fits(request: Request[Any, Any, Any], token: str) -> bool:
    binding = _binding(request)
    if binding is None:
        return False
    salt, signature = token[:_SALT], token[_SALT:]
    return hmac.compare_digest(signature.encode(), _signature(_keys(request), salt, binding).encode())


def _binding(request: Request[Any, Any, Any]) -> str | None:
    """What the browser alone has: its session, before that its visit. A token therefore ends with the session."""
    new: str | None = request.scope["state"].get(NEW_VISIT)
    return cookies.read_cookie(request, cookies.SESSION) or cookies.read_cookie(request, cookies.VISIT) or new


def _signature(keys: KeyProvider, salt: str, binding: str) -> str:
    return keys.lookup_hash(f"csrf/{salt}/{binding}").hex()


def _keys(request: Request[Any, Any, Any]) -> KeyProvider:
    platform: Platform = request.app.state.platform
    return platform.keys
