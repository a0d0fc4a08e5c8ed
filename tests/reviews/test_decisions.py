"""Decisions: reasons, items, findings that ask, deferred papers, and acts of the calendar."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from core.api.applications.schemas import case_of
from core.applications import service as applications
from core.applications.models import Application, Deferral
from core.applications.queries import findings
from core.domain.workflow import Action, State
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.plugin_api import Severity
from core.reviews import service as reviews
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.due import carry_out_due
from core.reviews.models import ReviewItem
from core.reviews.settlements import Answer, settle_findings
from core.sanctions import cases
from core.sanctions.cases import Measures
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, Case, Season, answers, at, uncertain, unfiled
from tests.sanctioned import decided_before

TICK = timedelta(microseconds=1)
FAULTY = (ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file", comment="与档案不符"),)
PAPER = "annual_assessments"
DUE, EXAM = at(5, 26, 0), at(7, 6, 0)


def send_back(season: Season, case: Case, items: Sequence[ItemVerdict] = FAULTY, reason: str = "请更正") -> Application:
    with season.as_unit(case.unit) as session:
        return reviews.return_for_correction(
            session, case.id, offices=season.offices, reason=reason, items=each_item(session, case.id, but=items)
        )


def test_a_returned_application_goes_back_to_the_first_stage(season: Season) -> None:
    case = season.at_office()
    with season.as_office(CITY) as session:
        made = reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请核实", items=each_item(session, case.id, but=FAULTY)
        )
    assert (made.state, made.unlocked_items, made.due_at) == ("returned", ["first_job_year"], at(4, 16, 0))
    assert season.submit(case) is State.UNIT_REVIEW
    assert (season.look(case).round, season.look(case).unlocked_items) == (2, None)


def test_the_reviewers_verdict_on_each_item_is_kept(season: Season) -> None:
    case = season.submitted()
    send_back(season, case, [*FAULTY, ItemVerdict("education")])
    with season.as_person(case.person) as session:
        named = ReviewItem.item.in_(["education", "first_job_year"])
        kept = session.scalars(select(ReviewItem).where(named).order_by(ReviewItem.item)).all()
    assert [(item.item, item.verdict, item.reason_code, item.comment, item.stage, item.round) for item in kept] == [
        ("education", "correct", "", "", "unit_review", 1),
        ("first_job_year", "faulty", "differs_from_file", "与档案不符", "unit_review", 1),
    ]


def test_after_a_return_only_the_faulty_items_can_be_changed(season: Season) -> None:
    case = season.submitted()
    send_back(season, case)
    with pytest.raises(Invalid) as refused:
        season.save(case, answers(first_job_year=2018, trade="LS-2"))
    assert (refused.value.code, set(refused.value.fields)) == ("items_locked", {"trade"})
    kept = season.save(case, answers(first_job_year=2018))
    assert (kept.form["first_job_year"], kept.form["trade"]) == (2018, "LS-1")


def test_a_case_under_review_cannot_be_edited(season: Season) -> None:
    case = season.submitted()
    with pytest.raises(Conflict) as refused:
        season.save(case, answers())
    assert refused.value.code == "not_editable"


def test_a_return_needs_a_reason_and_an_item(season: Season) -> None:
    case = season.submitted()
    long = [ItemVerdict("x" * 65, faulty=True)]
    many = [ItemVerdict(f"item_{n}", faulty=True) for n in range(101)]
    for items, reason, code in (
        (FAULTY, " ", "reason_required"),
        (FAULTY, "字" * 2001, "text_too_long"),
        ([], "请更正", "nothing_to_correct"),
        (long, "请更正", "items_unknown"),
        (many, "请更正", "items_unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            send_back(season, case, items, reason)
        assert refused.value.code == code
    assert season.look(case).state == State.UNIT_REVIEW


def test_nobody_approves_what_they_call_faulty(season: Season) -> None:
    case = season.submitted()
    with pytest.raises(Invalid) as refused, season.as_unit(case.unit) as session:
        reviews.approve(session, case.id, offices=season.offices, items=FAULTY)
    assert refused.value.code == "faulty_items"


def test_a_rejected_case_tells_the_applicant_why_and_lets_them_try_again(season: Season) -> None:
    case = season.submitted()
    with season.as_unit(case.unit) as session:
        made = reviews.reject(session, case.id, offices=season.offices, reason="岗位无空缺")
    assert (made.state, made.due_at, season.story(case)[-1].reason) == ("rejected", None, "岗位无空缺")
    assert season.submit(season.draft(person=case.person)) is State.UNIT_REVIEW


def asked(season: Season, case: Case) -> list[UUID]:
    with season.as_office(CITY) as session:
        return [finding.id for finding in findings(session, case.id, 1) if finding.severity == Severity.ASKS]


def test_an_office_cannot_pass_a_case_before_every_finding_that_asks_is_answered(season: Season) -> None:
    case = season.at_office(filled=uncertain())
    ids = asked(season, case)
    assert ids
    with pytest.raises(Conflict) as refused, season.as_office(CITY) as session:
        reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert (refused.value.code, f"还有{len(ids)}条" in refused.value.detail) == ("findings_unsettled", True)
    assert list(refused.value.fields) == [f"why_{finding_id}" for finding_id in ids]
    with season.as_office(CITY) as session:
        settle_findings(
            session, case.id, [Answer(finding_id, satisfied=False, reason="档案中没有") for finding_id in ids]
        )
    with pytest.raises(Conflict), season.as_office(CITY) as session:
        reviews.approve(session, case.id, offices=season.offices, items=each_item(session, case.id))
    season.now += timedelta(hours=1)
    assert season.approve_at_office(case) is State.QUALIFIED


def test_an_answer_needs_a_reason_a_finding_that_asks_and_an_office_in_charge(season: Season) -> None:
    case = season.at_office(COUNTY, filled=uncertain())
    finding_id = asked(season, case)[0]
    refusals = [
        (CITY, Answer(finding_id, satisfied=True, reason="已核对"), Forbidden, "not_in_charge"),
        (COUNTY, Answer(finding_id, satisfied=True, reason=" "), Invalid, "reason_required"),
        (COUNTY, Answer(case.id, satisfied=True, reason="已核对"), NotFound, "no_such_finding"),
    ]
    for office, answer, kind, code in refusals:
        with pytest.raises(kind) as refused, season.as_office(office) as session:
            settle_findings(session, case.id, [answer])
        assert refused.value.code == code


def deferred(season: Season, *, due: datetime = DUE) -> Case:
    """A case whose unit has committed to supply the paper that is not on file."""
    case = season.submitted(filled=unfiled())
    commit(season, case, due=due)
    return case


def commit(
    season: Season, case: Case, *, due: datetime = DUE, material: str = PAPER, words: str = "备案后补交"
) -> None:
    with season.as_unit(case.unit) as session:
        applications.commit_to_deferral(
            session, case.id, material=material, commitment=words, due_at=due, exam_begins=EXAM
        )


def provisional(season: Season) -> Case:
    case = deferred(season)
    season.approve_at_unit(case)
    assert season.approve_at_office(case) is State.PROVISIONAL
    return case


def deferral_of(season: Season, case: Case) -> tuple[str, bool, datetime | None]:
    with season.as_person(case.person) as session:
        deferral = session.scalars(select(Deferral).where(Deferral.application_id == case.id)).one()
    return deferral.state, deferral.document_id is not None, deferral.ended_at


def supplement(season: Season, case: Case) -> None:
    document_id = season.upload(case, PAPER)
    with season.as_person(case.person) as session:
        applications.supplement(session, case.id, material=PAPER, document_id=document_id)


def test_a_unit_that_will_not_commit_cannot_pass_a_case_without_the_paper(season: Season) -> None:
    case = season.submitted(filled=unfiled())
    with pytest.raises(Conflict) as refused:
        season.approve_at_unit(case)
    assert (refused.value.code, "备案后的年度考核结果" in refused.value.detail) == ("commitment_required", True)


def test_a_paper_that_follows_in_time_is_cleared(season: Season) -> None:
    case = provisional(season)
    assert (season.look(case).due_at, season.look(case).deferral_open) == (DUE, True)
    with pytest.raises(Conflict) as refused, season.as_office(CITY) as session:
        reviews.clear(session, case.id, offices=season.offices)
    assert refused.value.code == "deferral_open"
    season.now = DUE - TICK
    supplement(season, case)
    assert deferral_of(season, case) == ("supplemented", True, None)
    season.now = DUE + timedelta(days=1)
    with season.as_office(CITY) as session:
        made = reviews.clear(session, case.id, offices=season.offices)
    assert (made.state, made.deferral_open, made.due_at) == ("qualified", False, None)
    assert deferral_of(season, case) == ("cleared", True, season.now)


def test_a_paper_is_not_taken_at_its_hour(season: Season) -> None:
    case = provisional(season)
    season.now = DUE
    with pytest.raises(Conflict) as refused:
        supplement(season, case)
    assert (refused.value.code, "2024年5月25日" in refused.value.detail) == ("deferral_over", True)


def test_a_paper_that_does_not_follow_lapses_at_its_hour_and_not_before(season: Season) -> None:
    case = provisional(season)
    season.now = DUE - TICK
    assert due_work(season) == 0
    season.now = DUE
    assert due_work(season) == 1
    made = season.look(case)
    assert (made.state, made.deferral_open, season.story(case)[-1].reason) == (
        "rejected",
        False,
        "容缺材料未在承诺期限内补交",
    )
    assert deferral_of(season, case) == ("lapsed", False, DUE)
    assert due_work(season) == 0


def test_a_paper_that_was_supplied_does_not_lapse_while_it_waits_for_the_office(season: Season) -> None:
    case = provisional(season)
    supplement(season, case)
    season.now = DUE + timedelta(days=3)
    assert due_work(season) == 0
    assert season.look(case).state == State.PROVISIONAL


def test_a_paper_that_shows_the_condition_was_not_met_ends_in_rejection(season: Season) -> None:
    case = provisional(season)
    supplement(season, case)
    with season.as_office(CITY) as session:
        made = reviews.reject(session, case.id, offices=season.offices, reason="考核不合格")
    assert (made.state, made.deferral_open, deferral_of(season, case)[0]) == ("rejected", False, "lapsed")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"material": "photo"}, "not_deferrable"),
        ({"words": " "}, "commitment_required"),
        ({"due": at(3, 25)}, "deferral_due"),
        ({"due": EXAM + TICK}, "deferral_due"),
    ],
)
def test_a_commitment_is_about_a_paper_that_may_follow_and_ends_before_the_exam(
    season: Season, change: dict[str, object], code: str
) -> None:
    case = season.submitted(filled=unfiled())
    with pytest.raises(Invalid) as refused:
        commit(season, case, **change)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_only_the_unit_and_its_department_commit_while_they_review(season: Season) -> None:
    case = deferred(season)
    season.approve_at_unit(case)
    with pytest.raises(Conflict) as refused:
        commit(season, case)
    assert refused.value.code == "not_at_the_unit"


def test_a_paper_is_committed_to_once(season: Season) -> None:
    case = deferred(season)
    with pytest.raises(Conflict) as twice:
        commit(season, case)
    assert (twice.value.code, "5月25日" in twice.value.detail) == ("committed_already", True)


def reopened(season: Season) -> Case:
    """A case whose commitment ended without the paper, and which is reviewed again."""
    case = provisional(season)
    with season.as_office(CITY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="考核不合格")
    with season.as_province() as session:
        reviews.reopen(session, case.id, offices=season.offices, reason="申诉成立")
    return case


def test_a_case_is_not_approved_again_without_the_paper_of_an_ended_commitment(season: Season) -> None:
    case = reopened(season)
    with pytest.raises(Conflict) as refused:
        season.approve_at_office(case)
    assert refused.value.code == "deferral_ended"


def test_an_ended_commitment_is_not_made_again_and_stands_for_no_paper(season: Season) -> None:
    case = reopened(season)
    with season.as_office(CITY, "second") as session:
        items = (ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file"),)
        reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请核对", items=each_item(session, case.id, but=items)
        )
    season.submit(case)
    with pytest.raises(Conflict) as again:
        commit(season, case)
    with pytest.raises(Conflict) as approved:
        season.approve_at_unit(case)
    assert (again.value.code, approved.value.code) == ("deferral_ended", "deferral_ended")


def due_work(season: Season) -> int:
    with season.as_system(CITY) as session:
        return carry_out_due(session, year=YEAR)


def test_drafts_and_returns_expire_when_qualification_review_ends(season: Season) -> None:
    returned, draft, waiting = season.submitted(), season.draft(), season.at_office()
    send_back(season, returned)
    season.now = at(4, 16, 0) - TICK
    assert due_work(season) == 0
    season.now = at(4, 16, 0)
    assert due_work(season) == 2
    states = [season.look(case).state for case in (returned, draft, waiting)]
    assert states == ["expired", "expired", "qualification_review"]
    assert season.story(draft)[-1].role == "system"


def test_the_systems_work_for_one_office_leaves_the_others_alone(season: Season) -> None:
    elsewhere = season.draft(OTHER_CITY)
    season.now = at(4, 16, 0)
    assert due_work(season) == 0
    assert season.look(elsewhere).state == State.DRAFT


def test_a_supervisor_has_a_decided_case_reviewed_again_with_a_reason(season: Season) -> None:
    case = season.at_office(COUNTY)
    season.approve_at_office(case, COUNTY)
    for reopen_as, code in ((COUNTY, "not_in_charge"), (CITY, "reason_required")):
        reason = "抽查" if reopen_as is COUNTY else ""
        with pytest.raises((Forbidden, Invalid)) as refused, season.as_office(reopen_as, "supervisor") as session:
            reviews.reopen(session, case.id, offices=season.offices, reason=reason)
        assert refused.value.code == code
    with season.as_office(CITY, "supervisor") as session:
        made = reviews.reopen(session, case.id, offices=season.offices, reason="抽查发现理由不成立")
    assert (made.state, made.handler_office_id) == ("qualification_review", COUNTY)


def test_the_office_that_decided_does_not_reopen_its_own_case_but_the_center_does(season: Season) -> None:
    case = season.at_office()
    season.approve_at_office(case)
    with pytest.raises(Forbidden), season.as_office(CITY, "supervisor") as session:
        reviews.reopen(session, case.id, offices=season.offices, reason="测试")
    with season.as_province() as session:
        made = reviews.reopen(session, case.id, offices=season.offices, reason="申诉成立")
    assert made.state == State.QUALIFICATION_REVIEW
    assert season.story(case)[-1].acting_office_id == PROVINCE


@pytest.mark.parametrize("who", ["county", "city", "center"])
def test_nobody_disqualifies_without_a_final_decision(season: Season, who: str) -> None:
    case = season.at_office(COUNTY)
    sessions = {
        "county": lambda: season.as_office(COUNTY, "supervisor"),
        "city": lambda: season.as_office(CITY, "supervisor"),
        "center": season.as_province,
    }
    with pytest.raises((Forbidden, Conflict)) as refused, sessions[who]() as session:
        reviews.disqualify(session, case.id, offices=season.offices, reason="证书系伪造")
    assert refused.value.code == ("not_in_charge" if who == "county" else "decision_needed")
    assert season.look(case).state == State.QUALIFICATION_REVIEW


@pytest.mark.parametrize(
    ("measures", "may"),
    [(Measures(True, False, 0), True), (Measures(False, True, 0), False), (Measures(False, False, 2), False)],
)
def test_a_final_decision_disqualifies_where_it_orders_that(season: Season, measures: Measures, may: bool) -> None:
    case = season.at_office()
    found = decided_before(season, case, "证书系伪造", measures)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as early:
        reviews.disqualify(session, case.id, offices=season.offices, reason="证书系伪造")
    assert early.value.code == "decision_needed"
    with season.as_province() as session:
        cases.carry_out(session, found, offices=season.offices)
    assert season.look(case).state == (State.DISQUALIFIED if may else State.QUALIFICATION_REVIEW)
    if not may:
        with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict) as refused:
            reviews.disqualify(session, case.id, offices=season.offices, reason="证书系伪造")
        assert refused.value.code == "decision_needed"


def test_the_database_itself_disqualifies_nobody_without_a_final_decision(
    season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = season.at_office()
    monkeypatch.setattr("core.applications.moves.check_nothing_stands", lambda *_: None)
    with pytest.raises(DBAPIError) as refused, season.as_office(CITY, "supervisor") as session:
        reviews.disqualify(session, case.id, offices=season.offices, reason="绕过服务")
    assert refused.value.orig.sqlstate == "KW031"  # type: ignore[union-attr]


def test_no_case_offers_a_disqualification_as_an_act(season: Season) -> None:
    case = season.at_office()
    season.approve_at_office(case)
    with season.as_province() as session:
        assert [action.action for action in case_of(session, season.look_in(session, case)).allowed_actions] == [
            Action.REOPEN
        ]


def test_a_case_that_needs_it_is_confirmed_on_site_before_it_is_qualified(season: Season) -> None:
    case = season.at_office(OTHER_CITY)
    with season.as_office(OTHER_CITY) as session:
        season.settle(session, case)
    with pytest.raises(Conflict) as refused, season.as_office(OTHER_CITY, "onsite") as session:
        reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id))
    assert refused.value.code == "wrong_state"
    assert season.approve_at_office(case, OTHER_CITY) is State.ONSITE_CONFIRMATION
    with season.as_office(OTHER_CITY, "onsite") as session:
        assert (
            reviews.confirm(session, case.id, offices=season.offices, items=each_item(session, case.id)).state
            == State.QUALIFIED
        )


def returned_after_the_hard_end(season: Season) -> Case:
    """A case that is refused, reopened in May, and returned then."""
    case = season.at_office(COUNTY)
    with season.as_office(COUNTY) as session:
        reviews.reject(session, case.id, offices=season.offices, reason="工作年限不足")
    season.now = at(5, 8)
    with season.as_office(CITY, "supervisor") as session:
        reviews.reopen(session, case.id, offices=season.offices, reason="申诉成立")
    with season.as_office(COUNTY) as session:
        made = reviews.return_for_correction(
            session, case.id, offices=season.offices, reason="请改正", items=each_item(session, case.id, but=FAULTY)
        )
        assert made.due_at == at(5, 15, 0)
    return case


def test_a_case_reopened_after_the_hard_end_can_be_returned_and_corrected(season: Season) -> None:
    case = returned_after_the_hard_end(season)
    assert due_work(season) == 0
    season.now = at(5, 15, 0) - TICK
    assert season.submit(case) is State.UNIT_REVIEW
    due_at = season.look(case).due_at
    assert due_at is not None
    assert due_at > season.now


def test_a_case_returned_after_the_hard_end_expires_on_its_own_date(season: Season) -> None:
    case = returned_after_the_hard_end(season)
    season.now = at(5, 15, 0)
    with pytest.raises(Conflict) as refused:
        season.submit(case)
    assert refused.value.code == "correction_over"
    assert due_work(season) == 1
    assert season.look(case).state == State.EXPIRED
