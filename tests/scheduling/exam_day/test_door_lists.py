"""Closing door lists: by hand, with a reason where nobody came; automatically; and the notices to the office."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import SYSTEM_ACCOUNT, Role
from core.errors import Invalid
from core.messages.models import Notice
from core.scheduling.exam_day import door, door_lists
from core.scheduling.exam_day.notes import Note
from core.scheduling.exam_day.presence import SENT_LATE
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.sittings import Sitting
from tests.cases import CITY, OTHER_CITY, YEAR, Case, at
from tests.scheduling.conftest import NINE, NOON, Exams
from tests.scheduling.exam_day.test_door import exam


def arrive(exams: Exams, sitting: Sitting, numbers: Sequence[str]) -> None:
    with exams.at_work(role=Role.EXAMINER) as session:
        door.note_arrivals(session, [Note(new_id(), number, sitting.id, NINE) for number in numbers])


def closed(exams: Exams, year: int = YEAR) -> int:
    with exams.season.as_system(CITY) as session:
        return door_lists.close_overdue(session, year)


def reminded(exams: Exams) -> list[str]:
    with exams.season.as_system(CITY) as session:
        door_lists.remind_of_door_lists(session, YEAR)
        wanted = select(Notice).where(Notice.kind.startswith("attendance_")).order_by(Notice.id)
        return [row.title for row in session.scalars(wanted)]


def states(exams: Exams) -> list[tuple[str, str]]:
    with exams.at_work() as session:
        return sorted((attendance.state, attendance.remark) for attendance in session.scalars(select(Attendance)))


def some(cases: list[Case], numbers: dict[UUID, str], count: int) -> list[str]:
    return [numbers[case.id] for case in cases[:count]]


def test_a_room_to_which_nobody_came_is_closed_for_a_reason_alone(exams: Exams) -> None:
    sitting, _, _ = exam(exams)
    with exams.at_work(role=Role.EXAMINER) as session:
        with pytest.raises(Invalid, match="第一考场没有任何人登记到场") as refused:
            door_lists.close_attendance(session, sitting.id)
        assert refused.value.code == "nobody_came"
        assert door_lists.close_attendance(session, sitting.id, reason="核对签到表，两人均未到") == 2
        assert door_lists.close_attendance(session, sitting.id) == 0
    assert states(exams) == [("absent", "核对签到表，两人均未到")] * 2


def test_the_reason_of_an_absence_goes_when_the_candidate_came_after_all(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    with exams.at_work(role=Role.EXAMINER) as session:
        door_lists.close_attendance(session, sitting.id, reason="均未到")
    arrive(exams, sitting, some(cases, numbers, 1))
    assert states(exams) == [("absent", "均未到"), ("present", "")]


def test_a_kept_list_closes_by_itself_once_phones_can_no_longer_send(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams, 3)
    arrive(exams, sitting, some(cases, numbers, 1))
    exams.season.now = NOON + SENT_LATE
    assert closed(exams) == 0
    exams.season.now += timedelta(minutes=1)
    assert (closed(exams), closed(exams), closed(exams, YEAR - 1)) == (2, 0, 0)
    assert states(exams) == [("absent", ""), ("absent", ""), ("present", "")]
    with exams.at_work() as session:
        assert session.scalars(select(Notice.title).where(Notice.kind == "attendance_closed")).all() == [
            "入场登记已自动截止"
        ]
        entry = session.scalars(select(RecordEntry).where(RecordEntry.kind == "attendance.closed")).one()
        assert (entry.account_id, entry.payload["people"]) == (SYSTEM_ACCOUNT, 2)


def test_the_office_is_told_once_of_a_site_without_check_in(exams: Exams) -> None:
    exam(exams)
    exams.season.now = NOON
    assert reminded(exams) == []
    exams.season.now = at(6, 23, 8)
    assert reminded(exams) == ["有考场没有入场登记"]
    exams.season.now = NOON + SENT_LATE + timedelta(days=1)
    assert (closed(exams), reminded(exams)) == (0, ["有考场没有入场登记"])
    assert states(exams) == []


def test_the_office_is_told_the_day_after_of_a_list_that_is_not_closed(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    arrive(exams, sitting, some(cases, numbers, 1))
    exams.season.now = at(6, 23, 8)
    assert reminded(exams) == ["入场登记尚未截止"]
    with exams.at_work(role=Role.EXAMINER) as session:
        door_lists.close_attendance(session, sitting.id)
    exams.season.now = at(6, 24, 8)
    assert reminded(exams) == ["入场登记尚未截止"]


def test_the_system_says_of_nobody_that_they_came(exams: Exams) -> None:
    sitting, cases, _ = exam(exams, 1)
    with exams.at_work() as session:
        room = door_lists.door_notes(session, YEAR)[0].room_id
    row = {
        "sitting_id": sitting.id,
        "application_id": cases[0].id,
        "office_id": CITY,
        "room_id": room,
        "way": "close",
        "client_id": new_id(),
        "noted_at": NOON,
        "received_at": NOON,
        "noted_by": SYSTEM_ACCOUNT,
        "remark": "",
    }
    with exams.season.as_system(CITY) as session:
        with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
            session.execute(insert(Attendance), [row | {"state": "present"}])
        session.execute(insert(Attendance), [row | {"state": "absent"}])
    with exams.at_work(OTHER_CITY) as elsewhere:
        assert door_lists.door_notes(elsewhere, YEAR) == []
