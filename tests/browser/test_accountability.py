"""A case against staff in the browser: told, spoken to on a phone by the person, decided by a second supervisor."""

from playwright.sync_api import expect

from core.db.session import Role
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.patrols import account_of
from tests.browser.town import Town
from tests.cases import CITY


def test_a_person_speaks_on_a_phone_before_a_second_supervisor_decides(visit: Visit, town: Town) -> None:
    for who, role in (("accused", Role.EXAMINER), ("second_supervisor", Role.CITY_SUPERVISOR)):
        town.let_in(who, town.web.staff(role, CITY))
    opener, accused, second = visit("supervisor"), visit("accused", viewport=PHONE), visit("second_supervisor")
    finding = town.places["patrol_finding"]
    opener.go(f"/patrols/findings/{finding}")
    opener.page.get_by_role("link", name="提起责任追究").click()
    opener.page.get_by_label("当事人").select_option(f"account:{account_of(town.person('accused'))}")
    opener.page.get_by_label("情形").select_option(label="责任心不强、履职不到位")
    opener.page.get_by_label("事实").fill("考前没有检查监控（测试）")
    opener.page.get_by_role("button", name="立案").click()
    expect(opener.page.get_by_role("link", name="查看来源事项")).to_be_visible()
    opener.page.get_by_label("怎样送达").fill("当面送达，本人签收")
    opener.page.get_by_role("button", name="登记已告知").click()
    expect(opener.page.get_by_text("您是立案人，由另一名监管人员决定。")).to_be_visible()
    accused.go("/accountability")
    accused.page.get_by_role("row", name="本人").get_by_role("link").click()
    accused.page.get_by_label("我的陈述和申辩").fill("当天由考点负责检查")
    accused.page.get_by_role("button", name="提交陈述").click()
    expect(accused.page.locator(".course-text", has_text="当天由考点负责检查")).to_be_visible()
    second.page.goto(opener.page.url)
    second.page.get_by_label("通报批评").check()
    second.page.get_by_label("依据").fill("测试规定第十一条")
    second.page.get_by_label("理由", exact=True).fill("属实")
    second.page.get_by_role("button", name="作出决定").click()
    expect(second.page.get_by_role("link", name="打印决定书")).to_be_visible()
    accused.page.reload()
    expect(accused.page.get_by_text("通报批评").first).to_be_visible()
