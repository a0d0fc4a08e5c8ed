"""The annex form at its office: from the unit's filing to the letter, and what happens where something is wrong."""

import re
from typing import Any
from uuid import UUID

from core.db.session import Role
from tests.callers import Caller, Web
from tests.cases import CITY, OTHER_CITY
from tests.documents.files import picture
from tests.pages.applications.test_papers_on_behalf import send
from tests.reading import pages_of

FORM = {"sex": "male", "department": "人事科", "post": "科员", "office_phone": "0379-60000000", "mobile": "13900001234"}
SCAN = {"content": ("登记表.png", picture(), "image/png")}


def file_form(web: Web, manager: Caller, name: str) -> Any:
    """File the annex form with its scan, as a unit's browser does."""
    return send(web, manager, "/unit/manager", "/unit/manager", files=SCAN, **{**FORM, "name": name})


def only_form(web: Web, officer: Caller, name: str) -> str:
    """The address of a person's form in the list of those that wait."""
    listed = web.look(officer, "/manager-forms").text
    found = re.search(rf'href="(/manager-forms/[0-9a-f-]{{36}})">{name}<', listed)
    assert found is not None, listed
    return found[1]


def test_a_form_is_returned_by_field_filed_again_accepted_and_gets_its_letter(web: Web) -> None:
    unit_id = web.unit()
    draft = web.draft(web.applicant(), unit_id)["id"]
    former, officer = web.staff(Role.UNIT_MANAGER, CITY, unit_id), web.staff(Role.CITY_REVIEWER)
    assert file_form(web, former, "测试新管理员").status_code == 303
    first = only_form(web, officer, "测试新管理员")
    shown = web.look(officer, first).text
    assert "人事科" in shown
    assert "139****1234" in shown
    assert "13900001234" not in shown
    assert re.search(r'<img class="preview" src="/attachments/', shown)
    assert send(web, officer, f"{first}/return", first).status_code == 422
    assert send(web, officer, f"{first}/return", first, fault_post="应写现任职务").status_code == 303
    again = web.look(former, "/unit/manager").text
    assert "职务：应写现任职务" in again
    assert 'value="13900001234"' in again

    assert file_form(web, former, "测试新管理员").status_code == 303
    second = only_form(web, officer, "测试新管理员")
    assert second != first
    assert first in web.look(officer, second).text
    unticked = send(web, officer, f"{second}/accept", second)
    assert (unticked.status_code, "逐项核对" in unticked.text) == (422, True)
    assert send(web, officer, f"{second}/accept", second, compared="true").status_code == 303
    (accepted,) = [
        row for row in officer.get("/manager-forms", state="accepted").json()["items"] if row["unit_id"] == str(unit_id)
    ]
    successor = web.caller(UUID(accepted["account_id"]))
    assert web.look(successor, f"/unit/cases/{draft}").status_code == 200
    letter = send(web, officer, f"{second}/letter", second)
    assert (letter.headers["content-type"], letter.headers["cache-control"]) == ("application/pdf", "no-store")
    (page,) = pages_of(letter.content)
    login, password = re.search(r"unit-[0-9a-f]{8}", page), re.search(r"(?:[2-9a-z]{4}-){3}[2-9a-z]{4}", page)
    assert login is not None
    assert password is not None
    assert password[0] not in web.look(officer, second).text
    twice = send(web, officer, f"{second}/letter", second)
    assert (twice.status_code, "已经打印过" in twice.text) == (409, True)


def test_letters_are_printed_together_one_a_page(web: Web) -> None:
    officer = web.staff(Role.CITY_REVIEWER)
    for name in ("测试管理员甲", "测试管理员乙"):
        assert file_form(web, web.staff(Role.UNIT_MANAGER, CITY, web.unit()), name).status_code == 303
        at = only_form(web, officer, name)
        assert send(web, officer, f"{at}/accept", at, compared="true").status_code == 303
    listed = web.look(officer, "/manager-forms?show=letter").text
    chosen = re.findall(r'name="form" value="([0-9a-f-]{36})"', listed)
    assert len(chosen) == 2
    none = send(web, officer, "/manager-forms/letters", "/manager-forms?show=letter")
    assert (none.status_code, "请先勾选" in none.text) == (422, True)
    letters = send(web, officer, "/manager-forms/letters", "/manager-forms?show=letter", form=chosen)
    first, second = pages_of(letters.content)
    assert ("测试管理员甲" in first, "测试管理员乙" in first) == (True, False)
    assert ("测试管理员甲" in second, "测试管理员乙" in second) == (False, True)
    assert "没有待发的密码函" in web.look(officer, "/manager-forms?show=letter").text


def test_an_office_files_for_a_unit_without_an_account_and_for_no_other_unit(web_alone: Web) -> None:
    # In a province that tests share, the first page of the list may be full of other units.
    web = web_alone
    officer, unit_id, other = web.staff(Role.CITY_REVIEWER), web.unit(), web.unit(OTHER_CITY)
    address = f"/manager-forms/new/{unit_id}"
    assert address in web.look(officer, "/manager-forms?show=units").text
    wrong = send(web, officer, address, address, files=SCAN, **{**FORM, "name": "测试首任", "mobile": "12"})
    assert (wrong.status_code, "测试首任" in wrong.text) == (422, True)
    filed = send(web, officer, address, address, files=SCAN, **{**FORM, "name": "测试首任"})
    assert filed.status_code == 303
    assert '<img class="preview"' in web.look(officer, filed.headers["location"]).text
    assert address not in web.look(officer, "/manager-forms?show=units").text
    assert web.look(officer, f"/manager-forms/new/{other}").status_code == 403
    stranger = web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    assert web.look(stranger, filed.headers["location"]).status_code == 404
