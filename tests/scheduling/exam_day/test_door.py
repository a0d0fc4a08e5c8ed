"""The door: arrivals sent once or twice, early or late; absences, incidents, and the province's view."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from core.db.base import new_id
from core.db.session import Role
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.scheduling.exam_day import at_door, door, door_lists, presence
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.notes import Note, Way
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.sittings import Sitting
from core.scheduling.sittings import service as sittings
from core.scheduling.tickets import service as tickets
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, OTHER_CITY, YEAR, Case, at
from tests.scheduling.conftest import NINE, NOON, Exams, admitted, published


def exam(exams: Exams, people: int = 2) -> tuple[Sitting, list[Case], dict[UUID, str]]:
    """A sitting of these candidates with tickets, on its morning."""
    rooms = exams.rooms(exams.site())
    sitting, cases = exams.sitting([room.id for room in rooms]), [admitted(exams) for _ in range(people)]
    plan_id = published(exams, cases, sitting, rooms[0])
    with exams.at_work() as session:
        tickets.issue_tickets(session, plan_id, rules=TicketsTable())
        numbers = {ticket.application_id: ticket.number for ticket in tickets.tickets(session, plan_id=plan_id)}
    exams.season.now = NINE
    return sitting, cases, numbers


def send(exams: Exams, *notes: Note) -> list[str]:
    with exams.at_work(role=Role.EXAMINER) as session:
        return [arrival.outcome for arrival in door.note_arrivals(session, notes)]


def note(sitting: Sitting, number: str, noted_at: datetime = NINE) -> Note:
    return Note(new_id(), number, sitting.id, noted_at)


def test_a_note_that_is_sent_again_is_written_once(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    first, second = (note(sitting, numbers[case.id]) for case in cases)
    assert send(exams, first, first, second) == ["came", "known", "came"]
    assert send(exams, second, first) == ["known", "known"]
    other_phone = replace(first, client_id=new_id())
    assert send(exams, other_phone) == ["known"]
    with exams.at_work() as session:
        assert session.scalar(select(func.count()).select_from(Attendance)) == 2
        assert session.scalars(select(Attendance.client_id).order_by(Attendance.client_id)).all() == sorted(
            [first.client_id, second.client_id]
        )


def test_a_note_with_the_id_of_another_candidates_note_is_refused_and_can_be_resent(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams, 3)
    first, second, third = (note(sitting, numbers[case.id]) for case in cases)
    assert send(exams, first) == ["came"]
    reused = replace(second, client_id=first.client_id)
    same_batch = [third, replace(second, client_id=third.client_id)]
    assert send(exams, reused, *same_batch) == ["refused", "came", "refused"]
    with exams.at_work(role=Role.EXAMINER) as session:
        [said] = door.note_arrivals(session, [reused])
        assert "已用于另一名考生" in said.detail
    assert send(exams, second, reused) == ["came", "known"]
    with exams.at_work() as session:
        assert session.scalar(select(func.count()).select_from(Attendance)) == 3


def test_the_door_says_where_somebody_sits(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    with exams.at_work(role=Role.EXAMINER) as session:
        [said] = door.note_arrivals(session, [note(sitting, numbers[cases[1].id])])
    assert (said.person_name, said.room_name, said.seat) == (cases[1].person.name, "第一考场", 2)


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [
        (NINE - at_door.OPENS_BEFORE, "came"),
        (NINE - at_door.OPENS_BEFORE - timedelta(seconds=1), "refused"),
        (NOON, "came"),
        (NOON + timedelta(seconds=1), "refused"),
    ],
)
def test_a_note_belongs_into_the_time_of_its_sitting(exams: Exams, moment: datetime, outcome: str) -> None:
    sitting, cases, numbers = exam(exams, 1)
    exams.season.now = NOON
    assert send(exams, note(sitting, numbers[cases[0].id], moment)) == [outcome]


def test_a_phone_that_was_cut_off_may_send_for_some_days(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    exams.season.now = NOON + presence.SENT_LATE
    assert send(exams, note(sitting, numbers[cases[0].id])) == ["came"]
    exams.season.now += timedelta(seconds=1)
    assert send(exams, note(sitting, numbers[cases[1].id])) == ["refused"]


def test_notes_with_unknown_numbers_other_sittings_or_clocks_ahead_are_refused(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    number = numbers[cases[0].id]
    other = exams.sitting([], at(6, 22, 14), at(6, 22, 16))
    ahead = note(sitting, number, NINE + timedelta(minutes=6))
    wrong = [note(sitting, "0"), replace(note(sitting, number), sitting_id=new_id()), note(other, number, NINE), ahead]
    assert send(exams, *wrong, note(sitting, number)) == ["refused"] * 4 + ["came"]
    with exams.at_work() as session:
        sittings.cancel_sitting(session, sitting.id, reason="停电")
    assert send(exams, note(sitting, numbers[cases[1].id])) == ["refused"]


def test_a_sitting_to_which_somebody_came_is_not_held_another_day(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    exams.season.now = NINE - timedelta(minutes=10)
    send(exams, note(sitting, numbers[cases[0].id], exams.season.now))
    with exams.at_work() as session, pytest.raises(Conflict, match="到场登记"):
        sittings.move_sitting(session, sitting.id, starts_at=at(6, 23), ends_at=at(6, 23, 12))


def test_a_void_ticket_lets_nobody_in(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams, 1)
    with exams.at_work() as session:
        [ticket] = tickets.tickets(session, application_ids=[cases[0].id])
        tickets.void_ticket(session, ticket.id, reason="照片有误")
    assert send(exams, note(sitting, numbers[cases[0].id])) == ["refused"]


def test_a_candidate_who_did_not_come_is_absent_until_a_late_phone_disagrees(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    came, late = (note(sitting, numbers[case.id]) for case in cases)
    exams.season.now = NINE - timedelta(hours=1)
    with exams.at_work() as session, pytest.raises(Conflict):
        door_lists.close_attendance(session, sitting.id)
    exams.season.now = NINE
    send(exams, came)
    with exams.at_work(role=Role.EXAMINER) as session:
        assert door_lists.close_attendance(session, sitting.id) == 1
        assert door_lists.close_attendance(session, sitting.id) == 0
        assert [candidate.state for candidate in door.expected(session, sitting.id)] == ["present", "absent"]
    assert send(exams, late) == ["came"]
    assert send(exams, late) == ["known"]
    with exams.at_work() as session:
        assert [candidate.state for candidate in door.expected(session, sitting.id)] == ["present", "present"]


def test_only_the_office_keeps_the_door_and_candidates_read_their_own_note(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    sent = note(sitting, numbers[cases[0].id])
    with exams.season.as_office(CITY) as session, pytest.raises(Forbidden):
        door.note_arrivals(session, [sent])
    with exams.at_work(OTHER_CITY, Role.EXAMINER) as session:
        assert [arrival.outcome for arrival in door.note_arrivals(session, [sent])] == ["refused"]
        with pytest.raises(NotFound):
            door.expected(session, sitting.id)
    send(exams, sent)
    for case, seen in zip(cases, (["present"], []), strict=True):
        with exams.season.as_person(case.person) as session:
            assert session.scalars(select(Attendance.state)).all() == seen


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=12), st.integers(0, 12))
def test_every_arrival_counts_once_in_any_order_of_sending(exams: Exams, sent: list[tuple[int, int]], cut: int) -> None:
    """Three candidates, noted by up to four phones, sent in any order and any number of times."""
    savepoint = exams.season.connection.begin_nested()
    now = exams.season.now
    sitting, cases, numbers = exam(exams, 3)
    phones = {(who, phone): note(sitting, numbers[cases[who].id]) for who in range(3) for phone in range(4)}
    notes = [phones[number] for number in sent]
    for batch in (notes[:cut], notes[cut:], notes):
        send(exams, *batch)
    with exams.at_work() as session:
        present = [
            candidate.application_id for candidate in door.expected(session, sitting.id) if candidate.state == "present"
        ]
        rows = session.scalar(select(func.count()).select_from(Attendance))
    assert set(present) == {cases[who].id for who, _ in sent}
    assert rows == len(present)
    exams.season.now = now
    savepoint.rollback()


FACTS = IncidentForm(IncidentKind.EQUIPMENT, "第3号机死机，启用备用机", NINE, UUID(int=7))


def test_an_incident_that_is_sent_twice_is_written_once(exams: Exams) -> None:
    sitting, _, _ = exam(exams)
    form = replace(FACTS, sitting_id=sitting.id)
    with exams.at_work(role=Role.EXAMINER) as session:
        first = door.report_incident(session, YEAR, form)
        assert door.report_incident(session, YEAR, form).id == first.id
        assert [incident.id for incident in door.incidents_of(session, CITY, YEAR)] == [first.id]
    with exams.at_work(OTHER_CITY) as session:
        assert door.incidents_of(session, CITY, YEAR) == []


def test_a_violation_is_somebodys_and_has_a_class(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams)
    number = numbers[cases[0].id]
    violation = replace(
        FACTS, kind=IncidentKind.VIOLATION, ticket_number=number, violation_class=1, sitting_id=sitting.id
    )
    wrong: list[dict[str, object]] = [
        {"facts": " "},
        {"ticket_number": ""},
        {"violation_class": None},
        {"violation_class": 4},
        {"kind": IncidentKind.DISTURBANCE},
        {"happened_at": NINE + timedelta(hours=1)},
    ]
    with exams.at_work(role=Role.EXAMINER) as session:
        for change in wrong:
            with pytest.raises(Invalid):
                door.report_incident(session, YEAR, replace(violation, **change))  # type: ignore[arg-type]
        for gone in ({"ticket_number": "0"}, {"sitting_id": new_id()}, {"custody_id": new_id()}):
            with pytest.raises(NotFound):
                door.report_incident(session, YEAR, replace(violation, **gone))  # type: ignore[arg-type]
        made = door.report_incident(session, YEAR, violation)
    assert (made.application_id, made.violation_class) == (cases[0].id, 1)


def test_the_province_sees_how_far_each_site_is(exams: Exams) -> None:
    sitting, cases, numbers = exam(exams, 3)
    send(exams, note(sitting, numbers[cases[0].id]))
    with exams.at_work(role=Role.EXAMINER) as session:
        door.report_incident(session, YEAR, replace(FACTS, sitting_id=sitting.id))
    day = {"since": at(6, 22, 0), "until": at(6, 23, 0)}
    with exams.season.as_province() as session:
        [site] = door.progress(session, YEAR, **day)
        assert (site.office_id, site.expected, site.present, site.absent, site.incidents) == (CITY, 3, 1, 0, 1)
        assert door.progress(session, YEAR, since=at(6, 23, 0), until=at(6, 24, 0)) == []
    with exams.at_work(OTHER_CITY) as session:
        assert door.progress(session, YEAR, **day, office_id=OTHER_CITY) == []


def test_the_ways_of_a_note_are_those_of_the_table() -> None:
    assert {way.value for way in Way} == {"scan", "number", "list", "close"}
