"""The filters and the order of the desk's queue, in addresses and hidden fields."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from core.domain.workflow import State
from core.errors import Invalid
from core.plugin_api import Grade
from core.reviews.lists.orders import Order
from core.reviews.queue import SHOWN, Asked, Claimed, Found, Papers

_MOST_LETTERS: Final = 60
_READ: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "state": ("state", State),
    "q": ("text", str),
    "grade": ("grade", lambda value: int(Grade(int(value)))),
    "claimed": ("claimed", Claimed),
    "overdue": ("overdue", lambda value: value == "1"),
    "due": ("due_by", date.fromisoformat),
    "trade": ("trade", str),
    "unit": ("unit_id", UUID),
    "department": ("department_id", UUID),
    "found": ("found", Found),
    "papers": ("papers", Papers),
    "returned": ("returned", lambda value: value == "1"),
    "sort": ("order", Order),
    "falling": ("falling", lambda value: value == "1"),
}
"""Each parameter of an address, the filter that it sets, and how its value is read."""


def asked_for(sent: Any) -> Asked:
    """The filters in an address or in a form's hidden fields; Invalid for unknown values."""
    given = {name: str(sent.get(name) or "") for name in _READ}
    if len(given["q"]) > _MOST_LETTERS:
        raise Invalid("filter_unknown", f"查找内容最多{_MOST_LETTERS}个字，请缩短后再查找。")
    try:
        asked = Asked(**{filters: read(given[name]) for name, (filters, read) in _READ.items() if given[name]})
    except ValueError:
        raise Invalid("filter_unknown", "没有这个筛选条件，请从页面上的筛选中选择。") from None
    if asked.state not in SHOWN:
        raise Invalid("filter_unknown", "审查台不列出这一状态的申请，请从页面上的筛选中选择。")
    return asked


def filters(asked: Asked, **changed: str) -> dict[str, str]:
    """The filters and the order as fields, without the empty ones."""
    held = {"state": asked.state.value, **narrowing(asked)}
    if asked.order is not Order.DUE or asked.falling:
        held |= {"sort": asked.order.value, "falling": "1" if asked.falling else ""}
    return {name: value for name, value in (held | changed).items() if value}


def narrowing(asked: Asked) -> dict[str, str]:
    """The filters within a state as fields, without the empty ones."""
    held = {
        "q": asked.text,
        "grade": str(asked.grade or ""),
        "claimed": asked.claimed or "",
        "overdue": "1" if asked.overdue else "",
        "due": asked.due_by.isoformat() if asked.due_by else "",
        "trade": asked.trade,
        "unit": str(asked.unit_id or ""),
        "department": str(asked.department_id or ""),
        "found": asked.found or "",
        "papers": asked.papers or "",
        "returned": "1" if asked.returned else "",
    }
    return {name: str(value) for name, value in held.items() if value}


def queue_address(asked: Asked, **changed: str) -> str:
    """The address of the queue with these filters."""
    return f"/desk?{urlencode(filters(asked, **changed))}"


def case_address(application_id: UUID, asked: Asked) -> str:
    """The address of a case, with the list from which it is opened."""
    return f"/desk/cases/{application_id}?{urlencode(filters(asked))}"
