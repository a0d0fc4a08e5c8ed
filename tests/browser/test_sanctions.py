"""A case of sanctions: proposed, answered on a phone, decided by another, carried out by a third; and the ban."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core.db.session import Role
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import CITY, PROVINCE

FACTS = "学历证书与发证机关记录不符（测试）"


def _step(page: Page, label: str, words: str = "") -> None:
    """Open a step of the case, say why, and confirm it."""
    panel = page.locator("details.confirm", has_text=label).first
    panel.locator("summary").click()
    if words:
        panel.locator("textarea").fill(words)
    with page.expect_navigation():
        panel.locator("button").click()


def _proposed(desk: Watched, application_id: str) -> str:
    """A reviewer proposes a case; its address."""
    desk.go(f"/sanctions/new?application={application_id}")
    desk.page.get_by_label("事实和来源（立案后当事人将看到）").fill(FACTS)
    with desk.page.expect_navigation():
        desk.page.get_by_role("button", name="提出线索").click()
    return desk.page.url


def _people(town: Town) -> str:
    """Somebody whose case is at the office, a reviewer, a supervisor and an officer of the center; the application."""
    flow = town.web.submitted()
    flow.at_office()
    town.let_in("accused", flow.applicant)
    town.let_in("proposer", town.web.staff(Role.CITY_REVIEWER, CITY))
    town.let_in("decider", town.web.staff(Role.CITY_SUPERVISOR, CITY))
    town.let_in("third", town.web.staff(Role.PROVINCIAL_OFFICER, PROVINCE))
    return flow.id


def _answered(phone: Watched) -> None:
    """The person reads that something waits, signs for it, and says what they have to say."""
    phone.go("/notices")
    expect(phone.page.get_by_text("您有一份文书待签收").first).to_be_visible()
    expect(phone.page.get_by_text(FACTS)).to_have_count(0)
    phone.go("/sanctions/own")
    with phone.page.expect_navigation():
        phone.page.get_by_role("link", name="立案").click()
    expect(phone.page.get_by_text(FACTS)).to_be_visible()
    with phone.page.expect_navigation():
        phone.page.get_by_role("button", name="签收文书").click()
    expect(phone.page.get_by_text("本人登录签收").first).to_be_visible()
    phone.page.get_by_label("内容和理由").fill("证书属实，请向学校核实（测试）")
    phone.page.get_by_label("我的意见已经陈述完毕").check()
    with phone.page.expect_navigation():
        phone.page.get_by_role("button", name="提交陈述申辩").click()
    expect(phone.page.get_by_text("您已声明陈述申辩完毕")).to_be_visible()


@pytest.mark.parametrize("appeals", [False, True], ids=["carried out by a third", "appealed and upheld"])
def test_a_sanction_from_its_proposal_to_the_next_first_step(visit: Visit, town: Town, *, appeals: bool) -> None:
    application_id = _people(town)
    at = _proposed(visit("proposer", viewport=DESKTOP), application_id)
    path = at[at.index("/sanctions/") :]
    desk = visit("decider", viewport=DESKTOP)
    desk.go(path)
    _step(desk.page, "立案并告知当事人", "经初步核查，决定立案（测试）")
    expect(desk.page.get_by_role("heading", name="登记送达")).to_be_visible()
    phone = visit("accused", viewport=PHONE)
    _answered(phone)
    desk.go(path)
    _step(desk.page, "作出处理决定", "经核实，证书系伪造（测试）")
    expect(desk.page.get_by_text("提出线索、作出决定和执行决定须是三个不同的人")).to_be_visible()
    phone.page.reload()
    with phone.page.expect_navigation():
        phone.page.get_by_role("button", name="签收文书").click()
    third = visit("third", viewport=DESKTOP)
    if appeals:
        phone.page.get_by_label("内容和理由").fill("不服，请审查（测试）")
        with phone.page.expect_navigation():
            phone.page.get_by_role("button", name="提交申诉").click()
        third.go(path)
        _step(third.page, "维持处理决定", "事实清楚，处理适当（测试）")
        expect(third.page.get_by_text("处理决定已生效").first).to_be_visible()
        _reads_the_ban(phone)
        return
    present = town.web.clock()
    town.web.clock.advance(timedelta(days=24))
    try:
        third = visit("third", viewport=DESKTOP)
        third.go(path)
        _step(third.page, "执行处理决定")
        expect(third.page.get_by_text("处理决定已生效").first).to_be_visible()
        _reads_the_ban(visit("accused", viewport=PHONE))
    finally:
        town.web.clock.set(present)


def _reads_the_ban(phone: Watched) -> None:
    """The first step of an application says why the person may not begin one, and leads to the decision."""
    phone.go("/my/start")
    expect(phone.page.get_by_text("您目前不能申报")).to_be_visible()
    expect(phone.page.get_by_text(FACTS)).to_be_visible()
    expect(phone.page.get_by_label("单位名称")).to_have_count(0)
    with phone.page.expect_navigation():
        phone.page.get_by_role("link", name="已生效的处理决定").click()
    expect(phone.page.get_by_role("link", name="处理决定书")).to_be_visible()
