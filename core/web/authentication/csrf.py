"""No other site can act through a user's browser: every write must come from a page of ours.

Three locks, the same for pages and for the API. The browser names the origin of a request (``Sec-Fetch-Site``, else
``Origin``): a request from another site is refused whatever it carries, so that no site signs anybody in or out. A form
holds a token that only our page could know, bound to the browser's session: it is required wherever a cookie counts.
And JSON is taken by its media type alone, which no form of another site can send.

A program with a bearer token names no origin, carries no cookie, and needs no token of a form. On a page, and on public
routes of the API, a bearer token is ignored.

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
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.params import BodyKwarg
from litestar.types import ASGIApp, Receive, Scope, Send
from markupsafe import Markup

from core.errors import Forbidden
from core.platform import Platform
from core.security.keys import KeyProvider
from core.web.authentication import cookies
from core.web.authentication.actor import PUBLIC

FIELD = "_csrf"
HEADER = "X-CSRF-Token"
FORM_EXPIRED = "form_expired"
"""The code of the refusal of a form whose token is not good for the browser's session."""
NEW_VISIT = "kaowu_new_visit"
"""Where a request's state holds the value of a cookie that the answer is to set."""

_API = "/api/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})
_FORMS = frozenset({RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART})
_SALT = 16


class CsrfProtection(ASGIMiddleware):
    """Refuses, before any other check, a write that does not come from a page of ours."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Admit a request that is safe or ours. Raises Forbidden, or HTTPException where JSON is required."""
        request: Request[Any, Any, Any] = Request(scope, receive=receive)
        if request.method not in _SAFE:
            if not comes_from_here(request.headers):
                raise Forbidden(
                    "foreign_site", "该请求不是从本平台的页面发出的，没有办理。请打开本平台的页面，在页面上办理。"
                )
            if _cookie_counts(request) and not _fits(request, await _given(request)):
                raise Forbidden(FORM_EXPIRED, "页面已过期，没有保存。请刷新页面后重新填写提交。")
            if _takes_json(request.route_handler) and request.content_type[0].lower() != RequestEncodingType.JSON:
                raise HTTPException(status_code=415)
        await next_app(scope, receive, send)


@pass_context
def form_token(context: Context) -> str:
    """A token for the page that is being rendered; the browser gets a cookie to bind it to if it has none yet."""
    return token_for(context["request"])


def token_for(request: Request[Any, Any, Any]) -> str:
    """The same for an answer that is no page."""
    binding = _binding(request)
    if binding is None:
        binding = request.scope["state"][NEW_VISIT] = secrets.token_urlsafe(24)
    return token_bound_to(binding, _keys(request))


def token_bound_to(binding: str, keys: KeyProvider) -> str:
    """A fresh token that is good for the browser with this cookie alone."""
    salt = secrets.token_hex(_SALT // 2)
    return salt + _signature(keys, salt, binding)


@pass_context
def csrf_field(context: Context) -> Markup:
    """The hidden field that every form holds."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token(context))


def comes_from_here(headers: Mapping[str, str]) -> bool:
    """Whether one of our pages sent this, as the browser says. A client that says nothing is no current browser."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def _cookie_counts(request: Request[Any, Any, Any]) -> bool:
    """Whether a cookie, which a browser adds by itself, could decide on the actor, or be replaced by the answer.

    On pages it always could: signing in is one, too. The API asks for the session's token where the browser has a
    session, unless the route goes by the bearer token alone.
    """
    if not request.scope["path"].startswith(_API):
        return True
    if cookies.read_cookie(request, cookies.SESSION) is None:
        return False
    bearer = request.headers.get("Authorization", "").lower().startswith("bearer ")
    return not bearer or PUBLIC in request.route_handler.opt


def _takes_json(handler: BaseRouteHandler) -> bool:
    body = handler.parsed_data_field if isinstance(handler, HTTPRouteHandler) else None
    declared = None if body is None else body.kwarg_definition
    return isinstance(declared, BodyKwarg) and declared.media_type == RequestEncodingType.JSON


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
    """The secret of the browser: its session, before that its visit. A token therefore ends with the session."""
    new: str | None = request.scope["state"].get(NEW_VISIT)
    return cookies.read_cookie(request, cookies.SESSION) or cookies.read_cookie(request, cookies.VISIT) or new


def _signature(keys: KeyProvider, salt: str, binding: str) -> str:
    return keys.lookup_hash(f"csrf/{salt}/{binding}").hex()


def _keys(request: Request[Any, Any, Any]) -> KeyProvider:
    platform: Platform = request.app.state.platform
    return platform.keys
