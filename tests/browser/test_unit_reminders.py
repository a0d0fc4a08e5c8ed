"""A clerk and forty colleagues: who owes what until when, a reminder to one and to all, and the unit's vacant posts."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town


@pytest.mark.parametrize(
    ("viewport", "javascript"), [(PHONE, False), (DESKTOP, True)], ids=["phone without scripts", "desktop"]
)
def test_a_clerk_reminds_one_person_and_then_everybody_else(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    unit_id = town.web.unit()
    drafts = [town.web.draft(town.web.applicant(), unit_id) for _ in range(2)]
    applicant = town.web.applicant()
    case = town.web.draft(applicant, unit_id)
    assert applicant.post(f"/applications/{case['id']}/submit", {}).status_code == 200
    clerk = f"reminding {unit_id}"
    town.let_in(clerk, town.manager(unit_id))
    window = visit(clerk, viewport=viewport, javascript=javascript)
    window.go("/unit/deadlines")
    page = window.page
    expect(page.get_by_role("link", name="待本人办理 2")).to_be_visible()
    page.get_by_label("排列").select_option(label="姓名从后往前")
    page.get_by_role("button", name="查找、排列").click()
    expect(page.locator("tbody tr").first).to_contain_text(case["person_name"])
    page.get_by_label(f"选择{drafts[0]['person_name']}，").check()
    page.get_by_role("button", name="催办勾选的").click()
    expect(page.get_by_text("将催办1人")).to_be_visible()
    page.get_by_role("button", name="发出催办（1人）").click()
    expect(page.get_by_text("已催办1人")).to_be_visible()
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
