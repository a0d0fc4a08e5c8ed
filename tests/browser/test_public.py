"""Before an account and around one: may I apply, registering, taking over, asking; with and without scripts."""

from datetime import date, timedelta
from uuid import UUID

from playwright.sync_api import Page, expect

from core.clock import SettableClock
from core.db.session import Role
from core.domain.identity_number import simulated
from core.identity.sign_in.rate_limits import forget_whole
from core.plugin_api import Sex
from tests.browser.chromium import Watched
from tests.browser.conftest import Visit
from tests.browser.registering import PASSWORD
from tests.browser.town import Town
from tests.browser.ways import WAYS
from tests.cases import at

WEAK = "12345678"


@WAYS
def test_a_stranger_learns_whether_they_may_apply(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    window = visit(viewport=viewport, javascript=javascript)
    window.go("/")
    page = window.page
    page.get_by_role("link", name="可以申报吗？").click()
    page.get_by_label("男", exact=True).check()
    page.get_by_label("出生日期").fill("1985-06-01")
    page.get_by_label("参加工作年份").fill("2005")
    page.get_by_label("学历").select_option(label="大专")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("看来可以申报")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="申报条件").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("申报条件")
    expect(page.get_by_text("即2007年及以前参加工作。").first).to_be_attached()
    page.get_by_role("link", name="要准备的材料").click()
    expect(page.get_by_role("heading", name="照片怎样拍")).to_be_visible()
    for address in ("/conditions", "/papers"):
        window.go(address)
        for doubt in ("推定", "未取得", "未见", "程序接口"):
            expect(page.locator("body")).not_to_contain_text(doubt)
    window.go("/contacts")
    expect(page.get_by_text("单位初审：4月3日24:00").first).to_be_visible()
    with town.on((6, 15)):
        window.go("/calendar/linshui/yunshan")
    expect(page.get_by_text("具体时间待公布").first).to_be_visible()
    assert window.complaints == []


def _type(page: Page, password: str) -> None:
    for label in ("设置密码", "再输一次密码"):
        page.get_by_label(label).fill(password)


def _ask_for_a_code(page: Page, password: str) -> None:
    _type(page, password)
    with page.expect_navigation():
        page.get_by_role("button", name="获取验证码").click()


def _held_by_the_page(window: Watched, identity: str) -> None:
    """With scripts a fault that the page knows of costs nobody the passwords."""
    page = window.page
    _type(page, WEAK)
    # The answer about the field is there before the form goes: without it the page knows of no fault.
    expect(page.locator("#id_number-error")).to_contain_text("校验位不符")
    page.get_by_role("button", name="获取验证码").click()
    expect(page.locator("#password-error")).to_contain_text("这个密码很容易被猜到")
    expect(page.get_by_label("身份证号码")).to_be_focused()
    expect(page.get_by_label("设置密码")).to_have_value(WEAK)
    assert window.violations() == []
    page.get_by_label("身份证号码").fill(identity)


def _refused_five_times(page: Page, identity: str, mobile: str) -> None:
    """Each fault leads to its field, and is said once. No code was sent: nothing is counted, and nothing locked."""
    _ask_for_a_code(page, WEAK)
    summary = page.locator(".error-summary")
    expect(summary.get_by_role("heading")).to_have_text("有2处需要改正，验证码还没有发送。")
    targets = [link.get_attribute("href") or "" for link in summary.get_by_role("link").all()]
    assert targets == ["#id_number", "#password"]
    assert [page.locator(f"input{target}[aria-invalid=true]").count() for target in targets] == [1, 1]
    summary.get_by_role("link").first.click()
    # The field below comes into view by the scroll alone.
    expect(page.get_by_label("手机号码")).to_be_in_viewport(ratio=1)
    assert page.get_by_text("身份证号码", exact=True).evaluate("label => label.getBoundingClientRect().top") > 0
    page.get_by_label("身份证号码").fill(identity)
    for _ in range(4):
        _ask_for_a_code(page, WEAK)
        expect(summary.get_by_role("link")).to_have_attribute("href", "#password")
        expect(summary.get_by_text("这个密码很容易被猜到")).to_have_count(1)
        expect(page.get_by_label("手机号码")).to_have_value(mobile)


@WAYS
def test_a_registration_survives_refusals_and_a_lost_message(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    number = town.web.next_number()
    identity, mobile = simulated(number, date(1980, 5, 6), Sex.MALE), f"197{number:08d}"
    window = visit(viewport=viewport, javascript=javascript)
    window.go("/register")
    page = window.page
    page.get_by_label("姓名").fill(f"测试甲{number:04d}")
    page.get_by_label("身份证号码").fill(identity[:-1] + ("1" if identity[-1] == "0" else "0"))
    page.get_by_label("手机号码").fill(mobile)
    if javascript:
        _held_by_the_page(window, identity)
    else:
        _refused_five_times(page, identity, mobile)
    _ask_for_a_code(page, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("填写短信验证码")
    page.get_by_role("button", name="重新发送验证码").click()
    expect(page.get_by_role("alert")).to_contain_text("秒后再获取")
    clock, now = town.web.clock, town.web.clock()
    assert isinstance(clock, SettableClock)
    clock.set(now + timedelta(minutes=1))
    try:
        page.get_by_role("button", name="重新发送验证码").click()
        expect(page.get_by_text("以前的不再有效")).to_be_visible()
        code_id = UUID(page.url.split("?")[0].rsplit("/", 1)[1])
        page.get_by_label("验证码").fill(town.code_by_telephone(code_id))
        page.get_by_role("button", name="完成注册").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("我的申报")
    finally:
        clock.set(now)
        # Allowances that were used a minute later would not be whole yet.
        forget_whole(town.web.platform.engine, at(12, 31))


@WAYS
def test_an_applicant_asks_and_the_office_answers(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    flow = town.web.submitted()
    flow.at_office()
    name = f"asker-{flow.id}"
    town.let_in(name, flow.applicant)
    town.let_in(f"answerer-{flow.id}", town.web.staff(Role.CITY_REVIEWER))
    question = f"参加工作年份以哪份材料为准？（{flow.id[-8:]}）"
    window = visit(name, viewport=viewport, javascript=javascript)
    window.go(f"/my/applications/{flow.id}")
    window.page.get_by_role("link", name="就这份申报咨询工考管理机构").click()
    window.page.get_by_label("问题", exact=True).fill(question)
    window.page.get_by_role("button", name="提交咨询").click()
    expect(window.page.get_by_text("已经送达工考管理机构")).to_be_visible()

    desk = visit(f"answerer-{flow.id}", viewport=viewport, javascript=javascript)
    desk.go("/inquiries")
    asked = desk.page.locator("section.panel", has_text=question)
    expect(asked).to_contain_text("已等待")
    asked.get_by_label("答复（申报人会看到）").fill("以人事档案中的材料为准。")
    asked.get_by_role("button", name="答复").click()
    expect(asked).to_contain_text("已答复")
    desk.go(f"/desk/cases/{flow.id}")
    expect(desk.page.get_by_text("咨询1条")).to_be_visible()

    window.go(f"/my/applications/{flow.id}")
    expect(window.page.get_by_text("以人事档案中的材料为准。")).to_be_visible()
    assert window.complaints == []
    assert desk.complaints == []


@WAYS
def test_a_withdrawn_application_is_taken_over(
    visit: Visit, town: Town, *, viewport: dict[str, int], javascript: bool
) -> None:
    flow = town.web.submitted()
    assert flow.applicant.post(f"{flow.path}/withdraw", {}).status_code == 200
    town.let_in(f"again-{flow.id}", flow.applicant)
    window = visit(f"again-{flow.id}", viewport=viewport, javascript=javascript)
    window.go(f"/my/applications/{flow.id}")
    page = window.page
    page.get_by_role("link", name="沿用这份内容重新申报").click()
    expect(page.get_by_role("heading", name="要重新填写、上传的")).to_be_visible()
    page.get_by_role("button", name="沿用，开始申报").click()
    expect(page.get_by_label("参加工作年份")).not_to_have_value("")
    assert window.complaints == []
