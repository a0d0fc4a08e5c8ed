"""Acts between offices: the province returns and receives a filing, on a phone and on a desktop."""

import hashlib

import pytest
from playwright.sync_api import expect

from core.db.session import Role
from core.plugin_api import OfficeCode
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import CITY, COUNTY, OTHER_CITY
from tests.documents.files import pdf

BOTH = pytest.mark.parametrize(("viewport", "office"), [(PHONE, OTHER_CITY), (DESKTOP, CITY)], ids=["phone", "desktop"])


@BOTH
def test_the_province_returns_a_filing_and_receives_the_next_version(
    visit: Visit, town: Town, *, viewport: dict[str, int], office: OfficeCode
) -> None:
    name = {CITY: "清河市考核办", OTHER_CITY: "云山市考核办"}[office]
    town.let_in("filer", town.web.staff(Role.CITY_SUPERVISOR, office))
    city, center = visit("filer", viewport=viewport), visit("center", viewport=viewport)

    _set_exam_dates(city)
    city.go("/filings")
    city.page.get_by_role("button", name="报送省中心备案").click()
    expect(city.page.get_by_text("已报送，待省中心接收").first).to_be_visible()

    center.go("/board/filings")
    center.page.get_by_role("link", name=f"打开{name}考试时间备案").click()
    center.page.get_by_text("退回", exact=True).click()
    center.page.get_by_label("退回原因").fill("请一并确定一级理论考试时间。")
    center.page.get_by_role("button", name="确认退回").click()
    expect(center.page.get_by_text("已退回", exact=True)).to_be_visible()

    city.go("/season")
    expect(city.page.get_by_text("被退回").first).to_be_visible()
    city.go("/filings")
    expect(city.page.get_by_text("请一并确定一级理论考试时间。")).to_be_visible()
    city.page.get_by_role("button", name="报送省中心备案").click()

    center.go("/board/filings")
    center.page.get_by_role("link", name=f"打开{name}考试时间备案").click()
    center.page.get_by_text("接收并出具回执").click()
    center.page.get_by_role("button", name="确认接收").click()
    expect(center.page.get_by_role("heading", name="备案回执")).to_be_visible()
    expect(center.page.get_by_text("备案-2024-").first).to_be_visible()
    assert (city.complaints, center.complaints) == ([], [])


def _set_exam_dates(city: Watched) -> None:
    """First a date that leaves the province's frame, which is refused with both dates; then one inside it.

    The span holds the days of the town's exams: other tests of the same town set sittings.
    """
    city.go("/season/calendar")
    exams = city.page.get_by_role("group", name="人机对话考试")
    exams.get_by_label("开始日期").first.fill("2024-06-15")
    exams.get_by_label("结束日期").first.fill("2024-10-20")
    city.page.get_by_label("依据").fill("测试考务通知1号")
    city.page.get_by_role("button", name="保存为新的一版").click()
    refusal = city.page.locator(".error-summary")
    expect(refusal).to_contain_text("2024年10月20日")
    expect(refusal).to_contain_text("2024年9月30日")
    exams.get_by_label("结束日期").first.fill("2024-07-21")
    city.page.get_by_role("button", name="保存为新的一版").click()
    expect(city.page.get_by_text("测试考务通知1号")).to_be_visible()
    city.complaints.clear()  # the browser reports the page that refused


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_city_takes_a_delegation_back_and_hands_it_over_again(
    visit: Visit, town: Town, *, viewport: dict[str, int]
) -> None:
    stays, comes_back, decided = town.before_the_county(), town.before_the_county(), town.before_the_county()
    rejected = town.person("county").post(f"/applications/{decided}/reject", {"reason": "测试：工龄不足"})
    assert rejected.status_code == 200, rejected.text
    window = visit("supervisor", viewport=viewport)
    page = window.page
    window.go(f"/delegations/{town.delegation()}")
    page.get_by_label("立即移交").check()
    page.get_by_text("个别申请另行选择").click()
    page.locator(f"select[name='case-{stays}']").select_option(label="留在原处办结")
    page.get_by_role("button", name="确认收回").click()
    expect(page.locator("#reason")).to_be_focused()  # no reason, nothing is sent
    page.locator("#reason").fill("县级机构调整，暂由市级办理")
    page.get_by_role("button", name="确认收回").click()
    expect(page.get_by_text("已终止", exact=True)).to_be_visible()
    assert _handler(town, stays) == COUNTY
    assert _handler(town, comes_back) == CITY
    # What the county decided stays in its name.
    expect(page.get_by_role("heading", name="凭此作出的审查决定")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="委托或下放").filter(has_text="河源")).not_to_have_count(0)

    window.go("/delegations/new")
    page.get_by_label("接收机构", exact=True).select_option(label="河源市考核办")
    page.get_by_label("依据的文件").fill("清河测试〔2024〕2号")
    page.get_by_label("网上资格审查").check()
    page.get_by_label("现场审查确认").check()
    scan = {"name": "文件.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.get_by_label("文件扫描件").set_input_files([scan])  # type: ignore[list-item]
    page.locator("#units").fill("没有的单位")
    page.get_by_label("生效日期").fill("2024-03-25")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".error-summary")).to_contain_text("没有找到名称完全相同的单位：没有的单位")
    page.locator("#units").fill("")
    page.get_by_label("文件扫描件").set_input_files([scan])  # type: ignore[list-item]
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("待生效", exact=True)).to_be_visible()
    expect(page.get_by_text(hashlib.sha256(pdf()).hexdigest())).to_be_visible()
    window.complaints.clear()  # the browser reports the page that refused
    town.carry_out_due(CITY)
    page.reload()
    expect(page.get_by_text("生效", exact=True).first).to_be_visible()
    assert _handler(town, comes_back) == COUNTY
    assert window.complaints == []


def _handler(town: Town, case: str) -> str:
    return str(town.person("city").get(f"/applications/{case}").json()["handler_office_id"])
