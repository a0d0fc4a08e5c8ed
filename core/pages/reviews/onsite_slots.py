"""Pages of on-site confirmation at the office: the times it offers, and the row of units on the day."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import select

from core.applications.form_steps import Fields
from core.clock import SHANGHAI
from core.db.session import OfficeSession, ScopedSession
from core.errors import Invalid, NotFound
from core.organizations.directory import units_called
from core.organizations.models import Unit
from core.organizations.queries import units_below
from core.pages.organizations.unit_register import owner_of, unit_called
from core.pages.season import season_asked
from core.reviews import onsite
from core.reviews.models import OnsiteBooking, OnsiteSlot
from core.reviews.onsite_day import calling, slots
from core.reviews.onsite_day.counter import held_long
from core.reviews.onsite_day.pdf import row_pdf
from core.reviews.onsite_day.slots import BookingState, Time
from core.web.dependencies import OfOffice
from core.web.guards import REVIEWERS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

TONES = {
    BookingState.BOOKED: "plain",
    BookingState.ARRIVED: "waits",
    BookingState.CALLED: "waits",
    BookingState.SERVED: "done",
    BookingState.MISSED: "stopped",
    BookingState.ENDED: "stopped",
}
BATCH_TONES = {"handed_in": "waits", "received": "waits", "returned": "stopped", "closed": "done"}


@page("/onsite", roles=REVIEWERS)
def onsite_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The times of the season, the units that wait for one, and the batches."""
    return show_onsite(request, session)


@form("/onsite/slots", roles=REVIEWERS)
def offer_slot(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Offer a time to all units, to a department with the units below it, or to units by name."""
    with attempt(request, session) as tried:
        units = _group(session, data)
        year = season_asked(request, session).year
        made = slots.offer(session, year, _time(data), called=fields.text(data, "called"), unit_ids=units)
        return see(f"/onsite/slots/{made.id}")
    return show_onsite(request, session, tried=tried, given=data)


@page("/onsite/slots/{slot_id:uuid}", roles=REVIEWERS)
def slot_page(request: AnyRequest, session: OfOffice, slot_id: FromPath[UUID]) -> Response[str]:
    """One time: the units in their row, and what is done on the day."""
    return _show_slot(request, session, slot_id)


@form("/onsite/slots/{slot_id:uuid}/change", roles=REVIEWERS)
def change_slot(request: AnyRequest, session: OfOffice, slot_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Change when, where and for how many."""
    with attempt(request, session) as tried:
        slots.change(session, slot_id, _time(data))
        return see(f"/onsite/slots/{slot_id}")
    return _show_slot(request, session, slot_id, tried=tried)


@form("/onsite/slots/{slot_id:uuid}/cancel", roles=REVIEWERS)
def cancel_slot(request: AnyRequest, session: OfOffice, slot_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Cancel a time; its units are told."""
    with attempt(request, session) as tried:
        slots.cancel(session, slot_id, reason=fields.text(data, "reason"))
        return see(f"/onsite/slots/{slot_id}")
    return _show_slot(request, session, slot_id, tried=tried)


@form("/onsite/slots/{slot_id:uuid}/give", roles=REVIEWERS)
def give_slot(request: AnyRequest, session: OfOffice, slot_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give a unit this time."""
    with attempt(request, session) as tried:
        unit = unit_called(session, fields.text(data, "unit"), at="unit")
        if unit is None:
            raise Invalid("unit_unknown", "请写单位全称。", at="unit")
        slots.give(session, slot_id, unit.id)
        return see(f"/onsite/slots/{slot_id}")
    return _show_slot(request, session, slot_id, tried=tried, given=data)


@form("/onsite/slots/{slot_id:uuid}/next", roles=REVIEWERS)
def call_next(request: AnyRequest, session: OfOffice, slot_id: FromPath[UUID]) -> Response[Any]:
    """Call the next unit that has come."""
    with attempt(request, session) as tried:
        calling.call_next(session, slot_id)
        return see(f"/onsite/slots/{slot_id}")
    return _show_slot(request, session, slot_id, tried=tried)


@form("/onsite/bookings/{booking_id:uuid}/{act:str}", roles=REVIEWERS)
def note_booking(
    request: AnyRequest, session: OfOffice, *, booking_id: FromPath[UUID], act: FromPath[str], data: Sent
) -> Response[Any]:
    """Note that a unit came, is called, was served or missed its turn, or free its time."""
    booking = session.get(OnsiteBooking, booking_id)
    if booking is None or booking.office_id != session.office_id:
        raise NotFound("no_such_booking", "没有找到这个预约。请刷新页面。")
    with attempt(request, session) as tried:
        if act == "free":
            slots.free(session, booking_id, reason=fields.text(data, "reason"))
        elif act in {state.value for state in BookingState}:
            calling.note(session, booking_id, BookingState(act))
        else:
            raise NotFound("no_such_action", "没有这个操作，请使用页面上的按钮。")
        return see(f"/onsite/slots/{booking.slot_id}")
    return _show_slot(request, session, booking.slot_id, tried=tried)


@page("/onsite/slots/{slot_id:uuid}/screen", roles=REVIEWERS)
def screen_page(request: AnyRequest, session: OfOffice, slot_id: FromPath[UUID]) -> Response[str]:
    """The row for a screen in the hall: who is called, and who is next. It renews itself."""
    slot = _own_slot(session, slot_id)
    booked = calling.row(session, slot_id)
    return render(
        request,
        session,
        "reviews/onsite_screen.html",
        of_year=slot.year,
        slot=slot,
        span=slots.span(slot.begins, slot.ends),
        called=[booking for booking in booked if booking.state == BookingState.CALLED],
        waiting=[booking for booking in booked if booking.state == BookingState.ARRIVED],
        missed=[booking for booking in booked if booking.state == BookingState.MISSED],
        units=_unit_names(session, [booking.unit_id for booking in booked]),
    )


@look("/onsite/slots/{slot_id:uuid}/pdf", roles=REVIEWERS)
def slot_pdf(session: OfOffice, slot_id: FromPath[UUID]) -> Response[bytes]:
    """The row on paper."""
    slot = _own_slot(session, slot_id)
    return printed(row_pdf(session, slot, slots.waiting_units(session, slot.year)))


def show_onsite(
    request: AnyRequest,
    session: OfficeSession,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
    said: str = "",
) -> Response[str]:
    """The first page of on-site confirmation, also after a refused form or a code that leads to no batch."""
    year = season_asked(request, session).year
    offered = slots.slots(session, year)
    waiting = slots.waiting_units(session, year)
    booked = session.scalars(
        select(OnsiteBooking.unit_id).where(
            OnsiteBooking.office_id == session.office_id,
            OnsiteBooking.year == year,
            OnsiteBooking.state.in_([state.value for state in slots.OPEN]),
        )
    ).all()
    batches = list(reversed(onsite.batches(session, year)))[:100]
    without = [unit_id for unit_id in waiting if unit_id not in set(booked)]
    names = _unit_names(session, [*waiting, *(batch.unit_id for batch in batches)])
    answer = render(
        request,
        session,
        "reviews/onsite.html",
        tried=tried,
        given=Fields(given or {}),
        said=said,
        coming=[row for row in offered if row.slot.ends > session.now and row.slot.cancelled_at is None],
        past=[row for row in offered if row.slot.ends <= session.now or row.slot.cancelled_at is not None],
        span=slots.span,
        waiting=waiting,
        without=sorted(without, key=lambda unit_id: names[unit_id]),
        units=names,
        batches=batches,
        labels={state.value: text for state, text in onsite.LABELS.items()},
        tones=BATCH_TONES,
        long=held_long(session),
    )
    # This page may read the code on a roster by the camera.
    answer.headers["Permissions-Policy"] = "camera=(self)"
    return answer


def _show_slot(
    request: AnyRequest,
    session: OfficeSession,
    slot_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    slot = _own_slot(session, slot_id)
    booked = calling.row(session, slot_id)
    return render(
        request,
        session,
        "reviews/onsite_slot.html",
        tried=tried,
        of_year=slot.year,
        slot=slot,
        span=slots.span(slot.begins, slot.ends),
        booked=booked,
        states={state.value: state for state in BookingState},
        tones=TONES,
        units=_unit_names(session, [booking.unit_id for booking in booked]),
        waiting=slots.waiting_units(session, slot.year),
        local=lambda moment: moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
        over=slot.cancelled_at is not None or slot.ends <= session.now,
        given=Fields(given or {}),
    )


def _own_slot(session: OfficeSession, slot_id: UUID) -> OnsiteSlot:
    slot = slots.slot_of(session, slot_id)
    if slot.office_id != session.office_id:
        raise NotFound("no_such_slot", "没有找到这个办理时间，或不面向本单位。请从列表重新选择。")
    return slot


def _time(data: dict[str, Any]) -> Time:
    return Time(
        fields.moment(data, "begins"),
        fields.moment(data, "ends"),
        fields.text(data, "place"),
        fields.number(data, "capacity", least=1),
    )


def _group(session: OfficeSession, data: dict[str, Any]) -> list[UUID] | None:
    """The units that a time is meant for; None for all."""
    names = [line.strip() for line in fields.text(data, "units").splitlines() if line.strip()]
    if not names:
        return None
    known = units_called(session, names, office_id=owner_of(session))
    if missing := [name for name in names if name not in known]:
        raise Invalid("unit_unknown", f"没有这些单位：{'、'.join(missing)}。请写单位全称，每行一个。", at="units")
    named = {unit_id for name in names for unit_id in units_below(session, known[name])}
    return list(session.scalars(select(Unit.id).where(Unit.id.in_(named), Unit.ended_at.is_(None)).order_by(Unit.name)))


def _unit_names(session: ScopedSession, unit_ids: list[UUID]) -> dict[UUID, str]:
    return {row.id: row.name for row in session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(unit_ids)))}
