"""Who has passed, worked out for the office at once, and what publication locks."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.errors import Conflict
from core.plugin_api import Grade
from core.results.models.marks import Outcome
from core.results.outcomes.service import WorkedOut, work_out
from tests.cases import CITY, OTHER_CITY, YEAR, Case
from tests.results.conftest import THEORY, Office

COMPUTER_GRADES = tuple(grade for grade in Grade if grade is not Grade.ONE)


def _work_out(office: Office, *grades: Grade) -> WorkedOut:
    with office.at_work() as session:
        return work_out(session, year=YEAR, offices=office.season.offices, grades=grades or tuple(Grade))


def _outcome(office: Office, case: Case) -> Outcome:
    with office.at_work() as session:
        return session.get_one(Outcome, case.id)


def test_outcomes_follow_from_the_marks_and_keep_their_basis(office: Office) -> None:
    passed, failed = office.candidate(), office.candidate(Grade.FOUR)
    office.take_in([[office.reference(passed), "60", "60", "60"], [office.reference(failed), "90", "59.9", "违纪"]])
    assert _work_out(office) == WorkedOut(passed=1, failed=1, kept=0)
    found = _outcome(office, failed)
    assert (found.passed, found.grade, found.trade) == (False, 4, "LS-1")
    assert found.reason == "职业道德59.9分，未达到60分；职业能力违纪，成绩无效。"
    assert found.basis == {
        "pass_mark": "60",
        "marks": [
            {"subject": "岗位技能", "mark": "90.0", "status": "scored", "from": None},
            {"subject": "职业道德", "mark": "59.9", "status": "scored", "from": None},
            {"subject": "职业能力", "mark": None, "status": "violation", "from": None},
        ],
        "review": None,
    }
    with office.at_work() as session:
        wanted = select(RecordEntry.payload).where(RecordEntry.kind == "outcomes.worked_out")
        (payload,) = session.scalars(wanted).all()
    assert (payload["passed"], payload["failed"], len(payload["digest"])) == (1, 1, 64)


def test_a_candidate_without_a_mark_stops_the_whole_list(office: Office) -> None:
    done, open_case = office.candidate(), office.candidate()
    office.take_in([[office.reference(done), "60", "60", "60"], [office.reference(open_case), "60", "", ""]])
    with pytest.raises(Conflict, match=f"{office.reference(open_case)}等1人还有科目没有成绩"):
        _work_out(office)


def test_grade_one_with_theory_passed_waits_for_its_review(office: Office) -> None:
    good, poor = office.candidate(Grade.ONE), office.candidate(Grade.ONE)
    office.take_in([[office.reference(good), "80", "80"], [office.reference(poor), "80", "50"]], THEORY)
    with pytest.raises(Conflict, match=f"{office.reference(good)}等1人理论合格，综合评审未结束或排名尚未确认"):
        _work_out(office, Grade.ONE)
    assert _work_out(office, *COMPUTER_GRADES) == WorkedOut(0, 0, 0)


def test_published_outcomes_stay_and_the_others_can_be_worked_out_again(office: Office) -> None:
    case = office.candidate()
    office.take_in([[office.reference(case), "60", "60", "60"]])
    assert _work_out(office) == WorkedOut(1, 0, 0)
    assert _work_out(office) == WorkedOut(1, 0, 0)
    with office.at_work("supervisor") as session:
        session.execute(update(Outcome).values(published_at=session.now))
    assert _work_out(office) == WorkedOut(0, 0, 1)
    for change in ({"passed": False}, {"published_at": None}):
        with (
            office.at_work("supervisor") as session,
            pytest.raises(DBAPIError, match="granted correction"),
            session.begin_nested(),
        ):
            session.execute(update(Outcome).values(**change))


def test_an_outcome_is_the_offices_alone_until_it_is_published(office: Office) -> None:
    case = office.candidate()
    office.take_in([[office.reference(case), "60", "60", "60"]])
    _work_out(office)
    wanted = select(Outcome.passed)
    with office.season.as_person(case.person) as session:
        assert session.scalars(wanted).all() == []
    with office.season.as_office(OTHER_CITY) as elsewhere:
        assert elsewhere.scalars(wanted).all() == []
    with office.at_work("supervisor") as supervisor:
        supervisor.execute(update(Outcome).where(Outcome.office_id == CITY).values(published_at=supervisor.now))
    with office.season.as_person(case.person) as session:
        assert session.scalars(wanted).all() == [True]
