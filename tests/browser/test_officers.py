"""An officer's day: fifty cases cleared from the keyboard, a return, and two officers who get different cases."""

import pytest
from playwright.sync_api import expect

from core.db.session import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import COUNTY

CASES = 50


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_county_officer_clears_fifty_cases_by_keyboard(visit: Visit, town: Town, viewport: dict[str, int]) -> None:
    unit = town.cases_of_one_unit(CASES, COUNTY)
    town.let_in("clearing", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("clearing", viewport=viewport)
    window.go(f"/desk?q={unit}")
    page = window.page
    expect(page.locator("[data-row]")).to_have_count(CASES)
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("o")
    read = []
    for _ in range(CASES):
        read.append(page.url.partition("?")[0])
        page.keyboard.press("s")
        with page.expect_navigation():
            page.keyboard.press("a")
    expect(page.get_by_text("没有符合条件的申请")).to_be_visible()
    assert len(set(read)) == CASES
    assert window.complaints == []


def test_the_keys_of_a_page_are_listed(visit: Visit, town: Town) -> None:
    window = visit("city")
    window.go(f"/desk/cases/{town.places['at_office']}")
    window.page.keyboard.press("?")
    dialog = window.page.get_by_role("dialog", name="键盘操作")
    expect(dialog).to_contain_text("审核通过")
    expect(dialog).to_contain_text("退回修改")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_return_needs_a_reason_and_a_fault_and_keeps_what_was_typed(
    visit: Visit, town: Town, *, javascript: bool
) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    town.let_in("returning", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("returning", javascript=javascript)
    window.go(f"/desk?q={unit}")
    page = window.page
    page.locator("[data-row] a").click()
    page.get_by_label("理由", exact=False).last.fill("请更正参加工作年份")
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_role("alert")).to_contain_text("请至少指出一个有误的项目")
    expect(page.locator("#reason")).to_have_value("请更正参加工作年份")
    page.get_by_label("有误：参加工作年份", exact=True).check()
    page.get_by_label("参加工作年份有误的原因").select_option(label="与人事档案不一致")
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_text("没有符合条件的申请")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_enter_in_a_field_decides_nothing(visit: Visit, town: Town, *, javascript: bool) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    town.let_in("entering", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("entering", javascript=javascript)
    window.go(f"/desk?q={unit}")
    page = window.page
    with page.expect_navigation():
        page.locator("[data-row] a").click()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    fields = page.locator("#decision input[list]")
    assert fields.count() > 0
    for field in fields.all():
        field.fill("已核对")
        field.press("Enter")
    page.wait_for_timeout(300)
    assert "POST" not in sent
    expect(fields.first).to_have_value("已核对")


def test_two_officers_do_not_read_the_same_case(visit: Visit, town: Town) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    for who in ("first", "second"):
        town.let_in(who, town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    first, second = visit("first"), visit("second")
    for window in (first, second):
        window.go(f"/desk?q={unit}")
        window.page.locator("[data-row] a").click()
    first.page.get_by_role("button", name="领取此件").click()
    expect(first.page.get_by_text("您已领取")).to_be_visible()
    second.page.get_by_role("button", name="领取此件").click()
    expect(second.page.get_by_role("alert")).to_contain_text("领取此件，正在办理")


def test_many_are_decided_at_once_and_what_was_refused_stays_ticked(visit: Visit, town: Town) -> None:
    unit = town.cases_of_one_unit(3, COUNTY)
    town.let_in("many", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("many")
    window.go(f"/desk?q={unit}")
    page = window.page
    with page.expect_navigation():
        page.locator("[data-row] a").first.click()
    page.keyboard.press("s")
    with page.expect_navigation():
        page.keyboard.press("a")
    window.go(f"/desk?q={unit}")
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name="批量审核通过").click()
    expect(page.get_by_text("2件没有办成")).to_be_visible()
    expect(page.locator("[data-row] input:checked")).to_have_count(2)
    assert window.violations() == []
