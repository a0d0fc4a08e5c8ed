"""A list to its notice by pages: two objections, a striking, a correction, a withdrawal, a new list."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.results.models.marks import Outcome
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.callers import Flow
from tests.cases import CITY, YEAR

MOBILE = "13800000009"


def passed(town: Town) -> Flow:
    """Somebody of the city who has passed."""
    web, flow = town.web, town.web.submitted()
    town.qualify(flow.id, flow.manager)
    actor = Actor(new_id(), "测试监管人", Role.CITY_SUPERVISOR, office_id=CITY)
    with OfficeSession(web.platform.engine, actor=actor, now=web.clock()) as session, session.begin():
        session.add(
            Outcome(
                application_id=UUID(flow.id),
                office_id=CITY,
                year=YEAR,
                grade=5,
                trade="LS-1",
                passed=True,
                reason="各科目合格",
                basis={},
                decided_at=session.now,
                decided_by=actor.account_id,
            )
        )
    return flow


def draft_and_publish(page: Page) -> str:
    """Draft the list of grade five and put it before the public; its address."""
    page.get_by_label("五级").check()
    page.get_by_role("button", name="拟定名单").click()
    confirm(page, "公示名单", "确认公示")
    expect(page.get_by_text("公示中", exact=True)).to_be_visible()
    return page.url


def confirm(page: Page, act: str, button: str, **filled: str) -> None:
    """Open an act, fill in what it asks, and confirm it."""
    page.locator("summary", has_text=act).click()
    box = page.locator("details.confirm[open]")
    for label, text in filled.items():
        box.locator(f"[name={label}]").fill(text)
    box.get_by_role("button", name=button).click()


def object_to(page: Page, row: str, grounds: str) -> str:
    """Object to a row on the public page; the receipt number."""
    page.get_by_label("名单中的序号").fill(row)
    page.get_by_label("异议的事实和理由").fill(grounds)
    page.get_by_label("您的姓名").fill("测试来信人")
    page.get_by_label("您的手机号码").fill(MOBILE)
    page.get_by_role("button", name="提交异议").click()
    told = page.get_by_text("受理编号：").inner_text()
    found = re.search(r"受理编号：([0-9A-Z]{10})", told)
    assert found is not None
    return found[1]


def answer_to(page: Page, town: Town, receipt: str) -> str:
    """What the objector is told."""
    page.goto(f"{town.address}/published/objections")
    page.get_by_label("受理编号").fill(receipt)
    page.get_by_label("提出异议时填写的手机号码").fill(MOBILE)
    page.get_by_role("button", name="查询").click()
    return page.locator("section[aria-labelledby=answer]").inner_text()


def test_a_list_is_objected_to_corrected_withdrawn_and_closed_by_pages(visit: Visit, town: Town) -> None:
    web = town.web
    people = [passed(town), passed(town), passed(town)]
    town.let_in("lister", web.staff(Role.CITY_SUPERVISOR, CITY))
    town.let_in("proposer", web.staff(Role.CITY_REVIEWER, CITY))
    town.let_in("objected", people[0].applicant)
    office = visit("lister").page
    office.goto(f"{town.address}/awards")
    listed = draft_and_publish(office)
    public = f"{town.address}/published/{listed.rsplit('/', 1)[1]}"
    anybody = visit(viewport=PHONE).page
    receipts = []
    for row, grounds in (("1", "已调离申报岗位（测试）"), ("2", "学历不实（测试）")):
        anybody.goto(public)
        receipts.append(object_to(anybody, row, grounds))
    assert "正在核查" in answer_to(anybody, town, receipts[0])
    propose_and_speak(visit, listed, people[0])
    with town.on((3, 29)):
        decide_both(visit, listed)
        struck, dismissed = (answer_to(anybody, town, receipt) for receipt in receipts)
        assert "异议成立" in struck
        assert "经核查属实" in struck
        assert "异议不成立" in dismissed
        told = visit("objected", viewport=PHONE)
        told.go(f"/my/applications/{people[0].id}/results")
        expect(told.page.get_by_text("已取消公示资格").first).to_be_visible()
        expect(told.page.get_by_role("button", name="提交申请")).to_be_visible()
        assert told.violations() == []
        late = passed(town)
        again = correct_and_withdraw(visit, town, listed, public, anybody)
    with town.on((4, 9)):
        close(visit, town, again, anybody)
        late_page = visit("objected", viewport=PHONE).page
        late_page.goto(f"{town.address}/my/applications/{people[0].id}/results")
        expect(late_page.get_by_text("已取消公示资格").first).to_be_visible()
    assert late.id not in anybody.content()


def propose_and_speak(visit: Visit, listed: str, person: Flow) -> None:
    """An officer proposes to strike the first row because of the objection; the person says something on a phone."""
    officer = visit("proposer").page
    officer.goto(listed)
    officer.get_by_role("link", name="异议属实，提出取消公示资格").first.click()
    officer.get_by_label("事实和理由").fill("单位来函：已调离（测试）")
    officer.get_by_role("button", name="提出取消").click()
    expect(officer.get_by_text("等待提出人以外的监管人员决定")).to_be_visible()
    mine = visit("objected", viewport=PHONE)
    mine.go(f"/my/applications/{person.id}/results")
    expect(mine.page.get_by_text("合格，公示中")).to_be_visible()
    expect(mine.page.get_by_text("单位来函：已调离（测试）")).to_be_visible()
    mine.page.get_by_label("您的意见").fill("仍在原岗位（测试）")
    mine.page.get_by_role("button", name="提交意见").click()
    expect(mine.page.get_by_text("您的陈述：仍在原岗位（测试）")).to_be_visible()
    assert mine.violations() == []


def decide_both(visit: Visit, listed: str) -> None:
    """A second officer strikes the first row, and dismisses the other objection."""
    office = visit("lister").page
    office.goto(listed)
    office.get_by_role("link", name="取消公示资格", exact=True).first.click()
    expect(office.get_by_text("仍在原岗位（测试）")).to_be_visible()
    office.get_by_label("理由（本人将看到）").fill("经核查属实（测试）")
    office.get_by_role("button", name="取消公示资格").click()
    confirm(office, "撤销决定", "确认撤销")
    office.get_by_label("理由（本人将看到）").fill("经核查属实（测试）")
    office.get_by_role("button", name="取消公示资格").click()
    expect(office.locator("h1").get_by_text("已取消公示资格")).to_be_visible()
    office.goto(listed)
    office.get_by_label("核查情况和答复").fill("学历经核验属实（测试）")
    office.get_by_role("button", name="异议不成立").click()
    expect(office.get_by_text("学历经核验属实（测试）")).to_be_visible()


def correct_and_withdraw(visit: Visit, town: Town, listed: str, public: str, anybody: Page) -> str:
    """The list is corrected, the correction withdrawn, and a new list drafted and published: its address."""
    office = visit("lister").page
    office.goto(listed)
    office.get_by_role("link", name="更正名单").click()
    expect(office.get_by_text("移出")).to_be_visible()
    office.get_by_label("更正的原因").fill("漏列一人（测试）")
    office.get_by_role("button", name="公示更正版").click()
    expect(office.get_by_text("各版")).to_be_visible()
    anybody.goto(public)
    anybody.get_by_role("link", name="查看最新一版").click()
    expect(
        anybody.get_by_text(re.compile(r"增列1人（序号3），移出1人（原序号1）。原因：漏列一人（测试）"))
    ).to_be_visible()
    corrected = anybody.url
    confirm(office, "撤回名单", "确认撤回", reason="工种代码有误（测试）")
    expect(office.get_by_text("已撤回", exact=True)).to_be_visible()
    anybody.goto(corrected)
    expect(anybody.get_by_text("这份名单已经撤回")).to_be_visible()
    expect(anybody.get_by_text("工种代码有误（测试）")).to_be_visible()
    expect(anybody.get_by_role("button", name="提交异议")).to_have_count(0)
    office.goto(f"{town.address}/awards")
    return draft_and_publish(office)


def close(visit: Visit, town: Town, listed: str, anybody: Page) -> None:
    """The notice is given; the list stays public, with three people on it."""
    office = visit("lister").page
    office.goto(listed)
    confirm(office, "公布合格人员", "确认公布", notice_number="云山测试〔2024〕9号")
    expect(office.get_by_text("已公布", exact=True)).to_be_visible()
    assert office.request.get(f"{listed}/notice.pdf").status == 200
    anybody.goto(f"{town.address}/published/{listed.rsplit('/', 1)[1]}")
    expect(anybody.get_by_text("云山测试〔2024〕9号")).to_be_visible()
    expect(anybody.locator("table tbody tr")).to_have_count(3)
