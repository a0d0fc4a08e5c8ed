"""Every hook as the plugins of Henan that Kaowu ships use it, beside an office of the same province without them.

The test of a hook is called ``test_hook_<name>``; ``tests/docs/test_hooks_page.py`` holds that each has one.
"""

import logging
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum.iso7064 import mod_37_36

from core.clock import SHANGHAI, end_of
from core.hooks.floors import AnswerRefused, policy_keeps
from core.plugin_api import (
    Apart,
    ApplicationPath,
    AwardView,
    DelegationMode,
    DelegationView,
    ExamCalendar,
    FilingDue,
    FilingKind,
    Finding,
    Grade,
    MarksView,
    MaterialRequirement,
    OfficeCode,
    OfficeView,
    ReportSection,
    ReviewStage,
    SeasonView,
    SeatingPolicy,
    Severity,
    SittingView,
    StaffCategory,
    SubjectMark,
    Verdict,
    WindowKind,
)
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.plugins import OfficeHooksRegistry, build_hooks
from tests.plugins.conftest import ROOT
from tests.plugins.questions import FIGURES, FILING_MOVE, LADDER, MOVE, PHOTO, RULES, facts

LUOYANG, KAIFENG, JIYUAN, ZHENGZHOU, NANYANG, DENGZHOU, XINYANG, GUSHI, SHANGQIU = (
    OfficeCode(f"henan/{place}")
    for place in (
        "luoyang",
        "kaifeng",
        "jiyuan",
        "zhengzhou",
        "nanyang",
        "nanyang/dengzhou",
        "xinyang",
        "xinyang/gushi",
        "shangqiu",
    )
)


@pytest.fixture(scope="module")
def registry(henan: Catalogue) -> OfficeHooksRegistry:
    return build_hooks(henan)


XUCHANG = OfficeCode("henan/xuchang")


def _season(henan: Catalogue, code: OfficeCode, year: int = 2024) -> tuple[SeasonView, OfficeView]:
    return henan.season_view(code, year), henan.get(code).view(date(year, 3, 21))


def test_every_plugin_of_every_office_is_in_order(registry: OfficeHooksRegistry) -> None:
    assert registry.faults == ()
    assert registry.closed == {}


def test_hook_exam_calendar(henan: Catalogue, registry: OfficeHooksRegistry) -> None:
    season, office = _season(henan, JIYUAN)
    own = henan.calendar(JIYUAN, 2024)
    calendar = registry.for_office(JIYUAN).exam_calendar(season, office, calendar=own)
    exam = calendar.window(WindowKind.COMPUTER_EXAM, Grade.FIVE)
    assert exam is not None
    assert (exam.opens, exam.closes) == (datetime(2024, 7, 6, tzinfo=SHANGHAI), datetime(2024, 7, 8, tzinfo=SHANGHAI))
    assert calendar.window(WindowKind.REGISTRATION) == own.window(WindowKind.REGISTRATION)
    assert calendar.window(WindowKind.LEVEL_ONE_THEORY) == own.window(WindowKind.LEVEL_ONE_THEORY)


def test_the_exam_of_jiyuan_is_on_the_first_weekend_of_july_of_any_year(
    henan: Catalogue, registry: OfficeHooksRegistry
) -> None:
    season, office = _season(henan, JIYUAN)
    frame = season.frame.window(WindowKind.COMPUTER_EXAM)
    assert frame is not None
    for year, saturday in ((2025, 5), (2026, 4), (2028, 1)):
        exam_months = replace(
            frame, opens=datetime(year, 6, 1, tzinfo=SHANGHAI), closes=datetime(year, 10, 1, tzinfo=SHANGHAI)
        )
        of_year = replace(season, year=year, frame=ExamCalendar((exam_months,)))
        calendar = registry.for_office(JIYUAN).exam_calendar(of_year, office, calendar=of_year.frame)
        assert calendar.windows[0].opens == datetime(year, 7, saturday, tzinfo=SHANGHAI)


def test_an_office_without_a_plugin_for_its_dates_has_those_of_its_file(
    henan: Catalogue, registry: OfficeHooksRegistry
) -> None:
    season, office = _season(henan, KAIFENG)
    own = henan.calendar(KAIFENG, 2024)
    assert registry.for_office(KAIFENG).exam_calendar(season, office, calendar=own) == own


def _route(registry: OfficeHooksRegistry, code: OfficeCode, **changes: object) -> tuple[ReviewStage, ...]:
    return registry.for_office(code).review_route(facts(office=code, **changes))


def test_hook_review_route(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tenants", tmp_path / "tenants")
    file = tmp_path / "tenants" / LUOYANG / "tenant.toml"
    online = '\n[review]\nroute = ["unit_review", "department_review", "qualification_review"]\n'
    file.write_text(file.read_text("utf-8") + online, "utf-8")
    registry = build_hooks(load_catalogue(tmp_path / "tenants"))
    assert _route(registry, LUOYANG, staff_category=StaffCategory.REGULAR) == tuple(ReviewStage)[:3]
    assert _route(registry, LUOYANG, staff_category=StaffCategory.HIRED) == tuple(ReviewStage)


def test_a_unit_that_is_its_own_department_has_no_second_stage(registry: OfficeHooksRegistry) -> None:
    own = {"unit_is_own_department": True}
    without = tuple(stage for stage in ReviewStage if stage is not ReviewStage.DEPARTMENT_REVIEW)
    assert _route(registry, KAIFENG, **own) == without
    assert _route(registry, LUOYANG, **own) == without


def test_hook_review_office(registry: OfficeHooksRegistry) -> None:
    took_over = DelegationView(DENGZHOU, DelegationMode.HANDED_OVER, frozenset({ReviewStage.QUALIFICATION_REVIEW}))
    hooks = registry.for_office(DENGZHOU)
    ladder = facts(office=NANYANG, delegations=(took_over,))
    frontline = replace(ladder, path=ApplicationPath.FRONTLINE)
    assert hooks.review_office(ladder, ReviewStage.QUALIFICATION_REVIEW) == DENGZHOU
    assert hooks.review_office(ladder, ReviewStage.ONSITE_CONFIRMATION) == NANYANG
    assert hooks.review_office(frontline, ReviewStage.QUALIFICATION_REVIEW) == NANYANG


def test_hook_certificate_number(registry: OfficeHooksRegistry) -> None:
    award = AwardView(SHANGQIU, "411400", 2024, 3, "LS-1", 12, standard="4114002024300012")
    numbered = registry.for_office(SHANGQIU).certificate_number(award)
    assert (numbered[:-1], mod_37_36.is_valid(numbered)) == (award.standard, True)
    assert not any(mod_37_36.is_valid(numbered.replace("12", slip)) for slip in ("21", "13", "02"))
    assert registry.for_office(KAIFENG).certificate_number(award) == award.standard


def test_a_city_that_kept_nothing_leaves_every_path_to_its_county(registry: OfficeHooksRegistry) -> None:
    took_over = DelegationView(GUSHI, DelegationMode.HANDED_OVER, frozenset({ReviewStage.QUALIFICATION_REVIEW}))
    for path in ApplicationPath:
        case = facts(office=XINYANG, path=path, delegations=(took_over,))
        assert registry.for_office(GUSHI).review_office(case, ReviewStage.QUALIFICATION_REVIEW) == GUSHI


def _added(registry: OfficeHooksRegistry, code: OfficeCode, **changes: object) -> tuple[Finding, ...]:
    case = facts(office=code, **changes)
    found = registry.for_office(code).eligibility_findings(case, rule_document=RULES, standard=[LADDER])
    assert found[0] == LADDER
    return found[1:]


def _marks(grade: Grade, skill: int) -> MarksView:
    marks = (SubjectMark("岗位技能", Decimal(skill)), SubjectMark("职业道德", Decimal(60)))
    return MarksView(2024, grade, "HN-1", ("岗位技能", "职业道德"), marks, Decimal(60))


def test_hook_seating_policy(registry: OfficeHooksRegistry) -> None:
    standard = SeatingPolicy(15, Apart.CROSS, 2)
    july = datetime(2024, 7, 20, 9, tzinfo=UTC)
    sitting = SittingView("s", NANYANG, 2024, july, july, frozenset(), frozenset({2, 3}), frozenset(), standard)
    nanyang, kaifeng = registry.for_office(NANYANG), registry.for_office(KAIFENG)
    assert nanyang.seating_policy(sitting) == SeatingPolicy(15, Apart.AROUND, 2)
    assert nanyang.seating_policy(replace(sitting, standard=SeatingPolicy())) == SeatingPolicy(10, Apart.AROUND, 2)
    assert nanyang.seating_policy(replace(sitting, grades=frozenset({5}))) == standard
    assert kaifeng.seating_policy(sitting) == standard


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (SeatingPolicy(4, Apart.AROUND, 2), "reserve_percent is 4, and at least 5"),
        (SeatingPolicy(5, Apart.BESIDE, 2), "apart is 1, and at least 2"),
        (SeatingPolicy(5, Apart.CROSS, 1), "invigilators is 1, and at least 2"),
        (SeatingPolicy(100, Apart.CROSS, 2), "leaves no seat"),
    ],
)
def test_a_plugin_seats_nobody_closer_than_the_office_says(answer: SeatingPolicy, why: str) -> None:
    with pytest.raises(AnswerRefused, match=why):
        policy_keeps(answer, SeatingPolicy(5, Apart.CROSS, 2))


def test_hook_outcome(registry: OfficeHooksRegistry) -> None:
    passed = Verdict(True, "各项成绩均达到合格标准。")
    failed = Verdict(False, "岗位技能69分，未达到本市70分的要求（许昌市示例）。")
    xuchang, kaifeng = registry.for_office(XUCHANG), registry.for_office(KAIFENG)
    assert [xuchang.outcome(_marks(Grade.TWO, skill)) for skill in (69, 70)] == [failed, passed]
    assert xuchang.outcome(_marks(Grade.FIVE, 69)) == kaifeng.outcome(_marks(Grade.TWO, 69)) == passed


def test_hook_eligibility_findings(registry: OfficeHooksRegistry) -> None:
    asks = Finding(
        "luoyang.contract",
        "洛阳市考务安排（示例）",
        Severity.ASKS,
        "聘用人员须上传有效期内的聘用合同，由审查人员核实。",
        "聘用合同",
    )
    assert _added(registry, LUOYANG) == (asks,)
    assert _added(registry, LUOYANG, materials=frozenset({"labour_contract"})) == ()
    assert _added(registry, LUOYANG, staff_category=StaffCategory.REGULAR) == ()
    assert _added(registry, KAIFENG) == ()


@pytest.mark.parametrize(
    ("unit", "days"),
    [("固始县测试第一中学", "4月8日至9日"), ("固始县测试人民医院", "4月10日"), ("固始县测试农业局", "4月11日至12日")],
)
def test_gushi_tells_each_unit_the_days_of_its_group(registry: OfficeHooksRegistry, unit: str, days: str) -> None:
    (note,) = _added(registry, GUSHI, unit_name=unit)
    assert note.severity is Severity.NOTES
    assert note.text == f"需现场审查确认的，请于{days}由单位人事部门集中报送材料。"


def test_hook_required_materials(registry: OfficeHooksRegistry) -> None:
    hooks = registry.for_office(LUOYANG)
    contract = MaterialRequirement("labour_contract", "有效期内的聘用合同", "洛阳市考务安排（示例）", required=False)
    assert hooks.required_materials(facts(office=LUOYANG), standard=[PHOTO]) == (PHOTO, contract)
    regular = facts(office=LUOYANG, staff_category=StaffCategory.REGULAR)
    assert hooks.required_materials(regular, standard=[PHOTO]) == (PHOTO,)


def test_hook_filings_due(henan: Catalogue, registry: OfficeHooksRegistry) -> None:
    demanded = [
        FilingDue(FilingKind.EXAM_DATES, "考试时间备案", end_of(date(2024, 5, 31)), "通知 三（末段）"),
        FilingDue(FilingKind.REGISTRATION_SUMMARY, "报名汇总", end_of(date(2024, 4, 15)), "通知 三（三）"),
    ]
    season, office = _season(henan, JIYUAN)
    dates, summary = registry.for_office(JIYUAN).filings_due(season, office, standard=demanded)
    assert (dates.kind, dates.due) == (FilingKind.EXAM_DATES, datetime(2024, 5, 2, tzinfo=SHANGHAI))
    assert summary == demanded[1]
    season, office = _season(henan, KAIFENG)
    assert registry.for_office(KAIFENG).filings_due(season, office, standard=demanded) == tuple(demanded)


def test_hook_report_sections(henan: Catalogue, registry: OfficeHooksRegistry) -> None:
    season, office = _season(henan, LUOYANG)
    assert registry.for_office(LUOYANG).report_sections(season, office, FIGURES) == (
        ReportSection("standard", "基本情况", FIGURES),
        ReportSection("delegation", "放权承接情况", {"由县（市）办理": 5, "由本机构办理": 15}),
    )


def test_hook_application_moved(registry: OfficeHooksRegistry, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kaowu.moves")
    told = registry.for_office(ZHENGZHOU).application_moved(MOVE)
    assert [(answer.plugin, answer.reason) for answer in told] == [("log_moves", None)]
    assert caplog.messages == ["move m-1: application a-1, unit_review to qualification_review"]
    assert registry.for_office(KAIFENG).application_moved(MOVE) == ()


def test_hook_filing_moved(registry: OfficeHooksRegistry, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kaowu.moves")
    told = registry.for_office(ZHENGZHOU).filing_moved(FILING_MOVE)
    assert [(answer.plugin, answer.reason) for answer in told] == [("log_moves", None)]
    assert caplog.messages == ["move m-2: filing f-1, version 1, accepted"]
