"""A deferred paper that came: its candidate and its officer read until when the verdict is due, and what follows."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from core.db.session import Role, SystemSession, system_actor
from core.reviews.reminders import remind_applicants
from core.simulate.scans import scan
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.people import CASES
from tests.browser.town import Town
from tests.cases import CITY, PROVINCE, YEAR

PAPER = "annual_assessments"
TOLD = (("supplying", "补交材料尚未审查"), ("deciding", "审查补交材料已逾期"), ("above", "下级机构审查补交材料逾期"))
"""Who is told of an overdue verdict, and under which title."""


def _remind(town: Town) -> None:
    """Do the nightly work of the city: its reminders."""
    platform = town.web.platform
    with SystemSession(platform.engine, actor=system_actor(CITY), now=platform.clock()) as session, session.begin():
        remind_applicants(session, year=YEAR, offices=platform.offices)


def _supply(own: Watched, folder: Path) -> Locator:
    """Upload the paper from the page of the application; the panel that says whose turn it is."""
    file = folder / f"{PAPER}.png"
    file.write_bytes(scan(PAPER))
    own.go("/my")
    expect(own.page.get_by_role("heading", level=1)).to_have_text("容缺通过，等补交材料")
    own.page.get_by_label("上传补交材料").set_input_files(file)
    turn = own.page.locator("section.turn")
    expect(turn).to_contain_text("您现在不用办理")
    expect(own.page.get_by_text("请在期限前上传")).to_have_count(0)
    return turn


def _row(desk: Watched, reference: str) -> Locator:
    """The case in the queue of admitted cases with deferred papers."""
    desk.go(f"/desk?state=provisional&q={reference}")
    return desk.page.locator("[data-row]", has_text=reference)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_supplied_paper_is_decided_on_by_a_day_that_both_sides_read(
    visit: Visit, town: Town, tmp_path: Path, viewport: dict[str, int]
) -> None:
    flow = CASES["deferred"](town.web)
    town.let_in("supplying", flow.applicant)
    town.let_in("deciding", town.web.staff(Role.CITY_REVIEWER, CITY))
    town.let_in("above", town.web.staff(Role.PROVINCIAL_OFFICER, PROVINCE))
    reference = str(flow.applicant.get(flow.path).json()["reference"])

    with town.on((5, 13)):
        own, desk = visit("supplying", viewport=viewport), visit("deciding", viewport=viewport)
        expect(_row(desk, reference)).to_contain_text("等补交材料")
        turn = _supply(own, tmp_path)
        # Five working days after Monday, 13 May.
        expect(turn).to_contain_text("应在5月20日24:00前办完")
        row = _row(desk, reference)
        expect(row).to_contain_text("材料已补齐，等结论")
        expect(row).to_contain_text("5月20日24:00截止")
        assert desk.violations() == []
        row.get_by_role("link").first.click()
        expect(desk.page.locator("section.deciding")).to_contain_text("须在5月20日24:00前作出最终审查结论")
        assert [*desk.violations(), *own.complaints, *desk.complaints] == []

    with town.on((5, 21)):
        _remind(town)
        own, desk = visit("supplying", viewport=viewport), visit("deciding", viewport=viewport)
        own.go("/my")
        expect(own.page.locator("section.turn")).to_contain_text("本应在5月20日24:00前办完，现已超过期限")
        assert own.violations() == []
        for who, title in TOLD:
            window = visit(who, viewport=viewport)
            window.go("/notices")
            notice = window.page.locator("li.panel", has_text=reference).filter(has_text=title)
            expect(notice).to_contain_text("不能签发准考证")
        row = _row(desk, reference)
        expect(row).to_contain_text("5月20日24:00已截止")
        row.get_by_role("link").first.click()
        expect(desk.page.locator("section.deciding")).to_contain_text("期限5月20日24:00已过，请立即办理")
        desk.page.get_by_role("button", name="容缺核销").click()
        own.go("/my")
        expect(own.page.get_by_role("heading", level=1)).to_have_text("审查通过")
        assert [*own.complaints, *desk.complaints] == []
