"""A case at the desk: its papers beside the form, and the keys that its reviewer works with."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.db.session import Role
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.callers import Flow
from tests.cases import CITY
from tests.documents.files import pdf

SCREEN = {"width": 1280, "height": 800}


@pytest.mark.parametrize("old", [False, True], ids=["today", "browser of 2020"])
def test_papers_are_zoomed_turned_and_read_side_by_side(visit: Visit, town: Town, *, old: bool) -> None:
    flow = _with_a_pdf(town)
    window = visit("city", viewport=SCREEN, old=old)
    window.go(f"/desk/cases/{flow.id}")
    page, shown = window.page, window.page.locator(".paper.is-shown")
    expect(shown).to_have_count(1)
    image = shown.locator("img")
    fitting = _size(image)
    assert fitting[0] <= 0.4 * SCREEN["width"]
    page.keyboard.press("+")
    assert _size(image)[0] == pytest.approx(fitting[0] * 1.4, abs=2)
    page.keyboard.press("-")
    page.keyboard.press("t")
    wide, high = _size(image)
    assert wide / high == pytest.approx(fitting[1] / fitting[0], abs=0.02)
    page.keyboard.press("T")
    assert _size(image) == pytest.approx(fitting, abs=2)
    papers = page.locator(".paper[data-paper]").count()
    for _ in range(papers - 1):
        page.keyboard.press("]")
    expect(page.get_by_role("group", name="看材料")).to_contain_text(f"第{papers}份，共{papers}份")
    expect(shown.locator("iframe")).to_have_attribute("src", re.compile(r"/preview#view=FitH$"))
    page.keyboard.press("w")
    expect(shown).to_have_count(2)
    left, right = (paper.bounding_box() for paper in shown.all())
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    assert abs(left["y"] - right["y"]) < 2
    _type_without_using_keys(page)
    assert window.complaints == []


def _type_without_using_keys(page: Page) -> None:
    """Keys that are typed into a field are text, and do nothing else; ``?`` lists them all outside of fields."""
    page.keyboard.press("m")
    page.keyboard.type("w]t+a?1")
    expect(page.locator("#reason")).to_have_value("w]t+a?1")
    expect(page.locator(".paper.is-shown")).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="键盘操作")
    for text in ("放大材料", "材料右转", "两份材料并排", "核对无误", "有误", "审核通过", "写理由"):
        expect(help_).to_contain_text(text)
    page.keyboard.press("w")
    expect(page.locator(".paper.is-shown")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)


def _with_a_pdf(town: Town) -> Flow:
    """A case before the city whose last paper is a PDF."""
    web = town.web
    unit_id, applicant = web.unit(), web.applicant()
    path = f"/applications/{web.draft(applicant, unit_id)['id']}"
    sent = applicant.upload(f"{path}/documents", pdf(), material="diploma", file_name="学历证书.pdf")
    assert sent.status_code == 201, sent.text
    assert applicant.post(f"{path}/submit", {}).status_code == 200
    flow = Flow(web, path, applicant, web.staff(Role.UNIT_MANAGER, CITY, unit_id=unit_id))
    flow.at_office()
    return flow


def _size(image: Locator) -> tuple[float, float]:
    image.evaluate("image => image.decode()")
    expect(image).to_have_class("preview is-laid")
    box = image.bounding_box()
    assert box is not None
    return box["width"], box["height"]
