"""The form: drafts may be empty, complete forms cannot contradict themselves, and facts survive being kept."""

import json
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from core.applications.forms import (
    ApplicationDraft,
    ApplicationForm,
    complete,
    dump_facts,
    facts,
    load_facts,
    read_draft,
)
from core.applications.rules.eligibility import judge
from core.errors import Invalid
from core.plugin_api import (
    ApplicationFacts,
    ApplicationPath,
    Assessment,
    AssessmentResult,
    DelegationMode,
    DelegationView,
    Education,
    Frontline,
    Grade,
    OfficeCode,
    ReviewStage,
    Sex,
    StaffCategory,
)
from tests.applications.rules.rule_facts import DOCUMENT, NOTICE_DATE, OPEN_TRADES, some_facts

SENT: dict[str, Any] = {
    "grade": "4",
    "path": "ladder",
    "trade": "driver",
    "staff_category": "regular",
    "first_job_year": "2012",
    "regularised_on": "2013-07-01",
    "current_grade": "5",
    "current_grade_year": "2018",
    "current_trade": "driver",
    "education": "2",
    "assessments": [{"year": "2023", "result": "pass", "filed": False}, {"year": 2022, "result": "excellent"}],
    "awards": ["patent", "labour_medal", "patent"],
    "frontline": "",
    "retires_on": None,
    "acknowledgements": ["retiring_this_year"],
    "declared_true": "on",
}
BORN = date(1990, 5, 20)


def refused(sent: dict[str, Any], birth_date: date | None = BORN) -> dict[str, str]:
    """The fields that ``complete`` refuses, with their messages."""
    with pytest.raises(Invalid) as error:
        complete(read_draft(sent), year=2024, birth_date=birth_date)
    assert error.value.code == "form_incomplete"
    assert f"{len(error.value.fields)}处" in error.value.detail
    return error.value.fields


def test_what_a_page_or_a_program_sends_becomes_a_complete_form() -> None:
    assert complete(read_draft(SENT), year=2024, birth_date=BORN) == ApplicationForm(
        grade=Grade.FOUR,
        path=ApplicationPath.LADDER,
        trade="driver",
        staff_category=StaffCategory.REGULAR,
        first_job_year=2012,
        regularised_on=date(2013, 7, 1),
        current_grade=Grade.FIVE,
        current_grade_year=2018,
        current_trade="driver",
        education=Education.SENIOR,
        assessments=(
            Assessment(2022, AssessmentResult.EXCELLENT),
            Assessment(2023, AssessmentResult.PASS, filed=False),
        ),
        awards=("labour_medal", "patent"),
        acknowledgements=("retiring_this_year",),
        declared_true=True,
    )


def test_an_empty_draft_is_allowed_and_lists_everything_that_a_form_needs() -> None:
    assert read_draft({}) == ApplicationDraft()
    messages = refused({})
    assert list(messages) == [
        "grade",
        "path",
        "trade",
        "staff_category",
        "first_job_year",
        "education",
        "declared_true",
    ]
    assert messages["declared_true"] == "请勾选声明：对所提交申报材料的真实性负责。"


def test_a_kept_form_reads_back_as_the_same_form_and_the_same_draft() -> None:
    form = complete(read_draft(SENT), year=2024)
    kept = json.loads(json.dumps(form.model_dump(mode="json")))
    assert ApplicationForm.model_validate(kept) == form
    assert complete(form.draft(), year=2024) == form
    draft = read_draft({"grade": 3, "awards": ["patent"]})
    assert read_draft(json.loads(json.dumps(draft.model_dump(mode="json")))) == draft


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("grade", "6", "申报等级应为五级至一级"),
        ("path", "shortcut", "申报途径"),
        ("trade", "x" * 65, "工种代码无效"),
        ("staff_category", "temporary", "人员类别"),
        ("first_job_year", "二〇一〇", "四位数年份"),
        ("first_job_year", "10", "四位数年份"),
        ("education", "9", "学历"),
        ("regularised_on", "2013-02-30", "2011-07-01"),
        ("current_grade", "0", "现有等级"),
        ("current_grade_year", "x", "四位数年份"),
        ("current_trade", ["driver"], "工种代码无效"),
        ("appointed_to_grade_two", "perhaps", "二级岗位"),
        ("assessments", [{"year": 2023, "result": "splendid"}], "逐年填写"),
        ("assessments", [{"year": 2023, "result": "pass", "score": 99}], "逐年填写"),
        ("awards", ["<script>"], "奖项代码无效"),
        ("frontline", "volunteer", "一线人员类别"),
        ("retires_on", "soon", "退休日期"),
        ("acknowledgements", "retiring_this_year", "确认事项无效"),
        ("declared_true", "perhaps", "真实性声明"),
        ("salary", "1", "表单没有这一项"),
    ],
)
def test_what_cannot_be_read_is_refused_field_by_field(name: str, value: object, words: str) -> None:
    with pytest.raises(Invalid) as error:
        read_draft({**SENT, name: value})
    assert error.value.code == "form_malformed"
    assert list(error.value.fields) == [name]
    assert words in error.value.fields[name]


def test_all_faults_of_a_draft_are_reported_at_once() -> None:
    with pytest.raises(Invalid, match="表单有2处") as error:
        read_draft({**SENT, "grade": "6", "retires_on": "soon"})
    assert set(error.value.fields) == {"grade", "retires_on"}


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"first_job_year": 2025}, "first_job_year", "晚于考核年度2024"),
        ({"first_job_year": 2003}, "first_job_year", "不满14周岁"),
        ({"regularised_on": "2025-01-01"}, "regularised_on", "应在2024年及以前"),
        ({"regularised_on": "2011-12-31"}, "regularised_on", "早于参加工作年份2012"),
        ({"current_grade_year": 2025}, "current_grade_year", "应在2024年及以前"),
        ({"current_grade_year": 2011}, "current_grade_year", "早于参加工作年份2012"),
        ({"current_grade_year": None}, "current_grade_year", "请填写取得五级证书的年份"),
        ({"current_trade": None}, "current_trade", "请选择五级证书上的工种"),
        ({"current_grade": None}, "current_grade", "未填写现有等级"),
        ({"current_grade": 3}, "current_grade", "现有等级三级高于同一工种的申报等级四级"),
        ({"appointed_to_grade_two": True}, "appointed_to_grade_two", "现有等级为五级"),
        ({"assessments": [{"year": 2024, "result": "pass"}]}, "assessments", "2024年度考核的年份应在2023年及以前"),
        ({"assessments": [{"year": 2011, "result": "pass"}]}, "assessments", "早于参加工作年份2012"),
        ({"assessments": [{"year": 2023, "result": "pass"}] * 2}, "assessments", "填写了两次"),
        ({"retires_on": "2010-01-01"}, "retires_on", "早于参加工作年份2012"),
        ({"path": "frontline"}, "frontline", "请选择所属人员类别"),
        ({"path": "trade_change"}, "path", "不属于转岗改报"),
        ({"declared_true": False}, "declared_true", "真实性负责"),
    ],
)
def test_what_cannot_be_true_is_refused_at_its_field(changes: dict[str, Any], name: str, words: str) -> None:
    messages = refused({**SENT, **changes})
    assert list(messages) == [name]
    assert words in messages[name]


def test_an_appointment_to_grade_two_needs_a_certificate_first() -> None:
    nothing = {"current_grade": None, "current_grade_year": None, "current_trade": None}
    assert list(refused({**SENT, **nothing, "appointed_to_grade_two": True})) == ["appointed_to_grade_two"]


@pytest.mark.parametrize(
    "changes",
    [
        {"current_grade": None, "current_grade_year": None, "current_trade": None},
        {"current_grade": 3, "current_trade": "gardener"},
        {"first_job_year": 2004, "path": "direct"},
        {"first_job_year": 2024, "current_grade_year": 2024, "assessments": [], "regularised_on": "2024-12-31"},
        {"path": "trade_change", "current_trade": "gardener"},
        {"path": "frontline", "frontline": "aid_team"},
        {"grade": 1, "current_grade": 2, "appointed_to_grade_two": True},
        {"education": 1, "grade": 2, "current_grade": 5},
    ],
)
def test_a_condition_that_is_not_met_is_left_to_the_rules(changes: dict[str, Any]) -> None:
    assert complete(read_draft({**SENT, **changes}), year=2024, birth_date=BORN).declared_true is True


def test_without_a_birth_date_the_age_at_the_first_job_is_not_looked_at() -> None:
    young = {**SENT, "first_job_year": 2003}
    assert complete(read_draft(young), year=2024).first_job_year == 2003


DELEGATION = DelegationView(
    OfficeCode("henan/luoyang/luanchuan"),
    DelegationMode.ENTRUSTED,
    frozenset({ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION}),
)


def known_facts() -> ApplicationFacts:
    return facts(
        complete(read_draft({**SENT, "path": "frontline", "frontline": "commended"}), year=2024),
        year=2024,
        notice_date=NOTICE_DATE,
        office=OfficeCode("henan/luoyang"),
        birth_date=BORN,
        sex=Sex.FEMALE,
        unit_area="410324",
        unit_name="模拟单位0001",
        unit_is_own_department=True,
        materials=["photo", "identity_card"],
        delegations=[DELEGATION],
    )


def test_facts_hold_every_answer_with_what_season_person_and_unit_add() -> None:
    assert known_facts() == ApplicationFacts(
        year=2024,
        notice_date=NOTICE_DATE,
        office=OfficeCode("henan/luoyang"),
        grade=Grade.FOUR,
        path=ApplicationPath.FRONTLINE,
        trade="driver",
        unit_area="410324",
        unit_name="模拟单位0001",
        unit_is_own_department=True,
        staff_category=StaffCategory.REGULAR,
        birth_date=BORN,
        sex=Sex.FEMALE,
        first_job_year=2012,
        regularised_on=date(2013, 7, 1),
        current_grade=Grade.FIVE,
        current_grade_year=2018,
        current_trade="driver",
        education=Education.SENIOR,
        assessments=(
            Assessment(2022, AssessmentResult.EXCELLENT),
            Assessment(2023, AssessmentResult.PASS, filed=False),
        ),
        awards=("labour_medal", "patent"),
        frontline=Frontline.COMMENDED,
        materials=frozenset({"photo", "identity_card"}),
        acknowledgements=frozenset({"retiring_this_year"}),
        delegations=(DELEGATION,),
    )


def test_every_answer_of_the_form_is_a_fact() -> None:
    assert ApplicationForm.model_fields.keys() - {"declared_true"} <= asdict(known_facts()).keys()
    assert ApplicationForm.model_fields.keys() == ApplicationDraft.model_fields.keys()


def test_kept_facts_are_the_same_facts_and_always_written_alike() -> None:
    known = known_facts()
    kept = dump_facts(known)
    assert load_facts(json.loads(json.dumps(kept))) == known
    assert kept["materials"] == ["identity_card", "photo"]
    assert kept["delegations"][0]["stages"] == ["onsite_confirmation", "qualification_review"]
    shuffled = replace(known, materials=frozenset(["identity_card", "photo"]))
    assert json.dumps(dump_facts(shuffled)) == json.dumps(kept)


@settings(max_examples=200, deadline=None)
@given(some_facts)
def test_kept_facts_are_judged_the_same_years_later(known: ApplicationFacts) -> None:
    reread = load_facts(json.loads(json.dumps(dump_facts(known))))
    assert reread == known
    assert judge(reread, DOCUMENT, open_trades=OPEN_TRADES) == judge(known, DOCUMENT, open_trades=OPEN_TRADES)
