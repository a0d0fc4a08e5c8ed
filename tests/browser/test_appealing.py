"""An appeal against a failed review: the applicant makes it on a phone, the center answers it at a desk."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.db.session import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.people import refused
from tests.browser.town import Town
from tests.cases import PROVINCE


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_an_appeal_is_made_on_a_phone_and_granted_at_a_desk(visit: Visit, town: Town, *, javascript: bool) -> None:
    flow = refused(town.web)
    town.let_in("appellant", flow.applicant)
    town.let_in("answering", town.web.staff(Role.PROVINCIAL_OFFICER, PROVINCE))
    phone = visit("appellant", viewport=PHONE, javascript=javascript)
    phone.go(f"/my/applications/{flow.id}")
    with phone.page.expect_navigation():
        phone.page.get_by_role("link", name="提出申诉").click()
    expect(phone.page.get_by_text("工作年限不足（测试）")).to_be_visible()
    phone.page.get_by_label("理由和依据").fill("档案记载的年限已满（测试）")
    with phone.page.expect_navigation():
        phone.page.get_by_role("button", name="提交申诉").click()
    expect(phone.page.get_by_text("待答复")).to_be_visible()
    expect(phone.page.get_by_role("button", name="提交申诉")).to_have_count(0)
    town.web.clock.advance(timedelta(minutes=1))

    desk = visit("answering", viewport=DESKTOP, javascript=javascript)
    desk.go("/supervision/appeals")
    reference = str(flow.applicant.get(flow.path).json()["reference"])
    panel = desk.page.locator("section.panel", has_text=reference)
    panel.locator("textarea").fill("年限已满，请重新审查（测试）")
    with desk.page.expect_navigation():
        panel.get_by_role("button", name="申诉成立，重新审查").click()
    expect(desk.page.locator("section.panel", has_text=reference)).to_contain_text("年限已满，请重新审查（测试）")

    phone.go(f"/my/applications/{flow.id}")
    expect(phone.page.get_by_text("待资格审查")).to_be_visible()
    with phone.page.expect_navigation():
        phone.page.get_by_role("link", name="申诉成立，重新审查").click()
    expect(phone.page.get_by_text("年限已满，请重新审查（测试）")).to_be_visible()
