"""An officer works off an annex form from the notice to the letter, and is shown a number in full for a reason."""

from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town


def test_an_officer_goes_from_the_notice_of_a_form_to_the_letter(visit: Visit, town: Town) -> None:
    unit_id = town.web.unit()
    form = {"name": "测试接任人", "sex": "female", "department": "人事科", "post": "科员"}
    form |= {"office_phone": "0379-60000000", "mobile": "13900004321"}
    filed = town.manager(unit_id).post(f"/units/{unit_id}/manager-forms", form)
    assert filed.status_code == 201, filed.text
    window = visit("city", viewport=DESKTOP)
    window.go("/notices")
    page = window.page
    notice = page.locator("li.panel", has_text="测试接任人").first
    notice.get_by_role("link", name="受理登记表").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("测试接任人")
    expect(page.get_by_text("139****4321")).to_be_visible()
    page.get_by_role("link", name="查看完整手机号码").click()
    page.get_by_label("理由", exact=True).select_option(label="与证件、档案或登记表核对")
    page.get_by_role("button", name="查看并记录").click()
    expect(page.get_by_text("13900004321")).to_be_visible()
    page.get_by_role("link", name="返回登记表").click()
    page.get_by_label("已与盖章的扫描件或原件逐项核对").check()
    page.get_by_role("button", name="受理并开通账号").click()
    expect(page.get_by_role("heading", name="密码函")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert (window.violations(), window.wide()) == ([], 0)
    with page.expect_popup() as printed:
        page.get_by_role("button", name="打印密码函").click()
    printed.value.close()
    window.go("/manager-forms?show=letter")
    expect(page.get_by_role("link", name="测试接任人")).to_have_count(0)
