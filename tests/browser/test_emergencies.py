"""An exam morning on phones: a site opens late, an emergency goes to the center and back, and onto paper."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import at
from tests.reading import pages_of

MORNING = at(6, 22, 8, 40)
BOARD = "/exams/day?day=2024-06-22"


@pytest.fixture
def morning(town: Town) -> Iterator[Town]:
    """The town twenty minutes before its exam; nobody has opened the site, and it has rung."""
    assert town.places["alarm"]
    before = town.web.clock.now
    town.web.clock.set(MORNING)
    yield town
    town.web.clock.set(before)


def test_a_site_opens_late_and_an_emergency_is_brought_to_its_end(visit: Visit, morning: Town) -> None:
    chief, officer, center = (visit(who, viewport=PHONE) for who in ("examiner", "supervisor", "center"))
    officer.go(BOARD)
    expect(officer.page.get_by_text("1个考点没有按时报告可以开考")).to_be_visible()
    opening = f"/exams/day/{morning.places['sitting']}/opening/{morning.places['site']}"
    chief.go(BOARD)
    chief.page.locator(f"a[href='{opening}']").click()
    for step in ("主考和考务人员已到岗", "试卷检查", "监考人员到齐", "考场就绪"):
        chief.page.locator("section", has_text=step).get_by_role("button", name="正常").first.click()
        expect(chief.page.locator("section", has_text=step).locator(".state").first).to_have_text("正常")
    chief.page.get_by_role("button", name="报告可以开考").click()
    expect(chief.page.get_by_text("已报告可以开考")).to_be_visible()
    officer.page.reload()
    expect(officer.page.get_by_text("没有按时报告可以开考")).to_have_count(0)
    expect(officer.page.get_by_text("可以开考").first).to_be_visible()
    chief.go("/exams/emergencies")
    chief.page.get_by_role("link", name="报告突发事件").click()
    chief.page.get_by_role("link", name="考试系统故障").click()
    expect(chief.page.get_by_text("停止操作，保留现场和屏幕提示")).to_be_visible()
    chief.page.get_by_label("场次和考点").select_option(index=1)
    chief.page.get_by_label("经过和影响").fill("第一考场五台机器同时黑屏")
    chief.page.get_by_role("button", name="立即报告").click()
    expect(chief.page.get_by_role("heading", name="考试系统故障")).to_be_visible()
    center.go("/exams/emergencies")
    center.page.get_by_role("row", name="考试系统故障").get_by_role("link").click()
    center.page.get_by_role("button", name="已收到").click()
    expect(center.page.get_by_role("button", name="已收到")).to_have_count(0)
    center.page.get_by_label("给考点的指示").fill("换用备用机，时间顺延")
    center.page.get_by_role("button", name="下达指示").click()
    chief.page.reload()
    expect(chief.page.get_by_text("换用备用机，时间顺延")).to_be_visible()
    chief.page.get_by_label("处置结果和影响").fill("已换备用机，全部考完")
    chief.page.get_by_role("button", name="提交终报").click()
    expect(chief.page.get_by_text("已终报，待办结")).to_be_visible()
    center.page.reload()
    center.page.get_by_label("办结小结").fill("电源插排老化，已全部更换")
    center.page.get_by_role("button", name="办结").click()
    expect(center.page.get_by_text("已办结").first).to_be_visible()
    address = center.page.get_by_role("link", name="打印突发事件报告").get_attribute("href")
    text = "".join(pages_of(center.page.request.get(f"{morning.address}{address}").body()))
    for said in ("第一考场五台机器同时黑屏", "换用备用机，时间顺延", "电源插排老化，已全部更换", "（机构盖章）"):
        assert said in text, said
