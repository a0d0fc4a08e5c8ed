"""What browsers of offices lacked until it was mended: dialogs, copies of what was typed, the box of reasons."""

import pytest
from playwright.sync_api import expect

from core.db.session import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import COUNTY


def test_an_old_browser_lacks_what_chromium_86_lacks(visit: Visit) -> None:
    window = visit(old=True)
    window.go("/")
    for name in ("structuredClone", "document.createElement('dialog').showModal", "[].at", "Object.hasOwn"):
        assert window.page.evaluate(f"typeof {name}") == "undefined", name
    assert window.complaints == []


@pytest.mark.parametrize("old", [False, True], ids=["today", "old"])
def test_the_reasons_appear_with_the_fault_and_none_is_chosen(visit: Visit, town: Town, *, old: bool) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    who = f"judging-{old}"
    town.let_in(who, town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit(who, old=old)
    window.go(f"/desk?q={unit}")
    page = window.page
    page.locator("[data-row] a").click()
    reasons = page.get_by_label("参加工作年份有误的原因")
    page.get_by_label("有误：参加工作年份", exact=True).check()
    expect(reasons).to_be_visible()
    expect(reasons).to_have_value("")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    keys = page.locator("dialog[aria-label=键盘操作]")
    expect(keys).to_contain_text("退回修改")
    keys.get_by_role("button", name="关闭").click()
    expect(keys).to_have_count(0)
    assert window.complaints == []


def test_what_was_typed_in_an_old_browser_survives_a_session_that_ends(visit: Visit, town: Town) -> None:
    town.let_in("forgetful-old", town.web.applicant())
    flow = town.draft_of("forgetful-old")
    window = visit("forgetful-old", viewport=PHONE, old=True)
    address = f"/my/{flow.path.strip('/')}/form/person"
    window.go(address)
    town.sign_out("forgetful-old")
    window.page.get_by_label("参加工作年份").fill("2015")
    window.page.get_by_role("button", name="保存并继续").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("登录")
    window.page.context.add_cookies([town.cookie("forgetful-old")])
    window.go(address)
    expect(window.page.get_by_label("参加工作年份")).to_have_value("2015")
    assert window.complaints == []


@pytest.mark.parametrize("old", [False, True], ids=["today", "old"])
def test_the_warning_before_a_session_ends_can_be_answered(visit: Visit, town: Town, *, old: bool) -> None:
    flow = town.case("photographer")
    window = visit("photographer", viewport=DESKTOP, old=old)
    window.page.clock.install()
    window.go(f"/my{flow.path}")
    warning = window.page.locator("#idle")
    expect(warning).to_be_hidden()
    limit = int(window.page.locator("body").get_attribute("data-idle-seconds") or 0)
    window.page.clock.fast_forward((limit - 60) * 1000)
    expect(warning).to_be_visible()
    warning.get_by_role("button", name="继续使用").click()
    expect(warning).to_be_hidden()
    assert window.page.url.endswith(flow.path)
    assert window.complaints == []
