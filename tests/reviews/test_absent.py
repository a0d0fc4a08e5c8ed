"""Absent papers and empty answers: nothing is submitted without a required paper, and a reviewer may ask for more."""

from collections.abc import Callable
from typing import Any

import pytest

from core.db.session import Role
from core.documents.queries import current_documents
from core.documents.service import materials_of
from core.domain.workflow import State
from core.errors import Invalid
from core.plugin_api import Grade
from core.reviews import service as reviews
from core.reviews.absent import absent_papers, empty_answers, paper_names, papers_of
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.queries import faulty_items, remark
from core.reviews.reasons import MISSING
from tests.cases import CITY, Case, Season, answers, unfiled

PAPER = "diploma"
ASKED = (
    ItemVerdict(PAPER, faulty=True, reason_code=MISSING),
    ItemVerdict("grade", faulty=True, reason_code="implausible"),
)


def by_unit(season: Season) -> Case:
    case = season.submitted()
    with season.as_unit(case.unit) as session:
        send_back(season, session, case)
    return case


def by_department(season: Season) -> Case:
    case = season.submitted(department=True)
    season.approve_at_unit(case)
    assert case.department is not None
    reviewer = season.reviewer(case.department, role=Role.DEPARTMENT_REVIEWER)
    with season.as_unit(case.department, case.unit, actor=reviewer) as session:
        send_back(season, session, case)
    return case


def by_office(season: Season) -> Case:
    case = season.at_office()
    with season.as_office(CITY) as session:
        send_back(season, session, case)
    return case


def send_back(season: Season, session: Any, case: Case, items: tuple[ItemVerdict, ...] = ASKED) -> None:
    reviews.return_for_correction(
        session, case.id, offices=season.offices, reason="请补交", items=each_item(session, case.id, but=items)
    )


@pytest.mark.parametrize("returned", [by_unit, by_department, by_office])
def test_a_case_comes_back_with_the_paper_that_any_reviewer_asked_for(
    season: Season, returned: Callable[[Season], Case]
) -> None:
    case = returned(season)
    season.upload(case, PAPER)
    with season.as_person(case.person) as session:
        assert PAPER in {document.material for document in current_documents(session, case.id)}
    assert season.submit(case) is State.UNIT_REVIEW


def test_a_submission_without_required_papers_names_all_of_them(season: Season) -> None:
    case = season.draft(filled=answers(Grade.TWO), papers=False)
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert refused.value.code == "paper_missing"
    assert refused.value.fields == {
        "identity_card": "请上传居民身份证。",
        "photo": "请上传近期免冠照片。",
        "grade_certificate": "请上传现有等级证书。",
        "diploma": "请上传毕业证书。",
    }
    assert all(name in refused.value.detail for name in ("居民身份证", "近期免冠照片", "现有等级证书", "毕业证书"))
    season.upload_required(case)
    assert season.submit(case) is State.UNIT_REVIEW


def test_gaps_of_the_form_and_absent_papers_are_named_at_once(season: Season) -> None:
    case = season.draft(filled=answers(Grade.FIVE, education=None, declared_true=False), papers=False)
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    lacking = {"education", "declared_true", "identity_card", "photo", "regularisation"}
    assert (refused.value.code, set(refused.value.fields)) == ("form_incomplete", lacking)
    assert "居民身份证、近期免冠照片、转正定级材料" in refused.value.detail


def test_a_corrected_grade_asks_for_the_papers_of_that_grade(season: Season) -> None:
    case = by_unit(season)
    season.save(case, {**answers(Grade.FIVE), "grade": Grade.FOUR})
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert (refused.value.code, set(refused.value.fields)) == ("paper_missing", {"grade_certificate"})
    assert season.look(case).state == State.RETURNED


def test_a_paper_that_may_follow_later_keeps_nobody_from_submitting(season: Season) -> None:
    case = season.draft(filled=unfiled())
    with season.as_person(case.person) as session:
        assert "annual_assessments" not in materials_of(session, case.id)
    assert season.submit(case) is State.UNIT_REVIEW


def test_an_optional_or_deferrable_paper_keeps_nobody_from_submitting(season: Season) -> None:
    case = season.submitted(filled=unfiled())
    items = tuple(
        ItemVerdict(code, faulty=True, reason_code=MISSING) for code in ("annual_assessments", "achievements")
    )
    with season.as_unit(case.unit) as session:
        send_back(season, session, case, items)
    assert season.submit(case) is State.UNIT_REVIEW


def test_a_reviewer_sees_absent_papers_that_were_asked_for_before_the_others(season: Season) -> None:
    case = season.submitted(filled=unfiled())
    with season.as_unit(case.unit) as session:
        application = season.look_in(session, case)
        papers = papers_of(session, application)
        listed = absent_papers(papers, season.rules)
        names = paper_names(papers.requirements, season.rules)
    asked = {paper.code: (paper.required, paper.deferrable) for paper in listed if paper.asked}
    assert asked == {"annual_assessments": (True, True)}
    assert [paper.asked for paper in listed] == sorted((paper.asked for paper in listed), reverse=True)
    assert len({paper.code for paper in listed}) == len(listed)
    assert {"identity_card", "photo"} & {paper.code for paper in listed} == set()
    assert names["annual_assessments"] == "备案后的年度考核结果"


def test_an_answer_that_was_left_empty_can_be_asked_for(season: Season) -> None:
    case = season.submitted(filled=answers(Grade.FIVE))
    application = season.look(case)
    assert ("retires_on", "预计退休日期") in empty_answers(application)
    assert "first_job_year" not in dict(empty_answers(application))
    with season.as_unit(case.unit) as session:
        send_back(
            season, session, case, (ItemVerdict("retires_on", faulty=True, reason_code=MISSING, comment="年内退休"),)
        )
    with season.as_person(case.person) as session:
        application = season.look_in(session, case)
        (item,) = faulty_items(session, application)
        assert remark(item) == "缺少，请补上。年内退休"
