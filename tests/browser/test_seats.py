"""A seat is changed by keys and by dragging; both only fill in the form, which asks for the reason."""

import re

from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP
from tests.browser.conftest import Visit
from tests.browser.town import Town


def test_a_candidate_is_moved_by_keys_and_then_dragged(visit: Visit, town: Town) -> None:
    places = town.places
    window = visit("scheduler", viewport=DESKTOP)
    page = window.page
    window.go(f"/plans/{places['draft_plan']}/rooms/{places['plan_sitting']}/{places['plan_room']}")
    taken, free = page.locator("td[data-seat]").first, page.locator("td[data-place]:not([data-seat])")
    who, first, last = taken.get_attribute("data-who"), free.first, free.last
    expect(first.locator(".seat-pick")).to_be_hidden()
    taken.locator(".seat-pick").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"{who}，请选择新的座位")
    expect(taken.locator(".seat-pick")).to_have_text("取消")
    page.keyboard.press("Escape")
    expect(first.locator(".seat-pick")).to_be_hidden()
    taken.locator(".seat-pick").press("Enter")
    first.locator(".seat-pick").press("Enter")
    number = first.get_attribute("data-place")
    expect(page.get_by_label("座位号")).to_have_value(str(number))
    expect(page.get_by_label("原因")).to_be_focused()
    page.keyboard.type("测试调整")
    page.get_by_role("button", name="保存调整").click()
    expect(page.locator(f"td[data-place='{number}']")).to_have_attribute("data-who", str(who))
    moved = page.locator(f"td[data-place='{number}']")
    target = last.get_attribute("data-place")
    moved.drag_to(page.locator(f"td[data-place='{target}']"))
    expect(page.get_by_label("座位号")).to_have_value(str(target))
    expect(page.get_by_role("status")).to_contain_text(re.compile(f"移到{target}号"))
    assert window.violations() == []
    assert window.complaints == []
