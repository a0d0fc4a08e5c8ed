"""What browsers of offices lack: that the old window lacks it as well, and the parts that once needed it.

Whole journeys in an old window are among ``WAYS_AND_OLD`` (``tests/browser/ways.py``).
"""

import pytest
from playwright.sync_api import Browser, Error, expect

from core.db.session import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit, one_window
from tests.browser.old_browser import old_script
from tests.browser.registry import PAGES
from tests.browser.town import Town
from tests.cases import COUNTY

_LATER_RULES = """[...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => /:(has|is|where)\\(/.test(rule.cssText)).length"""


def test_an_old_browser_lacks_what_chromium_86_lacks(visit: Visit) -> None:
    window = visit(old=True)
    window.go("/")
    for name in ("structuredClone", "document.createElement('dialog').showModal", "HTMLDialogElement", "[].at"):
        assert window.page.evaluate(f"typeof {name}") == "undefined", name
    assert window.page.evaluate(_LATER_RULES) == 0
    # The base of our styles is made for later browsers: today's window knows these rules.
    today = visit(old=False)
    today.go("/")
    assert today.page.evaluate(_LATER_RULES) > 0
    for operator in ("??=", "||=", "&&="):
        with pytest.raises(Error, match="SyntaxError"):
            window.page.evaluate(old_script(f"() => {{ let kept; kept {operator} 1; }}"))
    assert window.complaints == []


_LOOKED_AT = {"exam-papers", "form-person", "papers", "people", "case", "deadlines", "filing-to-receive", "returned"}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_that_use_most_of_our_styles_can_be_read_in_an_old_browser(
    browser: Browser, town: Town, viewport: dict[str, int]
) -> None:
    looked_at = [shown for shown in PAGES if shown.name in _LOOKED_AT]
    assert len(looked_at) == len(_LOOKED_AT)
    with one_window(browser, town, viewport=viewport, old=True) as window_of:
        for shown in looked_at:
            window = window_of(shown.who)
            window.go(shown.address.format_map(town.places))
            assert (window.violations(), window.wide(), window.complaints) == ([], 0, []), shown.name


def test_the_reasons_appear_with_the_fault_and_none_is_chosen(visit: Visit, town: Town) -> None:
    unit = town.cases_of_one_unit(1, COUNTY)
    town.let_in("judging", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("judging", old=True)
    window.go(f"/desk?q={unit}")
    page = window.page
    window.open_first_row()
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
