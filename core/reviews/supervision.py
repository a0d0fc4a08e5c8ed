"""Overturning a receiver's decision: the sampled case is marked and reviewed again, in one transaction."""

from uuid import UUID

from core.db.session import OfficeSession
from core.delegation.models import SampleItem
from core.delegation.supervision import mark_overturned
from core.reviews.service import reopen
from core.tenancy.offices import Offices


def overturn(session: OfficeSession, item_id: UUID, *, offices: Offices, reason: str) -> SampleItem:
    """Find a sampled decision wrong: the case goes back to qualification review. Source: 2024 notice §2(5).

    Refused, with the item left open, where the case is not decided, or has come back to the delegating office.
    """
    with session.begin_nested():
        item = mark_overturned(session, item_id, remark=reason)
        reopen(session, item.application_id, offices=offices, reason=reason)
    return item
