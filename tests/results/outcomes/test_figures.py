"""Pass rates with last year's beside them, and who missed what."""

from typing import Any

import pytest

from core.results.outcomes import overview
from core.results.outcomes.figures import (
    REVIEW,
    Examined,
    Lack,
    by_subject,
    figures,
    lacks,
    marks_in_words,
    rate,
    whole,
)
from tests.cases import CITY, OTHER_CITY, YEAR
from tests.results.conftest import Office


def _basis(*marks: tuple[str, str | None, str], **more: Any) -> dict[str, Any]:
    told = [{"subject": subject, "mark": mark, "status": status, "from": None} for subject, mark, status in marks]
    return {"pass_mark": "60", "marks": told, "review": None, **more}


def _examined(name: str, *, passed: bool, grade: int = 5, basis: dict[str, Any] | None = None) -> Examined:
    return Examined(name, name, "0001", "测试单位", grade, "LS-1", passed, True, "", basis or _basis())


def test_what_is_missing_is_named_by_subject() -> None:
    basis = _basis(
        ("理论", "59.5", "scored"), ("技能", None, "absent"), ("道德", None, "violation"), ("能力", "60", "scored")
    )
    assert lacks(basis) == {"理论": Lack.BELOW, "技能": Lack.ABSENT, "道德": Lack.VIOLATION}


@pytest.mark.parametrize(("score", "within", "lacking"), [("59", True, True), ("80", False, True), ("80", True, False)])
def test_the_review_of_grade_one_is_a_subject_of_its_own(score: str, within: bool, lacking: bool) -> None:
    basis = _basis(review={"score": score, "pass_mark": "60", "within_quota": within})
    assert (REVIEW in lacks(basis)) is lacking


def test_figures_have_last_year_beside_them_and_count_a_person_once() -> None:
    missed = _basis(("理论", None, "absent"), ("技能", None, "absent"))
    now = [
        _examined("甲", passed=True),
        _examined("乙", passed=False, basis=missed),
        _examined("丙", passed=True, grade=4),
    ]
    before = [_examined("丁", passed=False), _examined("戊", passed=True, grade=3)]
    found = {line.key: line for line in figures(now, before, lambda candidate: str(candidate.grade))}
    assert (found["5"].examined, found["5"].passed, found["5"].failed, found["5"].absent) == (2, 1, 1, 1)
    assert (found["5"].rate, found["5"].rate_before) == ("50.0%", "0.0%")
    assert (found["3"].rate, found["3"].rate_before) == ("—", "100.0%")
    total = whole(now, before)
    assert (total.examined, total.rate, total.rate_before) == (3, "66.7%", "50.0%")
    assert [(line.subject, line.absent, line.below) for line in by_subject(now)] == [("技能", 1, 0), ("理论", 1, 0)]


def test_a_mark_of_an_earlier_year_says_so() -> None:
    basis = _basis(("理论", "61", "scored"))
    basis["marks"][0]["from"] = 2023
    assert marks_in_words(_examined("甲", passed=True, basis=basis)) == {"理论": "61（2023年）"}
    assert rate(0, 0) == "—"


def test_an_office_sees_its_own_candidates_and_the_province_figures(office: Office) -> None:
    winner, loser = office.candidate(), office.candidate()
    office.take_in([[office.reference(winner), "80", "70", "60"], [office.reference(loser), "50", "缺考", "60"]])
    office.work_out()
    with office.at_work() as session:
        found = {candidate.reference: candidate for candidate in overview.examined(session, YEAR)}
    assert found[office.reference(loser)].lacks == {"岗位技能": Lack.BELOW, "职业道德": Lack.ABSENT}
    assert found[office.reference(winner)].lacks == {}
    with office.season.as_office(OTHER_CITY) as session:
        assert overview.examined(session, YEAR) == []
    with office.season.as_province() as session:
        (line,) = [line for line in overview.by_office(session, YEAR) if line.office_id == CITY]
        assert (line.examined, line.passed, line.rate, line.before) == (2, 1, "50.0%", 0)
        (later,) = [line for line in overview.by_office(session, YEAR + 1) if line.office_id == CITY]
        assert (later.examined, later.before, later.passed_before) == (0, 2, 1)
