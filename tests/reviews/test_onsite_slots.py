"""Appointments for on-site confirmation: offered, taken, changed, cancelled, and the row of the day."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db.session import Actor, Role, UnitSession
from core.domain.workflow import Action
from core.errors import Conflict, Invalid, NotFound
from core.messages.models import Notice
from core.organizations import service
from core.reviews.models import OnsiteBooking
from core.reviews.onsite import hand_in_batch, receive_batch
from core.reviews.onsite_day import calling, slots
from core.reviews.onsite_day.slots import BookingState, Time
from core.reviews.rosters import RosterKind, make_roster
from tests.entrusted import Entrusted
from tests.linshui import HEYUAN, QINGHE, YEAR, YUNSHAN


def _time(world: Entrusted, days: int = 5, capacity: int = 2) -> Time:
    begins = world.now + timedelta(days=days)
    return Time(begins, begins + timedelta(hours=3), "测试政务服务中心三楼", capacity)


def _offer(world: Entrusted, *units: UUID, **more: int) -> UUID:
    with world.officer(QINGHE) as session:
        return slots.offer(session, YEAR, _time(world, **more), unit_ids=units or None).id


def _choose(world: Entrusted, slot: UUID) -> OnsiteBooking:
    with world.unit() as session:
        return slots.choose(session, slot)


def _unit(world: Entrusted, name: str) -> UUID:
    with world.office(QINGHE, world.tick()) as session:
        return service.register_unit(
            session, name=name, affiliation="local", office_id=QINGHE, local_office_id=QINGHE
        ).id


def _told(world: Entrusted, unit_id: UUID) -> list[str]:
    with world.office(QINGHE, world.tick()) as session:
        wanted = select(Notice.body).where(Notice.unit_id == unit_id, Notice.kind == "onsite_slot")
        return list(session.scalars(wanted.order_by(Notice.created_at)))


def _state(world: Entrusted, booking: UUID) -> str:
    with world.office(QINGHE, world.tick()) as session:
        return session.get_one(OnsiteBooking, booking).state


def test_a_unit_with_a_case_to_confirm_is_told_of_a_time_and_takes_it(world: Entrusted) -> None:
    case = world.case()
    world.act(QINGHE, case, Action.APPROVE)
    slot = _offer(world)
    booking = _choose(world, slot)
    assert (booking.number, booking.given, booking.state) == (1, False, BookingState.BOOKED)
    assert ["现场办理时间" in body for body in _told(world, world.unit_id)] == [True]
    with pytest.raises(Conflict) as twice:
        _choose(world, slot)
    assert twice.value.code == "slot_chosen"


def test_another_time_frees_the_first_and_a_full_one_is_refused(world: Entrusted) -> None:
    first, second = _offer(world, capacity=1), _offer(world, days=6, capacity=1)
    old = _choose(world, first).id
    _choose(world, second)
    assert _state(world, old) == BookingState.ENDED
    unit = _unit(world, "测试另一单位")
    with world.officer(QINGHE) as session, pytest.raises(Conflict) as full:
        slots.give(session, second, unit)
    assert full.value.code == "slot_full"
    with world.officer(QINGHE) as session:
        assert slots.give(session, first, unit).number == 2


def test_a_time_of_a_group_is_shown_and_given_to_its_units_alone(world: Entrusted) -> None:
    slot = _offer(world, _unit(world, "测试另一单位"))
    with world.unit() as session:
        assert slots.slots(session, YEAR) == []
        with pytest.raises(NotFound):
            slots.choose(session, slot)
    with world.officer(QINGHE) as session:
        assert slots.give(session, slot, world.unit_id).given
    with world.unit() as session:
        (booking,) = slots.own_bookings(session, YEAR)
        assert slots.slot_of(session, booking.slot_id).place == "测试政务服务中心三楼"


def test_a_time_of_another_office_is_not_for_a_unit_without_a_case_there(world: Entrusted) -> None:
    with world.officer(YUNSHAN) as session:
        elsewhere = slots.offer(session, YEAR, _time(world)).id
    own = _offer(world)
    with world.unit() as session:
        assert [row.slot.id for row in slots.slots(session, YEAR)] == [own]
        with pytest.raises(NotFound):
            slots.choose(session, elsewhere)


def test_a_change_and_a_cancellation_are_told_to_those_who_booked(world: Entrusted) -> None:
    slot = _offer(world)
    booking = _choose(world, slot).id
    with world.officer(QINGHE) as session:
        slots.change(session, slot, _time(world, days=7))
    with world.officer(QINGHE) as session, pytest.raises(Conflict):
        slots.give(session, slot, world.unit_id)
    with world.officer(QINGHE) as session:
        with pytest.raises(Invalid):
            slots.cancel(session, slot, reason=" ")
        slots.cancel(session, slot, reason="会议室占用")
    assert ["已调整为" in body or "会议室占用" in body for body in _told(world, world.unit_id)] == [True, True]
    assert _state(world, booking) == BookingState.ENDED
    with pytest.raises(Conflict) as over:
        _choose(world, slot)
    assert over.value.code == "slot_over"


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"days": -1}, "slot_past"), ({"capacity": 0}, "slot_capacity"), ({"capacity": 201}, "slot_capacity")],
)
def test_a_time_that_cannot_be_is_refused(world: Entrusted, changed: dict[str, int], code: str) -> None:
    with world.officer(QINGHE) as session, pytest.raises(Invalid) as refusal:
        slots.offer(session, YEAR, _time(world, **changed))
    assert refusal.value.code == code


def test_a_time_that_has_begun_is_not_taken_and_other_offices_do_not_see_it(world: Entrusted) -> None:
    slot = _offer(world)
    for office in (YUNSHAN, HEYUAN):
        with world.officer(office) as session, pytest.raises(NotFound):
            slots.change(session, slot, _time(world, days=8))
    world.tick(days=6)
    with pytest.raises(Conflict) as over:
        _choose(world, slot)
    assert over.value.code == "slot_over"


def test_the_unit_that_carries_another_on_keeps_its_appointment(world: Entrusted) -> None:
    slot, before = _offer(world), world.unit_id
    _choose(world, slot)
    other = _unit(world, "测试另一单位")
    with world.office(QINGHE, world.tick()) as session:
        merged = service.merge(
            session, [before, other], name="测试合并后单位", valid_from=world.now.date(), instrument="清编〔2024〕3号"
        )
    actor = Actor(UUID(int=9), "测试新管理员", Role.UNIT_MANAGER, unit_id=merged.id)
    with UnitSession(world.connection, actor=actor, now=world.tick(), unit_ids={before, other}) as session:
        (booking,) = slots.own_bookings(session, YEAR)
        slots.free(session, booking.id)
        assert slots.own_bookings(session, YEAR) == []


def test_units_are_called_in_the_order_of_their_numbers_and_late_ones_still_come(world: Entrusted) -> None:
    slot = _offer(world)
    first = _choose(world, slot).id
    other = _unit(world, "测试另一单位")
    with world.officer(QINGHE) as session:
        second = slots.give(session, slot, other).id
    with world.officer(QINGHE) as session, pytest.raises(Conflict) as nobody:
        calling.call_next(session, slot)
    assert nobody.value.code == "nobody_waits"
    with world.officer(QINGHE) as session:
        calling.note(session, first, BookingState.MISSED)
        calling.note(session, second, BookingState.ARRIVED)
        assert calling.call_next(session, slot).id == second
        with pytest.raises(Conflict):
            calling.note(session, second, BookingState.ARRIVED)
        calling.note(session, first, BookingState.ARRIVED)
        assert calling.call_next(session, slot).id == first
        calling.note(session, first, BookingState.SERVED)
    assert (_state(world, first), _state(world, second)) == (BookingState.SERVED, BookingState.CALLED)


@pytest.mark.parametrize("called_early", [False, True])
def test_a_received_batch_serves_the_unit_that_was_called(world: Entrusted, *, called_early: bool) -> None:
    world.act(QINGHE, world.case(), Action.APPROVE)
    slot = _offer(world)
    booking = _choose(world, slot).id
    with world.unit() as session:
        roster = make_roster(session, RosterKind.ONSITE, YEAR).id
    with world.unit() as session:
        batch = hand_in_batch(session, roster, stamped_scan_sha256="ab" * 32).id
    if called_early:
        with world.officer(QINGHE) as session:
            calling.note(session, booking, BookingState.ARRIVED)
            calling.call_next(session, slot)
    else:
        world.tick(days=5, hours=1)
    with world.officer(QINGHE) as session:
        calling.serve_unit(session, receive_batch(session, batch).unit_id)
    assert _state(world, booking) == BookingState.SERVED
