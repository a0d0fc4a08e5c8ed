"""A name that a unit has typed wrong, put right on a phone: the refusal leads there, and the person can register."""

import re
from datetime import date

from playwright.sync_api import expect

from core.db.session import Role
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.registering import register
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
    register(person, town, name=RIGHT, identity=number)
