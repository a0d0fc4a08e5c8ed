"""Calling units up on the day (叫号): they arrive, are called by their numbers, are served or miss their turn."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select

from core.audit import service as audit
from core.db.rows import own_row
from core.db.session import OfficeSession
from core.errors import Conflict, NotFound
from core.reviews.models import OnsiteBooking, OnsiteSlot
from core.reviews.onsite_day.slots import BookingState, bookings_of

_FROM: Final = {
    BookingState.ARRIVED: {BookingState.BOOKED, BookingState.MISSED},
    BookingState.CALLED: {BookingState.BOOKED, BookingState.ARRIVED},
    BookingState.SERVED: {BookingState.BOOKED, BookingState.ARRIVED, BookingState.CALLED},
    BookingState.MISSED: {BookingState.BOOKED, BookingState.ARRIVED, BookingState.CALLED},
}
"""A state on the day, and those that lead to it; a unit that missed its turn comes back at the end of the row."""


def note(session: OfficeSession, booking_id: UUID, state: BookingState) -> OnsiteBooking:
    """Note where a unit stands on the day. Conflict where that cannot follow on its present state."""
    refusal = NotFound("no_such_booking", "没有找到这个预约。请刷新页面。")
    booking = own_row(session, OnsiteBooking, booking_id, refusal, locked=True)
    if booking.state not in _FROM.get(state, set()):
        raise Conflict(
            "booking_state", f"该单位目前为“{BookingState(booking.state).label}”，不能这样办理。请刷新页面。"
        )
    booking.state, booking.state_at = state.value, session.now
    session.flush()
    audit.record_on(session, booking, "onsite_slot.called", state=state.value)
    return booking


def call_next(session: OfficeSession, slot_id: UUID) -> OnsiteBooking:
    """Call the next unit that has come: those that came in time by number, then those that came late.

    Conflict where nobody who has come waits.
    """
    waiting = [booking for booking in row(session, slot_id) if booking.state == BookingState.ARRIVED]
    if not waiting:
        raise Conflict("nobody_waits", "没有已到场等候的单位。请先登记到场。")
    return note(session, waiting[0].id, BookingState.CALLED)


def row(session: OfficeSession, slot_id: UUID) -> Sequence[OnsiteBooking]:
    """The units of a time as they stand in the row."""
    return bookings_of(session, slot_id, over=True)


def serve_unit(session: OfficeSession, unit_id: UUID) -> None:
    """Note that a unit is served whose batch was received, where it is there or its appointment has begun."""
    wanted = (
        select(OnsiteBooking.id)
        .join(OnsiteSlot, OnsiteSlot.id == OnsiteBooking.slot_id)
        .where(
            OnsiteBooking.office_id == session.office_id,
            OnsiteBooking.unit_id == unit_id,
            or_(
                OnsiteBooking.state.in_([BookingState.ARRIVED, BookingState.CALLED]),
                and_(OnsiteBooking.state == BookingState.BOOKED, OnsiteSlot.begins <= session.now),
            ),
        )
    )
    for booking_id in session.scalars(wanted).all():
        note(session, booking_id, BookingState.SERVED)
