"""The season in the addresses of pages: read from the one that was asked, kept in those that the page leads to.

A page that shows another season than the current one names its year in each of its links and forms, so that a reader
stays in that season until they leave it by the switch in the header. Nothing is remembered elsewhere: two windows may
show two seasons, and an address that is passed on shows the same to its receiver.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.status_codes import HTTP_303_SEE_OTHER
from litestar.types import Message, Scope

from core.errors import Invalid
from core.web.page.navigation import home, menu

YEAR = "year"
_LINK = re.compile(r'((?:href|action|hx-get|hx-post)=")(/[^"]*)(?=")')
_ASKING_FORM = re.compile(r'<form\b[^>]*\bmethod="get"[^>]*>')
_HAS_YEAR = re.compile(rf"[?&;]{YEAR}=")
_OF_NO_SEASON = ("/static/", "/schema", "/role", "/sign-")
"""Addresses that are the same in every season."""


def year_in(query: Mapping[str, str]) -> int | None:
    """The year in the parameters of a page; None where it has none, Invalid for anything that is no year."""
    written = query.get(YEAR)
    if not written:
        return None
    if not (len(written) == 4 and written.isascii() and written.isdigit()):
        raise Invalid("year_unreadable", "地址中的年度无法识别。请从页面上方的年度切换中选择。")
    return int(written)


def shows_season(request: Request[Any, Any, Any], year: int) -> None:
    """Note that the page of this request lists things of a year, for the header and the banner."""
    request.state.season_shown = year


def shown_season(request: Request[Any, Any, Any]) -> int | None:
    """The year whose things the page lists; None for pages that are the same in every season."""
    shown: int | None = request.state.get("season_shown")
    return shown


def with_year(address: str, year: int, *, amp: str = "&") -> str:
    """The address with the year, before its fragment; as it is where it names one already."""
    if _HAS_YEAR.search(address):
        return address
    path, mark, fragment = address.partition("#")
    return f"{path}{amp if '?' in path else '?'}{YEAR}={year}{mark}{fragment}"


def keep_year(html: str, year: int) -> str:
    """A page whose links and forms keep the year."""

    def kept(found: re.Match[str]) -> str:
        same = found[2].startswith(_OF_NO_SEASON)
        return found[0] if same else found[1] + with_year(found[2], year, amp="&amp;")

    # The browser drops the query of a form that asks by GET, so that such a form carries the year as a field.
    asking = _ASKING_FORM.sub(rf'\g<0><input type="hidden" name="{YEAR}" value="{year}">', html)
    return _LINK.sub(kept, asking)


def in_season(request: Request[Any, Any, Any], year: int) -> str:
    """Where the switch leads for a season: the same list, or from the page of one thing to its line of the menu."""
    path = request.url.path
    if request.method == "GET" and not any(isinstance(value, UUID) for value in request.path_params.values()):
        asked = [
            (name, value) for name, value in request.query_params.multi_items() if name not in {YEAR, "after"} and value
        ]
        return f"{path}?{urlencode([*asked, (YEAR, str(year))])}"
    role = request.user.role
    lines = [item.address for item in menu(role) if item.is_current(path)]
    return with_year(lines[0] if lines else home(role), year)


async def lead_on_in_season(message: Message, scope: Scope) -> None:
    """Keep the year where a form of a page leads on after its act."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    if scope["method"] != "POST" or message["status"] != HTTP_303_SEE_OTHER:
        return
    year = Request[Any, Any, Any](scope).query_params.get(YEAR)
    headers = MutableScopeHeaders.from_message(message)
    led_to = headers.get("location", "")
    if year and year.isascii() and year.isdigit() and led_to.startswith("/") and not led_to.startswith(_OF_NO_SEASON):
        headers["location"] = with_year(led_to, int(year))
