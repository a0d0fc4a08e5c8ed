"""One form open in two windows, or sent after it was submitted: nothing older comes back, and nothing typed is lost."""

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.callers import Flow

NEXT = "保存并继续"
LOAD, OVERWRITE = "载入较新的内容", "用我填的覆盖"


def _draft(town: Town, who: str) -> tuple[Flow, str]:
    """A new draft of a new applicant, and the address of its first page."""
    town.let_in(who, town.web.applicant())
    flow = town.draft_of(who)
    return flow, f"/my{flow.path}/form/person"


def _type(page: Page, year: str, *, javascript: bool) -> None:
    """Change the year, and leave the field, or press the button where nothing saves itself."""
    field = page.get_by_label("参加工作年份")
    field.fill(year)
    if javascript:
        field.blur()
    else:
        page.get_by_role("button", name=NEXT).click()


def _refused(window: Watched, year: str, *, javascript: bool = True) -> None:
    """The page says what is newer, and keeps what was typed."""
    page = window.page
    expect(page.locator("#newer")).to_contain_text("这一页有较新的内容")
    expect(page.locator("#newer")).to_be_in_viewport()
    expect(page.get_by_label("参加工作年份")).to_have_value(year)
    assert window.wide() == 0
    # axe-core is a script itself.
    assert not javascript or window.violations() == []


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_second_window_asks_before_it_saves_something_older(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    flow, address = _draft(town, "two_windows")
    first, second = (visit("two_windows", viewport=viewport, javascript=javascript) for _ in range(2))
    first.go(address)
    second.go(address)
    _type(first.page, "2012", javascript=javascript)
    if javascript:
        expect(first.page.locator("#saved")).to_contain_text("已保存")
    _type(second.page, "2013", javascript=javascript)
    _refused(second, "2013", javascript=javascript)
    assert flow.first_job_year == 2012

    second.page.get_by_role("link", name=LOAD).click()
    expect(second.page.get_by_label("参加工作年份")).to_have_value("2012")
    expect(second.page.locator("#newer")).to_be_empty()

    _type(second.page, "2013", javascript=javascript)
    if javascript:
        expect(second.page.locator("#saved")).to_contain_text("已保存")
    first.go(address)
    second.go(address)
    _type(second.page, "2014", javascript=javascript)
    if javascript:
        expect(second.page.locator("#saved")).to_contain_text("已保存")
    _type(first.page, "2011", javascript=javascript)
    _refused(first, "2011", javascript=javascript)
    first.page.get_by_role("button", name=OVERWRITE).click()
    expect(first.page.get_by_role("heading", level=1)).to_have_text("现有等级")
    assert flow.first_job_year == 2011


def test_what_was_typed_before_a_reload_does_not_replace_something_newer(visit: Visit, town: Town) -> None:
    flow, address = _draft(town, "reloading")
    window = visit("reloading", viewport=PHONE)
    window.go(address)
    # What nobody has left yet is kept by the browser alone.
    window.page.get_by_label("参加工作年份").fill("2013")
    seen = flow.applicant.get(flow.path).json()
    newer = {**seen["form"], "first_job_year": 2012}
    assert flow.applicant.put(f"{flow.path}/form", {"form": newer, "edition": seen["edition"]}).status_code == 200
    window.page.reload()
    expect(window.page.get_by_label("参加工作年份")).to_have_value("2013")
    window.page.get_by_role("button", name=NEXT).click()
    _refused(window, "2013")
    assert flow.first_job_year == 2012


def test_a_window_that_was_left_open_says_that_the_application_is_submitted(visit: Visit, town: Town) -> None:
    flow, address = _draft(town, "left_open")
    window = visit("left_open", viewport=PHONE)
    window.go(address)
    before = flow.applicant.post(f"{flow.path}/submit", {}).json()["form"]
    _type(window.page, "2013", javascript=True)
    expect(window.page.locator("#newer")).to_contain_text("申报已经提交")
    expect(window.page.locator("#newer")).to_be_in_viewport()
    assert flow.applicant.get(flow.path).json()["form"] == before


def test_pressing_the_button_while_the_form_saves_itself_is_no_older_save(visit: Visit, town: Town) -> None:
    flow, address = _draft(town, "quick")
    window = visit("quick")
    window.go(address)
    page, held = window.page, list[tuple[Route, APIResponse]]()

    def hold(route: Route) -> None:
        """The server has taken what the form saves by itself, and its answer is still under way."""
        if "hx-request" in route.request.headers and not held:
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(f"**{address}", hold)
    year = page.get_by_label("参加工作年份")
    year.fill("2012")
    year.blur()
    while not held:
        page.wait_for_timeout(20)
    year.fill("2014")
    page.get_by_role("button", name=NEXT).click()
    route, answer = held[0]
    route.fulfill(response=answer)
    expect(page.get_by_role("heading", level=1)).to_have_text("现有等级")
    assert (flow.first_job_year, window.complaints) == (2014, [])
