"""Eligibility: each clause with each kind of applicant; an uncertain clause never refuses."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings, strategies as st

from core.applications.rules.clauses import Outcome
from core.applications.rules.document import parse_rule_document
from core.applications.rules.eligibility import judge, mark, severity, suggest_paths
from core.applications.rules.retirement import Certainty
from core.hooks.floors import AnswerRefused, findings_joined
from core.plugin_api import (
    ApplicationFacts,
    ApplicationPath,
    Assessment,
    AssessmentResult,
    Education,
    Finding,
    Frontline,
    Grade,
    Severity,
    Sex,
    StaffCategory,
)
from tests.applications.rules.rule_facts import (
    DOCUMENT,
    DOCUMENT_TEXT,
    EXPERT,
    NEWCOMER,
    OPEN_TRADES,
    holder,
    some_facts,
)


def findings(facts: ApplicationFacts) -> dict[str, Finding]:
    """The findings by rule, without the document's name."""
    judged = judge(facts, DOCUMENT, open_trades=OPEN_TRADES)
    return {finding.rule.removeprefix("henan-2024."): finding for finding in judged}


def obstacles(facts: ApplicationFacts) -> dict[str, Severity]:
    """The findings that block or ask."""
    return {
        rule: finding.severity for rule, finding in findings(facts).items() if finding.severity is not Severity.NOTES
    }


# What everybody meets.


def test_a_newcomer_who_meets_everything_sees_every_clause_as_met() -> None:
    judged = judge(NEWCOMER, DOCUMENT, open_trades=OPEN_TRADES)
    assert [finding.rule for finding in judged] == [
        "henan-2024.staff_category",
        "henan-2024.open_trade",
        "henan-2024.not_retired",
        "henan-2024.retiring_this_year",
        "henan-2024.filed_assessments",
        "henan-2024.above_held",
        "henan-2024.five.regularised",
        "henan-2024.five.service",
    ]
    assert {mark(finding) for finding in judged} == {"符合"}
    assert {finding.missing for finding in judged} == {""}
    assert judged[0].source == "豫人社函〔2024〕46号 一（一）"


def test_a_trade_that_is_not_open_for_the_grade_is_refused() -> None:
    closed = judge(NEWCOMER, DOCUMENT, open_trades={Grade.ONE: ["driver"]})
    assert [(finding.rule, finding.severity) for finding in closed if finding.severity is not Severity.NOTES] == [
        ("henan-2024.open_trade", Severity.BLOCKS)
    ]
    assert obstacles(replace(NEWCOMER, trade="")) == {"open_trade": Severity.ASKS}


def test_an_office_can_narrow_the_staff_categories_but_not_widen_them() -> None:
    hired = replace(NEWCOMER, staff_category=StaffCategory.HIRED)
    assert obstacles(hired) == {}
    narrowed = judge(hired, DOCUMENT, open_trades=OPEN_TRADES, admitted=[StaffCategory.REGULAR])
    assert (narrowed[0].severity, mark(narrowed[0])) == (Severity.BLOCKS, "不符合")
    assert narrowed[0].missing == "考核对象为在岗正式工作人员；人员类别填写有误的请改正。"
    only_regular = DOCUMENT_TEXT.replace('admitted = ["regular", "hired"]', 'admitted = ["regular"]')
    document = parse_rule_document(only_regular, origin="test")
    assert judge(hired, document, open_trades=OPEN_TRADES, admitted=StaffCategory)[0].severity is Severity.BLOCKS


@pytest.mark.parametrize(
    ("sex", "birth_date", "expected"),
    [
        (Sex.MALE, date(1964, 3, 13), {"not_retired": Severity.BLOCKS}),
        (Sex.MALE, date(1964, 3, 14), {"retiring_this_year": Severity.BLOCKS}),
        (Sex.MALE, date(1964, 12, 31), {"retiring_this_year": Severity.BLOCKS}),
        (Sex.MALE, date(1965, 1, 1), {}),
        (Sex.FEMALE, date(1974, 3, 13), {"not_retired": Severity.BLOCKS}),
        (Sex.FEMALE, date(1974, 12, 31), {"retiring_this_year": Severity.BLOCKS}),
        (Sex.FEMALE, date(1975, 1, 1), {}),
    ],
)
def test_retirement_age_is_counted_to_the_day_of_the_notice(
    sex: Sex, birth_date: date, expected: dict[str, Severity]
) -> None:
    assert obstacles(replace(NEWCOMER, sex=sex, birth_date=birth_date)) == expected


def test_who_has_retired_before_the_notice_is_refused_whatever_the_age() -> None:
    retired = replace(NEWCOMER, retires_on=date(2024, 3, 13))
    assert obstacles(retired) == {"not_retired": Severity.BLOCKS}
    assert "已于2024年3月13日退休" in findings(retired)["not_retired"].text
    assert obstacles(replace(NEWCOMER, retires_on=date(2024, 3, 14))) == {"retiring_this_year": Severity.BLOCKS}


def test_a_person_who_retires_within_the_year_may_apply_after_acknowledging() -> None:
    retiring = replace(NEWCOMER, birth_date=date(1964, 8, 1))
    assert "自主决定" in findings(retiring)["retiring_this_year"].missing
    acknowledged = findings(replace(retiring, acknowledgements=frozenset({"retiring_this_year"})))["retiring_this_year"]
    assert (acknowledged.severity, mark(acknowledged)) == (Severity.NOTES, "提示")
    assert acknowledged.missing == "须报所在单位同意；单位审核通过即为同意。"


def test_without_birth_date_and_sex_retirement_asks() -> None:
    unknown = replace(NEWCOMER, birth_date=None)
    assert obstacles(unknown) == {"not_retired": Severity.ASKS, "retiring_this_year": Severity.ASKS}
    assert obstacles(replace(unknown, retires_on=date(2030, 1, 1))) == {"not_retired": Severity.ASKS}


def test_under_the_gradual_rise_the_margin_asks_and_both_sides_of_it_are_certain() -> None:
    in_2026 = replace(NEWCOMER, year=2026, notice_date=date(2026, 3, 14), first_job_year=2020)
    assert obstacles(replace(in_2026, birth_date=date(1964, 12, 31))) == {"not_retired": Severity.BLOCKS}
    margin = replace(in_2026, birth_date=date(1966, 1, 10))
    assert obstacles(margin) == {"not_retired": Severity.ASKS, "retiring_this_year": Severity.ASKS}
    assert "预计2026年5月10日达到退休年龄" in findings(margin)["not_retired"].text
    assert obstacles(replace(in_2026, birth_date=date(1966, 4, 1))) == {"retiring_this_year": Severity.ASKS}
    assert obstacles(replace(in_2026, birth_date=date(1967, 1, 1))) == {}


def test_unfiled_annual_assessments_defer_and_never_refuse() -> None:
    unfiled = replace(NEWCOMER, assessments=(Assessment(2023, AssessmentResult.PASS, filed=False),))
    assert obstacles(unfiled) == {}
    finding = findings(unfiled)["filed_assessments"]
    assert mark(finding) == "提示"
    assert finding.text == "提示：2023年年度考核结果未经组织人事部门备案，可容缺后补。"
    assert "承诺" in finding.missing


def test_a_grade_that_is_not_above_the_one_held_asks() -> None:
    again = replace(holder(Grade.FOUR, 2015), grade=Grade.FOUR, path=ApplicationPath.DIRECT, first_job_year=2000)
    assert obstacles(again) == {"above_held": Severity.ASKS}
    assert obstacles(replace(again, grade=Grade.THREE)) == {}


# The grades.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"first_job_year": 2016}, {}),
        ({"first_job_year": 2015}, {"five.service": Severity.ASKS}),
        ({"first_job_year": None}, {"five.service": Severity.ASKS}),
        ({"regularised_on": date(2024, 9, 30)}, {}),
        ({"regularised_on": date(2024, 10, 1)}, {"five.regularised": Severity.ASKS}),
        ({"regularised_on": None}, {"five.regularised": Severity.ASKS}),
        ({"path": ApplicationPath.DIRECT}, {"five.direct": Severity.ASKS}),
    ],
)
def test_grade_five_wants_regularisation_by_september_and_fewer_than_ten_years(
    changes: dict[str, object], expected: dict[str, Severity]
) -> None:
    assert obstacles(replace(NEWCOMER, **changes)) == expected


@pytest.mark.parametrize(("held", "rule", "years"), [(Grade.FIVE, "four.direct", 10), (Grade.FOUR, "three.direct", 18)])
def test_the_direct_path_counts_the_first_year_of_service_in(held: Grade, rule: str, years: int) -> None:
    enough = replace(NEWCOMER, grade=Grade(held - 1), path=ApplicationPath.DIRECT, first_job_year=2025 - years)
    assert obstacles(enough) == {}
    assert obstacles(replace(enough, first_job_year=2026 - years)) == {rule: Severity.ASKS}


@pytest.mark.parametrize(("held", "rule"), [(Grade.FIVE, "four.ladder"), (Grade.FOUR, "three.ladder")])
def test_the_ladder_wants_the_grade_below_for_five_years_in_the_same_trade(held: Grade, rule: str) -> None:
    assert obstacles(holder(held, 2019)) == {}
    for lacking in (
        holder(held, 2020),
        holder(held, 2019, current_trade="gardener"),
        holder(held, 2019, current_grade=None),
        holder(held, 2019, current_grade_year=None),
    ):
        assert obstacles(lacking) == {rule: Severity.ASKS}


@pytest.mark.parametrize("lacking", [{"trade": ""}, {"current_trade": None}, {"current_trade": ""}])
def test_a_trade_that_is_not_named_asks_and_is_not_called_another_one(lacking: dict[str, object]) -> None:
    found = findings(replace(holder(Grade.FIVE, 2019), **lacking))["four.ladder"]
    assert (found.severity, "未填写工种" in found.text) == (Severity.ASKS, True)
    assert "不同" not in found.text


def test_a_grade_too_far_below_does_not_count_for_the_ladder() -> None:
    lacking = replace(holder(Grade.FIVE, 2000), grade=Grade.THREE)
    assert "现有等级为五级，不是四级" in findings(lacking)["three.ladder"].text


def test_of_a_disjunction_the_other_half_is_pointed_out_where_it_holds() -> None:
    by_service = holder(Grade.FIVE, 2022, first_job_year=2010)
    assert findings(by_service)["four.ladder"].missing.endswith("您符合“工作年限满10年”，可改选相应途径。")
    by_grade = holder(Grade.FIVE, 2018, path=ApplicationPath.DIRECT)
    assert findings(by_grade)["four.direct"].missing.endswith("可改选相应途径。")
    neither = holder(Grade.FIVE, 2022)
    assert "可改选" not in findings(neither)["four.ladder"].missing


def test_an_older_text_says_that_it_is_one() -> None:
    finding = findings(holder(Grade.FIVE, 2020))["four.ladder"]
    assert finding.text == (
        "需核实：2020年取得五级证书，到2024年按4年计算，不满5年。"
        "（本条依据以往文件，本年度文件原文待核，由审核人员认定。）"
    )
    assert "2013" in finding.source


def test_grade_two_wants_all_of_its_conditions_and_leaves_conduct_to_an_officer() -> None:
    ready = holder(Grade.THREE, 2019, first_job_year=2000)
    assert obstacles(ready) == {"two.quality": Severity.ASKS}
    unready = replace(ready, education=Education.JUNIOR, current_grade_year=2021)
    assert set(obstacles(unready)) == {"two.ladder", "two.education", "two.quality"}
    assert "放宽学历" in findings(unready)["two.education"].text
    assert set(obstacles(replace(ready, education=None))) == {"two.education", "two.quality"}
    assert obstacles(replace(ready, path=ApplicationPath.DIRECT)) == {"two.direct": Severity.ASKS}


def test_grade_one_is_refused_until_its_guidance_has_been_read() -> None:
    assert obstacles(EXPERT) == {"one.quality": Severity.ASKS}
    unread = replace(EXPERT, acknowledgements=frozenset())
    assert obstacles(unread) == {"one.guidance": Severity.BLOCKS, "one.quality": Severity.ASKS}
    assert "不是二级的普遍晋升" in findings(unread)["one.guidance"].text
    for path in ApplicationPath:
        assert findings(replace(unread, path=path))["one.guidance"].severity is Severity.BLOCKS


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"first_job_year": 2001}, "one.service"),
        ({"current_grade_year": 2020}, "one.ladder"),
        ({"appointed_to_grade_two": False}, "one.appointed"),
        ({"education": Education.JUNIOR}, "one.education"),
        ({"assessments": EXPERT.assessments[1:]}, "one.assessments"),
        ({"assessments": tuple(replace(assessment, result=AssessmentResult.PASS) for assessment in EXPERT.assessments)},
         "one.assessments"),
        ({"assessments": (*EXPERT.assessments[1:], Assessment(2019, AssessmentResult.BASIC))}, "one.assessments"),
    ],
)  # fmt: skip
def test_grade_one_asks_for_whatever_condition_is_not_met(changes: dict[str, object], rule: str) -> None:
    assert obstacles(replace(EXPERT, **changes)) == {rule: Severity.ASKS, "one.quality": Severity.ASKS}


def test_an_outstanding_party_member_needs_no_excellent_assessments() -> None:
    passed = tuple(replace(assessment, result=AssessmentResult.PASS) for assessment in EXPERT.assessments)
    praised = replace(EXPERT, assessments=passed, awards=("party_member",))
    assert findings(praised)["one.assessments"].severity is Severity.NOTES
    failed = (*passed[1:], Assessment(2019, AssessmentResult.FAIL))
    assert findings(replace(praised, assessments=failed))["one.assessments"].severity is Severity.ASKS


def test_an_award_that_waives_a_condition_is_left_to_an_officer() -> None:
    praised = replace(EXPERT, education=Education.JUNIOR, assessments=(), awards=("labour_medal", "unknown_award"))
    judged = findings(praised)
    for rule in ("one.education", "one.assessments"):
        assert judged[rule].severity is Severity.ASKS
        assert "申报了“省级以上五一劳动奖章”，可不受此项限制" in judged[rule].text
    unpraised = findings(replace(praised, awards=()))
    assert "可不受此项限制" not in unpraised["one.education"].text + unpraised["one.assessments"].text


def test_a_change_of_trade_keeps_the_years_and_asks_for_the_reason() -> None:
    changed = holder(Grade.FIVE, 2019, path=ApplicationPath.TRADE_CHANGE, current_trade="gardener")
    assert obstacles(changed) == {"trade_change.reason": Severity.ASKS}
    assert set(obstacles(replace(changed, current_grade_year=2020))) == {"four.trade_change", "trade_change.reason"}
    expert = replace(EXPERT, path=ApplicationPath.TRADE_CHANGE, current_trade="gardener")
    assert obstacles(expert) == {"one.trade_change": Severity.ASKS}


def test_the_frontline_path_is_for_its_groups_and_its_benefit_is_never_invented() -> None:
    facts = replace(NEWCOMER, grade=Grade.FOUR, path=ApplicationPath.FRONTLINE, first_job_year=2010)
    assert obstacles(facts) == {"frontline.group": Severity.BLOCKS, "frontline.benefit": Severity.ASKS}
    member = replace(facts, frontline=Frontline.AID_TEAM)
    assert obstacles(member) == {"frontline.benefit": Severity.ASKS}
    assert "豫人社办〔2020〕29号" in findings(member)["frontline.benefit"].text
    short = replace(member, first_job_year=2020)
    assert obstacles(short) == {"frontline.benefit": Severity.ASKS, "four.either": Severity.ASKS}
    text = findings(short)["four.either"].text
    assert "未填写五级证书信息" in text
    assert "不满10年" in text
    assert obstacles(replace(member, first_job_year=None)).keys() == {"frontline.benefit", "four.either"}


# What holds of every case.


@settings(max_examples=400, deadline=None)
@given(some_facts)
def test_only_what_is_known_for_certain_refuses(facts: ApplicationFacts) -> None:
    certainty = {DOCUMENT.rule(clause.id): clause.certainty for clause in DOCUMENT.clauses}
    for finding in judge(facts, DOCUMENT, open_trades=OPEN_TRADES):
        if finding.severity is Severity.BLOCKS:
            assert certainty[finding.rule] is Certainty.KNOWN


@pytest.mark.parametrize("outcome", Outcome)
def test_no_outcome_of_an_uncertain_clause_refuses(outcome: Outcome) -> None:
    assert {severity(outcome, certainty) for certainty in (Certainty.OLDER_TEXT, Certainty.GENERAL)} <= {
        Severity.ASKS,
        Severity.NOTES,
    }
    assert (severity(outcome, Certainty.KNOWN) is Severity.BLOCKS) == (outcome is Outcome.FAILS)


@settings(max_examples=200, deadline=None)
@given(some_facts)
def test_the_same_facts_and_the_same_text_give_the_same_findings(facts: ApplicationFacts) -> None:
    years_later = parse_rule_document(DOCUMENT_TEXT, origin="archive")
    assert years_later.version == DOCUMENT.version
    first = judge(facts, DOCUMENT, open_trades=OPEN_TRADES)
    assert judge(replace(facts), years_later, open_trades=OPEN_TRADES) == first
    assert len({finding.rule for finding in first}) == len(first)


@settings(max_examples=200, deadline=None)
@given(some_facts)
def test_every_clause_of_the_path_has_a_finding_that_says_what_holds_and_what_to_do(facts: ApplicationFacts) -> None:
    judged = judge(facts, DOCUMENT, open_trades=OPEN_TRADES)
    clauses = DOCUMENT.clauses_for(facts.grade, facts.path)
    assert [(finding.rule, finding.source) for finding in judged] == [
        (DOCUMENT.rule(clause.id), clause.cited) for clause in clauses
    ]
    for finding in judged:
        assert finding.text.startswith(mark(finding) + "：")
        assert finding.missing or finding.severity is Severity.NOTES


@settings(max_examples=300, deadline=None)
@given(some_facts.filter(lambda known: known.first_job_year is not None), st.integers(1, 40))
def test_more_years_of_service_never_spoil_the_direct_path(facts: ApplicationFacts, more: int) -> None:
    assert facts.first_job_year is not None
    before = replace(facts, path=ApplicationPath.DIRECT)
    after = replace(before, first_job_year=facts.first_job_year - more)
    assert obstacles(after).keys() <= obstacles(before).keys()


@settings(max_examples=300, deadline=None)
@given(some_facts)
def test_acknowledging_never_makes_anything_worse(facts: ApplicationFacts) -> None:
    willing = replace(facts, acknowledgements=DOCUMENT.acknowledgements)
    assert obstacles(willing).items() <= obstacles(facts).items()


@settings(max_examples=200, deadline=None)
@given(some_facts)
def test_whether_an_assessment_is_filed_changes_only_the_note_about_it(facts: ApplicationFacts) -> None:
    unfiled = replace(facts, assessments=tuple(replace(assessment, filed=False) for assessment in facts.assessments))
    assert obstacles(unfiled) == obstacles(facts)


def test_a_fixed_cut_off_date_counts_the_day_itself_as_before() -> None:
    text = DOCUMENT_TEXT.replace('style = "notice_date"', 'style = "fixed_date"\non = 2023-12-31')
    document = parse_rule_document(text, origin="test")

    def refused(birth_date: date) -> bool:
        judged = judge(replace(NEWCOMER, birth_date=birth_date), document, open_trades=OPEN_TRADES)
        return judged[2].severity is Severity.BLOCKS

    assert refused(date(1963, 12, 31))
    assert not refused(date(1964, 1, 1))


def test_another_counting_method_moves_the_threshold() -> None:
    elapsed = DOCUMENT_TEXT.replace('service = "inclusive', 'service = "elapsed')
    document = parse_rule_document(elapsed, origin="test")
    ten_inclusive = replace(NEWCOMER, grade=Grade.FOUR, path=ApplicationPath.DIRECT, first_job_year=2015)
    assert obstacles(ten_inclusive) == {}
    assert judge(ten_inclusive, document, open_trades=OPEN_TRADES)[-1].severity is Severity.ASKS


# What may be applied for.


def test_suggestions_say_by_which_path_one_may_apply_and_what_stands_in_the_way() -> None:
    person = holder(Grade.FIVE, 2019, first_job_year=2010)
    suggested = {
        (path.grade, path.path): (path.severity, [finding.rule for finding in path.obstacles])
        for path in suggest_paths(person, DOCUMENT, open_trades=OPEN_TRADES)
    }
    assert list(suggested) == [
        (Grade.FIVE, ApplicationPath.LADDER),
        (Grade.FOUR, ApplicationPath.LADDER),
        (Grade.FOUR, ApplicationPath.DIRECT),
        (Grade.THREE, ApplicationPath.LADDER),
        (Grade.THREE, ApplicationPath.DIRECT),
        (Grade.TWO, ApplicationPath.LADDER),
        (Grade.ONE, ApplicationPath.LADDER),
    ]
    assert suggested[Grade.FOUR, ApplicationPath.LADDER] == (Severity.NOTES, [])
    assert suggested[Grade.FOUR, ApplicationPath.DIRECT] == (Severity.NOTES, [])
    assert suggested[Grade.THREE, ApplicationPath.DIRECT] == (Severity.ASKS, ["henan-2024.three.direct"])
    assert "henan-2024.one.guidance" not in suggested[Grade.ONE, ApplicationPath.LADDER][1]


def test_frontline_and_trade_change_are_suggested_only_to_those_they_concern() -> None:
    aided = holder(Grade.FIVE, 2019, frontline=Frontline.COMMENDED, current_trade="gardener")
    suggested = suggest_paths(aided, DOCUMENT, open_trades=OPEN_TRADES)
    by_path = {
        path: [suggestion.grade for suggestion in suggested if suggestion.path is path] for path in ApplicationPath
    }
    assert by_path[ApplicationPath.FRONTLINE] == [Grade.FIVE, Grade.FOUR, Grade.THREE, Grade.TWO, Grade.ONE]
    assert by_path[ApplicationPath.TRADE_CHANGE] == [Grade.FIVE, Grade.FOUR, Grade.THREE, Grade.TWO]


def test_a_retired_person_is_suggested_nothing_without_a_refusal() -> None:
    retired = replace(NEWCOMER, birth_date=date(1960, 1, 1))
    suggested = suggest_paths(retired, DOCUMENT, open_trades=OPEN_TRADES)
    assert {suggestion.severity for suggestion in suggested} == {Severity.BLOCKS}


# Plugins add.


def plugin_finding(rule: str) -> Finding:
    return Finding(rule, "临江市通知 第二条", Severity.ASKS, "聘用人员须上传聘用合同。")


def test_findings_of_plugins_come_after_the_documents_own() -> None:
    core = judge(NEWCOMER, DOCUMENT, open_trades=OPEN_TRADES)
    added = (plugin_finding("linjiang.contract"), plugin_finding("linjiang.badge"))
    assert findings_joined(core, added, DOCUMENT.name) == (*core, *added)
    assert mark(added[0]) == "需核实"


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (["henan-2024.five.service"], "rule document"),
        (["henan-2024.anything"], "rule document"),
        (["linjiang.contract", "linjiang.contract"], "stands twice"),
        (["contract"], "is no name of the form author.rule"),
    ],
)
def test_a_plugin_cannot_overwrite_a_finding(rules: list[str], reason: str) -> None:
    core = judge(NEWCOMER, DOCUMENT, open_trades=OPEN_TRADES)
    with pytest.raises(AnswerRefused, match=reason):
        findings_joined(core, [plugin_finding(rule) for rule in rules], DOCUMENT.name)
