"""A colleague's lost telephone: proposed by one officer, granted by another on a phone; told to the owner; refused."""

from uuid import UUID, uuid4

import pyotp
from playwright.sync_api import expect

from core.db.session import ANONYMOUS, Role, SignInSession
from core.identity.sign_in import totp
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town

WHY = "本人持身份证到场，已核对照片（测试）"


def _colleague(town: Town, who: str) -> UUID:
    """An officer with a second factor that counts, who can be let in as ``who`` up to the code."""
    caller = town.web.staff(Role.CITY_REVIEWER)
    town.let_in(who, caller)
    account_id = UUID(caller.get("/me").json()["account_id"])
    platform = town.web.platform
    with SignInSession(platform.engine, actor=ANONYMOUS, now=town.web.clock()) as session, session.begin():
        secret = totp.begin_enrolment(session, account_id, keys=platform.keys).secret
        totp.confirm_enrolment(session, account_id, pyotp.TOTP(secret).at(town.web.clock()), keys=platform.keys)
    return account_id


def _supervisor(town: Town) -> str:
    name = f"supervisor-{uuid4().hex}"
    town.let_in(name, town.web.staff(Role.CITY_SUPERVISOR))
    return name


def _propose(visit: Visit, who: str, account_id: UUID) -> None:
    window = visit(who)
    window.go(f"/staff/{account_id}")
    page = window.page
    page.get_by_role("link", name="提出停用动态验证码").click()
    page.get_by_label("原因").select_option("phone_lost")
    page.get_by_label("怎样核实了本人身份").fill(WHY)
    page.get_by_role("button", name="提出").click()
    expect(page.get_by_text("由您提出，待另一人核准").first).to_be_visible()
    expect(page.get_by_role("button", name="确认停用")).to_have_count(0)


def test_two_officers_take_a_lost_factor_away_the_second_on_a_phone(visit: Visit, town: Town) -> None:
    account_id, other = _colleague(town, "lost-phone"), _supervisor(town)
    _propose(visit, _supervisor(town), account_id)
    # The owner reads of it on the page of the account, in the session that still stands.
    owner = visit("lost-phone", viewport=PHONE)
    owner.go("/account")
    expect(owner.page.get_by_text("提出停用您的动态验证码")).to_be_visible()
    second = visit(other, viewport=PHONE)
    second.go("/staff")
    second.page.get_by_role("link", name="停用动态验证码").click()
    part = second.page.locator("section.panel", has_text=WHY)
    part.get_by_text("核准停用").click()
    part.get_by_role("button", name="确认停用").click()
    expect(second.page.get_by_role("cell", name="已停用").first).to_be_visible()
    owner.page.reload()
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("登录")


def test_a_second_officer_refuses_with_a_reason_that_stands_on_the_page(visit: Visit, town: Town) -> None:
    account_id, other = _colleague(town, "refused-phone"), _supervisor(town)
    _propose(visit, _supervisor(town), account_id)
    window = visit(other, viewport=PHONE)
    window.go("/staff/second-factors")
    part = window.page.locator("section.panel", has_text=WHY)
    part.locator("summary", has_text="不同意").click()
    part.get_by_label("理由").fill("本人没有到场（测试）")
    part.get_by_role("button", name="确认不同意").click()
    expect(window.page.get_by_text("本人没有到场（测试）")).to_be_visible()
    mine = visit("refused-phone")
    assert mine.go(f"/staff/{account_id}") == 403
