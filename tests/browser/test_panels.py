"""The comprehensive review from the draw to the confirmed ranking, with a member who steps back and one who leaves."""

from playwright.sync_api import Page, expect

from core.db.session import Role
from core.plugin_api import Grade
from tests.browser.chromium import DESKTOP, PHONE, Watched
from tests.browser.conftest import Visit
from tests.browser.examined import made, take_in
from tests.browser.town import Town
from tests.callers import Caller
from tests.cases import CITY, answers


def _candidate(town: Town, first: Caller, second: Caller) -> str:
    """The number of a candidate of grade one in a trade of its own, who passed theory."""
    unit_id, applicant = town.web.unit(), town.web.applicant()
    filled = answers(Grade.ONE, trade="LS-2", current_trade="LS-2")
    case = town.web.draft(applicant, unit_id, filled)["id"]
    made(applicant.post(f"/applications/{case}/submit", {}), 200)
    town.qualify(case, town.manager(unit_id))
    reference = str(made(first.get(f"/applications/{case}"), 200)["reference"])
    take_in(first, second, f"申报编号,职业道德,专业基础知识\n{reference},75,80")
    return reference


def _is_formed(page: Page, officer: Caller, members: list[Caller]) -> str:
    """Form a panel by pages, engage its members by the API, and let it begin; its id."""
    page.get_by_label("名称").fill("浏览器评审组")
    page.get_by_label("LS-2 汽车驾驶员").check()
    page.get_by_role("button", name="组建").click()
    expect(page.get_by_text("评分结束后公布").first).to_be_visible()
    panel = page.url.rsplit("/", 1)[1]
    for who in members:
        engaged = {"account_id": who.get("/me").json()["account_id"]}
        made(officer.post(f"/panels/{panel}/members", engaged))
    page.reload()
    _chair(page, 1)
    page.locator("summary", has_text="开始评审").click()
    page.get_by_role("button", name="开始评审").click()
    return panel


def _chair(page: Page, place: int) -> None:
    page.locator("summary", has_text="指定组长").click()
    page.get_by_label("组长", exact=True).select_option(index=place)
    page.get_by_role("button", name="指定", exact=True).click()


def _scores(phone: Watched, panel: str, reference: str) -> None:
    """A member finds no way to the candidate, reads the material and hands the sheet in."""
    phone.go(f"/panels/{panel}")
    expect(phone.page.get_by_text("评分结束前只见编号")).to_be_visible()
    expect(phone.page.get_by_text(reference)).to_have_count(0)
    phone.go("/sheets")
    phone.page.get_by_role("link", name="浏览器评审组").click()
    expect(phone.page.get_by_role("heading", name="评审材料")).to_be_visible()
    expect(phone.page.get_by_text("年度考核结果")).to_be_visible()
    assert (phone.violations(), phone.wide()) == ([], 0)
    for label, points in (("工作业绩", "80"), ("技能水平", "85"), ("传授技艺", "90")):
        phone.page.get_by_label(label).fill(points)
    phone.page.get_by_role("button", name="提交评分表").click()
    phone.page.wait_for_url("**/sheets")


def _steps_back(phone: Watched) -> None:
    phone.go("/sheets")
    phone.page.get_by_role("link", name="浏览器评审组").click()
    phone.page.locator("summary", has_text="申请回避").click()
    phone.page.get_by_label("回避的原因").fill("师徒关系（测试）")
    phone.page.get_by_role("button", name="确定回避").click()
    phone.page.wait_for_url("**/sheets")


def _is_replaced(page: Page, officer: Caller, panel: str) -> None:
    """A substitute is drawn, cannot come, and leaves; another member chairs."""
    page.reload()
    expect(page.get_by_text("有评委回避或退出")).to_be_visible()
    page.get_by_role("button", name="抽取替补评委").click()
    expect(page.locator("tr", has_text="（替补）")).to_be_visible()
    drawn = [member["account_id"] for member in officer.get(f"/panels/{panel}/members").json() if member["substitute"]]
    page.locator("summary", has_text="办理评委退出").click()
    page.get_by_label("退出的评委").select_option(value=drawn)
    page.get_by_label("退出的原因").fill("出差在外（测试）")
    page.get_by_role("button", name="确定退出").click()
    expect(page.get_by_text("出差在外（测试）").first).to_be_visible()
    _chair(page, 2)


def test_a_panel_goes_on_after_a_recusal_and_its_ranking_is_confirmed(visit: Visit, town: Town) -> None:
    members = [town.web.staff(Role.EXAMINER, CITY) for _ in range(4)]
    assert town.web.staff(Role.EXAMINER, CITY), "somebody who may be drawn"
    officer, supervisor = town.web.staff(Role.EXAMINER, CITY), town.web.staff(Role.CITY_SUPERVISOR, CITY)
    people = {f"panel member {number}": who for number, who in enumerate(members)}
    for name, who in {"panel officer": officer, "panel supervisor": supervisor, **people}.items():
        town.let_in(name, who)
    reference = _candidate(town, officer, members[0])
    desk = visit("panel officer", viewport=DESKTOP)
    desk.go("/panels")
    panel = _is_formed(desk.page, officer, members)
    expect(desk.page.get_by_role("cell", name=reference)).to_be_visible()
    _steps_back(visit("panel member 0", viewport=PHONE))
    for name in list(people)[1:]:
        _scores(visit(name, viewport=PHONE), panel, reference)

    page = desk.page
    _is_replaced(page, officer, panel)
    assert (desk.violations(), desk.wide()) == ([], 0)
    page.get_by_label("会议记录").first.fill("到会评委三名，独立评分（测试）。")
    page.get_by_role("button", name="结束评审").click()
    expect(page.get_by_text("承诺、种子和号码一致")).to_be_visible()
    page.get_by_role("button", name="提出排名").click()
    expect(page.get_by_text("等待确认")).to_be_visible()
    assert (desk.violations(), desk.wide()) == ([], 0)

    above = visit("panel supervisor", viewport=DESKTOP)
    above.go(f"/panels/{panel}")
    for paper in ("summary", "minutes"):
        printed = above.page.request.get(f"{town.address}/panels/{panel}/{paper}")
        assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")
    above.page.get_by_role("button", name="确认排名").click()
    expect(above.page.get_by_text("已确认", exact=True)).to_be_visible()
    assert (above.violations(), above.wide()) == ([], 0)
    rankings = officer.get(f"/panels/{panel}/rankings").json()
    assert [(line["rank"], line["within"]) for line in rankings[0]["rows"]] == [(1, True)]
    assert [window.complaints for window in (desk, above)] == [[], []]
