"""A return that asks for a missing paper, from the reviewer to the applicant and back, as each of them sees it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.db.session import Role
from core.simulate.scans import scan
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.people import find_correct
from tests.browser.town import Town
from tests.browser.ways import WAYS
from tests.callers import Caller, Flow
from tests.cases import CITY

PAPER, CODE = "毕业证书", "diploma"


def _of_the_unit(_town: Town, flow: Flow) -> tuple[Caller, str]:
    return flow.manager, f"/unit/cases/{flow.path.rsplit('/', 1)[1]}"


def _of_the_office(town: Town, flow: Flow) -> tuple[Caller, str]:
    flow.at_office()
    return town.web.staff(Role.CITY_REVIEWER, CITY), f"/desk/cases/{flow.path.rsplit('/', 1)[1]}"


def _return_for_the_paper(page: Page) -> None:
    """Call one answer faulty and one paper missing, and send the case back."""
    find_correct(page)
    page.get_by_label("有误：参加工作年份", exact=True).check()
    page.get_by_label("参加工作年份有误的原因").select_option(label="与人事档案不一致")
    page.get_by_text(re.compile("清单以外的")).click()
    page.get_by_label(f"缺：{PAPER}", exact=True).check()
    page.locator("#reason").fill(f"请改正年份，补交{PAPER}")
    page.get_by_role("button", name="退回修改").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def _upload(page: Page, material: str, folder: Path, *, javascript: bool) -> None:
    file = folder / f"{material}.png"
    file.write_bytes(scan(material))
    paper = page.locator(f"#paper-{material}")
    paper.locator("[id^=file-]").set_input_files(file)
    if not javascript:
        paper.get_by_role("button", name="上传").click()
    expect(paper.locator(".state").first).to_have_text("已上传")


@WAYS
@pytest.mark.parametrize("reviewer", [_of_the_unit, _of_the_office], ids=["unit", "office"])
def test_a_missing_paper_is_asked_for_supplied_and_seen_by_the_reviewer(
    visit: Visit,
    town: Town,
    tmp_path: Path,
    *,
    reviewer: Callable[[Town, Flow], tuple[Caller, str]],
    viewport: dict[str, int],
    javascript: bool,
) -> None:
    flow = town.web.submitted()
    who, case = reviewer(town, flow)
    town.let_in("returning", who)
    town.let_in("returned_to", flow.applicant)
    desk = visit("returning", viewport=viewport, javascript=javascript)
    desk.go(case)
    _return_for_the_paper(desk.page)
    town.web.clock.advance(timedelta(minutes=1))

    window = visit("returned_to", viewport=viewport, javascript=javascript)
    window.go("/my")
    page = window.page
    expect(page.get_by_role("listitem").filter(has_text=f"{PAPER}：缺少，请补上")).to_be_visible()
    page.get_by_role("link", name=PAPER).click()
    expect(page.locator(f"#paper-{CODE}")).to_contain_text("缺，待补交")

    window.go("/my")
    page.get_by_role("link", name="去修改").click()
    page.get_by_label("参加工作年份").fill("2017")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("上传材料")
    _upload(page, CODE, tmp_path, javascript=javascript)
    page.get_by_role("link", name="继续：核对并重新提交").click()
    page.get_by_label(re.compile("真实性负责")).check()
    page.get_by_role("button", name="重新提交", exact=True).click()
    expect(page.get_by_text("已经提交")).to_be_visible()
    if reviewer is _of_the_office:
        flow.at_office()
    desk.go(case)
    paper = desk.page.locator(".paper", has_text=PAPER)
    expect(paper).to_contain_text("退回后新传")
    expect(desk.page.locator(".is-changed")).to_contain_text("2017")
    expect(desk.page.get_by_label(f"缺：{PAPER}", exact=True)).to_have_count(0)


@WAYS
def test_a_unit_corrects_and_supplies_on_behalf_and_the_person_submits(
    visit: Visit, town: Town, tmp_path: Path, *, viewport: dict[str, int], javascript: bool
) -> None:
    flow = town.web.submitted()
    _, case = _of_the_unit(town, flow)
    town.let_in("helping", flow.manager)
    town.let_in("helped", flow.applicant)
    window = visit("helping", viewport=viewport, javascript=javascript)
    window.go(case)
    page = window.page
    _return_for_the_paper(page)
    window.go(case)
    page.get_by_role("link", name="代为修改、补交").click()
    expect(page.get_by_label("学历")).to_have_count(0)
    page.get_by_label("参加工作年份").fill("2017")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator("#paper-photo input[type=file]")).to_have_count(0)
    _upload(page, CODE, tmp_path, javascript=javascript)
    page.get_by_role("link", name=re.compile("补好了，回到")).click()
    expect(page.get_by_role("link", name="请本人登录重新提交")).to_be_visible()

    own = visit("helped", viewport=viewport, javascript=javascript)
    own.go("/my")
    own.page.get_by_role("link", name="改好了，核对并重新提交").click()
    own.page.get_by_label(re.compile("真实性负责")).check()
    own.page.get_by_role("button", name="重新提交", exact=True).click()
    expect(own.page.get_by_text("已经提交")).to_be_visible()


def test_a_page_without_anything_to_correct_leads_on_and_not_in_a_circle(visit: Visit, town: Town) -> None:
    window = visit("returned", viewport=PHONE)
    window.go(f"/my/applications/{town.places['returned']}/form/wish")
    window.page.get_by_role("link", name="去核对并重新提交").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("核对并重新提交")
    expect(window.page.get_by_role("button", name="重新提交", exact=True)).to_be_visible()
