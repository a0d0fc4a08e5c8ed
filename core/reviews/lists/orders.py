"""The orders of a list of cases, and the keys by which its pages go on.

Each order is a value that is never null, then the case's id; an index of ``applications`` begins with the office, the
year and the state, and goes on with these two. So a page, the cases beside a case, and the way back are read from the
index, whatever the length of the list.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, case, literal_column, tuple_

from core.applications.models import Application
from core.errors import Invalid
from core.text.labels import Labelled

_LARGEST_NUMBER: Final = 100


class Order(Labelled):
    """The column by which a list is sorted."""

    DUE = "due", "期限"
    NAME = "name", "姓名"
    GRADE = "grade", "等级"
    TRADE = "trade", "工种"
    UNIT = "unit", "单位"
    DEPARTMENT = "department", "主管部门"
    REFERENCE = "reference", "编号"
    SUBMITTED = "submitted", "提交时间"


COLUMNS: Final[Mapping[Order, ColumnElement[Any]]] = {
    Order.DUE: Application.due_at.expression,
    Order.NAME: Application.initials.expression,
    Order.GRADE: Application.grade.expression,
    Order.TRADE: Application.trade.expression,
    Order.UNIT: Application.unit_name.expression,
    Order.DEPARTMENT: Application.department_id.expression,
    Order.REFERENCE: Application.reference.expression,
    Order.SUBMITTED: Application.submitted_at.expression,
}
# Literals, and no parameters: the indexes are on the same expressions.
_EMPTY: Final[Mapping[Order, ColumnElement[Any]]] = {
    Order.DUE: literal_column("'infinity'::timestamptz", DateTime(timezone=True)),
    Order.DEPARTMENT: literal_column("'00000000-0000-0000-0000-000000000000'::uuid", Uuid()),
}
"""The place of cases without a value: after every date, before every department."""
_MOMENTS: Final = frozenset({Order.DUE, Order.SUBMITTED})


@dataclass(frozen=True, slots=True)
class Sorted:
    """An order with its direction."""

    by: Order = Order.DUE
    falling: bool = False

    @property
    def value(self) -> ColumnElement[Any]:
        """The value of a case in this order, to be read with its row."""
        return COLUMNS[self.by]

    @property
    def place(self) -> ColumnElement[Any]:
        """The value by which is sorted: that of the case, or the place of cases without one."""
        if self.by not in _EMPTY:
            return self.value
        # As in the indexes. PostgreSQL takes COALESCE for leaky: under row-level security it would filter every row.
        return case((self.value.is_(None), _EMPTY[self.by]), else_=self.value)

    def columns(self, *, back: bool = False) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """What the list is sorted by; ``back`` reads it from its end."""
        if self.falling is back:
            return self.place.asc(), Application.id.asc()
        return self.place.desc(), Application.id.desc()

    def behind(self, value: Any, last: UUID) -> ColumnElement[bool]:
        """The cases after this place; ``value`` is None for a case without one."""
        place = tuple_(self.place, Application.id)
        given = tuple_(_EMPTY[self.by] if value is None else value, last)
        return place < given if self.falling else place > given

    def before(self, value: Any, first: UUID) -> ColumnElement[bool]:
        """The cases before this place."""
        return Sorted(self.by, not self.falling).behind(value, first)

    def key(self, value: Any, last: UUID) -> str:
        """The key of a page's end, for an address."""
        written = value.isoformat() if isinstance(value, datetime) else value
        written = written.hex if isinstance(written, UUID) else written
        return base64.urlsafe_b64encode(json.dumps([self.by, written, last.hex]).encode()).decode()

    def read(self, key: str) -> tuple[Any, UUID]:
        """The value and the id in a key of this order; Invalid for any other text, and for the key of another order."""
        try:
            by, written, last = json.loads(base64.urlsafe_b64decode(key))
            return self._value(by, written), UUID(last)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise Invalid("page_unknown", "没有这一页，请回到第一页。") from None

    def _value(self, by: object, written: object) -> Any:
        if by != self.by:
            raise ValueError(by)
        if written is None and self.by in _EMPTY:
            return None
        if self.by is Order.GRADE:
            if written not in range(_LARGEST_NUMBER):
                raise ValueError(written)
            return written
        if not isinstance(written, str) or "\x00" in written:
            raise ValueError(written)
        if self.by in _MOMENTS:
            moment = datetime.fromisoformat(written)
            if moment.tzinfo is None:
                raise ValueError(written)
            return moment
        return UUID(written) if self.by is Order.DEPARTMENT else written
