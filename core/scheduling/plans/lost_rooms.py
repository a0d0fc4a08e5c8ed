"""Rooms that coming sittings can no longer use: their seats have to be given again by another plan."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from core.scheduling.models.plans import Seat
from core.scheduling.models.sittings import Sitting


def seat_is_lost(now: datetime) -> ColumnElement[bool]:
    """The condition for seats whose room or sitting is gone; a sitting that has begun keeps its rooms."""
    coming = select(Sitting.id).where(Sitting.starts_at > now)
    return and_(Seat.sitting_id.in_(coming), func.room_is_lost(Seat.sitting_id, Seat.room_id))
