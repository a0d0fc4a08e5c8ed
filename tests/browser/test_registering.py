"""Registering on a phone with a wrong digit and a weak password: each fault leads to its field, and is said once."""

from datetime import date

from playwright.sync_api import Page, expect

from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.browser.chromium import PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.town import Town


def _passwords(page: Page, password: str) -> None:
    page.get_by_label("设置密码").fill(password)
    page.get_by_label("再输一次密码").fill(password)
    page.get_by_role("button", name="获取验证码").click()


def _begin(window: Watched, town: Town) -> str:
    """The form with a wrong digit; the right number."""
    number, page = town.web.next_number(), window.page
    identity = simulated(number, date(1980, 5, 6), Sex.MALE)
    window.go("/register")
    page.get_by_label("姓名").fill(f"测试甲{number:04d}")
    page.get_by_label("身份证号码").fill(identity[:-1] + ("1" if identity[-1] == "0" else "0"))
    page.get_by_label("手机号码").fill(f"199{number:08d}")
    return identity


def test_a_fault_that_the_page_knows_of_is_shown_and_the_passwords_stay(visit: Visit, town: Town) -> None:
    window = visit(viewport=PHONE)
    identity, page = _begin(window, town), window.page
    wrong = page.locator("#id_number-error")
    expect(wrong).to_contain_text("校验位不符")
    _passwords(page, "清河水边三棵老柳树")
    expect(page.get_by_label("身份证号码")).to_be_focused()
    expect(page.get_by_label("设置密码")).to_have_value("清河水边三棵老柳树")
    assert window.violations() == []
    page.get_by_label("身份证号码").fill(identity)
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("填写短信验证码")


def test_each_fault_of_a_registration_leads_to_its_field(visit: Visit, town: Town) -> None:
    window = visit(viewport=PHONE, javascript=False)
    identity, page = _begin(window, town), window.page
    _passwords(page, "12345678")
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("heading")).to_have_text("有2处需要改正，验证码还没有发送。")
    targets = [link.get_attribute("href") or "" for link in summary.get_by_role("link").all()]
    assert targets == ["#id_number", "#password"]
    assert [page.locator(f"input{target}[aria-invalid=true]").count() for target in targets] == [1, 1]

    summary.get_by_role("link").first.click()
    # The field below comes into view by the scroll alone.
    expect(page.get_by_label("手机号码")).to_be_in_viewport(ratio=1)
    assert page.get_by_text("身份证号码", exact=True).evaluate("label => label.getBoundingClientRect().top") > 0
    page.get_by_label("身份证号码").fill(identity)
    _passwords(page, "12345678")
    # A single fault is said once in the summary, which leads to its field.
    expect(summary.get_by_role("link")).to_have_attribute("href", "#password")
    expect(summary.get_by_text("这个密码很容易被猜到")).to_have_count(1)
