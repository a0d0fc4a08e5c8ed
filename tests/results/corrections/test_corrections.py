"""Checks of results and corrections of marks: in time, with reason and evidence, and never by one person alone."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from core.audit.models import RecordEntry
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.messages.models import Notice
from core.plugin_api import MarkStatus
from core.results.corrections.score_checks import Ground, ask_for_check, checks, dismiss_check, uphold_check
from core.results.corrections.service import (
    Corrected,
    ask_for_correction,
    corrections,
    foretell_grant,
    grant_correction,
    refuse_correction,
)
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.marks import Mark, Outcome
from core.results.outcomes.service import work_out
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, OTHER_CITY, YEAR, Case, at
from tests.db import refusals
from tests.results.conftest import Office

RULES = ResultsTable()
SIXTY = Corrected(Decimal(60))
REMEDY = "（2024年10月8日重新认定）。对这一决定有异议的，可在2024年10月23日24时前申请复查。"


@pytest.fixture
def failed(office: Office) -> Case:
    """A candidate with one published mark below 60."""
    case = office.candidate()
    office.take_in([[office.reference(case), "59", "60", "缺考"]])
    with office.at_work() as session:
        work_out(session, year=YEAR, offices=office.season.offices)
    with office.at_work("supervisor") as session:
        session.execute(update(Outcome).values(published_at=session.now))
    return case


def _ask(office: Office, case: Case, subject: str = "岗位技能", corrected: Corrected = SIXTY) -> UUID:
    with office.at_work("甲") as session:
        return ask_for_correction(session, case.id, subject, corrected, reason="漏计", evidence="作答记录").id


def _grant(office: Office, correction_id: UUID) -> MarkCorrection:
    with office.at_work("supervisor") as session:
        return grant_correction(session, correction_id, offices=office.season.offices)


def test_a_published_mark_is_corrected_by_a_second_person_and_the_outcome_follows(office: Office, failed: Case) -> None:
    _grant(office, _ask(office, failed))
    with office.at_work() as session:
        half = session.get_one(Outcome, failed.id)
        assert (half.passed, half.reason) == (False, "职业能力缺考。")
    _grant(office, _ask(office, failed, "职业能力", Corrected(Decimal("71.5"))))
    with office.season.as_person(failed.person) as session:
        outcome = session.get_one(Outcome, failed.id)
        assert (outcome.passed, outcome.published_at) == (True, at(10, 8))
        assert outcome.basis["marks"][2]["mark"] == "71.5"
        told = session.scalars(select(Notice.body).where(Notice.kind == "mark_corrected")).all()
    assert set(told) == {
        f"岗位技能由59.0分更正为60.0分。目前的考核结果：不合格{REMEDY}",
        f"职业能力由“缺考”更正为71.5分。目前的考核结果：合格{REMEDY}",
    }
    with office.at_work() as session:
        kinds = session.scalars(select(RecordEntry.kind).where(RecordEntry.kind.startswith("mark.correct"))).all()
    assert sorted(kinds) == ["mark.corrected"] * 2 + ["mark.correction_asked"] * 2


def test_the_asker_does_not_decide_and_a_decision_is_final(office: Office, failed: Case) -> None:
    with (
        office.at_work("supervisor") as session,
        pytest.raises(DBAPIError, match="row-level security"),
        session.begin_nested(),
    ):
        ask_for_correction(session, failed.id, "岗位技能", SIXTY, reason="漏计", evidence="记录")
    correction_id = _ask(office, failed)
    both = office.examiner("甲")
    with office.season.as_office(CITY, actor=both) as session, pytest.raises(Forbidden, match="另一人"):
        grant_correction(session, correction_id, offices=office.season.offices)
    with office.at_work("supervisor") as session:
        with pytest.raises(Invalid, match="理由"):
            refuse_correction(session, correction_id, offices=office.season.offices, remark=" ")
        refuse_correction(session, correction_id, offices=office.season.offices, remark="作答记录无误")
        with pytest.raises(Conflict, match="已经决定"):
            grant_correction(session, correction_id, offices=office.season.offices)
        assert session.get_one(Mark, (failed.id, "岗位技能")).mark == 59
        assert [(correction.state, case.id) for correction, case in corrections(session, YEAR)] == [
            ("refused", failed.id)
        ]


def test_an_examiner_alone_cannot_grant_even_past_the_service(office: Office, failed: Case) -> None:
    correction_id = _ask(office, failed)
    granted = update(MarkCorrection).where(MarkCorrection.id == correction_id)
    values = {"state": "granted", "decided_at": office.season.now, "decided_by_name": "乙"}
    by_examiner = granted.values(decided_by=office.examiner("乙").account_id, **values)
    with office.at_work("乙") as session, pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
        session.execute(by_examiner)
    grafted = update(Mark).values(mark=60, correction_id=correction_id)
    with office.at_work("supervisor") as session, pytest.raises(DBAPIError, match="granted"), session.begin_nested():
        session.execute(grafted)


@pytest.mark.parametrize(
    ("corrected", "reason", "evidence", "code"),
    [
        (Corrected(Decimal(59)), "漏计", "记录", "nothing_to_correct"),
        (Corrected(Decimal("NaN")), "漏计", "记录", "correction_incomplete"),
        (Corrected(Decimal("100.1")), "漏计", "记录", "correction_incomplete"),
        (Corrected(Decimal("59.95")), "漏计", "记录", "correction_incomplete"),
        (Corrected(None), "漏计", "记录", "correction_incomplete"),
        (Corrected(Decimal(60), MarkStatus.VOID), "漏计", "记录", "correction_incomplete"),
        (SIXTY, " ", "记录", "correction_incomplete"),
        (SIXTY, "漏计", " ", "correction_incomplete"),
    ],
)
def test_a_correction_needs_something_to_correct_reason_and_evidence(
    office: Office, failed: Case, corrected: Corrected, reason: str, evidence: str, code: str
) -> None:
    with office.at_work() as session, pytest.raises(Invalid) as refused:
        ask_for_correction(session, failed.id, "岗位技能", corrected, reason=reason, evidence=evidence)
    assert refused.value.code == code


def test_one_correction_of_a_mark_at_a_time_and_only_of_the_offices_own(office: Office, failed: Case) -> None:
    _ask(office, failed)
    with pytest.raises(Conflict, match="等待决定"):
        _ask(office, failed)
    with office.season.as_office(OTHER_CITY) as session, pytest.raises(NotFound):
        ask_for_correction(session, failed.id, "岗位技能", SIXTY, reason="漏计", evidence="记录")


def _check(office: Office, case: Case, subject: str = "岗位技能", ground: Ground = Ground.OWN_RESULT) -> UUID:
    with office.season.as_person(case.person) as session:
        return ask_for_check(session, case.id, subject, ground=ground, reason="与估分相差较大", rules=RULES).id


def test_a_check_is_answered_to_person_and_unit_within_working_days(office: Office, failed: Case) -> None:
    check_id = _check(office, failed)
    with office.at_work() as session:
        ((check, case),) = checks(session, YEAR)
        # Seven working days after Tuesday, 8 October 2024, of which Saturday the 12th is worked in exchange.
        assert (check.id, check.due_at, case.id) == (check_id, at(10, 17, 0), failed.id)
        with pytest.raises(Invalid, match="结论"):
            dismiss_check(session, check_id, answer=" ")
        dismiss_check(session, check_id, answer="核对作答记录，计分无误。")
        with pytest.raises(Conflict, match="已经答复"):
            dismiss_check(session, check_id, answer="再次答复")
    told = select(Notice.body).where(Notice.kind == "score_check_dismissed")
    with office.season.as_person(failed.person) as session:
        assert session.scalars(told).all() == ["岗位技能复查结论：核查无误。核对作答记录，计分无误。"]
    with office.season.as_unit(failed.unit) as unit:
        assert unit.scalars(told).all() == [
            f"{failed.person.name}：岗位技能复查结论：核查无误。核对作答记录，计分无误。"
        ]


def test_a_check_that_finds_an_error_becomes_a_correction(office: Office, failed: Case) -> None:
    check_id = _check(office, failed, "职业能力", Ground.ABSENCE)
    with office.at_work() as session:
        uphold_check(session, check_id, Corrected(Decimal(80)), answer="本人到考，漏登。", evidence="签到表")
        ((case, _application),) = corrections(session, YEAR)
        assert (case.score_check_id, case.reason) == (check_id, "成绩复查：本人到考，漏登。")
    _grant(office, case.id)
    with office.at_work() as session:
        assert session.get_one(Mark, (failed.id, "职业能力")).mark == 80


@pytest.mark.parametrize(
    ("subject", "ground", "later", "code"),
    [
        ("岗位技能", Ground.ABSENCE, 0, "ground_unfit"),
        ("职业能力", Ground.VIOLATION, 0, "ground_unfit"),
        ("专业基础知识", Ground.OWN_RESULT, 0, "mark_not_found"),
        ("岗位技能", Ground.OWN_RESULT, 16, "check_over"),
    ],
)
def test_a_check_needs_a_fitting_ground_and_its_window(
    office: Office, failed: Case, subject: str, ground: Ground, later: int, code: str
) -> None:
    office.season.now += timedelta(days=later)
    with pytest.raises(KaowuError) as refused:
        _check(office, failed, subject, ground)
    assert refused.value.code == code


def test_the_last_day_of_the_window_counts_and_each_subject_is_checked_once(office: Office, failed: Case) -> None:
    office.season.now = at(10, 23, 23, 59, 59)
    check_id = _check(office, failed)
    with office.at_work() as session:
        dismiss_check(session, check_id, answer="无误。")
    with pytest.raises(Conflict, match="每科只能申请一次"):
        _check(office, failed)


def _refuse(office: Office, correction_id: UUID, remark: str = "签到表不是本人字迹。") -> None:
    with office.at_work("supervisor") as session:
        refuse_correction(session, correction_id, offices=office.season.offices, remark=remark)


def _upheld(office: Office, check_id: UUID) -> UUID:
    with office.at_work() as session:
        uphold_check(session, check_id, Corrected(Decimal(80)), answer="本人到考，漏登。", evidence="签到表")
        return session.scalars(select(MarkCorrection.id).where(MarkCorrection.score_check_id == check_id)).one()


def test_a_refused_correction_of_a_check_is_told_and_may_be_checked_again(office: Office, failed: Case) -> None:
    correction_id = _upheld(office, _check(office, failed, "职业能力", Ground.ABSENCE))
    with pytest.raises(Conflict, match="每科只能申请一次"):
        _check(office, failed, "职业能力", Ground.ABSENCE)
    office.season.now = at(11, 1)
    _refuse(office, correction_id)
    words = "复查提出的职业能力成绩更正未获同意，成绩仍为“缺考”。理由：签到表不是本人字迹。"
    remedy = "对这一决定有异议的，可在2024年11月16日24时前申请复查。"
    told = select(Notice.body).where(Notice.kind == "mark_correction_refused")
    with office.season.as_person(failed.person) as session:
        assert session.scalars(told).all() == [f"{words}{remedy}"]
    with office.season.as_unit(failed.unit) as session:
        assert session.scalars(told).all() == [f"{failed.person.name}：{words}{remedy}"]
    with office.at_work() as session:
        ours = told.where(Notice.recipient_office_id == CITY)
        assert session.scalars(ours).all() == [f"{office.reference(failed)}（测试考评甲提出）：{words}"]
    office.season.now = at(11, 16, 23, 59, 59)
    check_id = _check(office, failed, "职业能力", Ground.ABSENCE)
    with office.at_work() as session:
        assert session.get_one(ScoreCheck, check_id).correction_id == correction_id
        dismiss_check(session, check_id, answer="核对无误。")
    with pytest.raises(Conflict, match="每科只能申请一次"):
        _check(office, failed, "职业能力", Ground.ABSENCE)


def test_a_refused_correction_that_no_check_asked_for_opens_no_check(office: Office, failed: Case) -> None:
    correction_id = _ask(office, failed)
    office.season.now = at(11, 1)
    _refuse(office, correction_id)
    with pytest.raises(Conflict, match="期限已于2024年10月23日24时届满"):
        _check(office, failed)


def test_a_lowered_mark_is_checked_within_a_period_of_its_own(office: Office, failed: Case) -> None:
    office.season.now = at(12, 2)
    _grant(office, _ask(office, failed, "职业道德", Corrected(Decimal(30))))
    office.season.now = at(12, 17, 23, 59, 59)
    check_id = _check(office, failed, "职业道德")
    with pytest.raises(Conflict, match="期限已于2024年10月23日24时届满"):
        _check(office, failed)
    with office.at_work() as session:
        dismiss_check(session, check_id, answer="核对无误。")
    with pytest.raises(Conflict, match="每科只能申请一次"):
        _check(office, failed, "职业道德")


def test_the_period_of_a_corrected_mark_ends_as_well(office: Office, failed: Case) -> None:
    _grant(office, _ask(office, failed))
    office.season.now = at(10, 24, 0)
    with pytest.raises(Conflict, match="期限已于2024年10月23日24时届满"):
        _check(office, failed)


def test_the_database_keeps_one_check_of_a_decision_and_the_period(office: Office, failed: Case) -> None:
    correction_id = _ask(office, failed)
    _grant(office, correction_id)
    check_id = _check(office, failed)
    with office.at_work() as session:
        dismiss_check(session, check_id, answer="核对无误。")
    copied = (
        "INSERT INTO score_checks (id, application_id, office_id, subject, correction_id, ground, reason, state, "
        "asked_at, asked_by, due_at, answer) SELECT gen_random_uuid(), application_id, office_id, :subject, "
        "correction_id, ground, reason, 'open', :at, asked_by, due_at, '' FROM score_checks"
    )
    with office.season.as_person(failed.person) as session:
        assert refusals.refused(session, copied, at=session.now, subject="岗位技能") == "23505"
        assert refusals.refused(session, copied, at=session.now, subject="职业道德") == "42501"
        assert refusals.refused(session, copied, at=at(10, 24, 0), subject="岗位技能") == "42501"


def test_granting_tells_beforehand_what_it_will_cause_and_causes_nothing(office: Office, failed: Case) -> None:
    correction_id = _ask(office, failed, "职业能力", Corrected(Decimal(71)))
    with office.at_work("supervisor") as session:
        told = foretell_grant(session, correction_id, offices=office.season.offices)
        assert told == "考核结果仍为“不合格”；1份考核结果须换发，1人将收到通知。"
        assert session.get_one(Mark, (failed.id, "职业能力")).mark is None
        assert session.get_one(MarkCorrection, correction_id).state == "asked"
    with office.season.as_office(CITY, actor=office.examiner("甲")) as session:
        assert "另一人" in foretell_grant(session, correction_id, offices=office.season.offices)


def test_what_is_written_about_a_mark_has_a_limit(office: Office, failed: Case) -> None:
    long, season = "长" * 2001, office.season
    with season.as_person(failed.person) as session, pytest.raises(Invalid, match="最多2000字"):
        ask_for_check(session, failed.id, "岗位技能", ground=Ground.OWN_RESULT, reason=long, rules=RULES)
    check_id = _check(office, failed)
    with office.at_work("甲") as session, pytest.raises(Invalid, match="最多2000字"):
        dismiss_check(session, check_id, answer=long)
    with office.at_work("甲") as session, pytest.raises(Invalid, match="最多2000字"):
        ask_for_correction(session, failed.id, "岗位技能", SIXTY, reason="漏计", evidence=long)
    asked = _ask(office, failed)
    with office.at_work("supervisor") as session, pytest.raises(Invalid, match="最多2000字"):
        grant_correction(session, asked, offices=season.offices, remark=long)


def test_only_the_candidate_asks_for_a_check(office: Office, failed: Case) -> None:
    other = office.season.add_person()
    with office.season.as_person(other) as session, pytest.raises(NotFound):
        ask_for_check(session, failed.id, "岗位技能", ground=Ground.OWN_RESULT, reason="好奇", rules=RULES)
    _check(office, failed)
    with office.season.as_person(other) as session:
        assert session.scalars(select(ScoreCheck)).all() == []
