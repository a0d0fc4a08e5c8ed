"""What an office is told to see to first."""

from core.db.session import SYSTEM_ACCOUNT, Actor, Role
from core.oversight.attention import Desk, Matter, OpenPlan, Requests, Urgency, matters
from core.oversight.filings_due import Duty, DutyStatus
from core.pages.oversight.season_work import way_to
from core.plugin_api import FilingKind, OfficeCode
from tests.cases import at

CITY, COUNTY, OTHER = OfficeCode("linshui/qinghe"), "linshui/qinghe/heyuan", "linshui/qinghe/shanqian"


def duty(status: DutyStatus, kind: FilingKind = FilingKind.EXAM_DATES) -> Duty:
    return Duty(CITY, kind, "考试时间备案", "通知第三条", at(5, 31), status, None)


def urgencies(*found: Desk, duties: list[Duty] | None = None, outside: list[str] | None = None) -> list[Urgency]:
    return [matter.urgency for matter in matters(CITY, duties or [], found, outside or [])]


def test_an_office_with_everything_in_time_has_no_matters() -> None:
    settled = [duty(status) for status in (DutyStatus.FILED, DutyStatus.RECEIVED, DutyStatus.NOT_DUE_YET)]
    assert urgencies(Desk(CITY, "清河市", 9, 0), Desk(COUNTY, "河源市", 3, 0), duties=settled) == []


def test_an_overdue_filing_comes_before_cases_and_these_before_soon_due_ones() -> None:
    owed = [duty(DutyStatus.DUE), duty(DutyStatus.OVERDUE), duty(DutyStatus.RETURNED)]
    assert urgencies(Desk(COUNTY, "河源市", 3, 1), Desk(CITY, "清河市", 9, 2), duties=owed, outside=["改正"]) == [
        Urgency.FILING_OVERDUE,
        Urgency.FILING_RETURNED,
        Urgency.OUTSIDE_FRAME,
        Urgency.CASES_OVERDUE,
        Urgency.COUNTY_OVERDUE,
        Urgency.FILING_DUE,
    ]


def test_the_county_furthest_behind_is_named_first() -> None:
    found = matters(CITY, [], [Desk(COUNTY, "河源市", 3, 1), Desk(OTHER, "山前县", 30, 12)])
    assert [matter.subject for matter in found] == [OTHER, COUNTY]
    assert found[0].title == "山前县有12件超时"


def test_an_overdue_filing_names_its_clause_and_its_day() -> None:
    (found,) = matters(CITY, [duty(DutyStatus.OVERDUE)], [])
    assert found.due == at(5, 31)
    assert "通知第三条" in found.text


def test_an_officer_who_decides_no_cases_is_led_to_supervision() -> None:
    reviewer = Actor(SYSTEM_ACCOUNT, "测试审查员", Role.CITY_REVIEWER, office_id=CITY)
    supervisor = Actor(SYSTEM_ACCOUNT, "测试监管员", Role.CITY_SUPERVISOR, office_id=CITY)
    overdue = Matter(Urgency.CASES_OVERDUE, "", "", "linshui")
    led = [way_to(overdue, actor)[0] for actor in (reviewer, supervisor)]
    assert led == ["/desk", "/supervision/cases"]


def test_a_plan_by_which_people_go_astray_comes_first_and_one_with_open_work_last() -> None:
    grave, open_ = (
        OpenPlan("1", "上机考试", ["1个考场已不能使用"], grave=True),
        OpenPlan("2", "理论考试", ["2"], grave=False),
    )
    found = matters(CITY, [duty(DutyStatus.OVERDUE), duty(DutyStatus.DUE)], [], plans=[open_, grave])
    assert [matter.urgency for matter in found] == [
        Urgency.PLAN_UNSOUND,
        Urgency.FILING_OVERDUE,
        Urgency.FILING_DUE,
        Urgency.PLAN_OPEN,
    ]
    scheduler = Actor(SYSTEM_ACCOUNT, "测试审查员", Role.CITY_REVIEWER, office_id=CITY)
    assert way_to(found[0], scheduler)[0] == "/plans/1"
    assert (found[0].title, found[0].text) == ("上机考试的编排方案有1项须处理", "1个考场已不能使用。")


def test_what_people_ask_for_stands_last_with_its_number_and_day() -> None:
    asked = [Requests(Urgency.REISSUES, 2), Requests(Urgency.APPEALS, 1, at(5, 20))]
    found = matters(CITY, [duty(DutyStatus.DUE)], [], requests=asked)
    assert [(matter.urgency, matter.title) for matter in found[1:]] == [
        (Urgency.APPEALS, "1件审查申诉等待答复"),
        (Urgency.REISSUES, "2件更换、补办证书的申请等待办理"),
    ]
    assert found[1].due == at(5, 20)
