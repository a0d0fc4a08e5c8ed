"""Finding a candidate at a door, and the answer whether they may sit."""

from uuid import uuid4

import pytest

from core.applications.models import Application
from core.scheduling.exam_day import door as exam_day, door_lists
from core.scheduling.exam_day.candidate_search import find_candidates, seats_held, standing_of, tickets_of
from core.scheduling.exam_day.notes import Note, Way
from core.scheduling.sittings.service import withdraw_rooms
from core.scheduling.tickets import service as tickets
from core.tenancy.config.exams import TicketsTable
from tests.cases import OTHER_CITY, YEAR, Case, Role, at
from tests.scheduling.conftest import NINE, NOON, Exams, admitted, published


class Door:
    """A candidate with a seat and a ticket, on the morning of the exam."""

    def __init__(self, exams: Exams) -> None:
        self.exams, self.case = exams, admitted(exams)
        self.room = exams.rooms(exams.site())[0]
        self.sitting = exams.sitting([self.room.id])
        self.plan = published(exams, [self.case], self.sitting, self.room)
        self.issue()
        exams.season.now = NINE

    def issue(self) -> None:
        """Issue the missing tickets of the plan."""
        with self.exams.at_work() as session:
            tickets.issue_tickets(session, self.plan, rules=TicketsTable())

    def number(self) -> str:
        """The number of the latest ticket."""
        with self.exams.at_work() as session:
            return tickets_of(session, self.case.id)[0].number

    def standing(self, case: Case | None = None) -> tuple[str, str]:
        """The answer whether the candidate may sit: tone and title."""
        wanted = (case or self.case).id
        with self.exams.at_work(role=Role.EXAMINER) as session:
            held, issued = seats_held(session, wanted), tickets_of(session, wanted)
            found = standing_of(session.get_one(Application, wanted), held, issued, now=session.now)
        return found.tone, found.title


@pytest.fixture
def door(exams: Exams) -> Door:
    return Door(exams)


def test_a_candidate_is_found_by_ticket_name_reference_or_identity_number(door: Door) -> None:
    with door.exams.at_work(role=Role.EXAMINER) as session:
        case = session.get_one(Application, door.case.id)
        for text in (door.number(), case.reference, case.person_name, case.id_tail, f" {case.person_name[:3]} "):
            found = find_candidates(session, YEAR, text)
            assert [(candidate.application_id, candidate.number, candidate.seats) for candidate in found] == [
                (case.id, door.number(), 1)
            ]
        assert find_candidates(session, YEAR, "没有的人") == find_candidates(session, YEAR, " ") == []


def test_nobody_is_found_at_another_office(door: Door) -> None:
    with door.exams.at_work(OTHER_CITY) as session:
        assert find_candidates(session, YEAR, door.number()) == []


def test_a_void_number_still_finds_its_candidate_and_says_why(door: Door) -> None:
    number = door.number()
    with door.exams.at_work() as session:
        tickets.void_ticket(session, tickets_of(session, door.case.id)[0].id, reason="照片有误")
        assert [
            (candidate.application_id, candidate.number) for candidate in find_candidates(session, YEAR, number)
        ] == [(door.case.id, "")]
    assert door.standing() == ("danger", "准考证已作废：照片有误")
    door.issue()
    assert door.standing() == ("success", "可以参加考试")


def test_every_obstacle_of_a_candidate_is_named(door: Door) -> None:
    assert door.standing() == ("success", "可以参加考试")
    late, season = admitted(door.exams), door.exams.season
    season.now = at(3, 25)
    unready = season.at_office()
    season.now = NINE
    assert door.standing(late) == ("danger", "资格合格，但没有座位")
    assert door.standing(unready)[0] == "danger"
    assert "资格审查" in door.standing(unready)[1]


def test_a_candidate_with_a_seat_but_without_a_ticket_is_told_apart(exams: Exams) -> None:
    case, room = admitted(exams), exams.rooms(exams.site())[0]
    published(exams, [case], exams.sitting([room.id]), room)
    with exams.at_work() as session:
        found = standing_of(session.get_one(Application, case.id), seats_held(session, case.id), [], now=session.now)
    assert (found.tone, found.title) == ("warning", "有座位，还没有签发准考证")


def test_absence_and_the_end_of_the_exam_are_said(door: Door) -> None:
    door.exams.season.now = NOON.replace(hour=11)
    with door.exams.at_work(role=Role.EXAMINER) as session:
        door_lists.close_attendance(session, door.sitting.id, reason="测试：无人到场")
    assert door.standing() == ("warning", "已登记为缺考")
    with door.exams.at_work(role=Role.EXAMINER) as session:
        note = Note(uuid4(), door.number(), door.sitting.id, session.now, Way.NUMBER)
        assert [arrival.outcome for arrival in exam_day.note_arrivals(session, [note])] == ["came"]
        assert [seat.attendance for seat in seats_held(session, door.case.id)] == ["present"]
    door.exams.season.now = NOON
    assert door.standing() == ("info", "考试已经结束")


def test_a_room_that_was_withdrawn_still_shows_where_the_seat_was(door: Door) -> None:
    with door.exams.at_work() as session:
        withdraw_rooms(session, door.sitting.id, [door.room.id], reason="停电", unseating=True)
        assert [seat.room for seat in seats_held(session, door.case.id)] == ["第一考场"]
