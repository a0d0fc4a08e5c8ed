"""A clerk and forty colleagues: who owes what until when, a reminder to one and to all, and the unit's vacant posts."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.browser.ways import WAYS


@WAYS
def test_a_clerk_reminds_one_person_who_reads_it_and_then_everybody_else(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    unit_id = town.web.unit()
    owing = [town.web.applicant() for _ in range(2)]
    drafts = [town.web.draft(person, unit_id) for person in owing]
    applicant = town.web.applicant()
    case = town.web.draft(applicant, unit_id)
    assert applicant.post(f"/applications/{case['id']}/submit", {}).status_code == 200
    clerk = f"reminding {unit_id}"
    town.let_in(clerk, town.manager(unit_id))
    window = visit(clerk, viewport=viewport, javascript=javascript)
    window.go("/unit/deadlines")
    page = window.page
    expect(page.get_by_role("link", name="待本人办理 2")).to_be_visible()
    for day in ("4月3日", "4月5日", "4月15日"):
        expect(page.locator("dl.facts").first).to_contain_text(day)
    page.get_by_label("排列").select_option(label="姓名从后往前")
    page.get_by_role("button", name="查找、排列").click()
    expect(page.locator("tbody tr").first).to_contain_text(case["person_name"])
    page.get_by_label(f"选择{drafts[0]['person_name']}，").check()
    page.get_by_role("button", name="催办勾选的").click()
    expect(page.get_by_text("将催办1人")).to_be_visible()
    page.get_by_role("button", name="发出催办（1人）").click()
    expect(page.get_by_text("已催办1人")).to_be_visible()
    town.let_in(f"reminded {unit_id}", owing[0])
    told = visit(f"reminded {unit_id}", viewport=viewport, javascript=javascript)
    told.go("/notices")
    told.page.locator("li.panel", has_text="催办").get_by_role("link", name="查看申报").click()
    expect(told.page.locator("dl.facts", has_text="您提交申报")).to_contain_text("4月5日")
    page.get_by_role("link", name="回到人员期限表").click()
    expect(page.get_by_text("催办过")).to_have_count(1)
    page.get_by_role("link", name="催办所有要办的人").click()
    expect(page.get_by_text("将催办1人。另有1个今天已经催办过")).to_be_visible()
    if javascript:
        assert (window.violations(), window.wide()) == ([], 0)
    page.get_by_role("button", name="发出催办（1人）").click()
    expect(page.get_by_text("已催办1人")).to_be_visible()
    window.go("/unit/posts")
    page.get_by_label("五级空缺岗位数").fill("2")
    page.get_by_label("岗位聘用政策").fill("按年限择优聘用")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存")).to_be_visible()
    assert window.complaints == []
