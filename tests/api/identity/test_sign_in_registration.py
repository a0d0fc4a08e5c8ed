"""Registering and resetting over HTTP, and the accounts that an office issues and looks after."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from core.db.session import Role
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from tests.api.identity.test_sign_in import CHOSEN, Browser
from tests.callers import API, Caller, Web
from tests.cases import CITY, PROVINCE
from tests.phone_codes import code_in_outbox
from tests.serving import client_of


def _form(index: int) -> dict[str, str]:
    return {
        "id_number": simulated(900_000 + index, date(1980, 5, 6), Sex.MALE),
        "name": f"测试网{index:04d}",
        "phone": f"1980000{index:04d}",
        "password": CHOSEN,
    }


def _code(web: Web, code_id: str) -> str:
    return code_in_outbox(web.platform.engine, code_id, web.clock(), PROVINCE)


def _registered(web: Web, index: int) -> tuple[Browser, Any]:
    browser = Browser(web)
    sent = browser.post("/registrations", _form(index))
    assert sent.status_code == 202, sent.text
    code = _code(web, sent.json()["id"])
    return browser, browser.post(f"/registrations/{sent.json()['id']}/confirm", {"code": code})


def test_who_gives_the_code_back_is_registered_and_signed_in(web: Web) -> None:
    browser, confirmed = _registered(web, 1)
    assert confirmed.status_code == 201
    me = browser.get("/me").json()
    assert (me["account_id"], me["person_id"]) == (confirmed.json()["account_id"], confirmed.json()["person_id"])
    assert [role["role"] for role in me["roles"]] == ["applicant"]


def test_a_wrong_try_stays_counted_though_the_request_was_rolled_back(web: Web) -> None:
    browser = Browser(web)
    sent = browser.post("/registrations", _form(2)).json()
    right = _code(web, sent["id"])
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        assert browser.post(f"/registrations/{sent['id']}/confirm", {"code": wrong}).json()["error"] == "code_refused"
    assert browser.post(f"/registrations/{sent['id']}/confirm", {"code": right}).json()["error"] == "code_refused"


def test_a_second_code_to_one_number_has_to_wait_a_minute(web: Web) -> None:
    browser = Browser(web)
    assert browser.post("/registrations", _form(3)).status_code == 202
    assert browser.post("/registrations", _form(3)).status_code == 429
    web.clock.advance(timedelta(minutes=1))
    assert browser.post("/registrations", _form(3)).status_code == 202


_SLIPS = (
    {"id_number": "990000198005060011"},
    {"password": "12345678"},
    {"password": "short"},
    {"name": " "},
    {"id_number": "99000019800506001"},
    {"name": "测试\x07甲"},
)


def test_slips_send_no_code_and_lock_no_number(web: Web) -> None:
    browser = Browser(web)
    assert [browser.post("/registrations", _form(9) | slip).status_code for slip in _SLIPS] == [422] * len(_SLIPS)
    assert browser.post("/registrations", _form(9)).status_code == 202


def test_slips_are_limited_by_where_they_come_from_and_not_by_the_number(web: Web) -> None:
    settings = web.platform.settings.model_copy(update={"registrations_per_minute": 5})
    with client_of(replace(web.platform, settings=settings)) as client:
        sent = [client.post(f"{API}/registrations", json=_form(10) | slip).status_code for slip in _SLIPS]
    assert sent == [422] * 5 + [429]
    web.clock.advance(timedelta(minutes=1))
    assert Browser(web).post("/registrations", _form(10)).status_code == 202


def test_a_refused_form_keeps_what_was_filled_in_but_for_the_passwords(web: Web) -> None:
    browser = Browser(web).client
    form = {**_form(11), "password": "12345678", "again": "12345678"}
    token = re.search(r'name="_csrf" value="([^"]+)"', browser.get("/register").text)
    assert token is not None
    refused = browser.post("/register", data={"_csrf": token[1], **form})
    values = dict(re.findall(r'<input class="[^"]+" id="(\w+)"[^>]* value="([^"]*)"', refused.text))
    assert refused.status_code == 422
    kept = {name: form[name] for name in ("name", "id_number", "phone")}
    assert values == kept | {"password": "", "again": ""}


def test_a_weak_new_password_costs_no_try_of_the_code(web: Web) -> None:
    _registered(web, 12)
    sent = Browser(web).post("/password-resets", {"id_number": _form(12)["id_number"]}).json()["id"]
    code = _code(web, sent)
    for _ in range(6):
        weak = Browser(web).post(f"/password-resets/{sent}/confirm", {"code": code, "new_password": "12345678"})
        assert weak.json()["error"] == "password_easy"
    good = {"code": code, "new_password": CHOSEN[::-1]}
    assert Browser(web).post(f"/password-resets/{sent}/confirm", good).status_code == 200


def test_registering_answers_alike_for_known_and_unknown_people(web: Web) -> None:
    _registered(web, 4)
    web.clock.advance(timedelta(minutes=1))
    again, fresh = Browser(web).post("/registrations", _form(4)), Browser(web).post("/registrations", _form(5))
    assert (again.status_code, again.json().keys()) == (fresh.status_code, fresh.json().keys())


def test_a_reset_answers_alike_whether_or_not_there_is_an_account(web: Web) -> None:
    browser, _ = _registered(web, 6)
    known = Browser(web).post("/password-resets", {"id_number": _form(6)["id_number"]})
    unknown = Browser(web).post("/password-resets", {"id_number": _form(7)["id_number"]})
    assert (known.status_code, known.json().keys()) == (unknown.status_code, unknown.json().keys())
    code, new = _code(web, known.json()["id"]), CHOSEN[::-1]
    done = Browser(web).post(f"/password-resets/{known.json()['id']}/confirm", {"code": code, "new_password": new})
    assert done.status_code == 200
    assert browser.get("/me").status_code == 401
    assert Browser(web).sign_in(_form(6)["id_number"], new).status_code == 200


def test_a_blank_in_the_number_buys_no_further_message(web: Web) -> None:
    number = _form(8)["id_number"]
    spelled = [number, f"{number[:6]} {number[6:]}", f"{number}\u200b"]
    sent = [Browser(web).post("/password-resets", {"id_number": spelling}).status_code for spelling in spelled]
    assert sent == [202, 429, 429]


def test_an_office_issues_an_account_with_a_password_that_is_to_be_changed(web: Web, supervisor: Caller) -> None:
    body = {"login": f"new-{uuid4().hex}", "name": "测试新人", "role": "city_reviewer", "office_id": CITY}
    issued = supervisor.post("/accounts", body)
    assert issued.status_code == 201, issued.text
    browser = Browser(web)
    assert browser.sign_in(body["login"], issued.json()["initial_password"]).json()["awaits"] == "password_change"
    account = f"/accounts/{issued.json()['id']}"
    anew = supervisor.post(f"{account}/new-password").json()["initial_password"]
    assert browser.get("/session").status_code == 401
    browser = Browser(web)
    assert browser.sign_in(body["login"], issued.json()["initial_password"]).status_code == 401
    assert browser.sign_in(body["login"], anew).status_code == 200
    assert supervisor.post(f"{account}/end-sessions").status_code == 200
    assert browser.get("/session").status_code == 401
    assert supervisor.post(f"{account}/unlock").status_code == 200
    why = {"ground": "phone_lost", "reason": "本人到场"}
    assert supervisor.post(f"{account}/remove-second-factor", why).json()["error"] == "no_second_factor"


def test_a_new_manager_is_handed_a_password_that_is_to_be_changed(web: Web) -> None:
    unit_id, officer = web.unit(), web.staff(Role.CITY_REVIEWER)
    details = {"name": "测试管理员", "sex": "female", "department": "人事科", "post": "科员"}
    form = officer.post(
        f"/units/{unit_id}/manager-forms", {**details, "office_phone": "0379-00000000", "mobile": "13900000000"}
    )
    access = officer.post(f"/manager-forms/{form.json()['id']}/accept").json()
    assert Browser(web).sign_in(access["login"], access["initial_password"]).json()["awaits"] == "password_change"
