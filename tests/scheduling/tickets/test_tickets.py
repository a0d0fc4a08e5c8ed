"""Admission tickets: who gets one, the effect of a new plan, and when candidates may print theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import ProgrammingError

from core.applications.models import Application
from core.db.base import new_id
from core.db.session import Role
from core.documents.receiving import Keeping
from core.domain.identity_number import simulated
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.plugin_api import Sex
from core.sanctions import cases
from core.sanctions.models import SanctionCase
from core.sanctions.suspensions import suspend
from core.scheduling.models.sites import ExamRoom
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.sittings.service import move_sitting
from core.scheduling.tickets import service as tickets, verification
from core.scheduling.tickets.pdf import ticket_pdf
from core.scheduling.tickets.service import Issued
from core.scheduling.training import service as training
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, KEYS, OTHER_CITY, PAPER_KEYS, YEAR, Case, at
from tests.reading import pages_of
from tests.scheduling.conftest import Exams, admitted, published
from tests.scheduling.training.test_training import FORM

RULES = TicketsTable()


def set_up(exams: Exams) -> tuple[Sitting, ExamRoom, ExamRoom]:
    first, second = exams.rooms(exams.site())
    return exams.sitting([first.id, second.id]), first, second


def issue(exams: Exams, plan_id: object, rules: TicketsTable = RULES) -> Issued:
    with exams.at_work() as session:
        return tickets.issue_tickets(session, plan_id, rules=rules)  # type: ignore[arg-type]


def told(exams: Exams, case: Case) -> list[str]:
    with exams.season.as_person(case.person) as session:
        wanted = select(Notice.kind).where(Notice.kind.startswith("ticket_")).order_by(Notice.id)
        return list(session.scalars(wanted))


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(KaowuError) as error:
        yield
    assert error.value.code == code


def test_every_qualified_candidate_with_a_seat_gets_one_ticket_once(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    cases = [admitted(exams) for _ in range(3)]
    plan = published(exams, cases, sitting, room)
    assert issue(exams, plan) == Issued(3, 0, 3, 0)
    assert issue(exams, plan) == Issued(0, 0, 3, 0)
    with exams.at_work() as session:
        made = tickets.tickets(session, plan_id=plan)
    assert sorted(ticket.person_name for ticket in made) == sorted(case.person.name for case in cases)
    assert len({ticket.number for ticket in made}) == 3
    assert [(ticket.seats[0].room_name, ticket.seats[0].site_code) for ticket in made] == [("第一考场", "K01")] * 3
    assert [told(exams, case) for case in cases] == [["ticket_issued"]] * 3


def test_a_new_plan_changes_the_tickets_of_those_whose_seats_it_changes_alone(exams: Exams) -> None:
    sitting, first, second = set_up(exams)
    kept, moved = admitted(exams), admitted(exams)
    issue(exams, published(exams, [kept, moved], sitting, first))
    with exams.at_work() as session:
        before = {
            ticket.application_id: ticket.number
            for ticket in tickets.tickets(session, application_ids=[kept.id, moved.id])
        }
    again = published(exams, [kept], sitting, first)
    assert issue(exams, again) == Issued(0, 1, 1, 0)
    assert told(exams, moved) == ["ticket_issued", "ticket_voided"]
    last = published(exams, [kept, moved], sitting, second)
    assert issue(exams, last) == Issued(2, 1, 2, 0)
    assert told(exams, kept) == ["ticket_issued", "ticket_reissued"]
    with exams.at_work() as session:
        after = {ticket.application_id: ticket.number for ticket in tickets.tickets(session, plan_id=last)}
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())


def test_a_sitting_that_moves_makes_its_tickets_new(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    plan = published(exams, [admitted(exams)], sitting, room)
    issue(exams, plan)
    with exams.at_work() as session:
        [before] = tickets.tickets(session, plan_id=plan)
        move_sitting(session, sitting.id, starts_at=at(6, 23), ends_at=at(6, 23, 12))
        [after] = tickets.tickets(session, plan_id=plan)
    assert after.number != before.number
    assert issue(exams, plan) == Issued(0, 0, 1, 0)


def test_the_database_gives_a_ticket_only_to_finally_qualified_candidates(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case = admitted(exams)
    plan = published(exams, [case], sitting, room)
    exams.season.now = at(3, 25)
    waiting = exams.season.at_office()
    exams.season.now = at(5, 20)
    row = {"id": new_id(), "office_id": CITY, "application_id": waiting.id, "plan_id": plan, "number": "1"}
    more = {"seats_digest": "", "issued_at": at(5, 20), "issued_by": new_id()}
    denied = pytest.raises(ProgrammingError, match="row-level security")
    with exams.at_work() as session, denied, session.begin_nested():
        session.execute(insert(AdmissionTicket), row | more)


def test_training_is_a_condition_where_the_office_says_so(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    came, stayed = admitted(exams), admitted(exams)
    with exams.at_work() as session:
        course = training.set_course(session, YEAR, FORM)
    with exams.season.as_person(came.person) as session:
        training.enrol(session, course.id, [came.id])
    exams.season.now = FORM.ends_at
    with exams.at_work() as session:
        training.mark_attendance(session, course.id, {came.id: True})
    plan = published(exams, [came, stayed], sitting, room)
    assert issue(exams, plan, TicketsTable(training_required=True)) == Issued(1, 0, 1, 1)
    assert issue(exams, plan) == Issued(1, 0, 2, 0)


def test_tickets_are_issued_for_published_plans_by_schedulers_of_the_office(exams: Exams) -> None:
    sitting, room, second = set_up(exams)
    case = admitted(exams)
    old = published(exams, [case], sitting, room)
    new = published(exams, [case], sitting, second)
    with refused("plan_not_published"):
        issue(exams, old)
    with refused("plan_not_found"):
        issue(exams, new_id())
    with exams.at_work(OTHER_CITY) as session, refused("plan_not_found"):
        tickets.issue_tickets(session, new, rules=RULES)
    with exams.at_work(role=Role.EXAMINER) as session, pytest.raises(Forbidden):
        tickets.issue_tickets(session, new, rules=RULES)


def test_a_candidate_prints_inside_the_window_after_the_commitment(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case = admitted(exams)
    with exams.season.as_person(case.person) as session, refused("no_ticket"):
        tickets.ticket_to_print(session, case.id, rules=RULES)
    issue(exams, published(exams, [case], sitting, room))
    exams.season.now = at(6, 16)
    with exams.season.as_person(case.person) as session:
        with refused("commitment_missing"):
            tickets.ticket_to_print(session, case.id, rules=RULES)
        with refused("commitment_not_ticked"):
            tickets.commit_to_rules(session, case.id, rules=RULES, agreed=False)
        tickets.commit_to_rules(session, case.id, rules=RULES, agreed=True)
        tickets.commit_to_rules(session, case.id, rules=RULES, agreed=True)
    for moment, open_ in (
        (at(6, 15, 15, 59), False),
        (at(6, 15, 16), True),
        (at(6, 21, 15, 59), True),
        (at(6, 21, 16), False),
    ):
        exams.season.now = moment
        with exams.season.as_person(case.person) as session:
            if open_:
                assert tickets.ticket_to_print(session, case.id, rules=RULES).application_id == case.id
            else:
                with refused("outside_ticket_window"):
                    tickets.ticket_to_print(session, case.id, rules=RULES)


def test_a_ticket_has_the_full_number_on_paper_alone(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case = admitted(exams)
    number = simulated(1, date(1980, 5, 6), Sex.MALE)
    with exams.season.as_office(CITY) as session:
        session.execute(update(Application).where(Application.id == case.id).values(id_tail=number[-4:]))
    issue(exams, published(exams, [case], sitting, room))
    exams.season.now = at(6, 16)
    with exams.season.as_person(case.person) as session:
        tickets.commit_to_rules(session, case.id, rules=RULES, agreed=True)
        keeping = Keeping(exams.season.store, KEYS, exams.season.offices)
        paper = ticket_pdf(session, case.id, keeping, paper_keys=PAPER_KEYS)
        assert number in "".join(pages_of(paper.content))
        [told] = tickets.tickets(session, application_ids=[case.id])
    assert (told.identity, number in repr(told)) == ("", False)


def test_tickets_with_a_character_that_no_font_has_are_not_issued(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case = admitted(exams)
    with exams.season.as_office(CITY) as session:
        session.execute(update(Application).where(Application.id == case.id).values(person_name="测\U0002ebf0试"))
    plan = published(exams, [case], sitting, room)
    with pytest.raises(Conflict) as refusal:
        issue(exams, plan)
    assert refusal.value.code == "paper_unprintable"
    assert exams.season.look(case).reference in refusal.value.detail


def test_nobody_prints_or_commits_for_somebody_else(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case, other = admitted(exams), admitted(exams)
    issue(exams, published(exams, [case], sitting, room))
    with exams.season.as_person(other.person) as session:
        assert tickets.tickets(session, application_ids=[case.id]) == []
        with pytest.raises(NotFound):
            tickets.ticket_to_print(session, case.id, rules=RULES)
        with pytest.raises(NotFound):
            tickets.commit_to_rules(session, case.id, rules=RULES, agreed=True)


def test_a_single_ticket_is_voided_for_a_reason_and_replaced_by_the_next_issue(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case = admitted(exams)
    plan = published(exams, [case], sitting, room)
    issue(exams, plan)
    with exams.at_work() as session:
        [ticket] = tickets.tickets(session, plan_id=plan)
        with pytest.raises(Invalid):
            tickets.void_ticket(session, ticket.id, reason=" ")
        tickets.void_ticket(session, ticket.id, reason="照片有误")
        with pytest.raises(Conflict):
            tickets.void_ticket(session, ticket.id, reason="照片有误")
        assert verification.standing_of(session, ticket.number) == (at(5, 20), at(5, 20), "报名机构作废")
    with exams.season.as_public() as session:
        assert verification.standing_of(session, ticket.number) == (at(5, 20), at(5, 20), "报名机构作废")
        assert verification.standing_of(session, "0") is None
        assert session.scalars(select(AdmissionTicket.id)).all() == []
    assert told(exams, case) == ["ticket_issued", "ticket_voided"]
    assert issue(exams, plan) == Issued(1, 0, 1, 0)


def test_a_candidate_whose_ticket_is_void_is_told_since_when_why_and_what_next(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    case = admitted(exams)
    plan = published(exams, [case], sitting, room)
    issue(exams, plan)
    with exams.at_work() as session:
        [ticket] = tickets.tickets(session, plan_id=plan)
        tickets.void_ticket(session, ticket.id, reason="照片有误。")
    void = f"准考证{ticket.number}已于2024年5月20日 09:00作废（照片有误），不能打印，也不能凭此入场。"
    for now, onwards in (
        (at(6, 16), "新的准考证签发后会通知您，请届时在“培训和考试”中打印。"),
        (sitting.ends_at, "考试已经结束，不再签发新的准考证。"),
    ):
        exams.season.now = now
        with exams.season.as_person(case.person) as session, pytest.raises(Conflict) as error:
            tickets.ticket_to_print(session, case.id, rules=RULES)
        assert (error.value.code, error.value.detail) == ("ticket_void", void + onwards)


def test_a_suspension_after_the_exam_speaks_of_results_and_not_of_the_ticket(exams: Exams) -> None:
    sitting, room, _ = set_up(exams)
    before, after = admitted(exams), admitted(exams)
    issue(exams, published(exams, [before, after], sitting, room))
    bodies = {}
    for case, now in ((before, at(6, 16)), (after, sitting.ends_at)):
        exams.season.now = now
        with exams.season.as_office(CITY, "supervisor") as session:
            suspend(session, case.id, reason="测试理由", offices=exams.season.offices)
        with exams.season.as_person(case.person) as session:
            bodies[case] = session.scalars(select(Notice.body).where(Notice.kind == "suspension_imposed")).one()
    assert "准考证同时作废" in bodies[before]
    assert "考试已经结束，您的成绩、公示和证书保留到案件办结" in bodies[after]
    assert "准考证" not in bodies[after]
    for case, onwards in ((before, "您可以按安排参加考核"), (after, "您的成绩、公示和证书继续办理")):
        exams.season.now = at(6, 17) if case is before else sitting.ends_at + timedelta(days=1)
        with exams.season.as_office(CITY, "supervisor") as session:
            opened = session.scalars(select(SanctionCase).where(SanctionCase.application_id == case.id)).one()
            cases.drop(session, opened.id, words="测试理由")
        with exams.season.as_person(case.person) as session:
            assert onwards in session.scalars(select(Notice.body).where(Notice.kind == "suspension_lifted")).one()
