"""Unsent text of forms stays on the device: a closed tab, a refusal, another account, the form that went through."""

import pytest
from playwright.sync_api import Page, expect

from core.db.session import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town

KEPT = (
    "Object.keys(localStorage).filter((name) => name.startsWith('kaowu-kept:'))"
    ".map((name) => localStorage[name]).join()"
)
NOTE = "已恢复您上次没有提交的内容"


def _another_tab(page: Page) -> Page:
    """Close the tab as a crash would, and open another in the same browser at the same address."""
    context, address = page.context, page.url
    page.close()
    again = context.new_page()
    again.goto(address)
    return again


@pytest.mark.parametrize("old", [False, True], ids=["today", "old"])
def test_text_comes_back_after_a_closed_tab_and_a_refusal(visit: Visit, town: Town, *, old: bool) -> None:
    town.let_in("keeper", town.web.staff(Role.CITY_SUPERVISOR))
    window = visit("keeper", old=old)
    window.go("/acting")
    window.page.get_by_label("原因").fill("参加培训（测试）")
    page = _another_tab(window.page)
    expect(page.get_by_label("原因")).to_have_value("参加培训（测试）")
    expect(page.get_by_text(NOTE)).to_be_visible()
    page.get_by_label("代办谁的角色").select_option(index=1)
    page.get_by_label("代办人的登录名").fill("nobody.here")
    page.get_by_label("自", exact=True).fill("2024-04-01")
    page.get_by_label("至（当日24:00止）").fill("2024-04-03")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("代办人应是同一机构或单位的另一名在岗人员").first).to_be_visible()
    page = _another_tab(page)
    expect(page.get_by_label("代办人的登录名")).to_have_value("nobody.here")
    page.get_by_role("button", name="不要这些内容").click()
    expect(page.get_by_label("原因")).to_have_value("")
    page = _another_tab(page)
    expect(page.get_by_label("原因")).to_have_value("")


def test_text_is_gone_when_the_form_went_through(visit: Visit, town: Town) -> None:
    town.let_in("asking", town.web.applicant())
    window = visit("asking", viewport=PHONE)
    window.go("/my/inquiries")
    page = window.page
    text = page.locator("form[action='/my/inquiries'] textarea")
    text.fill("证书遗失了怎么办（测试）")
    page = _another_tab(page)
    text = page.locator("form[action='/my/inquiries'] textarea")
    expect(text).to_have_value("证书遗失了怎么办（测试）")
    assert "证书遗失了怎么办" in page.evaluate(KEPT)
    for choice in page.locator("form[action='/my/inquiries'] select").all():
        choice.select_option(index=1)
    page.locator("form[action='/my/inquiries'] button[type=submit]").click()
    expect(page.get_by_text("证书遗失了怎么办（测试）").first).to_be_visible()
    assert page.evaluate(KEPT) == ""


def test_another_account_on_the_device_sees_nothing_and_ends_it(visit: Visit, town: Town) -> None:
    for who in ("first-here", "second-here"):
        town.let_in(who, town.web.staff(Role.CITY_SUPERVISOR))
    window = visit("first-here")
    window.go("/acting")
    window.page.get_by_label("原因").fill("只有本人知道（测试）")
    window.page.context.clear_cookies()
    window.page.context.add_cookies([town.cookie("second-here")])  # type: ignore[list-item]
    page = _another_tab(window.page)
    expect(page.get_by_label("原因")).to_have_value("")
    assert page.evaluate(KEPT) == ""


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_sign_out_says_that_unsent_text_goes_and_removes_it(
    visit: Visit, town: Town, viewport: dict[str, int]
) -> None:
    town.let_in("leaving", town.web.staff(Role.CITY_SUPERVISOR))
    window = visit("leaving", viewport=viewport)
    window.go("/acting")
    page = window.page
    page.get_by_label("原因").fill("还没有写完（测试）")
    page.locator(".who summary .who-name", has_text="测试经办员").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="还有没提交的内容，退出后清除。确认退出").click()
    expect(page.get_by_role("link", name="登录").first).to_be_visible()
    assert page.evaluate(KEPT) == ""


def test_codes_and_numbers_of_people_are_not_kept(visit: Visit, town: Town) -> None:
    town.let_in("typist", town.web.staff(Role.CITY_REVIEWER))
    window = visit("typist")
    window.go("/season/late")
    page = window.page
    page.locator("form[data-keep=late] [data-never-keep]").fill("41010119800506001X")
    page.locator("form[data-keep=late] [name=reason]").fill("因公出差（测试）")
    kept = page.evaluate(KEPT)
    assert ("因公出差（测试）" in kept, "41010119800506001X" in kept) == (True, False)


def test_a_warning_is_one_for_all_tabs_and_so_is_the_sign_out(visit: Visit, town: Town) -> None:
    town.let_in("two-tabs", town.web.staff(Role.CITY_SUPERVISOR))
    window = visit("two-tabs")
    first = window.page
    first.clock.install()
    window.go("/acting")
    second = first.context.new_page()
    second.goto(f"{town.address}/notices")
    limit = int(first.locator("body").get_attribute("data-idle-seconds") or 0)
    # The clock is one for all tabs of a browser.
    first.clock.fast_forward((limit - 60) * 1000)
    for page in (first, second):
        expect(page.locator("#idle")).to_be_visible()
    second.locator("#idle").get_by_role("button", name="继续使用").click()
    for page in (first, second):
        expect(page.locator("#idle")).to_be_hidden()
    assert first.url.endswith("/acting")
    second.locator(".who summary .who-name", has_text="测试经办员").click()
    second.get_by_role("button", name="退出登录").click()
    first.wait_for_url("**/sign-in?to=%2Facting")
