"""One thing that waits for each role of the demonstration, brought forward in a window of Chromium without scripts."""

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Locator, Page

from core.app import create_app
from core.platform import Platform, open_platform
from core.settings import Settings
from core.web.authentication.cookies import SESSION
from core.web.page.navigation import MENUS, home
from tests.browser.chromium import new_context, open_browser
from tests.serving import served
from tests.simulate.conftest import copy_of
from tests.simulate.officer_at_work import SignedIn, signed_in
from tests.simulate.test_demo_worked_off import named_in
from tests.simulate.ways import WAYS, Act

LINES: Mapping[str, str] = {
    "county_reviewer": "/inquiries",
    "city_reviewer": "/identity",
    "scheduler": "/accommodations",
    "examiner": "/marks/checks",
    "city_supervisor": "/supervision/appeals",
    "provincial_officer": "/board/filings",
}
"""Role → a line of its menu behind which something waits."""
READS: Mapping[str, tuple[str, str, str]] = {
    "applicant": ("/my", "", "您提交申报"),
    "unit_manager": ("/unit", "审核下一份", "办理"),
    "department_reviewer": ("/unit", "审核下一份", "办理"),
    "provincial_auditor": ("/record", "2025年", "校验值"),
    "operator": ("/operations/outbox", "待发送", "内容和地址在下面显示"),
}
"""Role → a line of its menu, the words of a link there, and what is read on the page behind it."""


@pytest.fixture(scope="module")
def platform(made_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with open_platform(copy_of(made_demo, tmp_path_factory.mktemp("window"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def people(platform: Platform) -> Mapping[str, list[SignedIn]]:
    """Those whom the demonstration names, by role."""
    signed, found = signed_in(platform), {}
    for login in named_in(platform):
        found.setdefault(signed[login].role.value, []).append(signed[login])
    return found


@pytest.fixture(scope="module")
def window(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, str]]:
    """A browser, and where the demonstration is served."""
    with open_browser(tmp_path_factory.mktemp("browser")) as browser, served(create_app(platform)) as (_, port):
        yield browser, f"http://127.0.0.1:{port}"


def page_of(window: tuple[Browser, str], person: SignedIn) -> Page:
    browser, address = window
    # Without scripts: every act is a form, and nothing is filled in but by the reader.
    context = new_context(browser, javascript=False)
    context.add_cookies([{"name": SESSION, "value": person.token, "url": address}])
    page = context.new_page()
    page.goto(address + home(person.role))
    return page


def waiting(page: Page, line: str) -> Locator:
    """The count beside a line of the menu."""
    return page.locator(f'.menu-side a[href^="{line}"] .count')


def press(page: Page, act: Act) -> None:
    """End one entry, the first whose page has the button, with all filled in that its form asks for."""
    entries = page.locator("main").get_by_role("link", name=act.links[-1]) if act.links else None
    for number in range(entries.count() if entries else 1):
        if entries:
            entries.nth(number).click()
        folded = page.locator("main details:not([open]) > summary:visible")
        while folded.count():
            folded.first.click()
        button = page.locator("main").get_by_role("button", name=act.button, exact=True)
        if button.count():
            for field in button.first.locator("xpath=ancestor::form").locator("[required]").all():
                field.fill("经核查，情况属实（测试）")
            button.first.click()
            return
        page.go_back()
    pytest.fail(f"no page has the button {act.button}")


@pytest.mark.parametrize("role", LINES)
def test_what_waits_is_done_in_a_window(
    window: tuple[Browser, str], people: Mapping[str, list[SignedIn]], role: str
) -> None:
    line = LINES[role]
    for person in people[role]:
        page = page_of(window, person)
        count = waiting(page, line)
        if count.count():
            before = int(count.inner_text().split("件")[0])
            page.locator(f'.menu-side a[href^="{line}"]').first.click()
            press(page, WAYS[line][0])
            page.goto(page.url.split("?")[0])
            left = int(count.inner_text().split("件")[0]) if count.count() else 0
            page.context.close()
            assert left == before - 1
            return
        page.context.close()
    pytest.fail(f"nothing waits for a {role} at {line}")


@pytest.mark.parametrize("role", READS)
def test_what_a_menu_does_not_count_is_a_link_away(
    window: tuple[Browser, str], people: Mapping[str, list[SignedIn]], role: str
) -> None:
    line, words, read = READS[role]
    page = page_of(window, people[role][0])
    page.locator(f'nav a[href="{line}"]').first.click()
    if words:
        page.locator("main").get_by_role("link", name=words).first.click()
    text = page.locator("main").inner_text()
    page.context.close()
    assert read in text


def test_every_role_is_seen_in_a_window() -> None:
    assert {role.value for role in MENUS} == LINES.keys() | READS.keys()
