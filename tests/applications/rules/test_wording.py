"""Conditions in words agree with the rules that judge, and applicants read no inner doubts."""

from dataclasses import replace

import pytest

from core.applications.rules import eligibility, wording
from core.applications.rules.conditions import HeldGradeClause, ServiceClause
from core.applications.rules.materials import material_findings, required_materials
from core.plugin_api import ApplicationPath, Grade
from tests.applications.rules.rule_facts import DOCUMENT, EXPERT, NEWCOMER, OPEN_TRADES

DOUBTS = ("推定", "未取得", "未见", "原文", "转载", "摘录", "待核", "系统", "以往文件")


def _details(clause_id: str) -> str:
    told = (
        condition
        for grade in Grade
        for path in wording.paths(DOCUMENT, grade, 2024)
        for condition in path.conditions
        if condition.title == DOCUMENT.clause_by_id[clause_id].title
    )
    return "".join(next(told).details)


@pytest.mark.parametrize("clause", [clause for clause in DOCUMENT.clauses if isinstance(clause, ServiceClause)])
def test_the_year_that_is_named_is_the_last_one_that_the_rule_admits(clause: ServiceClause) -> None:
    path = next(path for path in ApplicationPath if clause.id in _ids(clause.id, path))
    grade = next(grade for grade in Grade if clause.id in DOCUMENT.paths.of(grade, path))
    last = int(_details(clause.id).removeprefix("即")[:4])
    later, earlier = (1, 0) if clause.at_least else (0, 1)
    for year, holds in ((last + later - earlier, False), (last, True)):
        facts = replace(EXPERT, grade=grade, path=path, first_job_year=year)
        found = eligibility.judge(facts, DOCUMENT, open_trades=OPEN_TRADES)
        mark = eligibility.mark(next(finding for finding in found if finding.rule.endswith(clause.id)))
        assert (mark == "符合") is holds, (clause.id, year, mark)


def _ids(clause_id: str, path: ApplicationPath) -> set[str]:
    return {clause for grade in Grade for clause in DOCUMENT.paths.of(grade, path) if clause == clause_id}


def test_the_year_of_a_certificate_is_the_last_one_that_the_rule_admits() -> None:
    clause = DOCUMENT.clause_by_id["one.ladder"]
    assert isinstance(clause, HeldGradeClause)
    last = int(_details("one.ladder").removeprefix("即")[:4])
    for year, holds in ((last, True), (last + 1, False)):
        facts = replace(EXPERT, current_grade_year=year)
        found = eligibility.judge(facts, DOCUMENT, open_trades=OPEN_TRADES)
        mark = eligibility.mark(next(finding for finding in found if finding.rule.endswith("one.ladder")))
        assert (mark == "符合") is holds


@pytest.mark.parametrize("path", ApplicationPath)
@pytest.mark.parametrize("grade", Grade)
def test_an_applicant_reads_no_doubt_about_a_source(grade: Grade, path: ApplicationPath) -> None:
    for person in (NEWCOMER, EXPERT, replace(NEWCOMER, first_job_year=None, education=None, regularised_on=None)):
        facts = replace(person, grade=grade, path=path)
        found = eligibility.judge(facts, DOCUMENT, open_trades=OPEN_TRADES)
        found += material_findings(DOCUMENT, facts, required_materials(DOCUMENT, facts))
        for finding in found:
            told = wording.for_applicant(finding, DOCUMENT)
            read = told.text + told.missing + told.source
            assert [doubt for doubt in DOUBTS if doubt in read] == [], read
            assert told.severity is finding.severity
            assert finding.source


def test_an_officer_reads_where_a_rule_comes_from() -> None:
    found = eligibility.judge(replace(NEWCOMER, path=ApplicationPath.FRONTLINE), DOCUMENT, open_trades=OPEN_TRADES)
    sources = {finding.rule: finding.source for finding in found}
    assert "原文未取得" in sources["henan-2024.frontline.benefit"]
    assert "2015" in sources["henan-2024.five.service"]


def test_the_conditions_in_words_hold_no_doubt_either() -> None:
    told = [*wording.everybody(DOCUMENT, 2024)]
    for grade in Grade:
        for path in wording.paths(DOCUMENT, grade, 2024):
            told += path.conditions
            assert [doubt for doubt in DOUBTS if doubt in path.instead] == []
    for condition in told:
        read = condition.title + "".join(condition.details) + condition.source
        assert [doubt for doubt in DOUBTS if doubt in read] == [], read
