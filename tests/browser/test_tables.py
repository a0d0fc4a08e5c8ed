"""Tables as offices send them: what was understood is shown, confirmed, and only then kept; trades come from one."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.registering import register
from tests.browser.test_units import send
from tests.browser.town import Town
from tests.corpus.workbooks import WPS, Page, workbook

SIZES = pytest.mark.parametrize(
    ("viewport", "javascript"),
    [(DESKTOP, True), (PHONE, True), (PHONE, False)],
    ids=["desktop", "phone", "phone without scripts"],
)
TITLES = (
    "姓　名",
    "公民身份\n号码",
    "人员类别",
    "参加工作时间",
    "转正定级时间",
    "学历（最高）",
    "申报等级",
    "申报途径",
    "申报工种：",
    "联系电话",
    "备注",
)


def _roster(identity: str, mobile: str, colleague: str) -> bytes:
    def row(at: int, number: str, mobile: str) -> tuple[str, ...]:
        chosen = ("大专", "五级", "逐级晋级", "bgg")
        return (f"测试戊{at:04d}", number, "在岗正式工作人员", "2019年7月", "2020.07", *chosen, mobile, "")

    people = [row(0, identity, mobile), row(1, colleague, "")]
    rows = [("测试单位申报人员名单",), TITLES, *people, ("合计", "2人"), ("填表人：测试己",)]
    return workbook(WPS, Page([("使用说明",)], name="说明"), Page(rows, name="名单", hidden_columns=("B",)))


@SIZES
def test_a_table_is_shown_as_it_was_read_kept_when_confirmed_and_told_to_its_people(
    visit: Visit, town: Town, tmp_path: Path, *, viewport: dict[str, int], javascript: bool
) -> None:
    first, second = town.web.next_number(), town.web.next_number()
    identity, colleague = (simulated(number, date(1990, 5, 6), Sex.FEMALE) for number in (first, second))
    who, mobile = f"sending-{first}", f"139{first:08d}"
    town.let_in(who, town.manager(town.web.unit()))
    window = visit(who, viewport=viewport, javascript=javascript)
    window.go("/unit/import")
    page, file = window.page, tmp_path / "名单.xlsx"
    file.write_bytes(_roster(identity, mobile, colleague))
    send(page, file)
    shown = page.get_by_role("region", name="表格是这样读的，请核对")
    for told in (
        "第2行",
        "名单",
        "有隐藏的列",
        "没有用到的列：备注",
        "是合计、签名或说明",
        "2020-07-01",
        "LS-1 保管工",
    ):
        expect(shown).to_contain_text(told)
    if javascript:
        assert (window.violations(), window.wide()) == ([], 0)
    window.page.get_by_role("button", name="确认导入2人").click()
    expect(page.get_by_text("已导入2人")).to_be_visible()
    expect(page.get_by_text("1人没有手机号，收不到消息")).to_be_visible()

    own = visit(viewport=viewport, javascript=javascript)
    own.go("/register")
    register(own.page, town, name="测试戊0000", identity=identity, mobile=mobile)
    own.go("/notices")
    waiting = own.page.locator("li.panel", has_text="单位已为您填写申报草稿")
    expect(waiting).to_contain_text("请于2024年4月5日前办理")
    waiting.get_by_role("link", name="查看申报").click()
    own.page.get_by_role("link", name="继续填写").click()
    expect(own.page.locator("main form").first).to_be_visible()
    assert own.complaints == []


@SIZES
def test_the_center_loads_a_list_of_trades_after_seeing_what_it_changes(
    visit: Visit, town: Town, tmp_path: Path, *, viewport: dict[str, int], javascript: bool
) -> None:
    first = town.web.next_number()
    window = visit("center", viewport=viewport, javascript=javascript)
    window.go("/season/trades")
    page, file = window.page, tmp_path / "工种.csv"
    named = f"测试新工种{first}"
    lines = [
        "工种目录",
        "工种代码,工种名称,等级",
        "LS-1,保管工,",
        # What other journeys of the town apply for stays open.
        "LS-2,汽车驾驶员,",
        "LS-3,花卉工,",
        f"LS-{first},{named},5-2",
    ]
    file.write_bytes("\r\n".join(lines).encode("gb18030"))
    page.get_by_label("文号或来源").fill("测试文号")
    page.get_by_label("工种表").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("目录还没有改变，请核对后确认")).to_be_visible()
    expect(page.get_by_text(f"新增：{named}（LS-{first}）")).to_be_visible()
    if javascript:
        assert (window.violations(), window.wide()) == ([], 0)
    page.get_by_role("button", name="启用这份目录").click()
    page.get_by_label("按名称或代码查找").fill(named)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("rowheader", name=f"LS-{first}")).to_be_visible()
