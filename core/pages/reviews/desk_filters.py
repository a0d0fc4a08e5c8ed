"""The filters and the order of the desk's queue, in addresses and hidden fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from core.db.session import OfficeSession
from core.domain.workflow import State
from core.errors import Invalid
from core.organizations.models import Unit
from core.plugin_api import Grade
from core.reviews.assignment.reviewers import Assigned
from core.reviews.lists.orders import Order
from core.reviews.models import DeskView
from core.reviews.queue import SHOWN, Asked, Claimed, Found, Papers
from core.text.dates import day

_MOST_LETTERS: Final = 60
_READ: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "state": ("state", State),
    "q": ("text", str),
    "grade": ("grade", lambda value: int(Grade(int(value)))),
    "claimed": ("claimed", Claimed),
    "assigned": ("assigned", Assigned),
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
    "view": ("view", UUID),
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
    held = {"state": asked.state.value, **narrowing(asked), "view": str(asked.view or "")}
    if asked.order is not Order.DUE or asked.falling:
        held |= {"sort": asked.order.value, "falling": "1" if asked.falling else ""}
    return {name: value for name, value in (held | changed).items() if value}


def narrowing(asked: Asked) -> dict[str, str]:
    """The filters within a state as fields, without the empty ones."""
    held = {
        "q": asked.text,
        "grade": str(asked.grade or ""),
        "claimed": asked.claimed or "",
        "assigned": asked.assigned or "",
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


def in_words(session: OfficeSession, asked: Asked, trades: Mapping[str, str]) -> list[str]:
    """The filters within a state as people read them, and the order where another one is asked for."""
    units = {unit_id: session.get(Unit, unit_id) for unit_id in (asked.unit_id, asked.department_id) if unit_id}
    named = {unit_id: "" if unit is None else unit.name for unit_id, unit in units.items()}
    said = {
        "查找": asked.text,
        "等级": Grade(asked.grade).label if asked.grade else "",
        "工种": trades.get(asked.trade, asked.trade),
        "单位": named.get(asked.unit_id, "") if asked.unit_id else "",
        "主管部门": named.get(asked.department_id, "") if asked.department_id else "",
        "期限": f"{day(asked.due_by)}24:00及以前" if asked.due_by else "",
        "审核意见": asked.found.label if asked.found else "",
        "容缺材料": asked.papers.label if asked.papers else "",
        "领取": asked.claimed.label if asked.claimed else "",
        "分派": asked.assigned.label if asked.assigned else "",
    }
    found = [f"{name}：{value}" for name, value in said.items() if value]
    found += ["已超时"] if asked.overdue else []
    found += ["曾被退回"] if asked.returned else []
    if asked.order is not Order.DUE or asked.falling:
        found.append(f"按{asked.order.label}{'从后往前' if asked.falling else ''}排列")
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the queue: its heading, and the order that its heading offers."""

    label: str
    order: Order | None = None


COLUMNS: Final[Mapping[str, Column]] = {
    "state": Column("状态"),
    "due": Column("期限", Order.DUE),
    "grade": Column("等级", Order.GRADE),
    "trade": Column("工种", Order.TRADE),
    "unit": Column("单位", Order.UNIT),
    "department": Column("主管部门", Order.DEPARTMENT),
    "reference": Column("编号", Order.REFERENCE),
    "submitted": Column("提交时间", Order.SUBMITTED),
    "claimed": Column("领取"),
}
"""The columns beside the name, which is always shown, in their order."""
STANDARD: Final = ("state", "due", "grade", "unit", "reference", "claimed")


def columns_of(view: DeskView | None) -> list[str]:
    """The columns that a view shows, in the order of the table; the standard ones without a view."""
    chosen = STANDARD if view is None or not view.columns else view.columns
    return [name for name in COLUMNS if name in chosen]


def sorted_by(asked: Asked, order: Order) -> str:
    """The address of the queue sorted by a column, the other way round where it is so already."""
    falling = asked.order is order and not asked.falling
    return queue_address(replace(asked, order=order, falling=falling))


def queue_address(asked: Asked, **changed: str) -> str:
    """The address of the queue with these filters."""
    return f"/desk?{urlencode(filters(asked, **changed))}"


ANY: Final = UUID(int=0)
"""Stands in an address for the id of each row."""


def for_each(address: str) -> Callable[[object], str]:
    """The same address for each row, with its id where ``ANY`` stands: the filters are written once for all rows."""
    before, _, after = address.partition(str(ANY))
    return lambda row_id: f"{before}{row_id}{after}"


def case_address(application_id: UUID, asked: Asked) -> str:
    """The address of a case, with the list from which it is opened."""
    return f"/desk/cases/{application_id}?{urlencode(filters(asked))}"
