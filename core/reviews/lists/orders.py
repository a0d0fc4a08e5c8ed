"""The orders of a list of cases, and the keys by which its pages go on.

Each order is a column that is never null, then the case's id; an index of ``applications`` begins with the office, the
year and the state, and goes on with these two. So a page, the cases beside a case, and the way back are read from the
index, whatever the length of the list.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, func, literal_column, tuple_

from core.applications.models import Application
from core.errors import Invalid
from core.text.labels import Labelled

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The place of cases without a date in an order by date."""
NOWHERE: Final = UUID(int=0)
"""The place of cases without a department in an order by department."""
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
    ROUND = "round", "提交次数"


# Literals, and no parameters: the index is on the same expression.
_DUE: Final[ColumnElement[datetime]] = func.coalesce(
    Application.due_at, literal_column(f"'{NEVER.isoformat(' ')}'::timestamptz", DateTime(timezone=True))
)
_DEPARTMENT: Final[ColumnElement[UUID]] = func.coalesce(
    Application.department_id, literal_column(f"'{NOWHERE}'::uuid", Uuid())
)
COLUMNS: Final[Mapping[Order, ColumnElement[Any]]] = {
    Order.DUE: _DUE,
    Order.NAME: Application.initials.expression,
    Order.GRADE: Application.grade.expression,
    Order.TRADE: Application.trade.expression,
    Order.UNIT: Application.unit_name.expression,
    Order.DEPARTMENT: _DEPARTMENT,
    Order.REFERENCE: Application.reference.expression,
    Order.SUBMITTED: Application.submitted_at.expression,
    Order.ROUND: Application.round.expression,
}
_MOMENTS: Final = frozenset({Order.DUE, Order.SUBMITTED})
_NUMBERS: Final = frozenset({Order.GRADE, Order.ROUND})


@dataclass(frozen=True, slots=True)
class Sorted:
    """An order with its direction."""

    by: Order = Order.DUE
    falling: bool = False

    @property
    def value(self) -> ColumnElement[Any]:
        """The value of a case in this order, to be read with its row."""
        return COLUMNS[self.by]

    def columns(self, *, back: bool = False) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """What the list is sorted by; ``back`` reads it from its end."""
        if self.falling is back:
            return self.value.asc(), Application.id.asc()
        return self.value.desc(), Application.id.desc()

    def behind(self, value: Any, last: UUID) -> ColumnElement[bool]:
        """The cases after this place."""
        place = tuple_(self.value, Application.id)
        given = tuple_(value, last)
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
        number = self.by in _NUMBERS
        known = written in range(_LARGEST_NUMBER) if number else isinstance(written, str) and "\x00" not in written
        if by != self.by or not known:
            raise ValueError(by)
        if self.by in _MOMENTS:
            moment = datetime.fromisoformat(str(written))
            if moment.tzinfo is None:
                raise ValueError(written)
            return moment
        return UUID(str(written)) if self.by is Order.DEPARTMENT else written
