"""A session that is lost while somebody fills in the form: what was typed is there after signing in again."""

import pytest
from playwright.sync_api import expect

from core.web.authentication.cookies import SESSION
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_lost_session_leads_to_the_sign_in_and_back_to_what_was_typed(
    visit: Visit, town: Town, viewport: dict[str, int]
) -> None:
    applicant = town.web.applicant()
    town.let_in("losing", applicant)
    flow = town.draft_of("losing")
    address = f"/my{flow.path}/form/person"
    window = visit("losing", viewport=viewport)
    window.go(address)
    page = window.page
    kept = page.context.cookies()
    page.context.clear_cookies()
    year = page.get_by_label("参加工作年份")
    year.fill("2013")
    year.blur()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    expect(page.get_by_text("登录后会回到刚才的页面")).to_be_visible()
    assert SESSION in {cookie["name"].removeprefix("__Host-") for cookie in kept}
    page.context.add_cookies(kept)
    # Signed in again in another tab, the reader is led on from the sign-in page.
    page.reload()
    expect(page.get_by_label("参加工作年份")).to_have_value("2013")
    expect(page.get_by_text("已恢复您上次没有保存的内容")).to_be_visible()


def test_a_form_that_cannot_save_itself_says_so_beside_the_form(visit: Visit, town: Town) -> None:
    town.let_in("offline", town.web.applicant())
    flow = town.draft_of("offline")
    window = visit("offline", viewport=PHONE)
    address = f"/my{flow.path}/form/person"
    window.go(address)
    page = window.page
    page.route(f"**{address}", lambda route: route.abort())
    year = page.get_by_label("参加工作年份")
    year.fill("2013")
    year.blur()
    expect(page.locator("#saved")).to_contain_text("没有保存")
    expect(year).to_have_value("2013")
