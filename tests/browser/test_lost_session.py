"""A session that is lost while somebody fills in the form: what was typed is there after signing in again."""

from playwright.sync_api import Route, expect

from core.web.authentication.cookies import SESSION
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town


def test_signing_in_again_in_another_tab_leads_back_to_what_was_typed(visit: Visit, town: Town) -> None:
    applicant = town.web.applicant()
    town.let_in("losing", applicant)
    flow = town.draft_of("losing")
    address = f"/my{flow.path}/form/person"
    window = visit("losing", viewport=PHONE)
    page, held = window.page, list[Route]()
    kept = page.context.cookies()

    def hold(route: Route) -> None:
        """A slow line: the script that keeps what is typed comes after somebody has begun to type."""
        if held:
            route.fallback()
        else:
            held.append(route)

    page.route("**/static/kept.js*", hold)
    page.goto(town.address + address, wait_until="commit")
    page.get_by_label("参加工作年份").fill("2013")
    while not held:
        page.wait_for_timeout(20)
    held[0].fallback()
    page.wait_for_load_state()
    page.context.clear_cookies()
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    expect(page.get_by_text("登录后会回到刚才的页面")).to_be_visible()
    expect(page.get_by_text("没来得及保存的内容会在同一台设备上恢复")).to_be_visible()
    expect(page.get_by_text("没来得及保存的内容要重新填写")).to_be_hidden()
    assert SESSION in {cookie["name"].removeprefix("__Host-") for cookie in kept}
    page.context.add_cookies(kept)
    # Signed in again in another tab, the reader is led on from the sign-in page.
    page.reload()
    expect(page.get_by_label("参加工作年份")).to_have_value("2013")
    expect(page.get_by_text("已恢复您上次没有保存的内容")).to_be_visible()


def test_without_scripts_the_sign_in_promises_nothing_that_is_not_kept(visit: Visit) -> None:
    window = visit(javascript=False)
    window.go("/sign-in?to=/my")
    expect(window.page.get_by_text("没来得及保存的内容会在同一台设备上恢复")).to_be_hidden()
    expect(window.page.get_by_text("没来得及保存的内容要重新填写")).to_be_visible()


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
