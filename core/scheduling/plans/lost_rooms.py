"""Rooms that coming sittings can no longer use: their seats have to be given again by another plan."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select

from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting, SittingRoom


def seat_is_lost(now: datetime) -> ColumnElement[bool]:
    """The condition for seats whose room or sitting is gone; a sitting that has begun keeps its rooms.

    Gone is a room that was retired or withdrawn from the sitting, a site that was closed, a sitting that was cancelled.
    """
    withdrawn = exists().where(
        SittingRoom.sitting_id == Seat.sitting_id,
        SittingRoom.room_id == Seat.room_id,
        SittingRoom.withdrawn_at.is_not(None),
    )
    closed = (
        select(ExamRoom.id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(or_(ExamRoom.retired_at.is_not(None), ExamSite.closed_at.is_not(None)))
    )
    coming = select(Sitting.id).where(Sitting.starts_at > now)
    cancelled = select(Sitting.id).where(Sitting.cancelled_at.is_not(None))
    return and_(Seat.sitting_id.in_(coming), or_(withdrawn, Seat.room_id.in_(closed), Seat.sitting_id.in_(cancelled)))
