"""An officer registers units, plans a change for a later day after a look at what it reaches, and cancels it."""

from playwright.sync_api import expect

from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import YEAR


def test_an_officer_registers_units_plans_a_merger_and_tells_two_apart(visit: Visit, town: Town) -> None:
    town.let_in("registrar", town.person("city"))
    window = visit("registrar")
    page = window.page
    window.go("/units")
    for name in ("清河测试浏览防汛站（本级）", "清河测试浏览防汛站(本级)", "清河测试浏览水务中心"):
        page.get_by_role("link", name="登记单位").click()
        page.get_by_label("单位全称").fill(name)
        page.get_by_label("所在地区和机构").select_option(index=1)
        page.get_by_role("button", name="登记").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.get_by_role("link", name="单位", exact=True).last.click()
    page.get_by_role("link", name="疑似重复").click()
    row = page.get_by_role("row").filter(has_text="清河测试浏览防汛站").first
    expect(row).to_contain_text("名称相同")
    row.get_by_role("button", name="不是同一个").click()
    expect(page.get_by_text("清河测试浏览防汛站")).to_have_count(0)
    window.go("/units?q=浏览水务")
    page.get_by_role("link", name="清河测试浏览水务中心").click()
    page.get_by_role("link", name="合并").click()
    page.get_by_label("生效日期").fill(f"{YEAR}-11-01")
    page.get_by_label("批准文件文号").fill("清编〔2024〕8号")
    page.get_by_label("与哪些单位合并").fill("清河测试浏览防汛站（本级）")
    page.get_by_label("合并后的名称").fill("清河测试浏览水务防汛中心")
    page.get_by_role("button", name="下一步：查看影响").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请确认：合并")
    expect(page.get_by_text("到生效之日自动办理，之前可以取消")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert (window.violations(), window.wide()) == ([], 0)
    page.get_by_role("button", name="确认，到时生效").click()
    planned = page.get_by_role("row").filter(has_text="清河测试浏览水务防汛中心")
    expect(planned).to_contain_text("清编〔2024〕8号")
    planned.get_by_text("取消", exact=True).click()
    planned.get_by_label("理由").fill("批文撤回")
    planned.get_by_role("button", name="确认取消").click()
    expect(page.get_by_role("row").filter(has_text="批文撤回")).to_contain_text("已取消")
    assert window.complaints == []
