"""A case at the desk: its papers beside the form, and the keys that its reviewer works with."""

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import Engine, event

from core.db.server.embedded import EmbeddedServer
from core.db.session import Role
from tests.browser.conftest import Visit
from tests.browser.many_cases import KINDS, Kind, hundred_cases
from tests.browser.town import Town
from tests.callers import Flow
from tests.cases import CITY, COUNTY
from tests.documents.files import pdf

SCREEN = {"width": 1280, "height": 800}
CASES = sum(kind.number for kind in KINDS)
MOST_STATEMENTS = 60
"""A decision and the page of the next case together."""


def test_a_reviewer_clears_a_hundred_mixed_cases_by_keyboard(
    visit: Visit, town: Town, database_server: EmbeddedServer
) -> None:
    unit = hundred_cases(town, database_server)
    town.let_in("clearing-mixed", town.web.staff(Role.COUNTY_REVIEWER, COUNTY))
    window = visit("clearing-mixed", viewport=SCREEN)
    page = window.page
    page.route("**/api/v1/documents/*/preview", _scan)
    window.go(f"/desk?q={unit}")
    page.keyboard.press("j")
    _press(page, "o")
    _look_around(page)
    decided: dict[str, list[int]] = defaultdict(list)
    with _statements(town.web.platform.engine) as made:
        for number in range(CASES):
            expect(page.locator(".case-walk")).to_contain_text(f"第1件，共{CASES - number}件")
            kind = next(kind for kind in KINDS if kind.word in page.locator("h1").inner_text())
            said = _decide(page, kind, made, decided[kind.word])
            expect(page.get_by_role("status").first).to_contain_text(said)
            if number == 0:
                first = kind
                _take_back(page)
                _decide(page, kind, made, decided[kind.word])
    expect(page.get_by_text("没有符合条件的申请")).to_be_visible()
    assert {word: len(counts) for word, counts in decided.items()} == {
        kind.word: kind.number + (kind is first) for kind in KINDS
    }
    assert max(max(counts) for counts in decided.values()) <= MOST_STATEMENTS
    for counts in decided.values():
        assert max(counts[-3:]) <= max(counts[:3]), "the last case costs no more than the first"
    assert window.complaints == []


def _decide(page: Page, kind: Kind, made: list[str], counts: list[int]) -> str:
    """Read a case and decide it, the first of a kind item by item; what the page says of it afterwards."""
    if kind.word == "不符":
        _write(page, "m", "不符合申报条件（测试）")
        key, said = "x", "已作出不通过结论"
    else:
        if kind.word == "有误":
            page.keyboard.press("2")
            expect(page.locator("select:focus")).to_have_attribute("data-row-why", "")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
        if counts:
            page.keyboard.press("v")
            page.keyboard.press("p")
        _work_off(page)
        returned = bool(kind.lacks) or kind.word == "有误"
        if returned:
            _write(page, "m", "请改正后重新提交（测试）")
        key, said = ("r", "已退回") if returned else ("a", "已通过")
    begun = len(made)
    _press(page, key)
    counts.append(len(made) - begun)
    return said


def _work_off(page: Page) -> None:
    """Go from one open item to the next: it is correct, a finding is settled, an absent paper is missing."""
    open_rows = page.locator("[data-row]:has([type=radio][data-row-key]):not(:has([data-row-key]:checked))")
    for _ in range(open_rows.count()):
        page.keyboard.press("g")
        current = page.locator(".is-current")
        if current.locator(".settle").count():
            page.keyboard.press("1")
            page.keyboard.type("已核对人事档案（测试）")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("1" if current.locator("[value=correct]").count() else "3")
    expect(open_rows).to_have_count(0)


def _write(page: Page, key: str, text: str) -> None:
    page.keyboard.press(key)
    page.keyboard.type(text)
    page.keyboard.press("Escape")


def _press(page: Page, key: str) -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def _look_around(page: Page) -> None:
    """To the next case and back, without the list."""
    first = page.locator("h1").inner_text()
    _press(page, "n")
    expect(page.locator(".case-walk")).to_contain_text(f"第2件，共{CASES}件")
    _press(page, "b")
    expect(page.locator("h1")).to_have_text(first)


def _take_back(page: Page) -> None:
    """Take the decision just made back, and open its case again."""
    _press(page, "z")
    expect(page.get_by_role("status").first).to_contain_text("已撤销1件")
    page.keyboard.press("j")
    _press(page, "o")


def _scan(route: Route) -> None:
    """A paper; copied cases have rows of papers, and no files."""
    content = io.BytesIO()
    Image.new("L", (60, 80), 220).save(content, "PNG")
    route.fulfill(body=content.getvalue(), content_type="image/png")


@contextmanager
def _statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that the server sends to the database during the block."""
    made: list[str] = []

    def note(*given: object) -> None:
        made.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield made
    event.remove(engine, "before_cursor_execute", note)


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
