"""How routes are declared: who may call them, and that a program's write is done once for each ``Idempotency-Key``."""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import signature
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from litestar import get, post, put
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_415_UNSUPPORTED_MEDIA_TYPE

from core.domain.permissions import Permission, holders
from core.text.form_texts import check_lengths
from core.web.authentication.actor import ANY_ROLE, PUBLIC, WHILE_AWAITED
from core.web.dependencies import AS_PROVINCE
from core.web.guards import EVERYBODY, allow
from core.web.idempotency import REPLAYED_HEADER, once
from core.web.limits import LARGEST_BODY, LARGEST_FORM, LARGEST_UPLOAD
from core.web.rates import UPLOAD, Rate, limited
from core.web.schemas import Problem

ROLES = "roles"
"""The option that names the roles of a route (those with one of its permissions); absent from public ones."""

PAGE = "page"
"""The option of what is looked at: every one of them is tried in a browser."""

SHOWN_ON = "shown_on"
"""The option of a form whose page has another address than one above its own."""

WAY_BACK = "way_back"
"""The option of a route that shows nothing itself: the address of the page that it leads to."""

Decorator = Callable[[Callable[..., Any]], HTTPRouteHandler]

_MEANINGS = {
    400: "请求无法解析",
    401: "未登录，或登录凭证无效",
    403: "无权办理",
    404: "不存在，或无权知悉",
    409: "与目前状态冲突，或已由他人办理",
    413: "请求过大",
    414: "请求的地址过长",
    415: "请求内容不是application/json",
    422: "内容有误",
    429: "尝试次数过多，请稍后再试",
    503: "暂时无法办理，未保存任何内容",
}


def declared_in(module: str) -> list[HTTPRouteHandler]:
    """The routes and pages that a module declares with the decorators below, in their order."""
    return [value for value in vars(sys.modules[module]).values() if isinstance(value, HTTPRouteHandler)]


def modules_below(package: str) -> Iterator[ModuleType]:
    """Every module of a package: a file that is put there is part of the web without being listed."""
    for found in walk_packages(import_module(package).__path__, f"{package}."):
        yield import_module(found.name)


def read(path: str, *, roles: frozenset[Permission], province: bool = False, any_role: bool = False) -> Decorator:
    """A GET route for these roles; with ``province`` the provincial officer reads as everybody's supervisor."""
    return get(
        path,
        sync_to_thread=True,
        guards=[allow(roles)],
        opt={ROLES: holders(roles), **_options(province=province, any_role=any_role)},
        responses=_problems(400, 401, 403, 404, 409, 422, 503),
    )


def read_file(path: str, *, roles: frozenset[Permission], types: Sequence[str], province: bool = False) -> Decorator:
    """A GET route for these roles whose answer is a file of one of these media types."""

    @dataclass
    class FileOperation(Operation):
        """The description of a route can name one type by itself; here it names them all."""

        def __post_init__(self) -> None:
            answer = (self.responses or {})[str(HTTP_200_OK)]
            if isinstance(answer, OpenAPIResponse):
                answer.content = {media_type: OpenAPIMediaType(schema=Schema()) for media_type in types}

    return get(
        path,
        sync_to_thread=True,
        guards=[allow(roles)],
        opt={ROLES: holders(roles), **_options(province=province, any_role=False)},
        operation_class=FileOperation,
        responses=_problems(400, 401, 403, 404, 409, 422, 503),
    )


def read_publicly(path: str) -> Decorator:
    """A GET route for anybody."""
    return get(
        path, sync_to_thread=True, opt={PUBLIC: True}, security=[{}], responses=_problems(400, 404, 409, 422, 503)
    )


def create(path: str, *, roles: frozenset[Permission], province: bool = False) -> Decorator:
    """A POST route that makes something new and answers 201 with it."""
    return _write(path, post, roles=roles, province=province, status=HTTP_201_CREATED)


def take_file(path: str, *, roles: frozenset[Permission], province: bool = False) -> Decorator:
    """A POST route whose body is a file; how many an account sends is limited."""
    return _write(
        path, post, roles=roles, province=province, status=HTTP_201_CREATED, largest=LARGEST_UPLOAD, rate=UPLOAD
    )


def act(path: str, *, roles: frozenset[Permission], province: bool = False) -> Decorator:
    """A POST route that does something with what is there."""
    return _write(path, post, roles=roles, province=province, status=HTTP_200_OK)


def replace(path: str, *, roles: frozenset[Permission]) -> Decorator:
    """A PUT route: what is sent takes the place of what was there."""
    return _write(path, put, roles=roles, province=False, status=HTTP_200_OK)


def page(
    path: str, *, roles: frozenset[Permission] | None = None, province: bool = False, awaited: Iterable[str] = ()
) -> Decorator:
    """A page, for these roles or for anybody. Who is not signed in is led to the sign-in page and back.

    ``awaited`` are the steps of a sign-in during which it is open.
    """
    guarded = _guarded(roles, province=province, awaited=awaited)
    guarded["opt"][PAGE] = True
    return get(path, sync_to_thread=True, include_in_schema=False, **guarded)


def look(path: str, *, roles: frozenset[Permission] | None, province: bool = False) -> Decorator:
    """A file that a page shows or leads to; for anybody where ``roles`` is None."""
    return get(path, sync_to_thread=True, include_in_schema=False, **_guarded(roles, province=province))


def form(
    path: str,
    *,
    roles: frozenset[Permission] | None = None,
    province: bool = False,
    awaited: Iterable[str] = (),
    rate: Rate | None = None,
    shown_on: str | None = None,
) -> Decorator:
    """Where a form of a page is sent to. It leads on when it is done, and shows its page again when it is refused.

    ``shown_on`` is the address of that page, where it is none above the form's own (``core/web/page/reloading.py``).
    """
    guarded = _guarded(roles, province=province, awaited=awaited)
    guarded["opt"][SHOWN_ON] = shown_on
    return _form(path, guarded, largest=LARGEST_FORM, rate=rate)


def form_with_file(
    path: str, *, roles: frozenset[Permission] | None, province: bool = False, rate: Rate = UPLOAD
) -> Decorator:
    """Where a form of a page sends a file to; how many an account sends is limited, and by ``rate`` anybody else."""
    return _form(path, _guarded(roles, province=province), largest=LARGEST_UPLOAD, rate=rate)


def _form(path: str, guarded: dict[str, Any], *, largest: int, rate: Rate | None) -> Decorator:
    guards = [*guarded.pop("guards", ()), *([] if rate is None else [limited(rate)])]

    def decorate(handler: Callable[..., Any]) -> HTTPRouteHandler:
        return post(
            path,
            sync_to_thread=True,
            include_in_schema=False,
            status_code=HTTP_200_OK,
            request_max_body_size=largest,
            guards=guards,
            **guarded,
        )(_of_limited_texts(handler))

    return decorate


def _of_limited_texts(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a form with a text that is too long, whatever its page does with it (``core/text/form_texts.py``)."""

    @functools.wraps(handler)
    def handle(**given: Any) -> Any:
        check_lengths(given.get("data") or {})
        return handler(**given)

    return handle


def _guarded(
    roles: frozenset[Permission] | None, *, province: bool = False, awaited: Iterable[str] = ()
) -> dict[str, Any]:
    options: dict[str, Any] = {WHILE_AWAITED: frozenset(awaited), **_options(province=province, any_role=False)}
    return {"opt": options} if roles is None else {"guards": [allow(roles)], "opt": {ROLES: holders(roles), **options}}


def _write(
    path: str,
    method: Callable[..., Any],
    *,
    roles: frozenset[Permission],
    province: bool,
    status: int,
    largest: int = LARGEST_BODY,
    rate: Rate | None = None,
) -> Decorator:
    def decorate(handler: Callable[..., Any]) -> HTTPRouteHandler:
        made: HTTPRouteHandler = method(
            path,
            sync_to_thread=True,
            status_code=status,
            guards=[allow(roles), *([limited(rate)] if rate else ())],
            opt={ROLES: holders(roles), **_options(province=province, any_role=False)},
            request_max_body_size=largest,
            response_headers=[ResponseHeader(name=REPLAYED_HEADER, documentation_only=True, required=False)],
            responses=_problems(400, 401, 403, 404, 409, 413, *_media(handler), 422, *((429,) if rate else ()), 503),
        )(once(handler))
        return made

    return decorate


def write_publicly(path: str, *, rate: Rate, status: int = HTTP_200_OK) -> Decorator:
    """A POST route for somebody who has not signed in: nobody is known yet, so no ``Idempotency-Key`` holds."""

    def decorate(handler: Callable[..., Any]) -> HTTPRouteHandler:
        return post(
            path,
            sync_to_thread=True,
            status_code=status,
            opt={PUBLIC: True},
            guards=[limited(rate)],
            security=[{}],
            responses=_problems(400, 401, 403, 404, 409, 413, *_media(handler), 422, 429, 503),
        )(handler)

    return decorate


def on_own_account(method: Callable[..., Any], path: str, *, awaited: Iterable[str] = ()) -> Decorator:
    """A route by which somebody who signed in with a browser looks after their own account, whatever their role.

    ``awaited`` are the steps of a sign-in during which it is open. No ``Idempotency-Key``: what is answered (a new
    token for the cookie, a secret) is not kept, and each act shows by itself whether it was done.
    """

    def decorate(handler: Callable[..., Any]) -> HTTPRouteHandler:
        return method(  # type: ignore[no-any-return]
            path,
            sync_to_thread=True,
            status_code=HTTP_200_OK,
            opt={ROLES: holders(EVERYBODY), ANY_ROLE: True, WHILE_AWAITED: frozenset(awaited)},
            responses=_problems(400, 401, 403, 404, 409, 413, *_media(handler), 422, 429, 503),
        )(handler)

    return decorate


def _options(*, province: bool, any_role: bool) -> dict[str, bool]:
    # Only what is set is said: a router's own options hold where a route says nothing.
    return {name: True for name, wanted in ((AS_PROVINCE, province), (ANY_ROLE, any_role)) if wanted}


def _media(handler: Callable[..., Any]) -> tuple[int, ...]:
    """What a route answers besides where it takes JSON: whatever says that it is something else is refused."""
    return (HTTP_415_UNSUPPORTED_MEDIA_TYPE,) if "data" in signature(handler).parameters else ()


def _problems(*statuses: int) -> dict[int, ResponseSpec]:
    # Any address may be too long, whatever it asks for.
    return {
        status: ResponseSpec(Problem, generate_examples=False, description=_MEANINGS[status])
        for status in sorted({*statuses, 414})
    }
