"""The staff of an office and of the offices below it, as its supervisors see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from core.db.session import OfficeSession
from core.domain.permissions import Permission, holders

ROLES = sorted(
    role.value
    for role in holders({Permission.RUN_OFFICE, Permission.SUPERVISE, Permission.SCHEDULE, Permission.EXAMINE})
)
"""The roles whose holders work with cases and exams."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who holds such a role at an office."""

    office_id: str
    account_id: UUID
    name: str


def staff_below(session: OfficeSession) -> Sequence[Member]:
    """The staff now of the office and of those below it, by office and name; empty for those who supervise nobody."""
    there = func.staff_below(ROLES, session.now).table_valued("office_id", "account_id", "name")
    found = session.execute(select(there).order_by(there.c.office_id, there.c.name, there.c.account_id))
    return [Member(row.office_id, UUID(str(row.account_id)), row.name) for row in found]
