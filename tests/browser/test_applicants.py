"""An applicant's way from the front page to "审查通过", with all that goes wrong on it, made in every way."""

import re
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.domain.identity_number import simulated
from core.plugin_api import Sex
from core.simulate.scans import scan
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.registering import PASSWORD, register
from tests.browser.town import Town
from tests.browser.ways import WAYS_AND_OLD

NEXT = "保存并继续"


@pytest.fixture
def papers(tmp_path: Path) -> dict[str, Path]:
    """A scan of each paper, as a file to choose."""
    made = {}
    for material in ("identity_card", "photo", "regularisation"):
        made[material] = tmp_path / f"{material}.png"
        made[material].write_bytes(scan(material))
    return made


def _register(page: Page, town: Town) -> str:
    """Open an account; the identity number, by which its owner signs in."""
    number = town.web.next_number()
    identity = simulated(number, date(1980, 5, 6), Sex.MALE)
    page.get_by_role("link", name="注册后申报").click()
    register(page, town, name=f"测试甲{number:04d}", identity=identity)
    return identity


def _begin(page: Page, unit: str) -> None:
    page.get_by_role("link", name="开始申报").click()
    page.get_by_label("单位名称").fill(unit[:20])
    page.get_by_role("button", name="查找").click()
    page.get_by_label(unit).check()
    page.get_by_role("button", name="在这个单位申报").click()


def _lose_the_session(page: Page, identity: str, *, javascript: bool) -> None:
    """The session ends over the first page of the form: signing in leads back to it, and to what was typed."""
    year = page.get_by_label("参加工作年份")
    expect(year).to_be_visible()
    page.context.clear_cookies()
    year.fill("2018")
    if javascript:
        year.blur()
    else:
        page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    expect(page.get_by_text("登录后会回到刚才的页面")).to_be_visible()
    page.get_by_label("身份证号码或账号").fill(identity)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(year).to_have_value("2018" if javascript else "")


def _fill_in(page: Page) -> None:
    page.get_by_label("在岗正式工作人员").check()
    page.get_by_label("参加工作年份").fill("2018")
    page.get_by_label("转正定级日期").fill("2019-07-01")
    page.get_by_label("学历").select_option(label="大专")
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("现有等级")
    page.get_by_role("button", name=NEXT).click()
    page.get_by_label("五级", exact=True).check()
    page.get_by_label("逐级晋级").check()
    # A word that is in no list is no trade; an exact name is one.
    page.get_by_label("申报工种").fill("司机")
    with page.expect_navigation():
        page.get_by_role("button", name=NEXT).click()
    expect(page.locator("#trade-error")).to_contain_text("没有“司机”这个工种")
    page.get_by_label("申报工种").fill("汽车驾驶员")
    page.get_by_role("button", name=NEXT).click()
    for year in range(2019, 2024):
        page.get_by_label(f"{year}年", exact=True).select_option(label="合格")
        page.get_by_label(f"{year}年结果已备案").check()
    page.get_by_role("button", name=NEXT).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("上传材料")


def _be_refused_without_papers(page: Page) -> None:
    """Every missing paper is named by the refusal and on the first page, which says until when and leads to each."""
    page.get_by_role("link", name="继续：核对并提交").click()
    expect(page.get_by_text("汽车驾驶员")).to_be_visible()
    page.get_by_label(re.compile("真实性负责")).check()
    page.get_by_role("button", name="提交申报", exact=True).click()
    refusal = page.locator(".error-summary")
    for paper in ("居民身份证", "免冠", "转正定级"):
        expect(refusal.get_by_role("link", name=re.compile(paper))).to_have_count(1)
    page.goto(page.url.removesuffix("/check"))
    expect(page.get_by_role("heading", name="还缺3项")).to_be_visible()
    expect(page.locator("dl.facts", has_text="您提交申报")).to_contain_text("4月5日")
    expect(page.locator("dl.facts", has_text="您提交申报")).to_contain_text("4月3日")
    page.locator(".to-do").get_by_role("link", name=re.compile("去上传.*免冠")).click()


def _be_refused_a_speck(paper: Locator, folder: Path, *, javascript: bool) -> None:
    """A picture of 2 × 2 pixels is no photo."""
    speck = folder / "speck.png"
    Image.frombytes("RGB", (2, 2), bytes(range(0, 240, 20))).save(speck)
    paper.locator("input[type=file]").set_input_files(speck)
    if javascript:
        expect(paper.locator("[data-photo-said]")).to_contain_text("太小，打印后看不清")
        expect(paper.get_by_role("button", name="使用这张照片")).to_be_disabled()
    else:
        paper.get_by_role("button", name="上传").click()
        expect(paper.locator(".field-error")).to_contain_text("照片太小")


def _upload(page: Page, papers: dict[str, Path], *, javascript: bool) -> None:
    # The page that is left has none of these papers either, so the new one must be there before they are counted.
    expect(page.get_by_role("heading", level=1)).to_have_text("上传材料")
    for material, file in papers.items():
        paper = page.locator(f"#paper-{material}")
        if not paper.count():
            continue
        paper.locator("[id^=file-]").set_input_files(file)
        if not javascript:
            paper.get_by_role("button", name="上传").click()
        elif material == "photo":
            paper.get_by_role("button", name="使用这张照片").click()
        expect(paper.locator(".state")).to_have_text("已上传")


def _submit(page: Page, *, again: bool = False) -> None:
    page.get_by_role("link", name="继续：核对并重新提交" if again else "继续：核对并提交").click()
    page.get_by_label(re.compile("真实性负责")).check()
    page.get_by_role("button", name="重新提交" if again else "提交申报", exact=True).click()
    expect(page.get_by_text("已经提交")).to_be_visible()


@WAYS_AND_OLD
def test_an_applicant_applies_and_is_found_qualified(
    visit: Visit,
    town: Town,
    papers: dict[str, Path],
    tmp_path: Path,
    *,
    viewport: dict[str, int],
    javascript: bool,
    old: bool,
) -> None:
    unit_id = town.web.unit()
    window = visit(viewport=viewport, javascript=javascript, old=old)
    window.go("/")
    page = window.page
    identity = _register(page, town)
    _begin(page, town.unit_name(unit_id))
    _lose_the_session(page, identity, javascript=javascript)
    _fill_in(page)
    _be_refused_without_papers(page)
    _be_refused_a_speck(page.locator("#paper-photo"), tmp_path, javascript=javascript)
    window.complaints.clear()  # the browser itself reports what was refused
    _upload(page, papers, javascript=javascript)
    _submit(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("审核")

    town.qualify(page.url.split("?")[0].rsplit("/", 1)[1], town.manager(unit_id))
    window.go("/my")
    expect(page.get_by_role("heading", level=1)).to_have_text("审查通过")
    assert window.complaints == []


def test_a_field_is_checked_as_it_is_left_and_saved_on_the_way(visit: Visit, town: Town) -> None:
    window = visit("drafter")
    address = f"/my/applications/{town.places['draft']}/form/person"
    window.go(address)
    year = window.page.get_by_label("参加工作年份")
    year.fill("2035")
    year.blur()
    expect(window.page.locator("#first_job_year-error")).to_contain_text("晚于考核年度")
    expect(year).to_have_attribute("aria-invalid", "true")
    year.fill("2017")
    year.blur()
    expect(window.page.locator("#first_job_year-error")).to_be_hidden()
    expect(window.page.locator("#saved")).to_contain_text("已保存")
    window.go(address)
    expect(year).to_have_value("2017")
    assert window.complaints == []


def test_what_a_browser_keeps_holds_nothing_that_names_a_person(visit: Visit) -> None:
    window = visit()
    window.go("/register")
    page = window.page
    secrets = {"身份证号码": "990000198005060010", "手机号码": "19900001234", "设置密码": "清河水边三棵老柳树"}
    page.get_by_label("姓名").fill("测试甲")
    with page.expect_response("**/register/id-number"):
        for label, value in secrets.items():
            page.get_by_label(label).fill(value)
    # The answer to the check of one field is worked in before anything else is asked of the page.
    page.wait_for_function("() => document.querySelector('.htmx-request') === null")
    kept = page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    assert "测试甲" in kept
    assert [label for label, value in secrets.items() if value in kept] == []


def test_an_identity_number_is_checked_as_it_is_left(visit: Visit) -> None:
    window = visit(viewport=PHONE)
    window.go("/register")
    number = window.page.get_by_label("身份证号码")
    number.fill("990000198005060011")
    number.blur()
    expect(window.page.locator("#id_number-error")).to_be_visible()
    expect(number).to_have_attribute("aria-invalid", "true")
    assert window.complaints == []


def test_a_returned_application_is_corrected_only_where_the_reviewer_pointed(
    visit: Visit, town: Town, papers: dict[str, Path]
) -> None:
    town.case("to_correct")
    window = visit("to_correct", viewport=PHONE)
    window.go("/my")
    page = window.page
    expect(page.get_by_text("照片不清楚，请重拍")).to_be_visible()
    page.get_by_role("link", name="去修改").click()
    expect(page.get_by_text("与档案记载不符")).to_be_visible()
    expect(page.get_by_label("学历")).to_have_count(0)
    page.get_by_label("参加工作年份").fill("2017")
    page.get_by_role("button", name=NEXT).click()
    expect(page.locator("#paper-photo input[type=file]")).to_have_count(0)
    _upload(page, {"identity_card": papers["identity_card"]}, javascript=True)
    _upload(page, {"diploma": papers["photo"]}, javascript=True)
    _submit(page, again=True)
    expect(page.get_by_text("您修改后重新提交")).to_be_visible()
    assert window.complaints == []


def test_a_paper_that_was_let_follow_is_supplied_from_the_page_of_the_application(
    visit: Visit, town: Town, tmp_path: Path
) -> None:
    town.case("deferred")
    window = visit("deferred", viewport=PHONE)
    window.go("/my")
    page = window.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("容缺通过")
    file = tmp_path / "annual_assessments.png"
    file.write_bytes(scan("annual_assessments"))
    page.get_by_label("上传补交材料").set_input_files(file)
    expect(page.get_by_text("已补交")).to_be_visible()
    expect(page.get_by_text("您补交了材料")).to_be_visible()
    assert window.complaints == []


def test_an_application_is_withdrawn_after_a_question(visit: Visit, town: Town) -> None:
    town.case("unsure")
    window = visit("unsure")
    window.go("/my")
    window.page.locator("summary", has_text="撤回申报").click()
    window.page.get_by_role("button", name="确定撤回").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("已撤回")
    assert window.complaints == []
