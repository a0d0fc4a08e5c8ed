"""Suspended candidates: ticket, seat, door and door list, and the ticket that comes back with the end of the case."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Role
from core.messages.models import Notice
from core.sanctions import cases
from core.sanctions.cases import Measures
from core.sanctions.suspensions import suspend
from core.scheduling import void_tickets
from core.scheduling.exam_day import door, door_lists, void_arrivals
from core.scheduling.exam_day.presence import SENT_LATE
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Seat
from core.scheduling.plans.health import health_of
from core.scheduling.tickets import service as tickets, verification
from core.tenancy.config.exams import TicketsTable
from tests import sanctioned
from tests.cases import CITY, YEAR, Case, at
from tests.sanctioned import disqualified
from tests.scheduling.conftest import NINE, NOON, Exams, admitted
from tests.scheduling.test_leaving import at_door, listed, seated

FACTS = "考前查出替考嫌疑（测试）"


def suspended(exams: Exams, case: Case, who: str = "supervisor") -> UUID:
    """Suspend a candidate; the id of the case that this opened."""
    with exams.season.as_office(CITY, who) as session:
        return suspend(session, case.id, reason=FACTS, offices=exams.season.offices).case_id


def dropped(exams: Exams, case_id: UUID) -> None:
    with exams.season.as_office(CITY, "supervisor") as session:
        cases.drop(session, case_id, words="经查不属实")


def in_force(exams: Exams, case: Case) -> list[str]:
    """The numbers of a candidate's tickets in force."""
    with exams.at_work() as session:
        return [ticket.number for ticket in tickets.tickets(session, application_ids=[case.id])]


def told(exams: Exams, case: Case) -> list[str]:
    """The kinds of messages to a candidate since their tickets were issued."""
    with exams.season.as_person(case.person) as session:
        wanted = select(Notice.kind).where(Notice.kind.in_(KINDS)).order_by(Notice.id)
        return list(session.scalars(wanted))


KINDS = ("suspension_imposed", "suspension_lifted", "ticket_reissued", "ticket_voided")


def test_a_suspension_voids_the_ticket_and_keeps_the_seat(exams: Exams) -> None:
    case, other = admitted(exams), admitted(exams)
    sitting, _, plan_id, numbers = seated(exams, case, other)
    exams.season.now = at(6, 21)
    suspended(exams, case)
    assert in_force(exams, case) == []
    assert in_force(exams, other) == [numbers[other.id]]
    assert listed(exams, sitting) == [case.id, other.id]
    assert told(exams, case) == ["suspension_imposed"]
    with exams.at_work() as session:
        held, _ = door.expected(session, sitting.id)
        entries = session.scalars(select(RecordEntry).where(RecordEntry.kind == "tickets.voided")).all()
        [void] = void_tickets.void_tickets(session, sitting.id)
    assert (held.number, held.suspended) == ("", True)
    assert [(entry.subject_id, entry.payload["tickets"]) for entry in entries] == [(str(plan_id), 1)]
    assert (void.number, void.voided_at) == (numbers[case.id], at(6, 21))
    with exams.season.as_public() as session:
        assert verification.standing_of(session, numbers[case.id]) == (at(5, 20), at(6, 21), "持证人被暂停考核")


def test_the_door_refuses_a_suspended_candidate_with_the_reason(exams: Exams) -> None:
    case = admitted(exams)
    sitting, _, _, numbers = seated(exams, case)
    exams.season.now = NINE - timedelta(minutes=30)
    suspended(exams, case)
    exams.season.now = NINE - timedelta(minutes=10)
    said = at_door(exams, sitting, numbers[case.id])
    assert said.outcome == "refused"
    assert f"暂停考核：{FACTS}" in said.detail
    assert "案件办结前不能参加考试" in said.detail


def test_a_plan_does_not_miss_the_ticket_of_a_suspended_candidate(exams: Exams) -> None:
    case, other = admitted(exams), admitted(exams)
    _, _, plan_id, _ = seated(exams, case, other)
    suspended(exams, case)
    with exams.at_work() as session:
        assert health_of(session, [plan_id])[plan_id].tickets_missing == 0


def test_no_ticket_is_issued_to_a_suspended_candidate(exams: Exams) -> None:
    case, other = admitted(exams), admitted(exams)
    _, _, plan_id, _ = seated(exams, case, other)
    suspended(exams, case)
    with exams.at_work() as session:
        issued = tickets.issue_tickets(session, plan_id, rules=TicketsTable())
    assert (issued.issued, issued.in_force, issued.held_back) == (0, 1, 1)


@pytest.mark.parametrize("end", ["drop", "clear", "overturn"])
def test_the_end_of_the_case_gives_the_ticket_back(exams: Exams, end: str) -> None:
    case, season = admitted(exams), exams.season
    sitting, _, _, numbers = seated(exams, case)
    case_id = suspended(exams, case, "online")
    if end != "drop":
        with season.as_office(CITY, "supervisor") as session:
            cases.hear(session, case_id, words="立案", offices=season.offices)
        with season.as_person(case.person) as session:
            cases.state(session, case_id, words="不属实", finished=True)
    if end == "overturn":
        sanctioned.decided(season, case_id, Measures())
        with season.as_person(case.person) as session:
            cases.appeal(session, case_id, words="不服")
    exams.season.now = NINE - timedelta(hours=1)
    if end == "drop":
        dropped(exams, case_id)
    elif end == "clear":
        with season.as_office(CITY, "supervisor") as session:
            cases.clear(session, case_id, words="查无实据")
    else:
        with season.as_province() as session:
            cases.overturn(session, case_id, words="事实不清")
    [number] = in_force(exams, case)
    assert number != numbers[case.id]
    assert number[:8] == numbers[case.id][:8]
    assert told(exams, case) == ["suspension_imposed", "suspension_lifted", "ticket_reissued"]
    with exams.at_work() as session:
        assert not tickets.differing(session, [case.id])
    assert at_door(exams, sitting, numbers[case.id]).outcome == "refused"
    assert at_door(exams, sitting, number).outcome == "came"


def test_a_final_decision_makes_a_disqualification_of_a_suspension(exams: Exams) -> None:
    case, season = admitted(exams), exams.season
    seated(exams, case)
    case_id = suspended(exams, case, "online")
    sanctioned.heard(season, case_id)
    season.now += timedelta(days=10)
    sanctioned.decided(season, case_id, Measures(True, False, 0))
    season.now = NINE - timedelta(hours=1)
    with season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)
    assert season.look(case).state == "disqualified"
    assert in_force(exams, case) == []
    assert told(exams, case) == ["suspension_imposed"]
    with exams.at_work() as session:
        assert session.scalars(select(Seat.voided_at).where(Seat.application_id == case.id)).all() == [season.now]


def test_no_ticket_comes_back_once_the_exam_is_over(exams: Exams) -> None:
    case = admitted(exams)
    seated(exams, case)
    case_id = suspended(exams, case)
    exams.season.now = NOON + timedelta(minutes=1)
    dropped(exams, case_id)
    assert in_force(exams, case) == []


def test_an_office_is_told_of_a_candidate_whose_ticket_was_never_issued(exams: Exams) -> None:
    case, other = admitted(exams), admitted(exams)
    case_id = suspended(exams, case)
    seated(exams, case, other)
    dropped(exams, case_id)
    assert in_force(exams, case) == []
    with exams.at_work() as session:
        assert len(session.scalars(select(Notice).where(Notice.kind == "ticket_missing")).all()) == 1


def test_whoever_was_kept_out_is_not_absent(exams: Exams) -> None:
    case, other = admitted(exams), admitted(exams)
    sitting, _, _, numbers = seated(exams, case, other)
    exams.season.now = NINE - timedelta(minutes=30)
    case_id = suspended(exams, case)
    at_door(exams, sitting, numbers[other.id])
    exams.season.now = NINE + timedelta(minutes=30)
    dropped(exams, case_id)
    exams.season.now = NOON
    with exams.at_work(role=Role.EXAMINER) as session:
        assert door_lists.close_attendance(session, sitting.id) == 0
    exams.season.now = NOON + SENT_LATE + timedelta(hours=1)
    with exams.season.as_system(CITY) as session:
        door_lists.close_overdue(session, YEAR)
        assert session.scalars(select(Attendance.application_id)).all() == [other.id]


def test_an_arrival_noted_before_the_suspension_is_kept_as_a_contradiction(exams: Exams) -> None:
    case = admitted(exams)
    sitting, _, _, numbers = seated(exams, case)
    exams.season.now = NINE
    suspended(exams, case)
    exams.season.now = NINE + timedelta(minutes=30)
    early = NINE - timedelta(minutes=5)
    note = new_id()
    first, again = (at_door(exams, sitting, numbers[case.id], noted_at=early, client_id=note) for _ in range(2))
    assert (first.outcome, again.outcome) == ("contradicts", "contradicts")
    with exams.at_work() as session:
        [found] = void_arrivals.contradictions(session, since=at(6, 22, 0), until=at(6, 23, 0))
        [there] = door.expected(session, sitting.id)
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(sitting.id))).all()
    assert (found.application_id, found.noted_at, found.voided_at) == (case.id, early, NINE)
    assert found.reason == f"暂停考核：{FACTS}"
    assert (there.state, there.suspended) == ("present", True)
    assert "attendance.contradicted" in kinds
    late = at_door(exams, sitting, numbers[case.id], noted_at=NINE + timedelta(minutes=1))
    assert late.outcome == "refused"


def test_an_arrival_with_a_seat_that_is_gone_is_a_contradiction_and_no_attendance(exams: Exams) -> None:
    case = admitted(exams)
    sitting, _, _, numbers = seated(exams, case)
    exams.season.now = NINE
    disqualified(exams.season, case)
    exams.season.now = NINE + timedelta(minutes=30)
    said = at_door(exams, sitting, numbers[case.id], noted_at=NINE - timedelta(minutes=5))
    assert said.outcome == "contradicts"
    with exams.at_work() as session:
        [found] = void_arrivals.contradictions(session, since=at(6, 22, 0), until=at(6, 23, 0))
        assert found.state == "取消资格"
        assert session.scalars(select(Attendance.application_id)).all() == []
