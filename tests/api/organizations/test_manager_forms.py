"""The annex form of a unit manager over JSON."""

import uuid

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, OTHER_CITY


def test_a_unit_gets_its_manager_by_the_annex_form(web: Web) -> None:
    officer = web.staff(Role.CITY_REVIEWER)
    unit = {"name": f"测试单位{uuid.uuid4().hex}", "affiliation": "local", "office_id": CITY, "local_office_id": CITY}
    made = officer.post("/units", unit)
    assert made.status_code == 201, made.text
    form = {
        "name": "测试管理员",
        "sex": "female",
        "department": "人事科",
        "post": "科员",
        "office_phone": "0379-00000000",
        "mobile": "13900000000",
    }
    path = f"/units/{made.json()['id']}/manager-forms"
    assert officer.post(path, {**form, "mobile": "12"}).json()["fields"].keys() == {"mobile"}
    filed = officer.post(path, form)
    assert filed.status_code == 201, filed.text
    assert "13900000000" not in filed.text
    access = officer.post(f"/manager-forms/{filed.json()['id']}/accept")
    manager = web.caller(uuid.UUID(access.json()["account_id"]))
    me = manager.get("/me").json()
    assert [role["role"] for role in me["roles"]] == ["unit_manager"]
    assert officer.post(f"/manager-forms/{filed.json()['id']}/accept").status_code == 409
    stranger = web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    assert stranger.post(f"/manager-forms/{filed.json()['id']}/accept").status_code == 404
