"""Retention of annex forms: names and numbers of former managers are erased once their time is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.organizations.models import ManagerForm


def manager_forms_due(before: datetime) -> Select[UUID]:
    """Annex forms that were returned or superseded, by the day of that decision."""
    over = ManagerForm.state.in_(["returned", "superseded"])
    return (
        select(ManagerForm.id)
        .where(over, ManagerForm.decided_at < before, ManagerForm.name != ERASED)
        .order_by(ManagerForm.id)
    )


def erase_manager_forms(session: KeeperSession, form_ids: Sequence[UUID]) -> None:
    """Replace name and numbers; that the unit had a manager then, and which account, stays."""
    gone = {"name": ERASED, "office_phone": ERASED, "mobile": b"", "remark": "", "faults": {}}
    session.execute(update(ManagerForm).where(ManagerForm.id.in_(form_ids)).values(gone))
