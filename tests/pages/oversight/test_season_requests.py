"""Annex forms and entered bans wait in the season's work, with the way to them, until they are dealt with."""

import re

from core.db.session import Role
from tests.callers import Caller, Web
from tests.cases import PROVINCE
from tests.pages.organizations.test_manager_forms import FORM


def _waiting(web: Web, officer: Caller, what: str, address: str) -> int:
    """How many of something wait by the page, which then leads to them."""
    page = web.look(officer, "/season").text
    found = re.search(rf"(\d+)件{what}", page)
    if found is None:
        return 0
    assert f'href="{address}"' in page.split(found[0])[1]
    return int(found[1])


def test_a_form_waits_until_it_is_dealt_with(web: Web) -> None:
    officer, asked = web.staff(Role.CITY_REVIEWER), ("管理人员登记表等待办理", "/manager-forms")
    before = _waiting(web, officer, *asked)
    filed = officer.post(f"/units/{web.unit()}/manager-forms", {**FORM, "name": "测试等待人"}).json()["id"]
    assert _waiting(web, officer, *asked) == before + 1
    assert officer.post(f"/manager-forms/{filed}/return", {"faults": {"scan": "公章不清"}}).status_code == 200
    assert _waiting(web, officer, *asked) == before


def test_an_entered_ban_waits_for_the_second_officer_of_the_center(web: Web) -> None:
    first, second = (web.staff(Role.PROVINCIAL_OFFICER, PROVINCE) for _ in range(2))
    asked = ("以往的禁止申报决定等待核对", "/bans")
    before = _waiting(web, second, *asked)
    person = web.applicant().get("/me").json()["person_id"]
    told = {"person_id": person, "reason": "测试", "instrument": "测试处〔2023〕7号"}
    ban = first.post("/bans", told | {"begins": "2023-11-01T00:00:00+08:00"}).json()["id"]
    assert _waiting(web, second, *asked) == before + 1
    assert second.post(f"/bans/{ban}/refuse", {"reason": "文号与原件不符"}).status_code == 200
    assert _waiting(web, second, *asked) == before
