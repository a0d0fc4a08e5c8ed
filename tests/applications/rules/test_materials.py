"""Materials: the papers of each applicant, deferrable papers, and plugins that only add."""

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given, settings, strategies as st

from core.applications.rules.document import parse_rule_document
from core.applications.rules.eligibility import judge, mark
from core.applications.rules.materials import material_findings, required_materials
from core.applications.rules.retirement import Certainty
from core.hooks.floors import AnswerRefused, materials_joined
from core.plugin_api import (
    ApplicationFacts,
    ApplicationPath,
    Assessment,
    AssessmentResult,
    Frontline,
    Grade,
    MaterialRequirement,
    Severity,
    StaffCategory,
)
from tests.applications.rules.rule_facts import DOCUMENT, DOCUMENT_TEXT, EXPERT, NEWCOMER, OPEN_TRADES, some_facts

UNFILED = (Assessment(2023, AssessmentResult.PASS, filed=False),)
PHOTO = MaterialRequirement("photo", "近期免冠照片", "省清单")
CONTRACT = MaterialRequirement("labour_contract", "聘用合同", "临江市通知 第二条")


def codes(facts: ApplicationFacts) -> list[str]:
    return [material.code for material in required_materials(DOCUMENT, facts)]


@pytest.mark.parametrize(
    ("grade", "path", "expected"),
    [
        (Grade.FIVE, ApplicationPath.LADDER, ["regularisation"]),
        (Grade.FOUR, ApplicationPath.LADDER, ["grade_certificate"]),
        (Grade.FOUR, ApplicationPath.DIRECT, ["service_proof"]),
        (Grade.FOUR, ApplicationPath.TRADE_CHANGE, ["grade_certificate", "trade_change_proof"]),
        (Grade.THREE, ApplicationPath.DIRECT, ["service_proof"]),
        (Grade.THREE, ApplicationPath.FRONTLINE, ["frontline_proof"]),
        (Grade.TWO, ApplicationPath.LADDER, ["grade_certificate", "diploma"]),
        (Grade.TWO, ApplicationPath.TRADE_CHANGE, ["grade_certificate", "diploma", "trade_change_proof"]),
        (
            Grade.ONE,
            ApplicationPath.LADDER,
            ["grade_certificate", "diploma", "annual_assessments", "grade_two_appointment"],
        ),
    ],
)
def test_each_grade_and_path_asks_for_its_own_papers(grade: Grade, path: ApplicationPath, expected: list[str]) -> None:
    facts = replace(NEWCOMER, grade=grade, path=path, frontline=Frontline.AID_TEAM)
    assert codes(facts) == ["identity_card", "photo", *expected]


def test_achievements_are_asked_of_those_who_declare_them() -> None:
    assert "achievements" in codes(replace(EXPERT, awards=("patent",)))
    assert "achievements" not in codes(EXPERT)
    assert "achievements" not in codes(replace(NEWCOMER, awards=("patent",)))


def test_a_paper_can_be_asked_of_one_staff_category_alone() -> None:
    text = DOCUMENT_TEXT.replace('code = "regularisation"', 'code = "regularisation"\ncategories = ["regular"]')
    document = parse_rule_document(text, origin="test")
    hired = replace(NEWCOMER, staff_category=StaffCategory.HIRED)
    assert "regularisation" in [material.code for material in required_materials(document, NEWCOMER)]
    assert "regularisation" not in [material.code for material in required_materials(document, hired)]


@settings(max_examples=200, deadline=None)
@given(some_facts)
def test_nothing_but_unfiled_annual_assessments_may_follow_later(facts: ApplicationFacts) -> None:
    unfiled = any(not assessment.filed for assessment in facts.assessments)
    requirements = required_materials(DOCUMENT, facts)
    assert len({requirement.code for requirement in requirements}) == len(requirements)
    assert all(requirement.required and requirement.source for requirement in requirements)
    assert [requirement.code for requirement in requirements if requirement.deferrable] == (
        ["annual_assessments"] if unfiled else []
    )


def test_a_document_cannot_let_another_paper_follow_later() -> None:
    text = DOCUMENT_TEXT.replace('code = "photo"', 'code = "photo"\ndeferrable = true')
    with pytest.raises(Exception, match="only 'annual_assessments' may follow later"):
        parse_rule_document(text, origin="test")


# Plugins.


def test_a_plugin_can_add_a_paper_and_make_an_optional_one_required() -> None:
    optional = replace(PHOTO, required=False)
    stricter = replace(PHOTO, source="临江市通知")
    assert materials_joined((optional,), [CONTRACT, stricter]) == (
        replace(PHOTO, source="省清单；临江市通知"),
        CONTRACT,
    )


def test_repeating_a_demand_changes_nothing() -> None:
    assert materials_joined((PHOTO,), [replace(PHOTO, name="照片", source="临江市通知")]) == (PHOTO,)


def test_a_plugin_can_forbid_what_the_document_defers() -> None:
    deferrable = MaterialRequirement("annual_assessments", "年度考核结果", "省通知", deferrable=True)
    assert materials_joined((deferrable,), [deferrable]) == (deferrable,)
    firm = materials_joined((deferrable,), [replace(deferrable, deferrable=False, source="临江市通知")])
    assert firm == (replace(deferrable, deferrable=False, source="省通知；临江市通知"),)


@pytest.mark.parametrize(
    ("relaxed", "reason"),
    [
        (replace(PHOTO, required=False), "cannot be made optional"),
        (replace(PHOTO, deferrable=True), "cannot follow later"),
        (replace(CONTRACT, deferrable=True), "cannot follow later"),
    ],
)
def test_a_plugin_cannot_relax_anything(relaxed: MaterialRequirement, reason: str) -> None:
    with pytest.raises(AnswerRefused, match=reason):
        materials_joined((PHOTO,), [relaxed])


def test_of_two_plugins_the_second_cannot_relax_the_first() -> None:
    with pytest.raises(AnswerRefused, match="cannot be made optional"):
        materials_joined(materials_joined((), [CONTRACT]), [replace(CONTRACT, required=False)])


def test_one_answer_names_a_paper_once() -> None:
    with pytest.raises(AnswerRefused, match="stands twice"):
        materials_joined((), [CONTRACT, CONTRACT])


def requirement_of(code: str) -> st.SearchStrategy[MaterialRequirement]:
    return st.builds(MaterialRequirement, st.just(code), st.just("材料"), st.text(min_size=1), required=st.booleans())


@settings(deadline=None)
@given(some_facts, st.lists(st.sampled_from(["photo", "diploma", "badge", "contract"]).flatmap(requirement_of)))
def test_whatever_plugins_add_every_paper_of_the_document_stays_as_strict(
    facts: ApplicationFacts, added: list[MaterialRequirement]
) -> None:
    core = required_materials(DOCUMENT, facts)
    try:
        joined = reduce(lambda held, one: materials_joined(held, [one]), added, core)
    except AnswerRefused:
        assert any(not requirement.required for requirement in added)
        return
    merged = {requirement.code: requirement for requirement in joined}
    for requirement in core:
        assert merged[requirement.code].required >= requirement.required
        assert merged[requirement.code].deferrable <= requirement.deferrable
    assert merged.keys() == {requirement.code for requirement in (*core, *added)}


# What a missing paper means.


def severities(facts: ApplicationFacts, *plugin: MaterialRequirement) -> dict[str, tuple[Severity, str]]:
    requirements = materials_joined(required_materials(DOCUMENT, facts), plugin)
    judged = material_findings(DOCUMENT, facts, requirements)
    return {finding.rule.removeprefix("henan-2024.material."): (finding.severity, mark(finding)) for finding in judged}


def test_a_missing_paper_of_the_inferred_list_asks_and_never_refuses() -> None:
    assert severities(replace(NEWCOMER, materials=frozenset({"photo"}))) == {
        "identity_card": (Severity.ASKS, "需核实"),
        "photo": (Severity.NOTES, "符合"),
        "regularisation": (Severity.ASKS, "需核实"),
    }


def test_a_missing_paper_that_a_plugin_demands_refuses() -> None:
    optional = MaterialRequirement("badge", "工作证", "临江市通知", required=False)
    judged = severities(NEWCOMER, CONTRACT, optional)
    assert judged["labour_contract"] == (Severity.BLOCKS, "不符合")
    assert judged["badge"] == (Severity.NOTES, "提示")
    with_contract = replace(NEWCOMER, materials=frozenset({"labour_contract"}))
    assert severities(with_contract, CONTRACT)["labour_contract"] == (Severity.NOTES, "符合")


def test_a_missing_paper_that_is_certainly_demanded_refuses() -> None:
    text = DOCUMENT_TEXT.replace(
        'code = "photo"\nname = "近期免冠照片"\ncertainty = "older_text"',
        'code = "photo"\nname = "照"\ncertainty = "known"',
    )
    document = parse_rule_document(text, origin="test")
    judged = material_findings(document, NEWCOMER, required_materials(document, NEWCOMER))
    assert [finding.severity for finding in judged] == [Severity.ASKS, Severity.BLOCKS, Severity.ASKS]


def test_unfiled_assessments_that_are_missing_are_noted_with_the_units_commitment() -> None:
    facts = replace(NEWCOMER, assessments=UNFILED)
    judged = material_findings(DOCUMENT, facts, required_materials(DOCUMENT, facts))[-1]
    assert (judged.rule, judged.severity) == ("henan-2024.material.annual_assessments", Severity.NOTES)
    assert "承诺" in judged.missing
    uploaded = replace(facts, materials=frozenset({"annual_assessments"}))
    assert severities(uploaded)["annual_assessments"] == (Severity.NOTES, "符合")


@settings(max_examples=200, deadline=None)
@given(some_facts)
def test_findings_about_papers_join_those_of_the_rules(facts: ApplicationFacts) -> None:
    known = {material.code for material in DOCUMENT.materials if material.certainty is Certainty.KNOWN}
    papers = material_findings(DOCUMENT, facts, required_materials(DOCUMENT, facts))
    for paper in papers:
        assert paper.severity is not Severity.BLOCKS or paper.rule.rsplit(".")[-1] in known
    joined = (*judge(facts, DOCUMENT, open_trades=OPEN_TRADES), *papers)
    assert len({finding.rule for finding in joined}) == len(joined)
