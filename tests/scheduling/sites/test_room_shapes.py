"""The shape of a room: entered by its office, refused where it cannot be, and published seats keep their places."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.audit import service as audit
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.scheduling.allocation.room_shape import RoomShape
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom
from core.scheduling.models.sittings import Sitting
from core.scheduling.sites import service as sites
from core.scheduling.sites.room_shapes import change_shape
from tests.cases import CITY, OTHER_CITY
from tests.scheduling.conftest import NOON, Exams, admitted, published

WIDE = RoomShape(5, 7, aisles=frozenset({2}), unusable=frozenset({(1, 1), (5, 7)}))
"""A shape for the first room, which has thirty machines."""


def first_room(exams: Exams) -> ExamRoom:
    return exams.rooms(exams.site())[0]


def seated_in(exams: Exams, room: ExamRoom, *, people: int = 2) -> None:
    """A published plan that seats people from seat 1 on."""
    sitting = exams.sitting([room.id])
    published(exams, [admitted(exams) for _ in range(people)], sitting, room)


def test_a_room_has_the_shape_that_was_entered_and_the_default_one_before_and_after(exams: Exams) -> None:
    room = first_room(exams)
    assert (room.shape, room.places) == (None, RoomShape(5, 6))
    with exams.at_work() as session:
        changed = change_shape(session, room.id, WIDE)
        assert changed.places == WIDE.holding(30)
        assert changed.places.seats == 30
    with exams.at_work() as session:
        assert RoomShape.from_json(session.get_one(ExamRoom, room.id).shape or {}) == WIDE
        assert change_shape(session, room.id, None).places == RoomShape(5, 6)
    with exams.at_work() as session:
        assert session.get_one(ExamRoom, room.id).shape is None


def test_a_change_of_shape_is_on_the_record_once_with_its_digest(exams: Exams) -> None:
    room = first_room(exams)
    for _ in range(2):
        with exams.at_work() as session:
            change_shape(session, room.id, WIDE)
            wanted = select(RecordEntry).where(RecordEntry.kind == "site.room_shaped")
            [entry] = session.scalars(wanted)
    assert entry.subject_id == str(room.site_id)
    assert entry.account_id == exams.actors[CITY, Role.SCHEDULER].account_id
    assert entry.payload["room"] == str(room.id)
    assert entry.payload["digest"] == audit.digest_of(WIDE.as_json()).hex()


def test_a_shape_with_fewer_places_than_machines_is_refused_with_what_to_do(exams: Exams) -> None:
    room = first_room(exams)
    with exams.at_work() as session, pytest.raises(Invalid, match="30个机位，图上只有29个可用位置，还少1个") as refused:
        change_shape(session, room.id, RoomShape(5, 6, unusable=frozenset({(1, 1)})))
    assert list(refused.value.fields) == ["unusable"]


def test_nobody_but_a_scheduler_of_the_office_changes_a_shape(exams: Exams) -> None:
    room = first_room(exams)
    with exams.at_work(role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        change_shape(session, room.id, WIDE)
    with exams.at_work(OTHER_CITY) as session:
        with pytest.raises(NotFound):
            change_shape(session, room.id, WIDE)
        foreign = session.execute(update(ExamRoom).where(ExamRoom.id == room.id).values(shape=WIDE.as_json()))
        assert foreign.rowcount == 0  # type: ignore[attr-defined]


def test_published_seats_of_a_sitting_to_come_keep_their_places(exams: Exams) -> None:
    room = first_room(exams)
    seated_in(exams, room)
    with exams.at_work() as session:
        with pytest.raises(Conflict) as refused:
            change_shape(session, room.id, WIDE)
        assert refused.value.code == "room_has_published_seats"
        assert "6月22日 09:00的场次已公布座位，按新布局有2个座位会移位" in refused.value.detail
        assert "重新编排并发布" in refused.value.detail
        # Only seats beyond the taken ones move.
        gap = RoomShape(5, 7, aisles=frozenset({3}), unusable=frozenset({(1, 4), (2, 1)}))
        assert change_shape(session, room.id, gap).shape is not None


def test_an_aisle_may_come_between_published_seats_but_not_go(exams: Exams) -> None:
    room = first_room(exams)
    seated_in(exams, room)
    parted = RoomShape(5, 6, aisles=frozenset({1}))
    with exams.at_work() as session:
        change_shape(session, room.id, parted)
        with pytest.raises(Conflict, match="不再有过道"):
            change_shape(session, room.id, None)
        change_shape(session, room.id, replace(parted, cross_aisles=frozenset({4})))


@pytest.mark.parametrize("end", ["over", "cancelled", "superseded"])
def test_seats_that_nobody_will_take_hold_no_shape(exams: Exams, end: str) -> None:
    room = first_room(exams)
    seated_in(exams, room)
    if end == "over":
        exams.season.now = NOON + timedelta(hours=1)
    with exams.at_work() as session:
        if end == "superseded":
            session.execute(update(Seat).where(Seat.room_id == room.id).values(voided_at=session.now))
            session.execute(update(Plan).values(state="superseded", superseded_at=session.now))
        if end == "cancelled":
            session.execute(update(Sitting).values(cancelled_at=session.now, cancelled_reason="测试"))
        assert change_shape(session, room.id, WIDE).places.columns == 7


def test_seats_of_another_office_hold_the_shape_and_are_told_to_its_keeper_alone(exams: Exams) -> None:
    site = exams.site(OTHER_CITY)
    room = exams.rooms(site)[0]
    with exams.at_work(OTHER_CITY) as session:
        sites.serve_office(session, site.id, CITY)
    seated_in(exams, room, people=1)
    taken = select(func.count()).select_from(func.seats_to_come(room.id, exams.season.now).table_valued("seat"))
    told = {}
    for who in ((OTHER_CITY, Role.SCHEDULER), (OTHER_CITY, Role.EXAMINER), (CITY, Role.SCHEDULER)):
        with exams.at_work(*who) as session:
            told[who] = session.scalar(taken)
    assert list(told.values()) == [1, 0, 0]
    with exams.at_work(OTHER_CITY) as session, pytest.raises(Conflict) as refused:
        change_shape(session, room.id, WIDE)
    assert refused.value.code == "room_has_published_seats"


def test_a_retired_room_keeps_its_shape(exams: Exams) -> None:
    room = first_room(exams)
    with exams.at_work() as session:
        sites.retire_room(session, room.id)
        with pytest.raises(Conflict, match="已经停用"):
            change_shape(session, room.id, WIDE)
        with pytest.raises(NotFound):
            change_shape(session, new_id(), WIDE)
