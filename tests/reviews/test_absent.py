"""Absent papers and empty answers: any reviewer may ask for them in a return, and the next submission needs them."""

from collections.abc import Callable
from typing import Any

import pytest

from core.db.session import Role
from core.domain.workflow import State
from core.errors import Invalid
from core.plugin_api import Grade
from core.reviews import service as reviews
from core.reviews.absent import absent_papers, empty_answers, paper_names
from core.reviews.queries import faulty_items, missing_papers, remark
from core.reviews.reasons import MISSING
from core.reviews.service import ItemVerdict
from tests.cases import CITY, Case, Season, answers, unfiled

PAPER = "regularisation"
ASKED = (ItemVerdict(PAPER, faulty=True, reason_code=MISSING),)


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
    reviews.return_for_correction(session, case.id, offices=season.offices, reason="请补交", items=items)


@pytest.mark.parametrize("returned", [by_unit, by_department, by_office])
def test_a_case_comes_back_with_the_paper_that_any_reviewer_asked_for(
    season: Season, returned: Callable[[Season], Case]
) -> None:
    case = returned(season)
    with pytest.raises(Invalid) as refused:
        season.submit(case)
    assert (refused.value.code, set(refused.value.fields)) == ("paper_missing", {PAPER})
    assert "转正定级材料" in refused.value.detail
    assert season.look(case).state == State.RETURNED
    season.upload(case, PAPER)
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
        listed = absent_papers(session, application, season.rules)
        names = paper_names(session, application, season.rules)
    asked = {paper.code: (paper.required, paper.deferrable) for paper in listed if paper.asked}
    assert asked == {"grade_certificate": (True, False), "annual_assessments": (True, True)}
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
        assert missing_papers(session, application) == {"retires_on"}
