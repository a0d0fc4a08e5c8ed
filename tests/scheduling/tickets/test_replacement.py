"""A ticket follows what it tells: each act that changes a fact replaces it, tells its holder, and leaves the others."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from core.applications.models import Application
from core.audit.dependents import Change, changed, rehearse
from core.audit.models import RecordEntry
from core.db.session import KeeperSession, OfficeSession
from core.documents.models import Document
from core.domain.consequences import CONSEQUENCES, Effect, Fact, Issued
from core.domain.workflow import State
from core.errors import Conflict
from core.messages.models import Notice
from core.plugin_api import WindowKind
from core.reviews import service as reviews
from core.reviews.decisions.items import each_item
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans import service as plans
from core.scheduling.retention import forget_grounds
from core.scheduling.sites.service import change_site, close_site, serve_office
from core.scheduling.sittings.service import cancel_sitting, move_sitting, withdraw_rooms
from core.scheduling.tickets import paper_jobs, service as tickets, verification
from core.scheduling.tickets.paper_kinds import PaperKind
from core.tenancy.config.exams import TicketsTable
from tests.cases import OTHER_CITY, YEAR, Case, at
from tests.sanctioned import disqualified
from tests.scheduling.conftest import NINE, NOON, SITE, Exams, admitted

RULES = TicketsTable()
EXAM = WindowKind.COMPUTER_EXAM
MOVED = replace(SITE, address="测试新路9号")
OTHER_SITE = replace(SITE, code="K02", name="临水第二考点", address="测试路2号")


@dataclass
class Held:
    """Two candidates with tickets, and everything that these tell."""

    exams: Exams
    cases: list[Case]
    site: ExamSite
    rooms: list[ExamRoom]
    sitting: Sitting
    plan: UUID

    def numbers(self) -> list[str]:
        """The numbers of the tickets in force, in the order of the candidates."""
        with self.exams.at_work() as session:
            found = {ticket.application_id: ticket.number for ticket in _in_force(session)}
        return [found.get(case.id, "") for case in self.cases]

    def told(self, case: Case) -> Notice:
        """The latest notice to a candidate."""
        with self.exams.season.as_person(case.person) as session:
            return session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1)).one()

    def void(self, number: str) -> verification.Standing:
        """What the public learns of a ticket."""
        with self.exams.season.as_public() as session:
            found = verification.standing_of(session, number)
        assert found is not None
        return found


@pytest.fixture
def held(exams: Exams) -> Held:
    cases = [admitted(exams) for _ in range(2)]
    site = exams.site()
    rooms = exams.rooms(site)
    sitting = exams.sitting([room.id for room in rooms])
    offices = exams.season.offices
    with exams.at_work() as session:
        plan = plans.draw_up(session, YEAR, EXAM, offices=offices, seed=7)
        plans.publish(session, plan.id, offices=offices)
        tickets.issue_tickets(session, plan.id, rules=RULES)
    exams.season.now += timedelta(hours=1)
    return Held(exams, cases, site, rooms, sitting, plan.id)


def _in_force(session: OfficeSession) -> list[AdmissionTicket]:
    return list(session.scalars(select(AdmissionTicket).where(AdmissionTicket.voided_at.is_(None))))


def _again(held: Held, reason: str = "考点停用") -> UUID:
    offices = held.exams.season.offices
    with held.exams.at_work() as session:
        plan = plans.plan_anew(session, YEAR, EXAM, offices=offices, reason=reason, seed=8)
        plans.publish(session, plan.id, offices=offices)
        return plan.id


def _elsewhere(held: Held) -> ExamSite:
    """Another site, with a sitting in the afternoon of the same day."""
    site = held.exams.site(form=OTHER_SITE)
    held.exams.sitting([room.id for room in held.exams.rooms(site)], NOON + timedelta(hours=2), at(6, 22, 17))
    return site


def test_another_address_replaces_every_ticket_and_says_what_changed(held: Held) -> None:
    before = held.numbers()
    with held.exams.at_work() as session:
        change_site(session, held.site.id, MOVED)
    after = held.numbers()
    assert not set(before) & set(after)
    assert all(after)
    notice = held.told(held.cases[0])
    assert (notice.kind, notice.title) == ("ticket_reissued", "准考证已更换，请重新打印")
    assert f"您的准考证（{before[0]}）已作废，换发为{after[0]}。变更内容：考点地址。" in notice.body
    assert "原安排：2024年6月22日 09:00至12:00，岗位技能、职业道德、职业能力，临水测试考点（测试路1号）" in notice.body
    assert (
        "现安排：2024年6月22日 09:00至12:00，岗位技能、职业道德、职业能力，临水测试考点（测试新路9号）" in notice.body
    )
    assert held.void(before[0]) == (at(5, 20), held.exams.season.now, "准考证载明的考点地址有变更")
    assert held.void(after[0]).voided_at is None
    with held.exams.at_work() as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(held.plan)))
        assert {"tickets.voided", "tickets.issued"} <= set(kinds)


def test_another_way_to_the_site_changes_no_ticket(held: Held) -> None:
    before = held.numbers()
    with held.exams.at_work() as session:
        change_site(session, held.site.id, replace(SITE, directions="测试公交1路"))
    assert held.numbers() == before


def test_tickets_whose_sittings_are_over_stay(held: Held) -> None:
    before = held.numbers()
    held.exams.season.now = NOON + timedelta(days=1)
    with held.exams.at_work() as session:
        change_site(session, held.site.id, MOVED)
    assert held.numbers() == before


def test_another_address_reaches_the_tickets_of_every_office_at_the_site(held: Held) -> None:
    exams, season = held.exams, held.exams.season
    later, season.now = season.now, at(3, 25)
    guest = season.at_office(OTHER_CITY)
    season.approve_at_office(guest, OTHER_CITY)
    with season.as_office(OTHER_CITY, "second") as session:
        assert (
            reviews.confirm(session, guest.id, offices=season.offices, items=each_item(session, guest.id)).state
            == State.QUALIFIED
        )
    season.now = later
    with exams.at_work() as session:
        serve_office(session, held.site.id, OTHER_CITY)
    exams.sitting([held.rooms[0].id], NOON + timedelta(hours=1), at(6, 22, 16), office=OTHER_CITY)
    with exams.at_work(OTHER_CITY) as session:
        plan = plans.draw_up(session, YEAR, EXAM, offices=season.offices, seed=7)
        plans.publish(session, plan.id, offices=season.offices)
        tickets.issue_tickets(session, plan.id, rules=RULES)
        [before] = _in_force(session)
    with exams.at_work() as session:
        change_site(session, held.site.id, MOVED)
    with exams.at_work(OTHER_CITY) as session:
        [after] = _in_force(session)
        [told] = session.scalars(select(Notice).where(Notice.kind == "ticket_reissued"))
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.subject_id == str(plan.id))).all()
    assert (before.office_id, after.office_id) == (OTHER_CITY, OTHER_CITY)
    assert (told.application_id, told.office_id) == (guest.id, OTHER_CITY)
    assert f"（{before.number}）已作废，换发为{after.number}" in told.body
    assert kinds[-2:] == ["tickets.voided", "tickets.issued"]
    with exams.at_work() as session:
        close_site(session, held.site.id, reason="停电")
    with season.as_person(guest.person) as session:
        last = session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1)).one()
    assert (last.kind, last.office_id) == ("seat_lost", OTHER_CITY)


def test_a_rehearsal_says_how_many_tickets_another_address_replaces(held: Held) -> None:
    before = held.numbers()
    with held.exams.at_work() as session:
        foreseen = rehearse(session, lambda: change_site(session, held.site.id, MOVED))
    assert foreseen.sentence == "2张准考证须换发，2人将收到通知"
    assert held.numbers() == before


def test_nothing_is_printed_under_a_number_that_tells_something_else(held: Held) -> None:
    case = held.cases[0]
    with held.exams.season.as_person(case.person) as session:
        tickets.commit_to_rules(session, case.id, rules=RULES, agreed=True)
    held.exams.season.now = at(6, 18)
    with held.exams.season.as_person(case.person) as session:
        assert tickets.ticket_to_print(session, case.id, rules=RULES).number == held.numbers()[0]
    with held.exams.at_work() as session:
        # Past every act: the floor holds without them.
        session.execute(update(ExamSite).where(ExamSite.id == held.site.id).values(address="测试新路9号"))
    with held.exams.season.as_person(case.person) as session, pytest.raises(Conflict) as refused:
        tickets.ticket_to_print(session, case.id, rules=RULES)
    assert refused.value.code == "ticket_outdated"
    with held.exams.at_work() as session, pytest.raises(Conflict) as refused:
        paper_jobs.ask_for_papers(session, held.plan, PaperKind.TICKETS)
    assert refused.value.code == "tickets_outdated"
    with held.exams.at_work() as session:
        assert tickets.issue_tickets(session, held.plan, rules=RULES) == tickets.Issued(2, 2, 2, 0)
        paper_jobs.ask_for_papers(session, held.plan, PaperKind.TICKETS)


def test_a_ticket_of_a_closed_site_is_not_printed_until_the_next_plan(held: Held) -> None:
    case = held.cases[0]
    with held.exams.season.as_person(case.person) as session:
        tickets.commit_to_rules(session, case.id, rules=RULES, agreed=True)
    _elsewhere(held)
    held.exams.season.now = at(6, 18)
    before = held.numbers()
    with held.exams.at_work() as session:
        foreseen = rehearse(session, lambda: close_site(session, held.site.id, reason="停电"))
        assert foreseen.sentence == "2个座位须另行处理，2张准考证须换发，2人将收到通知"
        close_site(session, held.site.id, reason="停电")
    notice = held.told(case)
    assert (notice.kind, "临水测试考点停用（停电）" in notice.body) == ("seat_lost", True)
    with held.exams.season.as_person(case.person) as session, pytest.raises(Conflict) as refused:
        tickets.ticket_to_print(session, case.id, rules=RULES)
    assert refused.value.code == "seat_lost"
    _again(held)
    after = held.numbers()
    assert all(after)
    assert not set(before) & set(after)
    assert held.void(before[0]).reason.startswith("准考证载明的考试时间、考点、考点地址")
    notice = held.told(case)
    assert notice.kind == "ticket_reissued"
    assert "现安排：2024年6月22日 14:00至17:00，岗位技能、职业道德、职业能力，临水第二考点（测试路2号）" in notice.body
    with held.exams.season.as_person(case.person) as session:
        kinds = session.scalars(select(Notice.kind).where(Notice.kind.startswith("seat")).order_by(Notice.id)).all()
        assert kinds == ["seats_published", "seat_lost"]
        assert tickets.ticket_to_print(session, case.id, rules=RULES).seats[0].site_name == "临水第二考点"


def test_a_new_plan_that_keeps_a_seat_keeps_the_ticket_and_tells_nobody(held: Held) -> None:
    before, told = held.numbers(), held.told(held.cases[0]).id
    _again(held, "补充编排")
    assert held.numbers() == before
    assert held.told(held.cases[0]).id == told


def _correct_name(held: Held) -> None:
    case = held.cases[0]
    with held.exams.at_work() as session:
        session.execute(update(Application).where(Application.id == case.id).values(person_name="测试更名"))
        changed(session, Change(Fact.PERSON, "姓名更正", applications=(case.id,)))


def _move_site(held: Held) -> None:
    with held.exams.at_work() as session:
        change_site(session, held.site.id, MOVED)


def _move_sitting(held: Held) -> None:
    with held.exams.at_work() as session:
        move_sitting(session, held.sitting.id, starts_at=NINE + timedelta(days=1), ends_at=NOON + timedelta(days=1))


def _close(held: Held) -> None:
    _elsewhere(held)
    with held.exams.at_work() as session:
        close_site(session, held.site.id, reason="停电")
    _again(held)


def _cancel(held: Held) -> None:
    _elsewhere(held)
    with held.exams.at_work() as session:
        cancel_sitting(session, held.sitting.id, reason="停电")
    _again(held)


def _withdraw(held: Held) -> None:
    _elsewhere(held)
    rooms = [room.id for room in held.rooms]
    with held.exams.at_work() as session:
        withdraw_rooms(session, held.sitting.id, rooms, reason="漏水", unseating=True)
    _again(held)


def _reopen(held: Held) -> None:
    with held.exams.season.as_province() as session:
        reviews.reopen(session, held.cases[0].id, offices=held.exams.season.offices, reason="抽查")


def _disqualify(held: Held) -> None:
    disqualified(held.exams.season, held.cases[0])


ACTS: dict[str, tuple[Fact, Callable[[Held], None]]] = {
    "a corrected name": (Fact.PERSON, _correct_name),
    "another address": (Fact.SITE, _move_site),
    "another time": (Fact.TIME, _move_sitting),
    "a closed site": (Fact.ROOM, _close),
    "a cancelled sitting": (Fact.ROOM, _cancel),
    "withdrawn rooms": (Fact.ROOM, _withdraw),
    "another plan": (Fact.SEATING, _close),
    "a reopened case": (Fact.ELIGIBILITY, _reopen),
    "a disqualified person": (Fact.DISQUALIFICATION, _disqualify),
}
ELSEWHERE = {Fact.SUSPENSION, Fact.PHOTO}
"""No act of this capability: a suspension is that of a case of sanctions, and no photo changes once it was reviewed."""


def test_every_fact_that_replaces_or_voids_a_ticket_is_tried() -> None:
    of_tickets = {
        fact
        for (issued, fact), found in CONSEQUENCES.items()
        if issued is Issued.TICKET and found.effect in {Effect.REPLACE, Effect.VOID}
    }
    assert {fact for fact, _ in ACTS.values()} | ELSEWHERE == of_tickets


@pytest.mark.parametrize("name", ACTS)
def test_no_ticket_in_force_differs_after_an_act(held: Held, name: str) -> None:
    before = held.numbers()
    ACTS[name][1](held)
    assert held.numbers()[0] != before[0]
    with held.exams.at_work() as session:
        assert tickets.unsound(session, [case.id for case in held.cases]) == frozenset()
        assert all(ticket.grounds is not None for ticket in _in_force(session))


def test_no_photo_changes_once_somebody_has_qualified(held: Held) -> None:
    case = held.cases[0]
    of = (Document.application_id == case.id, Document.material == "photo")
    denied = pytest.raises(DatabaseError, match="takes no such paper now")
    with held.exams.at_work() as session, denied, session.begin_nested():
        session.execute(update(Document).where(*of).values(superseded_at=session.now))


def test_a_corrected_name_replaces_one_ticket_whoever_corrects_it(held: Held) -> None:
    case, before = held.cases[0], held.numbers()
    with held.exams.at_work() as session:
        session.execute(update(Application).where(Application.id == case.id).values(person_name="测试更名"))
    with held.exams.season.as_person(case.person) as session:
        changed(session, Change(Fact.PERSON, "姓名更正", applications=(case.id,)))
    after = held.numbers()
    assert (after[0] != before[0], after[1]) == (True, before[1])
    notice = held.told(case)
    assert "因姓名更正，您的准考证" in notice.body
    assert "变更内容：姓名。现安排：" in notice.body
    assert "原安排" not in notice.body


def test_what_a_ticket_told_is_erased_with_its_case(held: Held) -> None:
    season = held.exams.season
    with KeeperSession(season.connection, now=season.now) as session, session.begin():
        forget_grounds(session, [held.cases[0].id])
    with held.exams.at_work() as session:
        kept = {ticket.application_id: ticket.grounds for ticket in _in_force(session)}
    assert (kept[held.cases[0].id], kept[held.cases[1].id] is None) == (None, False)


def test_what_a_ticket_told_personally_is_kept_as_digests(held: Held) -> None:
    with held.exams.at_work() as session:
        grounds = str([ticket.grounds for ticket in _in_force(session)])
    for case in held.cases:
        assert case.person.name not in grounds
