"""The door of a sitting on a phone while the office suspends a candidate and lets them in again."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import Select, select

from core.db.session import OfficeSession, system_actor
from core.scheduling.models.tickets import AdmissionTicket
from tests.browser.chromium import PHONE
from tests.browser.conftest import Visit
from tests.browser.town import Town
from tests.cases import CITY, at

MORNING = at(6, 22, 8, 30)


@pytest.fixture
def morning(town: Town) -> Iterator[Town]:
    """The town on the morning of its exam."""
    assert town.places["sitting"]
    before = town.web.clock.now
    town.web.clock.set(MORNING)
    yield town
    town.web.clock.set(before)


def _in_force(town: Town) -> Select[str]:
    """The number of the ticket in force of the candidate of this sitting."""
    of_candidate = AdmissionTicket.application_id == UUID(town.places["candidate"])
    return select(AdmissionTicket.number).where(AdmissionTicket.voided_at.is_(None), of_candidate)


def test_an_officer_suspends_at_the_site_and_the_end_of_the_case_lets_in_again(visit: Visit, morning: Town) -> None:
    with OfficeSession(morning.web.platform.engine, actor=system_actor(CITY), now=MORNING) as session:
        number = session.scalars(_in_force(morning)).one()
    officer, door = visit("supervisor", viewport=PHONE), visit("examiner", viewport=PHONE)
    door.page.clock.set_fixed_time(MORNING)
    officer.go(f"/exams/candidates?q={number}")
    officer.page.get_by_role("link", name="暂停考核").click()
    officer.page.get_by_label("事实和理由").fill("证件照片与本人不符（测试）")
    officer.page.get_by_role("button", name="立即暂停").click()
    expect(officer.page.get_by_text("起暂停考核，已1天")).to_be_visible()
    door.go(f"/exams/day/{morning.places['sitting']}")
    expect(door.page.get_by_text("暂停考核，不能入场")).to_be_visible()
    door.page.get_by_label("准考证号或二维码内容").fill(number)
    door.page.get_by_role("button", name="登记到场").click()
    expect(door.page.locator("#door-said")).to_contain_text("暂停考核：证件照片与本人不符")
    officer.page.locator("summary", has_text="不予立案").click()
    officer.page.locator("#words-drop").fill("经核对为本人")
    officer.page.get_by_role("button", name="确认不予立案").click()
    expect(officer.page.get_by_text("起暂停考核")).to_have_count(0)
    door.page.reload()
    expect(door.page.get_by_text("暂停考核，不能入场")).to_have_count(0)
    with OfficeSession(morning.web.platform.engine, actor=system_actor(CITY), now=MORNING) as session:
        again = session.scalars(_in_force(morning)).one()
    assert again != number
    expect(door.page.locator(f"tr[data-number='{again}']")).to_have_count(1)
