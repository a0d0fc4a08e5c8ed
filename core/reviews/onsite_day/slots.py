"""Appointments for on-site confirmation (统一办理): times that an office offers, and the units that take them.

A time is meant for a group of units, or for all. A unit chooses one, or is given one by the office; it has one at most
at each office, and choosing another frees the first. Every change is told. Source: 2024 notice §2(2), §3(3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, true

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession, UnitSession
from core.domain.workflow import State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.organizations.models import Unit
from core.organizations.queries import carried_on, open_unit
from core.reviews import rosters
from core.reviews.models import OnsiteBooking, OnsiteSlot
from core.seasons.queries import check_not_ended
from core.tenancy.models import Office
from core.text import dates
from core.text.form_texts import checked_text, required_text
from core.text.labels import Labelled

MOST_UNITS: Final = 200
LONGEST: Final = timedelta(hours=12)


class BookingState(Labelled):
    """Where an appointment stands."""

    BOOKED = "booked", "已预约"
    ARRIVED = "arrived", "已到场"
    CALLED = "called", "正在办理"
    SERVED = "served", "已办理"
    MISSED = "missed", "未到"
    ENDED = "ended", "已取消"


OPEN: Final = (BookingState.BOOKED, BookingState.ARRIVED, BookingState.CALLED)
"""The states of an appointment that is still to be kept."""


@dataclass(frozen=True, slots=True)
class Time:
    """When and where units are received, and how many of them."""

    begins: datetime
    ends: datetime
    place: str
    capacity: int

    @property
    def in_words(self) -> str:
        """As units read it, such as 2024年5月10日 9:00—11:30，市政务服务中心三楼."""
        return f"{span(self.begins, self.ends)}，{self.place}"


@dataclass(frozen=True, slots=True)
class Offered:
    """A time as a list shows it: how many units have taken it."""

    slot: OnsiteSlot
    taken: int

    @property
    def left(self) -> int:
        """The units that it still has room for."""
        return max(self.slot.capacity - self.taken, 0)


def span(begins: datetime, ends: datetime) -> str:
    """A span within one day."""
    return f"{dates.minute(begins)}—{dates.minute(ends).split()[-1]}"


def offer(
    session: OfficeSession, year: int, time: Time, *, called: str = "", unit_ids: Sequence[UUID] | None = None
) -> OnsiteSlot:
    """Offer a time to a group of units, by the name of the group, or to all; those with cases to confirm are told.

    Invalid for a time that is over, ends before it begins or on another day, and for a place or number that cannot be.
    """
    check_not_ended(session, year)
    checked = _checked(session, time)
    units = None if unit_ids is None else [open_unit(session, unit_id) for unit_id in dict.fromkeys(unit_ids)]
    if units is not None and not units:
        raise Invalid("slot_units", "请至少写一个单位，或选择全部单位。", at="units")
    slot = OnsiteSlot(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        begins=checked.begins,
        ends=checked.ends,
        place=checked.place,
        capacity=checked.capacity,
        called=checked_text(called, field="called") or ("全部单位" if units is None else "指定单位"),
        unit_ids=None if units is None else [str(unit.id) for unit in units],
        made_at=session.now,
        made_by=session.actor.account_id,
        made_by_name=session.actor.name,
        cancelled_reason="",
    )
    session.add(slot)
    session.flush()
    audit.record_on(session, slot, "onsite_slot.offered", begins=slot.begins.isoformat(), capacity=slot.capacity)
    to = sorted(waiting_units(session, year)) if units is None else [unit.id for unit in units]
    for unit_id in to:
        body = f"{_office(session, slot)}安排了现场办理时间：{checked.in_words}。请在“现场办理预约”中选择时间。"
        _tell(session, slot, Recipient(unit_id=unit_id), act="offered", body=body)
    return slot


def change(session: OfficeSession, slot_id: UUID, time: Time) -> OnsiteSlot:
    """Change when and where; the units that have booked are told. Conflict for fewer units than have booked it."""
    slot = _own(session, slot_id)
    checked = _checked(session, time)
    taken = _taken(session, slot)[0]
    if checked.capacity < taken:
        raise Conflict("slot_booked", f"已有{taken}个单位预约这个时间，数量不能少于{taken}。", at="capacity")
    slot.begins, slot.ends, slot.place, slot.capacity = checked.begins, checked.ends, checked.place, checked.capacity
    session.flush()
    audit.record_on(session, slot, "onsite_slot.changed", begins=slot.begins.isoformat(), capacity=slot.capacity)
    for booking in bookings_of(session, slot.id):
        body = f"您单位预约的现场办理时间、地点已调整为：{checked.in_words}，顺序号{booking.number}。"
        _tell(session, slot, Recipient(unit_id=booking.unit_id), act=f"changed:{session.now.isoformat()}", body=body)
    return slot


def cancel(session: OfficeSession, slot_id: UUID, *, reason: str) -> OnsiteSlot:
    """Cancel a time; the units that had booked it are told to choose another."""
    slot = _own(session, slot_id)
    text = required_text(reason, "请写明取消的理由，已预约的单位将看到。")
    slot.cancelled_at, slot.cancelled_reason = session.now, text
    session.flush()
    audit.record_on(session, slot, "onsite_slot.cancelled")
    for booking in bookings_of(session, slot.id):
        _end(session, booking, text)
        body = f"原定{span(slot.begins, slot.ends)}的现场办理已取消。理由：{text}请另选时间。"
        _tell(session, slot, Recipient(unit_id=booking.unit_id), act="cancelled", body=body)
    return slot


def choose(session: UnitSession, slot_id: UUID) -> OnsiteBooking:
    """Take a time for the session's unit in place of the one it had at that office.

    Conflict where it is full, has begun or was cancelled; NotFound where it is not meant for the unit.
    """
    slot = slot_of(session, slot_id)
    if slot.office_id not in _offices(session, slot.year):
        raise NotFound("no_such_slot", "没有找到这个办理时间，或不面向本单位。请从列表重新选择。")
    return _book(session, slot, session.unit_id, given=False)


def give(session: OfficeSession, slot_id: UUID, unit_id: UUID) -> OnsiteBooking:
    """Give a unit a time in place of the one it had; the unit is told. Refused as for ``choose``."""
    slot = _own(session, slot_id)
    unit = open_unit(session, unit_id)
    if session.office_id not in {unit.office_id, unit.local_office_id}:
        raise Forbidden("unit_of_another", f"“{unit.name}”不由本机构受理，不能安排。请由其受理机构安排。")
    booking = _book(session, slot, unit_id, given=True)
    body = f"{_office(session, slot)}为您单位安排了现场办理时间：{_time(slot).in_words}，顺序号{booking.number}。"
    _tell(session, slot, Recipient(unit_id=unit_id), act=f"given:{booking.id}", body=body)
    return booking


def free(session: UnitSession | OfficeSession, booking_id: UUID, *, reason: str = "") -> OnsiteBooking:
    """Give an appointment up before the unit was called; the other side is told. An office says why."""
    booking = session.get(OnsiteBooking, booking_id, with_for_update=True, populate_existing=True)
    if booking is None or (isinstance(session, OfficeSession) and booking.office_id != session.office_id):
        raise NotFound("no_such_booking", "没有找到这个预约。请刷新页面。")
    if booking.state not in {BookingState.BOOKED, BookingState.ARRIVED}:
        raise Conflict("booking_over", f"这个预约{BookingState(booking.state).label}，不能取消。请刷新页面。")
    by_office = isinstance(session, OfficeSession)
    text = required_text(reason, "请写明取消的理由，单位将看到。") if by_office else "单位取消预约"
    _end(session, booking, text)
    audit.record_on(session, booking, "onsite_slot.freed")
    slot = session.get_one(OnsiteSlot, booking.slot_id)
    told = Recipient(unit_id=booking.unit_id) if by_office else Recipient(office_id=booking.office_id)
    who = "您单位" if by_office else f"“{session.get_one(Unit, booking.unit_id).name}”"
    body = f"{who}{span(slot.begins, slot.ends)}的现场办理预约已取消。理由：{text}。"
    _tell(session, slot, told, act=f"freed:{booking.id}", body=body)
    return booking


def slots(session: UnitSession | OfficeSession, year: int, *, coming: bool = False) -> list[Offered]:
    """The times of the session's office, or those that its unit may take, in their order; ``coming`` ones alone."""
    counted = func.slot_taken(OnsiteSlot.id).table_valued("taken", "highest").lateral("counted")
    wanted = select(OnsiteSlot, counted.c.taken).join(counted, true()).where(OnsiteSlot.year == year)
    if isinstance(session, OfficeSession):
        wanted = wanted.where(OnsiteSlot.office_id == session.office_id)
    else:
        wanted = wanted.where(OnsiteSlot.office_id.in_(_offices(session, year)))
    if coming:
        wanted = wanted.where(OnsiteSlot.begins > session.now, OnsiteSlot.cancelled_at.is_(None))
    rows = session.execute(wanted.order_by(OnsiteSlot.begins, OnsiteSlot.id))
    return [Offered(slot, taken) for slot, taken in rows]


def slot_of(session: ScopedSession, slot_id: UUID) -> OnsiteSlot:
    """One time; NotFound where the session may not see it."""
    slot = session.get(OnsiteSlot, slot_id)
    if slot is None:
        raise NotFound("no_such_slot", "没有找到这个办理时间，或不面向本单位。请从列表重新选择。")
    return slot


def bookings_of(session: ScopedSession, slot_id: UUID, *, over: bool = False) -> Sequence[OnsiteBooking]:
    """The appointments at a time, by their numbers; with those that are ``over`` but not the cancelled ones."""
    states = [state.value for state in BookingState if state is not BookingState.ENDED] if over else _OPEN_VALUES
    wanted = select(OnsiteBooking).where(OnsiteBooking.slot_id == slot_id, OnsiteBooking.state.in_(states))
    return session.scalars(wanted.order_by(OnsiteBooking.number)).all()


def own_bookings(session: UnitSession, year: int) -> Sequence[OnsiteBooking]:
    """The appointments of the session's unit that are still to be kept, and of the units that it carries on."""
    wanted = select(OnsiteBooking).where(
        OnsiteBooking.unit_id.in_(carried_on(session.unit_id)),
        OnsiteBooking.year == year,
        OnsiteBooking.state.in_(_OPEN_VALUES),
    )
    return session.scalars(wanted.order_by(OnsiteBooking.booked_at)).all()


def waiting_units(session: OfficeSession, year: int) -> dict[UUID, int]:
    """The units that have cases for on-site confirmation before the office, and how many."""
    wanted = (
        select(Application.unit_id, func.count().label("cases"))
        .where(
            Application.handler_office_id == session.office_id,
            Application.year == year,
            Application.state == State.ONSITE_CONFIRMATION,
        )
        .group_by(Application.unit_id)
    )
    return {row.unit_id: row.cases for row in session.execute(wanted)}


_OPEN_VALUES: Final = [state.value for state in OPEN]


def _offices(session: UnitSession, year: int) -> set[str]:
    """The offices that the session's unit may come to: its own, and those that have its cases for confirmation."""
    unit = session.get_one(Unit, session.unit_id)
    return {unit.office_id, unit.local_office_id, *rosters.offices_of(session, rosters.RosterKind.ONSITE, year)}


def _book(session: UnitSession | OfficeSession, slot: OnsiteSlot, unit_id: UUID, *, given: bool) -> OnsiteBooking:
    one_at_a_time(session, f"onsite-unit:{slot.office_id}:{unit_id}")
    one_at_a_time(session, f"onsite-slot:{slot.id}")
    if slot.cancelled_at is not None or slot.ends <= session.now or (not given and slot.begins <= session.now):
        raise Conflict("slot_over", "这个办理时间已开始、已过或已取消，不能预约。请另选时间。")
    held = session.scalars(
        select(OnsiteBooking).where(
            OnsiteBooking.unit_id.in_(carried_on(unit_id)),
            OnsiteBooking.office_id == slot.office_id,
            OnsiteBooking.year == slot.year,
            OnsiteBooking.state.in_(_OPEN_VALUES),
        )
    ).all()
    if any(booking.slot_id == slot.id for booking in held):
        raise Conflict("slot_chosen", "本单位已预约这个时间，无需重复预约。")
    if any(booking.state == BookingState.CALLED for booking in held):
        raise Conflict("being_served", "本单位正在办理，现在不能改约。")
    taken, highest = _taken(session, slot)
    if taken >= slot.capacity:
        raise Conflict("slot_full", "这个办理时间已约满。请另选时间。")
    for booking in held:
        _end(session, booking, "改约其他时间")
    made = OnsiteBooking(
        id=new_id(),
        office_id=slot.office_id,
        slot_id=slot.id,
        unit_id=unit_id,
        year=slot.year,
        number=highest + 1,
        given=given,
        booked_at=session.now,
        booked_by=session.actor.account_id,
        booked_by_name=session.actor.name,
        state=BookingState.BOOKED.value,
        state_at=session.now,
        ended_reason="",
    )
    session.add(made)
    session.flush()
    audit.record_on(session, made, "onsite_slot.booked", given=given)
    return made


def _end(session: ScopedSession, booking: OnsiteBooking, reason: str) -> None:
    booking.state, booking.state_at, booking.ended_reason = BookingState.ENDED.value, session.now, reason
    session.flush()


def _taken(session: ScopedSession, slot: OnsiteSlot) -> tuple[int, int]:
    """How many units have the time, and the highest number that was given out."""
    taken, highest = session.execute(select(func.slot_taken(slot.id).table_valued("taken", "highest"))).one()
    return taken, highest


def _checked(session: ScopedSession, time: Time) -> Time:
    place = required_text(time.place, "请填写办理地点。", field="place")
    if time.begins <= session.now:
        raise Invalid("slot_past", "开始时间已过，请填写今后的时间。", at="begins")
    if not time.begins < time.ends <= time.begins + LONGEST:
        raise Invalid("slot_span", "结束时间应在开始之后，并在12小时以内。", at="ends")
    if not 0 < time.capacity <= MOST_UNITS:
        raise Invalid("slot_capacity", f"可办理的单位数应为1到{MOST_UNITS}。", at="capacity")
    return Time(time.begins, time.ends, place, time.capacity)


def _own(session: OfficeSession, slot_id: UUID) -> OnsiteSlot:
    refusal = NotFound("no_such_slot", "没有找到这个办理时间，或不面向本单位。请从列表重新选择。")
    slot = own_row(session, OnsiteSlot, slot_id, refusal, locked=True)
    if slot.cancelled_at is not None:
        raise Conflict("slot_cancelled", "这个办理时间已取消。请刷新页面。")
    return slot


def _time(slot: OnsiteSlot) -> Time:
    return Time(slot.begins, slot.ends, slot.place, slot.capacity)


def _office(session: ScopedSession, slot: OnsiteSlot) -> str:
    return session.get_one(Office, slot.office_id).name


def _tell(session: ScopedSession, slot: OnsiteSlot, recipient: Recipient, *, act: str, body: str) -> None:
    notify(
        session,
        recipient,
        event_key=f"onsite_slot:{slot.id}:{act}",
        office_id=slot.office_id,
        kind="onsite_slot",
        title="现场办理时间",
        body=body,
    )
