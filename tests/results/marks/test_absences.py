"""Absence at the door becomes 缺考, and no table contradicts a door list without a reason for each candidate."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Role
from core.errors import Conflict, Invalid
from core.plugin_api import MarkStatus
from core.results.candidate.own_results import results_of
from core.results.corrections import score_checks
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected, ask_for_correction, grant_correction
from core.results.marks.contradictions import Contradiction
from core.results.marks.reading import read_marks
from core.results.marks.service import confirm_import, contradicting, settled, withdraw_import
from core.results.models.marks import Mark, MarkImport, Outcome
from core.results.outcomes.service import WorkedOut
from core.scheduling.exam_day import door, door_lists
from core.scheduling.exam_day.notes import Note
from core.scheduling.models.sittings import Sitting
from core.scheduling.tickets import service as tickets
from core.tenancy.config.exams import TicketsTable
from core.tenancy.config.results import ResultsTable
from tests.cases import YEAR, Case, at
from tests.results.conftest import SUBJECTS, Office
from tests.scheduling.conftest import NINE, NOON, Exams, published

FULL = ("80", "70", "60")


class Held:
    """An exam that was held: who came, who did not; October by now."""

    def __init__(self, office: Office, came: list[Case], missed: list[Case], *, closed: bool = True) -> None:
        self.office, self.exams = office, Exams(office.season)
        office.season.now = at(5, 20)
        room = self.exams.rooms(self.exams.site())[0]
        self.sitting: Sitting = self.exams.sitting([room.id])
        plan_id = published(self.exams, [*came, *missed], self.sitting, room)
        with self.exams.at_work() as session:
            tickets.issue_tickets(session, plan_id, rules=TicketsTable())
            self.numbers = {
                ticket.application_id: ticket.number for ticket in tickets.tickets(session, plan_id=plan_id)
            }
        office.season.now = NINE
        self.arrive(*came)
        if closed:
            office.season.now = NOON
            with self.exams.at_work(role=Role.EXAMINER) as session:
                door_lists.close_attendance(session, self.sitting.id, reason="均未到")
        office.season.now = at(10, 8)

    def arrive(self, *cases: Case) -> None:
        """Have a phone send that they came."""
        notes = [Note(new_id(), self.numbers[case.id], self.sitting.id, NINE) for case in cases]
        with self.exams.at_work(role=Role.EXAMINER) as session:
            door.note_arrivals(session, notes)


def marks_of(office: Office, case: Case) -> list[tuple[str, bool]]:
    with office.at_work() as session:
        found = session.scalars(select(Mark).where(Mark.application_id == case.id).order_by(Mark.subject))
        return [(mark.status, mark.by_the_list) for mark in found]


def confirm(office: Office, made: MarkImport, reasons: Mapping[UUID, str]) -> MarkImport:
    with office.at_work("乙") as session:
        return confirm_import(session, made.id, digest=made.digest, rules=ResultsTable(), reasons=reasons)


def test_an_absent_candidate_fails_without_any_row_in_a_table(office: Office) -> None:
    came, missed = office.candidate(), office.candidate()
    Held(office, [came], [missed])
    office.take_in([[office.reference(came), *FULL]])
    assert office.work_out() == WorkedOut(passed=1, failed=1, kept=0)
    assert marks_of(office, missed) == [("absent", True)] * 3
    with office.at_work() as session:
        assert session.get_one(Outcome, missed.id).reason == "岗位技能缺考；职业道德缺考；职业能力缺考。"
        payload = session.scalars(select(RecordEntry.payload).where(RecordEntry.kind == "outcomes.worked_out")).one()
        assert payload["absent_by_the_list"] == 3
    with office.season.as_person(missed.person) as session:
        seen = results_of(session, missed.id)
        assert [(mark.status, mark.known_at) for mark in seen.marks] == [("absent", at(10, 8))] * 3
        assert seen.outcome is None


def test_an_empty_table_is_refused_and_absent_candidates_fail_without_one(office: Office) -> None:
    missed = office.candidate()
    Held(office, [], [missed])
    with pytest.raises(Invalid, match="考生全部缺考、并已在入场登记中登记缺考的，无需导入，直接认定结果"):
        office.propose(office.table([]))
    assert office.work_out() == WorkedOut(passed=0, failed=1, kept=0)


def test_working_out_again_leaves_an_absence_as_it_was(office: Office) -> None:
    missed = office.candidate()
    Held(office, [], [missed])
    office.work_out()
    office.season.now = at(10, 9)
    assert office.work_out() == WorkedOut(0, 1, 0)
    with office.at_work() as session:
        assert set(session.scalars(select(Mark.known_at))) == {at(10, 8)}


def test_a_late_phone_takes_the_absence_back_and_then_a_mark_is_missing(office: Office) -> None:
    missed = office.candidate()
    held = Held(office, [], [missed])
    office.season.now = NOON
    office.work_out()
    assert marks_of(office, missed) == [("absent", True)] * 3
    held.arrive(missed)
    with pytest.raises(Conflict, match=f"{office.reference(missed)}等1人已登记到场，却还有科目没有成绩"):
        office.work_out()
    office.take_in([[office.reference(missed), *FULL]])
    assert office.work_out() == WorkedOut(1, 0, 0)


def test_no_candidate_fails_by_a_door_list_that_was_not_kept(office: Office) -> None:
    one, other = office.candidate(), office.candidate()
    Held(office, [], [one, other], closed=False)
    office.take_in([[office.reference(one), *FULL]])
    said = f"{office.reference(other)}等1人还有科目没有成绩，也没有入场登记可以认定缺考"
    with pytest.raises(Conflict, match=said):
        office.work_out()
    assert marks_of(office, other) == []
    office.take_in([[office.reference(other), "缺考", "缺考", "缺考"]])
    assert office.work_out() == WorkedOut(1, 1, 0)
    assert marks_of(office, other) == [("absent", False)] * 3


def test_a_table_against_the_door_list_needs_a_reason_for_each_candidate(office: Office) -> None:
    came, missed, unlisted = office.candidate(), office.candidate(), office.candidate()
    Held(office, [came, unlisted], [missed])
    rows = [[office.reference(came), "缺考", "70", "60"], [office.reference(missed), "80", "缺考", "缺考"]]
    made = office.propose(office.table(rows))
    with office.at_work("乙") as session:
        found = [
            (named.reference, named.differs.subject, named.differs.how) for named in contradicting(session, made.id)
        ]
    expected = [
        (office.reference(came), "岗位技能", Contradiction.ABSENT_THOUGH_NOTED),
        (office.reference(missed), "岗位技能", Contradiction.MARK_OF_ABSENT),
        *((office.reference(unlisted), subject, Contradiction.MISSING) for subject in SUBJECTS),
    ]
    assert sorted(found) == sorted(expected)
    with pytest.raises(Invalid, match="3人不一致") as refused:
        confirm(office, made, {})
    assert set(refused.value.fields) == {f"reason_{case.id}" for case in (came, missed, unlisted)}
    with pytest.raises(Invalid, match="1人不一致"):
        confirm(office, made, {came.id: "考生中途离场", missed.id: "签到表有签名", unlisted.id: "  "})
    reasons = {came.id: "考生中途离场", missed.id: "签到表有签名", unlisted.id: "成绩在另一份表中"}
    confirmed = confirm(office, made, reasons)
    with office.at_work("乙") as session:
        assert contradicting(session, made.id) == []
        assert {(line.reference, line.reason) for line in settled(session, confirmed)} == {
            (office.reference(case), reasons[case.id]) for case in (came, missed, unlisted)
        }
    with office.season.as_province() as center:
        entry = center.scalars(select(RecordEntry.payload).where(RecordEntry.kind == "marks.confirmed")).one()
    assert entry["contradictions"] == 5
    assert marks_of(office, missed) == [("scored", False), ("absent", False), ("absent", False)]


def test_a_table_that_lists_absent_candidates_as_absent_needs_no_reason(office: Office) -> None:
    came, missed = office.candidate(), office.candidate()
    Held(office, [came], [missed])
    office.take_in([[office.reference(came), *FULL], [office.reference(missed), "缺考", "缺考", "缺考"]])
    assert office.work_out() == WorkedOut(1, 1, 0)
    assert marks_of(office, missed) == [("absent", False)] * 3


def test_an_absence_by_the_list_gives_way_to_a_table_and_comes_back_with_its_withdrawal(office: Office) -> None:
    missed = office.candidate()
    Held(office, [], [missed])
    office.work_out()
    made = office.propose(office.table([[office.reference(missed), *FULL]]))
    confirm(office, made, {missed.id: "扫码设备故障，签到表有签名"})
    assert office.work_out() == WorkedOut(1, 0, 0)
    with office.at_work("supervisor") as session:
        withdraw_import(session, made.id, reason="列错位")
    assert marks_of(office, missed) == []
    assert office.work_out() == WorkedOut(0, 1, 0)
    assert marks_of(office, missed) == [("absent", True)] * 3


def test_an_absence_by_the_list_is_checked_and_corrected_like_any_mark(office: Office) -> None:
    missed = office.candidate()
    Held(office, [], [missed])
    office.work_out()
    rules = office.season.offices.config(office.season.look(missed).office_id).results
    with office.season.as_person(missed.person) as session:
        asked = score_checks.ask_for_check(
            session, missed.id, "岗位技能", ground=Ground.ABSENCE, reason="本人参加了考试", rules=rules
        )
    with office.at_work() as session:
        score_checks.dismiss_check(session, asked.id, answer="监控显示未到场")
        case = ask_for_correction(
            session, missed.id, "职业道德", Corrected(None, MarkStatus.VIOLATION), reason="替考", evidence="监控录像"
        )
    with office.at_work("supervisor") as session:
        grant_correction(session, case.id, offices=office.season.offices)
    assert office.work_out() == WorkedOut(0, 1, 0)
    assert sorted(marks_of(office, missed)) == [("absent", True), ("absent", True), ("violation", False)]


def test_postgresql_lets_in_by_the_door_list_only_absences_that_it_shows(office: Office) -> None:
    came, missed = office.candidate(), office.candidate()
    Held(office, [came], [missed])
    row = {"office_id": office.season.look(came).office_id, "year": YEAR, "import_id": None, "known_at": at(10, 8)}
    wrong = [
        {"application_id": came.id, "subject": SUBJECTS[0], "status": "absent", "mark": None},
        {"application_id": missed.id, "subject": "专业基础知识", "status": "absent", "mark": None},
        {"application_id": missed.id, "subject": SUBJECTS[0], "status": "void", "mark": None},
        {"application_id": missed.id, "subject": SUBJECTS[0], "status": "scored", "mark": 60},
    ]
    with office.at_work() as session:
        for one in wrong:
            with pytest.raises(DBAPIError, match=r"confirmed table|comes_from_somewhere"), session.begin_nested():
                session.execute(insert(Mark), [row | one])
        session.execute(insert(Mark), [row | wrong[0] | {"application_id": missed.id}])
        session.execute(delete(Mark))


def test_postgresql_refuses_a_table_against_the_list_without_a_reason(office: Office) -> None:
    missed = office.candidate()
    Held(office, [], [missed])
    office.propose(office.table([[office.reference(missed), *FULL]]))
    change = {"state": "confirmed", "decided_at": at(10, 8), "decided_by_name": "测试"}
    with office.at_work("乙") as session:
        signed = change | {"decided_by": session.actor.account_id}
        for settled_as in ([], [{"application": str(missed.id), "subject": SUBJECTS[0], "reason": "签到表有签名"}]):
            with pytest.raises(DBAPIError, match="contradicts the door list"), session.begin_nested():
                session.execute(update(MarkImport).values(**signed, contradictions=settled_as))


def test_an_absence_that_was_published_stays_whatever_a_phone_sends(office: Office) -> None:
    missed = office.candidate()
    held = Held(office, [], [missed])
    office.season.now = NOON
    office.work_out()
    with office.at_work("supervisor") as session:
        session.execute(update(Outcome).values(published_at=session.now))
    held.arrive(missed)
    assert office.work_out() == WorkedOut(0, 0, 1)
    assert marks_of(office, missed) == [("absent", True)] * 3
    with office.at_work() as session:
        reading = read_marks(session, office.table([[office.reference(missed), *FULL]]), year=YEAR)
    assert [fault.text for fault in reading.faults] == [
        f"{subject}已有成绩，如需更改请办理成绩更正" for subject in SUBJECTS
    ]
