"""A unit's season: a table of two hundred people, twenty of them wrong, and the review of those submitted."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from core.domain.identity_number import simulated
from core.plugin_api import Sex
from core.simulate.scans import scan as made_up_scan
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.people import find_correct
from tests.browser.town import Town
from tests.cases import OTHER_CITY, answers, unfiled

PEOPLE, WRONG = 200, 20


def fill_in(template: Path, filled: Path, *, numbers: list[int], wrong: int) -> None:
    """Write the table under the template's titles, with the first ``wrong`` rows wrong."""
    titles = CalamineWorkbook.from_path(str(template)).get_sheet_by_index(0).to_python()[0]
    usual = {
        "人员类别": "在岗正式工作人员",
        "参加工作年份": "2019",
        "转正定级日期": "2020-07-01",
        "学历": "大专",
        "申报等级": "五级",
        "申报途径": "逐级晋级",
        "申报工种": "LS-1 保管工",
    }
    with xlsxwriter.Workbook(filled) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, titles)
        for at, own in enumerate(numbers):
            number = simulated(own, date(1990, 5, 6), Sex.FEMALE)
            row = {**usual, "姓名": f"测试丁{at:04d}", "身份证号码": number if at >= wrong else f"{number[:-1]}?"}
            sheet.write_row(at + 1, 0, [str(row.get(str(title), "")) for title in titles])


def send(page: Page, file: Path) -> None:
    page.get_by_label("名单文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_unit_imports_two_hundred_people_of_whom_twenty_are_wrong(
    visit: Visit, town: Town, tmp_path: Path, *, viewport: dict[str, int]
) -> None:
    town.let_in("importing", town.manager(town.web.unit()))
    window = visit("importing", viewport=viewport)
    window.page.set_default_timeout(60_000)
    window.go("/unit/import")
    page = window.page
    with page.expect_download() as download:
        page.get_by_role("link", name="下载模板").click()
    template, bad, good = (tmp_path / name for name in ("template.xlsx", "bad.xlsx", "good.xlsx"))
    download.value.save_as(template)
    numbers = [town.web.next_number() for _ in range(PEOPLE)]
    fill_in(template, bad, numbers=numbers, wrong=WRONG)
    fill_in(template, good, numbers=numbers, wrong=0)
    send(page, bad)
    expect(page.get_by_text(f"{WRONG}行有错误，什么都没有导入")).to_be_visible()
    faulty = page.get_by_role("table", name="有错误的行").locator("tbody tr")
    expect(faulty).to_have_count(WRONG)
    expect(faulty.first).to_contain_text("第2行")
    expect(faulty.first).to_contain_text("身份证号码：")
    assert (window.violations(), window.wide()) == ([], 0)
    page.get_by_role("button", name=f"只导入没有错误的{PEOPLE - WRONG}行").click()
    expect(page.get_by_text(f"已导入{PEOPLE - WRONG}人")).to_be_visible()
    send(page, good)
    expect(page.get_by_role("heading", name="表格是这样读的，请核对")).to_be_visible()
    assert (window.violations(), window.wide()) == ([], 0)
    page.get_by_role("button", name=f"确认导入{WRONG}人").click()
    expect(page.get_by_text(f"已导入{WRONG}人")).to_be_visible()
    expect(page.get_by_text(f"另有{PEOPLE - WRONG}人以前已经导入")).to_be_visible()
    page.get_by_role("link", name="查看这些人员").click()
    expect(page.get_by_role("link", name=f"草稿 {PEOPLE}")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(50)
    assert window.complaints == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_unit_commits_to_a_paper_agrees_and_is_led_to_the_next_case(
    visit: Visit, town: Town, *, javascript: bool
) -> None:
    unit_id = town.web.unit()
    town.let_in("reviewing", town.manager(unit_id))
    for filled in (unfiled(), answers()):
        applicant = town.web.applicant()
        case_id = town.web.draft(applicant, unit_id, filled)["id"]
        assert applicant.post(f"/applications/{case_id}/submit", {}).status_code == 200
    window = visit("reviewing", javascript=javascript)
    window.go("/unit")
    page = window.page
    page.get_by_role("link", name="审核下一份（共2份等我审核）").click()
    find_correct(page)
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_role("alert")).to_contain_text("容缺承诺")
    page.get_by_text("容缺承诺：").first.click()
    page.get_by_label("补交的最后日期").fill("2024-12-31")
    page.get_by_role("button", name="作出容缺承诺").click()
    expect(page.get_by_role("alert")).to_contain_text("不晚于考试开始前")
    page.get_by_label("补交的最后日期").fill("2024-05-31")
    page.get_by_role("button", name="作出容缺承诺").click()
    expect(page.get_by_text("容缺待补")).to_be_visible()
    first = page.url
    find_correct(page)
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("我的人员")
    expect(page.get_by_role("button", name="撤销这次办理")).to_be_visible()
    assert page.url != first
    find_correct(page)
    page.get_by_role("button", name="审核通过").click()
    expect(page.get_by_text("现在没有等您审核的申请")).to_be_visible()


@pytest.mark.parametrize(
    ("viewport", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without scripts"]
)
def test_a_unit_agrees_to_many_at_once_and_is_told_who_lacks_a_paper(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    unit_id = town.web.unit()
    town.let_in("agreeing", town.manager(unit_id))
    for filled in (unfiled(), answers(), answers()):
        applicant = town.web.applicant()
        case_id = town.web.draft(applicant, unit_id, filled)["id"]
        assert applicant.post(f"/applications/{case_id}/submit", {}).status_code == 200
    window = visit("agreeing", viewport=viewport, javascript=javascript)
    window.go("/unit?state=waiting")
    page = window.page
    if javascript:
        page.get_by_label("全选本页").check()
    else:
        for box in page.locator("tbody input[type=checkbox]").all():
            box.check()
    page.get_by_role("button", name="同意报考勾选的人员").click()
    expect(page.get_by_text("将办理2件，1件须单独办理")).to_be_visible()
    expect(page.get_by_text("缺备案后的年度考核结果")).to_be_visible()
    page.get_by_role("button", name="确定同意报考2件").click()
    expect(page.get_by_role("button", name="撤销这次办理（2件）")).to_be_visible()
    assert not javascript or window.violations() == []


def test_a_unit_begins_an_application_that_the_applicant_submits(visit: Visit, town: Town) -> None:
    town.let_in("beginning", town.manager(town.web.unit()))
    window = visit("beginning", viewport=PHONE)
    window.go("/unit/people/new")
    page = window.page
    page.get_by_label("姓名").fill("测试戊")
    page.get_by_label("身份证号码").fill("417100199005060001")
    page.get_by_role("button", name="继续填写申报表").click()
    expect(page.get_by_role("alert")).to_contain_text("校验位")
    page.get_by_label("身份证号码").fill(simulated(town.web.next_number(), date(1990, 5, 6), Sex.FEMALE))
    page.get_by_role("button", name="继续填写申报表").click()
    page.get_by_label("在岗正式工作人员").check()
    page.get_by_label("参加工作年份").fill("2019")
    page.get_by_label("学历").select_option(label="大专")
    page.get_by_role("button", name="保存并继续").click()
    # A press waits for the answer to what saves itself, and a second press on the same page would count as one.
    page.wait_for_url("**/form/held")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_role("radio", name="五级", exact=True).check()
    page.get_by_role("radio", name="逐级晋级").check()
    page.get_by_label("申报工种").fill("LS-1 保管工")
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/form/record")
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url("**/papers")
    page.get_by_role("link", name="传到这里，回到测试戊").click()
    expect(page.get_by_text("等本人登录核对、上传材料后提交")).to_be_visible()
    assert window.violations() == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_unit_prints_its_roster_and_hands_in_its_batch(
    visit: Visit, town: Town, tmp_path: Path, *, viewport: dict[str, int]
) -> None:
    unit_id = town.web.unit(OTHER_CITY)
    manager = town.manager(unit_id, OTHER_CITY)
    town.bring_on_site(unit_id, manager)
    town.let_in("printing", manager)
    window = visit("printing", viewport=viewport)
    window.go("/unit/rosters")
    page = window.page
    panel = page.locator("section", has_text="需现场审查人员名册表").first
    with page.expect_response(lambda answer: answer.url.endswith("/pdf")) as answered:
        panel.get_by_role("button", name="生成并打印").click()
    assert answered.value.headers["content-type"] == "application/pdf"
    window.go("/unit/rosters")
    expect(page.get_by_text("与目前一致")).to_be_visible()
    scan = tmp_path / "scan.png"
    scan.write_bytes(made_up_scan("roster"))
    page.get_by_label("加盖公章的名册表扫描件").set_input_files(scan)
    page.get_by_role("button", name="提交现场确认").click()
    expect(page.get_by_role("heading", name="报送的材料")).to_contain_text("已提交，待接收")
    expect(page.get_by_text("受理机构接收后给出")).to_be_visible()
    assert (window.violations(), window.wide()) == ([], 0)


def test_a_unit_prints_and_files_the_annex_form_of_a_new_manager(visit: Visit, town: Town, tmp_path: Path) -> None:
    town.let_in("filing", town.manager(town.web.unit()))
    window = visit("filing", viewport=PHONE)
    window.go("/unit/manager")
    page = window.page
    for label, text in (("姓名", "测试己"), ("工作部门", "人事科"), ("职务", "科员"), ("办公电话", "0371-00000000")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("radio", name="女").check()
    page.get_by_label("手机号码").fill("19900000001")
    with page.expect_popup():
        page.get_by_role("button", name="先打印登记表").click()
    scan = tmp_path / "scan.png"
    scan.write_bytes(made_up_scan("annex"))
    page.get_by_label("加盖公章的登记表扫描件").set_input_files(scan)
    page.get_by_role("button", name="报送登记表").click()
    expect(page.get_by_text("已报送，待受理")).to_be_visible()


def test_a_name_is_corrected_in_its_window_and_only_added_to_afterwards(visit: Visit, town: Town) -> None:
    town.let_in("naming", town.manager(town.web.unit()))
    window = visit("naming")
    window.go("/unit/units")
    expect(window.page.get_by_text("名称不能修改，只能新增")).to_be_visible()
    expect(window.page.get_by_text("更正名称")).to_have_count(0)
