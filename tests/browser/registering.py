"""Registering as a person does: the form, the code that came by telephone, and the page behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.town import Town

PASSWORD = "清河水边三棵老柳树"


def register(page: Page, town: Town, *, name: str, identity: str, mobile: str = "") -> None:
    """Open an account from the page of the form, with a mobile number that is proved."""
    given = {"姓名": name, "身份证号码": identity, "手机号码": mobile or f"199{town.web.next_number():08d}"}
    for label, text in {**given, "设置密码": PASSWORD, "再输一次密码": PASSWORD}.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="获取验证码").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("填写短信验证码")
    page.get_by_label("验证码").fill(town.code_by_telephone(UUID(page.url.rsplit("/", 1)[1])))
    page.get_by_role("button", name="完成注册").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("填写短信验证码")
