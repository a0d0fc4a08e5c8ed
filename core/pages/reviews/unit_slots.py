"""Pages of a unit for the day of on-site confirmation: its appointment, and the receipts of its batches."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import UnitSession
from core.errors import NotFound
from core.pages.season import season_asked
from core.reviews.models import OnsiteBatch
from core.reviews.onsite_day import slots
from core.reviews.onsite_day.pdf import receipt_pdf
from core.reviews.onsite_day.slots import BookingState
from core.tenancy.models import Office
from core.web.dependencies import OfUnit
from core.web.guards import UNITS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form, look, page


@page("/unit/onsite", roles=UNITS)
def unit_slots_page(request: AnyRequest, session: OfUnit) -> Response[str]:
    """The times that the unit may take, and the one that it has."""
    return _show(request, session)


@form("/unit/onsite/{slot_id:uuid}", roles=UNITS)
def choose_slot(request: AnyRequest, session: OfUnit, slot_id: FromPath[UUID]) -> Response[Any]:
    """Take a time in place of the one before."""
    with attempt(request, session) as tried:
        slots.choose(session, slot_id)
        return see("/unit/onsite")
    return _show(request, session, tried=tried)


@form("/unit/onsite/bookings/{booking_id:uuid}/free", roles=UNITS)
def free_slot(request: AnyRequest, session: OfUnit, booking_id: FromPath[UUID]) -> Response[Any]:
    """Give the appointment up."""
    with attempt(request, session) as tried:
        slots.free(session, booking_id)
        return see("/unit/onsite")
    return _show(request, session, tried=tried)


@look("/unit/batches/{batch_id:uuid}/receipt", roles=UNITS)
def unit_receipt(session: OfUnit, batch_id: FromPath[UUID]) -> Response[bytes]:
    """The office's receipt on paper."""
    batch = session.get(OnsiteBatch, batch_id)
    if batch is None:
        raise NotFound("no_such_batch", "没有找到本单位提交的这批材料。请从“名册和报送”重新进入。")
    return printed(receipt_pdf(session, batch))


def _show(request: AnyRequest, session: UnitSession, *, tried: Attempt | None = None) -> Response[str]:
    year = season_asked(request, session).year
    booked = slots.own_bookings(session, year)
    offered = slots.slots(session, year, coming=True)
    offices = {row.slot.office_id for row in offered} | {booking.office_id for booking in booked}
    return render(
        request,
        session,
        "reviews/unit_slots.html",
        tried=tried,
        booked=[(booking, slots.slot_of(session, booking.slot_id)) for booking in booked],
        mine={booking.slot_id for booking in booked},
        offered=offered,
        span=slots.span,
        offices={code: session.get_one(Office, code).name for code in offices},
        states={state.value: state.label for state in BookingState},
    )
