"""How often somebody may try what costs us or others something: signing in, registering, uploading.

A request is counted before anything of its body is read, and a refused one has still been counted.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from core.errors import TooMany
from core.identity.sign_in.rate_limits import take
from core.platform import Platform
from core.settings import Settings
from core.web.authentication.actor import arrival

_Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """An act that is counted: by whom, and how often a minute the settings allow it."""

    act: str
    by: Callable[[_Connection], str]
    a_minute: Callable[[Settings], int]
    refusal: str


def counted_address(connection: _Connection) -> str:
    """From where somebody comes, as it is counted. Whoever has one address of IPv6 has the 2^64 beside it as well."""
    host = connection.client.host if connection.client else ""
    try:
        found = ip_address(host)
    except ValueError:
        return host
    if isinstance(found, IPv4Address):
        return host
    return str(found.ipv4_mapped or ip_network((found.packed, 64), strict=False))


def _account(connection: _Connection) -> str:
    return str(connection.user.account_id)


SIGN_IN = Rate(
    "sign_in",
    counted_address,
    lambda settings: settings.sign_ins_per_minute,
    "从您所在的网络登录的次数过多。请过{seconds}秒再试。",
)
REGISTRATION = Rate(
    "registration",
    counted_address,
    lambda settings: settings.registrations_per_minute,
    "从您所在的网络注册的次数过多，本次没有保存。请过{seconds}秒再试。",
)
VERIFICATION = Rate(
    "verification",
    counted_address,
    lambda settings: settings.verifications_per_minute,
    "从您所在的网络查验证书的次数过多。请过{seconds}秒再试。",
)
OBJECTION = Rate(
    "objection",
    counted_address,
    lambda settings: settings.objections_per_minute,
    "从您所在的网络提交异议的次数过多，本次没有保存。请过{seconds}秒再试。",
)
UPLOAD = Rate(
    "upload",
    _account,
    lambda settings: settings.uploads_per_minute,
    "您上传得过于频繁，本次没有保存。请过{seconds}秒再试。",
)


def limited(rate: Rate) -> Guard:
    """A guard that counts a request, before anything of its body has been read. Raises TooMany."""

    async def guard(connection: _Connection, _handler: BaseRouteHandler) -> None:
        await to_thread.run_sync(_count, connection, rate)

    return guard


def _count(connection: _Connection, rate: Rate) -> None:
    platform: Platform = connection.app.state.platform
    key = platform.keys.lookup_hash(f"rate/{rate.act}/{rate.by(connection)}")
    now = arrival(connection)
    wait = math.ceil(take(platform.engine, key, a_minute=rate.a_minute(platform.settings), now=now))
    if wait > 0:
        raise TooMany("too_many_requests", rate.refusal.format(seconds=wait), retry_after=wait)
