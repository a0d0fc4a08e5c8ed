"""The health of a published plan: each thing that later acts leave open, in numbers with the next step."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from core.db.base import new_id
from core.plugin_api import WindowKind
from core.scheduling.invigilation.register import InvigilatorForm, add_invigilators, assign_invigilators
from core.scheduling.models.sites import ExamSite
from core.scheduling.plans import service as plans
from core.scheduling.plans.health import PlanHealth, health_of, open_matters, published_plans
from core.scheduling.sittings.service import withdraw_rooms
from core.scheduling.tickets import paper_jobs, service as tickets
from core.scheduling.tickets.paper_kinds import PaperKind
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, YEAR, Case, at
from tests.sanctioned import disqualified
from tests.scheduling.conftest import NOON, Exams, admitted

EXAM = WindowKind.COMPUTER_EXAM


def _planned(exams: Exams, people: int = 2) -> tuple[list[Case], UUID, UUID]:
    cases = [admitted(exams) for _ in range(people)]
    sitting = exams.sitting([room.id for room in exams.rooms(exams.site())])
    with exams.at_work() as session:
        plan = plans.draw_up(session, YEAR, EXAM, offices=exams.season.offices, seed=7)
        plans.publish(session, plan.id, offices=exams.season.offices)
    return cases, sitting.id, plan.id


def _health(exams: Exams, plan_id: UUID) -> PlanHealth:
    with exams.at_work() as session:
        return health_of(session, [plan_id])[plan_id]


def _ready(exams: Exams, plan_id: UUID) -> None:
    with exams.at_work() as session:
        forms = [InvigilatorForm(f"J{number}", f"测试监考{number}", "测试学校") for number in range(4)]
        add_invigilators(session, YEAR, forms)
        assign_invigilators(session, plan_id)
        tickets.issue_tickets(session, plan_id, rules=TicketsTable())


def test_a_plan_is_sound_once_tickets_and_invigilators_are_there(exams: Exams) -> None:
    _, _, plan = _planned(exams)
    health = _health(exams, plan)
    assert (health.tickets_missing, health.rooms_unwatched, health.all_have_tickets) == (2, 1, False)
    _ready(exams, plan)
    health = _health(exams, plan)
    assert (health, health.all_have_tickets, open_matters(health, plan)) == (PlanHealth(), True, [])


def test_each_later_act_is_counted(exams: Exams) -> None:
    cases, sitting, plan = _planned(exams)
    _ready(exams, plan)
    with exams.at_work() as session:
        paper_jobs.ask_for_papers(session, plan, PaperKind.DOOR_LISTS)
        rooms = [room.id for room in exams.rooms(session.query(ExamSite).one())]
    disqualified(exams.season, cases[0])
    # The seat went with the case; the door list names somebody who does not come.
    assert _health(exams, plan) == PlanHealth(papers_outdated=1)
    late = admitted(exams)
    assert _health(exams, plan) == PlanHealth(unseated=1, papers_outdated=1)
    with exams.at_work() as session:
        session.execute(update(ExamSite).values(address="测试新路9号"))
    assert _health(exams, plan) == PlanHealth(unseated=1, papers_outdated=1, tickets_differ=1)
    with exams.at_work() as session:
        withdraw_rooms(session, sitting, rooms, reason="漏水", unseating=True)
    health = _health(exams, plan)
    assert (health.rooms_lost, health.people_lost) == (1, 1)
    found = open_matters(health, plan)
    assert [matter.address.partition("#")[0] for matter in found] == [
        "/plans",
        "/plans",
        "/exams/papers",
        "/exams/papers",
    ]
    assert [matter.grave for matter in found] == [True, True, True, False]
    assert late.id


def test_nothing_is_open_about_an_exam_that_is_over(exams: Exams) -> None:
    _, _, plan = _planned(exams)
    exams.season.now = NOON + timedelta(minutes=1)
    admitted_later = exams.season.now
    assert _health(exams, plan) == PlanHealth()
    assert admitted_later > at(6, 22)


def test_the_province_counts_every_plan_in_one_statement(exams: Exams) -> None:
    _, _, plan = _planned(exams)
    with exams.season.as_province() as session:
        [found] = published_plans(session, YEAR)
        assert (found.id, found.office_id) == (plan, CITY)
        assert health_of(session, [plan, new_id()], whole=False)[plan].tickets_missing == 2


def test_papers_are_out_of_date_once_what_they_tell_has_changed(exams: Exams) -> None:
    _, _, plan = _planned(exams)
    _ready(exams, plan)
    with exams.at_work() as session:
        lists = paper_jobs.ask_for_papers(session, plan, PaperKind.DOOR_LISTS)
        assert paper_jobs.outdated(session, [lists.id]) == {}
        assign_invigilators(session, plan)
        session.execute(update(ExamSite).values(name="临水改名考点"))
        assert set(paper_jobs.outdated(session, [lists.id])) == {lists.id}
        again = plans.plan_anew(session, YEAR, EXAM, offices=exams.season.offices, reason="补充编排", seed=8)
        plans.publish(session, again.id, offices=exams.season.offices)
        assert paper_jobs.outdated(session, [lists.id]) == {lists.id: "所属编排方案已被替代，请勿使用"}
