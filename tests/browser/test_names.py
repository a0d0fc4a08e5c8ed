"""A name that a unit has typed wrong, put right on a phone: the refusal leads there, and the person can register."""

import re
from datetime import date
from uuid import UUID

from playwright.sync_api import expect

from core.db.session import Role
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import YEAR

WRONG, RIGHT = "测试写错名", "测试写对名"


def test_a_wrong_name_is_put_right_by_its_unit_and_the_person_registers_on_a_phone(visit: Visit, town: Town) -> None:
    unit = town.web.unit()
    manager = town.web.staff(Role.UNIT_MANAGER, unit_id=unit)
    town.let_in("manager_of_a_slip", manager)
    number = simulated(town.web.next_number(), date(1980, 5, 6), Sex.MALE)
    named = {"name": WRONG, "id_number": number}
    begun = manager.post("/applications", {"year": YEAR, "unit_id": str(unit), "form": {}, "applicant": named})
    assert begun.status_code == 201, begun.text
    page = visit("manager_of_a_slip", viewport=PHONE).page
    page.goto(f"{town.address}/unit/people/new")
    page.get_by_label("姓名").fill(RIGHT)
    page.get_by_label("身份证号码").fill(number)
    page.get_by_role("button", name="继续填写申报表").click()
    page.get_by_role("link", name="更正姓名、身份证号", exact=True).click()
    page.get_by_label("为谁更正").fill(WRONG)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name=re.compile(WRONG)).click()
    page.get_by_label("正确的姓名或身份证号").fill(RIGHT)
    page.get_by_label("原因").fill("同音字（测试）")
    page.get_by_role("button", name="更正", exact=True).click()
    expect(page.get_by_text("已更正")).to_be_visible()
    person = visit(viewport=PHONE).page
    person.goto(f"{town.address}/register")
    for label, text in (("姓名", RIGHT), ("身份证号码", number), ("手机号码", f"199{town.web.next_number():08d}")):
        person.get_by_label(label).fill(text)
    for label in ("设置密码", "再输一次密码"):
        person.get_by_label(label).fill("清河水边三棵老柳树")
    person.get_by_role("button", name="获取验证码").click()
    expect(person.get_by_role("heading", level=1)).to_have_text("填写短信验证码")
    person.get_by_label("验证码").fill(town.code_by_telephone(UUID(person.url.rsplit("/", 1)[1])))
    person.get_by_role("button", name="完成注册").click()
    expect(person.get_by_role("heading", level=1)).not_to_have_text("填写短信验证码")
