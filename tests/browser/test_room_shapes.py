"""An officer draws a room, on a desktop with scripts and on a phone without, and sees the seat chart change."""

import re

import pytest
from playwright.sync_api import expect

from core.db.base import new_id
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town

UNUSABLE = re.compile("1排1列，\\s*不用")
ON_BOTH = pytest.mark.parametrize(
    ("viewport", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without scripts"]
)


@ON_BOTH
def test_a_room_is_drawn_ticked_saved_and_set_back(
    visit: Visit, town: Town, viewport: dict[str, int], *, javascript: bool
) -> None:
    window = visit("scheduler", viewport=viewport, javascript=javascript)
    page = window.page
    window.go(f"/exams/sites/{town.places['site']}")
    name = f"测试考场{new_id().hex[-6:]}"
    page.get_by_label("考场名称").fill(name)
    page.get_by_label("机位总数").fill("20")
    page.get_by_role("button", name="增加考场").click()
    page.get_by_role("link", name=f"{name}布局").click()
    expect(page.get_by_text("默认布局", exact=False).first).to_be_visible()
    page.get_by_label("列数").fill("7")
    page.get_by_label("纵向过道在第几列右边").fill("3")
    # Enter in a field draws again and saves nothing.
    page.get_by_label("纵向过道在第几列右边").press("Enter")
    expect(page.get_by_text("尚未保存")).to_be_visible()
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(28)
    page.get_by_label("1排1列").check()
    page.get_by_role("button", name="重画").click()
    expect(page.get_by_label(re.compile("1排2列，\\s*1号"))).to_be_visible()
    expect(page.get_by_label(UNUSABLE)).to_be_checked()
    if javascript:
        assert window.violations() == []
    assert window.wide() == 0
    page.get_by_label("1排1列").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("1排1列")).not_to_be_checked()
    page.keyboard.press("Space")
    page.get_by_role("button", name="保存布局").click()
    expect(page.get_by_text("已登记布局")).to_be_visible()
    expect(page.get_by_label(UNUSABLE)).to_be_checked()
    expect(page.locator("thead td.is-aisle")).to_have_count(1)
    page.get_by_text("恢复默认布局").first.click()
    page.get_by_role("button", name="恢复默认布局").click()
    expect(page.get_by_text("默认布局", exact=False).first).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(24)
    assert window.complaints == []


@pytest.mark.parametrize(
    ("viewport", "aisles", "wide"), [(DESKTOP, "2", 7), (PHONE, "2、4", 8)], ids=["desktop", "phone"]
)
def test_an_aisle_that_an_officer_draws_stands_on_the_seat_chart(
    visit: Visit, town: Town, *, viewport: dict[str, int], aisles: str, wide: int
) -> None:
    window = visit("scheduler", viewport=viewport)
    page, plan = window.page, f"/plans/{town.places['plan']}"
    window.go(plan)
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("region", name="座位图")).to_be_visible()
    before = page.locator(".seat-grid strong").all_inner_texts()
    chart = page.url.removeprefix(window.address)
    page.get_by_role("link", name="查看、更改考场布局").click()
    page.get_by_label("列数").fill("9")
    page.get_by_role("button", name="保存布局").click()
    expect(page.get_by_role("alert")).to_contain_text("已公布座位")
    page.get_by_label("列数").fill("6")
    page.get_by_label("纵向过道在第几列右边").fill(aisles)
    page.get_by_role("button", name="保存布局").click()
    expect(page.get_by_text("已登记布局")).to_be_visible()
    window.go(chart)
    expect(page.locator(".seat-grid tbody tr").first.locator("td")).to_have_count(wide)
    assert page.locator(".seat-grid strong").all_inner_texts() == before
    assert window.violations() == []
    assert window.wide() == 0
