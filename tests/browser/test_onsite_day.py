"""The day of on-site confirmation: a unit takes a time on a phone; at the counter a scanner leads to its batch."""

from datetime import datetime, timedelta

from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import OTHER_CITY, YEAR


def test_a_unit_takes_a_time_and_the_counter_receives_and_gives_back_its_papers(visit: Visit, town: Town) -> None:
    unit_id = town.web.unit(OTHER_CITY)
    manager = town.manager(unit_id, OTHER_CITY)
    for _ in range(2):
        town.bring_on_site(unit_id, manager)
    roster = manager.post("/rosters", {"kind": "onsite", "year": YEAR}).json()
    assert manager.post("/batches", {"roster_id": roster["id"], "stamped_scan_sha256": "0" * 64}).status_code == 201
    town.let_in("bringing", manager)
    begins = town.web.clock() + timedelta(days=20)
    slot = _offer(visit("counter"), begins)
    phone = visit("bringing", viewport=PHONE)
    phone.go("/unit/onsite")
    mine = phone.page.get_by_role("row").filter(has_text="测试浏览大厅")
    mine.get_by_role("button", name="选这个时间").click()
    expect(phone.page.get_by_text("顺序号")).to_be_visible()
    assert (phone.violations(), phone.wide(), phone.complaints) == ([], 0, [])
    with town.on((begins.month, begins.day)):
        _receive(visit("counter"), slot, roster["digest"])


def _offer(window: Watched, begins: datetime) -> str:
    """Offer a time by the form; its address."""
    page = window.page
    window.go("/onsite")
    for label, moment in (("开始", begins), ("结束", begins + timedelta(hours=3))):
        page.get_by_label(label, exact=True).fill(moment.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("地点").fill("测试浏览大厅")
    page.get_by_label("可办理的单位数").fill("2")
    page.get_by_role("button", name="安排").click()
    expect(page.get_by_text("还没有单位预约")).to_be_visible()
    return page.url


def _receive(window: Watched, slot: str, digest: str) -> None:
    """Call the unit up, open its batch by a scanner, receive it, and take and give back its originals."""
    page = window.page
    page.goto(slot)
    page.get_by_role("button", name="到场").click()
    page.get_by_role("button", name="叫下一个单位").click()
    expect(page.get_by_role("row").last).to_contain_text("正在办理")
    window.go("/onsite")
    # A scanner types wherever the focus is, and ends with Enter.
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type(f"x {digest}")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="接收，给出回执").click()
    expect(page.get_by_role("link", name="打印回执PDF")).to_be_visible()
    page.locator("input[name=case]").last.uncheck()
    page.get_by_label("收取哪些原件").fill("居民身份证\n技师证书")
    page.get_by_role("button", name="收取勾选人员的原件").click()
    expect(page.get_by_role("table", name="保管中的原件").locator("tbody tr")).to_have_count(2)
    for viewport in (DESKTOP, PHONE, DESKTOP):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert (window.violations(), window.wide()) == ([], 0)
    page.get_by_role("button", name="退还勾选的原件").click()
    expect(page.get_by_text("（已退还）").first).to_be_visible()
    page.goto(slot)
    expect(page.get_by_role("row").last).to_contain_text("已办理")
    assert window.complaints == []
