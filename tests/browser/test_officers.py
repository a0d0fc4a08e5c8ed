"""An officer's day: a return, decisions in bulk, taking back, and two officers who get different cases."""

import pytest
from playwright.sync_api import expect

from core.db.session import Role
from tests.browser.conftest import Visit
from tests.browser.people import find_correct
from tests.browser.town import Town
from tests.browser.ways import WAYS, WAYS_AND_OLD
from tests.cases import COUNTY, answers


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
    window.open_first_row()
    page.get_by_label("理由", exact=False).last.fill("请更正参加工作年份")
    find_correct(page)
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_role("alert")).to_contain_text("请至少指出一个有误的项目")
    expect(page.locator("#reason")).to_have_value("请更正参加工作年份")
    page.get_by_label("有误：参加工作年份", exact=True).check()
    expect(page.get_by_label("参加工作年份有误的原因")).to_have_value("")
    page.get_by_label("参加工作年份有误的原因").select_option(label="与人事档案不一致")
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_text("没有符合条件的申请")).to_be_visible()
    expect(page.get_by_text("已退回测试")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_enter_in_a_field_decides_nothing(visit: Visit, town: Town, *, javascript: bool) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    town.let_in("entering", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("entering", javascript=javascript)
    window.go(f"/desk?q={unit}")
    page = window.page
    window.open_first_row()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    fields = page.locator("#decision input[list]")
    assert fields.count() > 0
    for field in fields.all():
        field.fill("已核对")
        field.press("Enter")
    expect(fields.first).to_have_value("已核对")
    # What Enter sends stands before what the link asks for.
    with page.expect_navigation():
        page.locator("main a[href^='/desk']").first.click()
    assert set(sent) == {"GET"}


def test_two_officers_do_not_read_the_same_case(visit: Visit, town: Town) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    for who in ("first", "second"):
        town.let_in(who, town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    first, second = visit("first"), visit("second")
    for window in (first, second):
        window.go(f"/desk?q={unit}")
        window.open_first_row()
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
    window.open_first_row()
    for key in ("v", "p", "s"):
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press("a")
    expect(page.get_by_text("已通过测试")).to_be_visible()
    window.go(f"/desk?q={unit}")
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name="批量审核通过").click()
    expect(page.get_by_text("不能批量办理的2件")).to_be_visible()
    expect(page.get_by_text("审查意见需要核实")).to_have_count(2)
    expect(page.get_by_role("button", name="确定")).to_have_count(0)
    assert window.violations() == []


@WAYS
def test_many_plain_cases_are_confirmed_on_a_page_marked_and_taken_back(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    unit = town.cases_of_one_unit(2, COUNTY, answers())
    town.let_in("plain", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("plain", viewport=viewport, javascript=javascript)
    window.go(f"/desk?q={unit}")
    page = window.page
    for box in page.locator("[data-row] input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="批量审核通过").click()
    expect(page.get_by_text("将办理2件")).to_be_visible()
    page.get_by_role("button", name="确定批量审核通过2件").click()
    page.get_by_role("button", name="撤销这次办理（2件）").click()
    expect(page.get_by_text("已撤销2件")).to_be_visible()
    window.open_first_row()
    expect(page.get_by_text("审核通过（批量办理）")).to_be_visible()
    expect(page.get_by_text("撤销办理", exact=False).first).to_be_visible()


@WAYS_AND_OLD
def test_a_decision_names_each_item_is_told_and_taken_back(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool, old: bool
) -> None:
    unit = town.cases_of_one_unit(2, COUNTY, answers())
    town.let_in("naming", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("naming", viewport=viewport, javascript=javascript, old=old)
    window.go(f"/desk?q={unit}")
    page = window.page
    window.open_first_row()
    first = page.url.partition("?")[0]
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_role("alert")).to_contain_text("项没有核对")
    find_correct(page)
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_text("已通过测试")).to_be_visible()
    assert page.url.partition("?")[0] != first
    page.get_by_role("button", name="撤销这次办理").click()
    expect(page.get_by_text("已撤销1件")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(2)
