"""What an office is told to see to first."""

from core.db.session import SYSTEM_ACCOUNT, Actor, Role
from core.oversight.attention import Desk, Urgency, matters
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
    led = [way_to(Urgency.CASES_OVERDUE, actor)[0] for actor in (reviewer, supervisor)]
    assert led == ["/desk", "/supervision/cases"]
