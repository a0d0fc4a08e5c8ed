"""The one mapping from refusals to HTTP: a status, and a body that says what is wrong and what to do, in Chinese.

A program gets JSON; a browser gets a page, and the sign-in page where nobody is signed in. The entry about a refusal is
written in a second, short transaction, since its own has been rolled back.
"""

import errno
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from anyio import to_thread
from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap, HTTPScope, Scope
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError as PoolTimeout

from core.db.connection_loss import is_database_away
from core.db.refusals import AWAY, CHANGED, constraint_of, refusal_of
from core.db.session import ANONYMOUS, Actor, PublicSession, ScopedSession
from core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    KaowuError,
    NotFound,
    PluginError,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from core.identity import records
from core.platform import Platform
from core.web.authentication.browser import needs_sign_in, page_sent_from, sign_in_address
from core.web.authentication.cookies import SESSION, read_cookie
from core.web.authentication.csrf import FORM_EXPIRED
from core.web.page.page_header import error_page
from core.web.schemas import Problem

STATUSES: Mapping[type[KaowuError], int] = {
    NotFound: 404,
    Unauthenticated: 401,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_ROOM = Unavailable("storage_full", "系统存储空间不足，本次没有保存。请稍后再试；仍不成功的，请联系受理机构。")
_WAIT = 5
"""Seconds after which a client may retry a request that could not be answered."""


_HTTP = {
    400: ("malformed", "请求内容无法解析。请核对请求的格式后重试。"),
    404: ("no_such_address", "没有这个地址。请核对后重试。"),
    405: ("method_not_allowed", "该地址不支持这种请求方法。请查看接口说明。"),
    408: ("too_slow", "请求内容迟迟没有传完，本次没有保存。请检查网络后重试。"),
    413: (
        "too_large",
        "请求内容过大，最多{limit}，没有保存。请压缩文件后重新提交：照片可降低分辨率，PDF可降低扫描分辨率。",
    ),
    414: ("address_too_long", "请求的地址过长。请缩短查询条件后重试。"),
    431: ("headers_too_long", "请求头过长，本次没有办理。请清除浏览器中本网站的Cookie后重试。"),
    415: ("media_type", "请求内容应为JSON，且Content-Type应为application/json，本次没有办理。请改正后重新提交。"),
}

_FAULTS = {
    "missing": "请填写此项。",
    "extra_forbidden": "没有这一项，请删除后重新提交。",
    "enum": "不在可选范围内，请重新选择。",
    "literal_error": "不在可选范围内，请重新选择。",
    "int_parsing": "应为整数，请改正。",
    "int_type": "应为整数，请改正。",
    "int_from_float": "应为整数，请改正。",
    "bool_type": "应为是或否，请改正。",
    "bool_parsing": "应为是或否，请改正。",
    "uuid_parsing": "编号格式有误，请核对。",
    "uuid_type": "编号格式有误，请核对。",
    "string_type": "应为文字，请改正。",
    "string_too_long": "内容过长，最多{max_length}字，请缩短。",
    "string_too_short": "内容过短，请补充。",
    "string_pattern_mismatch": "格式有误，请核对后改正。",
    "too_long": "条数过多，请减少。",
    "too_short": "条数过少，请补充。",
    "time_zone_missing": "时间缺少时区，请写作2024-04-01T09:00:00+08:00的形式。",
    "moment_far": "年份有误，请核对后改正。",
    "not_printable": "含有不能保存的控制字符，请删去。",
    "date_parsing": "日期应写作“年-月-日”，例如2024-04-01。",
    "date_from_datetime_parsing": "日期应写作“年-月-日”，例如2024-04-01。",
    "datetime_parsing": "时间应写作2024-04-01T09:00:00+08:00的形式。",
    "datetime_from_date_parsing": "时间应写作2024-04-01T09:00:00+08:00的形式。",
}
_FAULT = "填写有误，请核对后重新填写。"

log = structlog.get_logger(__name__)


def answer_refusal(request: Request[Any, Any, Any], refusal: KaowuError) -> Response[Any]:
    """The answer to a refusal of the services."""
    status = status_of(refusal)
    if _wants_a_page(request) and (status == 401 or _has_lost_its_session(request, refusal)):
        return _to_sign_in(request)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status in {429, 503}:
        headers["Retry-After"] = str(refusal.retry_after if isinstance(refusal, TooMany) else _WAIT)
    return _answer(request, status, refusal.code, refusal.detail, fields=refusal.fields, headers=headers)


def status_of(refusal: KaowuError) -> int:
    """The status by which a refusal is answered."""
    return next(status for family, status in STATUSES.items() if isinstance(refusal, family))


def answer_malformed(request: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    """The answer to a request that does not fit its schema."""
    fields = _faulty_fields(error)
    return _answer(request, 422, "malformed_fields", "有项目填写有误，请按提示改正后重新提交。", fields=fields)


def answer_undecodable(request: Request[Any, Any, Any], error: UnicodeDecodeError | RecursionError) -> Response[Any]:
    """The answer to JSON that is not UTF-8, or nested too deeply to be read; it is logged, should it be our fault."""
    log.warning("undecodable", exc_info=error)
    return _answer(request, 400, *_HTTP[400])


def answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The answer to a refusal of the web framework."""
    if error.status_code >= 500:
        log.error("request_failed", exc_info=error)
    code, detail = _HTTP.get(error.status_code, _INTERNAL if error.status_code >= 500 else _HTTP[400])
    if error.status_code == 413:
        detail = detail.format(limit=_size(request.route_handler.resolve_request_max_body_size() or 0))
    allowed = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    return _answer(request, error.status_code, code, detail, headers=allowed)


def _size(limit: int) -> str:
    return f"{limit // 2**20}MB" if limit >= 2**20 else f"{limit // 2**10}KB"


def answer_database(request: Request[Any, Any, Any], error: DBAPIError) -> Response[Any]:
    """The answer to a refusal of the database; any other error of it is ours, not the asker's."""
    refusal = _refusal_of(error)
    if refusal is CHANGED:
        log.warning("constraint_met", constraint=constraint_of(error))
    return answer_unknown(request, error) if refusal is None else answer_refusal(request, refusal)


def answer_crowded(request: Request[Any, Any, Any], error: PoolTimeout) -> Response[Any]:
    """The answer where every connection to the database stayed in use for too long."""
    log.error("connections_used_up", exc_info=error)
    return answer_refusal(request, AWAY)


def _refusal_of(error: Exception) -> KaowuError | None:
    """The refusal behind a failure, of the services or of the database; None for a fault of ours."""
    if isinstance(error, KaowuError):
        return error
    return refusal_of(error) if isinstance(error, DBAPIError) else None


_INTERNAL = ("internal", "系统出现故障，本次操作没有保存。请稍后再试；仍不成功的，请联系受理机构。")


def answer_unknown(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The answer to a fault of ours: the log has the details. An unreachable database asks for a retry."""
    if is_database_away(error):
        log.error("database_away", exc_info=error)
        return answer_refusal(request, AWAY)
    if isinstance(error, OSError) and error.errno in _FULL:
        log.error("disk_full", exc_info=error)
        return answer_refusal(request, _NO_ROOM)
    log.error("request_failed", exc_info=error)
    return _answer(request, 500, *_INTERNAL)


def answer_together(request: Request[Any, Any, Any], errors: ExceptionGroup[Exception]) -> Response[Any]:
    """The answer to several errors, raised by dependencies that end together (session, upload): the first counts."""
    error = _first(errors)
    answer = next(answer for family, answer in EXCEPTION_HANDLERS.items() if isinstance(error, family))  # type: ignore[arg-type]
    return answer(request, error)


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    KaowuError: answer_refusal,
    ValidationException: answer_malformed,
    HTTPException: answer_http,
    DBAPIError: answer_database,
    PoolTimeout: answer_crowded,
    UnicodeDecodeError: answer_undecodable,
    RecursionError: answer_undecodable,
    ExceptionGroup: answer_together,
    Exception: answer_unknown,
}


async def record_failure(error: Exception, scope: Scope) -> None:
    """Record, after the rollback, a failed plugin, a failed sign-in, and a refused write.

    Refusals of services and of the database are treated alike. Where the entry cannot be written, the log has it: the
    answer does not depend on it.
    """
    refusal = _refusal_of(_first(error))
    if refusal is not None and scope["type"] == ScopeType.HTTP:
        try:
            await to_thread.run_sync(_record, scope["litestar_app"].state.platform, refusal, scope)
        except SQLAlchemyError as failure:
            log.error("refusal_not_recorded", code=refusal.code, exc_info=failure)


def _record(platform: Platform, refusal: KaowuError, scope: HTTPScope) -> None:
    actor: Actor | None = scope.get("user")
    kind = _kind_of_entry(refusal, actor, scope)
    if kind is None and not isinstance(refusal, PluginError):
        return
    now: datetime = scope["state"].get("kaowu_arrival") or platform.clock()
    with PublicSession(platform.engine, actor=actor or ANONYMOUS, now=now) as session, session.begin():
        if isinstance(refusal, PluginError):
            platform.offices.record_failure(session, refusal)
        if kind is not None:
            _enter(session, kind, refusal, scope)


def record_refusal(session: ScopedSession, refusal: KaowuError, scope: HTTPScope) -> None:
    """Record a refusal that a form shows, after the attempt has been undone."""
    _enter(session, "request.refused", refusal, scope)


def _enter(session: ScopedSession, kind: str, refusal: KaowuError, scope: HTTPScope) -> None:
    records.record_refusal(session, kind, code=refusal.code, method=scope["method"], route=scope["path_template"])


def _kind_of_entry(refusal: KaowuError, actor: Actor | None, scope: HTTPScope) -> str | None:
    if isinstance(refusal, Unauthenticated):
        # No token is no attempt to sign in; a wrong password is recorded where the account is known.
        return None if refusal.code in {"token_missing", "not_signed_in", "sign_in_refused"} else "sign_in.failed"
    reads = scope["method"] in {"GET", "HEAD"}
    if actor is None or (reads and not isinstance(refusal, Forbidden)):
        return None
    return "request.refused"


def _faulty_fields(error: ValidationException) -> dict[str, str]:
    """Each faulty field with its correction: pydantic's faults stand in the cause, the names in ``extra``."""
    details = getattr(error.__cause__, "errors", None)
    faults = details if isinstance(details, list) else []
    known = {".".join(str(part) for part in fault["loc"]).removeprefix("data."): fault for fault in faults}
    named = [str(fault["key"]) for fault in error.extra or [] if isinstance(fault, dict) and "key" in fault]
    return {name: _in_words(known.get(name, {})) for name in named}


def _in_words(fault: Mapping[str, Any]) -> str:
    """The correction that a fault asks for, with the limit that it went beyond."""
    return _FAULTS.get(fault.get("type", ""), _FAULT).format(**fault.get("ctx", {}))


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    *,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[Any]:
    reference = structlog.contextvars.get_contextvars().get("request_id", "")
    if _wants_a_page(request):
        expired = page_sent_from(request) if code == FORM_EXPIRED else None
        page = error_page(
            request, status=status, detail=detail, fields=dict(fields or {}), reference=reference, expired=expired
        )
        page.headers.update(headers or {})
        return page
    problem = Problem(error=code, detail=detail, fields=dict(fields or {}), reference=reference)
    return Response(problem, status_code=status, headers=dict(headers or {}), media_type="application/json")


def _wants_a_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the answer is a page: a browser asks for HTML, and htmx names itself."""
    asks = "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers
    return asks and not request.url.path.startswith("/api/")


def _has_lost_its_session(request: Request[Any, Any, Any], refusal: KaowuError) -> bool:
    """Whether a form was sent by a browser whose session's cookie is gone, to somebody who has to sign in."""
    return refusal.code == FORM_EXPIRED and needs_sign_in(request) and read_cookie(request, SESSION) is None


def _to_sign_in(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lead to the sign-in page and back; a part of a page that htmx asked for leads the whole page there."""
    address = sign_in_address(request)
    if "HX-Request" in request.headers:
        return Response("", status_code=401, headers={"HX-Redirect": address}, media_type="text/html")
    return Redirect(address, status_code=303)
