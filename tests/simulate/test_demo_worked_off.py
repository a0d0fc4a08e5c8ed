"""Lists of the demonstration worked off to nothing in a browser that follows only links, as their officers would.

A kind of work of this table is one that a page's form ends. To add one: its link within the page that the menu leads
to, if the act has a page of its own, and the button that ends it. What the form asks is filled in by itself.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page

from core.app import create_app
from core.db.session import SYSTEM_ACCOUNT, Actor, AuditorSession, Role, SignInSession
from core.identity.sign_in.sessions import Origin, open_session
from core.oversight.earlier_queries import Open
from core.pages.earlier_work import ways_to
from core.platform import Platform, open_platform
from core.settings import Settings
from core.simulate.demo.accounts import who_waits
from core.simulate.demo.season import YEAR
from core.web.authentication.cookies import SESSION
from core.web.page.navigation import home
from tests.browser.chromium import new_context, open_browser
from tests.serving import served
from tests.simulate.conftest import copy_of

SYSTEM = Actor(SYSTEM_ACCOUNT, "演示", Role.SYSTEM)
AUDITOR = Actor(SYSTEM_ACCOUNT, "演示", Role.PROVINCIAL_AUDITOR)


@dataclass(frozen=True)
class Way:
    """From the list to the end of one entry: the button, and the text of the links to pages of entries, if any."""

    button: str
    link: str = ""


WAYS: Mapping[str, Mapping[Open, Way]] = {
    "yiyang.online": {Open.INQUIRY: Way("答复")},
    "luoyang.online": {Open.INQUIRY: Way("答复"), Open.IDENTITY: Way("已核对", "核对、决定")},
    "luoyang.supervisor": {
        Open.APPEAL: Way("维持审查结论"),
        Open.IDENTITY: Way("同意更正", "核对、决定"),
        Open.SAMPLE: Way("维持", "件待办理"),
    },
    "henan.center": {Open.PATROL: Way("办结", "复核：")},
    "jiaozuo.scheduler": {Open.ACCOMMODATION: Way("答复")},
    "xuchang.examiner": {Open.CHECK: Way("答复核查无误"), Open.SHEET: Way("提交评分表", "模拟评审组")},
}


@pytest.fixture(scope="module")
def platform(made_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with open_platform(copy_of(made_demo, tmp_path_factory.mktemp("worked"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def signed_in(platform: Platform) -> Mapping[str, tuple[Role, str]]:
    """The role and the token of a browser's session of each account of the demonstration."""
    now, door = platform.clock(), platform.door
    with (
        AuditorSession(platform.engine, actor=AUDITOR, now=now) as auditor,
        SignInSession(platform.engine, actor=SYSTEM, now=now) as accounts,
        accounts.begin(),
    ):
        origin = Origin("127.0.0.1", "测试浏览器")
        return {
            one.login: (
                one.role,
                open_session(accounts, one.account_id, awaits=None, origin=origin, lifetimes=door.lifetimes).token,
            )
            for one in list(who_waits(auditor, accounts))
        }


def line_of(page: Page, kind: Open) -> Locator:
    """The line of the menu behind which a kind of work waits."""
    (way,) = ways_to({kind: 1}, YEAR)
    return page.locator(f'.menu-side a[href="{way.line}"]')


def press(page: Page, way: Way) -> bool:
    """End one entry, the first whose page has the button, with all filled in that its form asks for; False for none."""
    entries = page.locator("main").get_by_role("link", name=way.link) if way.link else None
    for number in range(entries.count() if entries else 1):
        if entries:
            entries.nth(number).click()
        for folded in page.locator("main details:not([open]) > summary").all():
            folded.click()
        button = page.locator("main").get_by_role("button", name=way.button, exact=True)
        if button.count():
            fill(button.first.locator("xpath=ancestor::form"))
            button.first.click()
            return True
        if entries:
            page.go_back()
    return False


def fill(form: Locator) -> None:
    for field in form.locator("textarea, input[type=text], input:not([type])").all():
        if field.is_visible():
            field.fill("80" if field.get_attribute("inputmode") == "decimal" else "经核查，情况属实（测试）")


@pytest.mark.parametrize("login", WAYS)
def test_lists_are_worked_off_by_links_alone(platform: Platform, browser: Browser, login: str) -> None:
    role, token = signed_in(platform)[login]
    with served(create_app(platform)) as (_, port):
        address = f"http://127.0.0.1:{port}"
        # Without scripts: every act is a form, and nothing is filled in but by the reader.
        context = new_context(browser, javascript=False)
        context.add_cookies([{"name": SESSION, "value": token, "url": address}])
        page = context.new_page()
        page.goto(address + home(role))
        for kind, way in WAYS[login].items():
            assert line_of(page, kind).locator(".count").count() == 1, kind
            done = 0
            line_of(page, kind).click()
            while press(page, way):
                done += 1
                line_of(page, kind).click()
            assert done > 0, (kind, page.url)
        for kind in WAYS[login]:
            assert line_of(page, kind).locator(".count").count() == 0, (kind, line_of(page, kind).inner_text())
        context.close()
