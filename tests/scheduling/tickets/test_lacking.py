"""The work that a published plan leaves: tickets for those who have a seat and may have one."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from core.db.session import Role
from core.oversight.earlier_queries import Open, work_of_season
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.tickets import service as tickets
from core.scheduling.training import service as training
from core.tenancy.config.exams import TicketsTable
from tests.cases import YEAR
from tests.scheduling.conftest import NOON, Exams, admitted, published
from tests.scheduling.training.test_training import FORM


def waiting(exams: Exams, role: Role = Role.SCHEDULER) -> int:
    with exams.at_work(role=role) as session:
        return work_of_season(session, YEAR, current=True).get(Open.TICKETS, 0)


def test_a_published_plan_waits_until_its_tickets_are_issued(exams: Exams) -> None:
    room, *_ = exams.rooms(exams.site())
    case, other = admitted(exams), admitted(exams)
    assert waiting(exams) == 0
    plan_id = published(exams, [case, other], exams.sitting([room.id]), room)
    assert (waiting(exams), waiting(exams, Role.CITY_REVIEWER)) == (1, 0)
    with exams.at_work() as session:
        course = training.set_course(session, YEAR, replace(FORM, places=2))
        training.enrol(session, course.id, [case.id, other.id])
    assert waiting(exams) == 0, "who is still to be trained gets no ticket"
    exams.season.now = FORM.ends_at
    with exams.at_work() as session:
        training.mark_attendance(session, course.id, {case.id: True})
    assert waiting(exams) == 1
    with exams.at_work() as session:
        tickets.issue_tickets(session, plan_id, rules=TicketsTable(training_required=True))
    assert waiting(exams) == 0
    with exams.at_work() as session:
        held = AdmissionTicket.application_id == case.id
        session.execute(update(AdmissionTicket).where(held).values(voided_at=session.now, void_reason="测试"))
    assert waiting(exams) == 1
    exams.season.now = NOON + timedelta(days=1)
    assert waiting(exams) == 0, "an exam that has begun waits for no ticket"
