"""What offices do over HTTP: dates and filings, delegation, units and their managers, accounts, bans."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from core.clock import SettableClock
from core.db.session import Role
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, at
from tests.web.conftest import API, Caller, Web


@pytest.fixture
def supervisor(web: Web) -> Caller:
    """A supervising officer of the city."""
    return web.staff(Role.CITY_SUPERVISOR)


def exam_dates(opens: str = "2024-06-15", closes: str = "2024-06-17") -> dict[str, Any]:
    window = {
        "kind": "computer_exam",
        "opens": f"{opens}T00:00:00+08:00",
        "closes": f"{closes}T00:00:00+08:00",
    }
    return {"year": YEAR, "windows": [window], "source": "测试通知"}


def file_dates(office: str, officer: Caller) -> dict[str, Any]:
    version = officer.post("/calendars", exam_dates())
    assert version.status_code == 201, version.text
    filed = officer.post("/filings/exam-dates", {"year": YEAR, "calendar_id": version.json()["id"]})
    assert filed.status_code == 201, filed.text
    assert filed.json()["office_id"] == office
    return dict(filed.json())


def exam_of(web: Web, office: str, **query: Any) -> list[str]:
    found = web.client.get(f"{API}/calendars", params={"office": office, "year": YEAR, **query})
    assert found.status_code == 200, found.text
    return [one["opens"][:10] for one in found.json()["windows"] if one["kind"] == "computer_exam"]


def test_exam_dates_hold_from_the_receipt_and_not_before(web: Web, center: Caller) -> None:
    officer = web.staff(Role.CITY_SUPERVISOR, OTHER_CITY)
    before = exam_of(web, OTHER_CITY)
    filed = file_dates(OTHER_CITY, officer)
    assert exam_of(web, OTHER_CITY) == before

    waiting = center.get("/filings/waiting", year=YEAR).json()
    assert filed["id"] in [one["id"] for one in waiting]
    web.clock.set(at(3, 27))
    received = center.post(f"/filings/{filed['id']}/receive")
    assert received.json()["state"] == "received", received.text
    assert received.json()["receipt_number"]
    assert exam_of(web, OTHER_CITY) == ["2024-06-15"]
    assert exam_of(web, OTHER_CITY, as_of="2024-03-25") == before
    assert center.post(f"/filings/{filed['id']}/return", {"remark": "迟了"}).json()["error"] == "filing_decided"


def test_a_returned_filing_is_filed_again_as_a_new_version(center: Caller, supervisor: Caller) -> None:
    filed = file_dates(CITY, supervisor)
    assert center.post(f"/filings/{filed['id']}/return", {"remark": ""}).status_code == 422
    back = center.post(f"/filings/{filed['id']}/return", {"remark": "请写明考点"}).json()
    assert (back["state"], back["remark"]) == ("returned", "请写明考点")
    status = {one["kind"]: one["status"] for one in supervisor.get("/duties", year=YEAR).json()}
    assert status["exam_dates"] == "returned"
    again = file_dates(CITY, supervisor)
    assert again["version"] == filed["version"] + 1
    assert center.post(f"/filings/{again['id']}/receive").status_code == 200


def test_dates_outside_the_frame_are_refused_with_both_dates(supervisor: Caller) -> None:
    refused = supervisor.post("/calendars", exam_dates("2024-11-01", "2024-11-03"))
    assert (refused.status_code, refused.json()["error"]) == (422, "outside_frame")
    assert "2024年11月1日" in refused.json()["detail"]
    assert "2024年9月30日" in refused.json()["detail"]


def test_an_office_sees_its_own_duties_and_filings_alone(supervisor: Caller) -> None:
    assert {one["office"] for one in supervisor.get("/duties", year=YEAR).json()} == {CITY}
    assert supervisor.get("/duties", year=YEAR, office=OTHER_CITY).status_code == 404
    assert supervisor.get("/monitoring", year=YEAR).status_code == 403
    assert supervisor.get("/monitoring/places", year=YEAR, office=PROVINCE).status_code == 404


def test_the_center_sees_everybodys_figures(web: Web, center: Caller) -> None:
    flow = web.submitted()
    figures = {one["office"]: one for one in center.get("/monitoring", year=YEAR).json()}
    assert set(figures) == {PROVINCE, CITY, OTHER_CITY}
    assert figures[CITY]["total"] >= 1
    officer = web.staff(Role.CITY_REVIEWER)
    report = officer.get("/reports", year=YEAR).json()
    assert report["figures"]["submitted"] == figures[CITY]["total"]
    assert flow.applicant.get("/reports", year=YEAR).status_code == 403


def test_a_delegation_goes_from_proposal_to_its_end(web: Web, supervisor: Caller) -> None:
    held = supervisor.get("/delegations", office=COUNTY).json()
    in_force = [one for one in held if one["state"] in {"in_force", "paused"}]
    for one in in_force:
        ended = supervisor.post(f"/delegations/{one['id']}/take-back", {"reason": "测试收回", "cases": "move"})
        assert ended.status_code == 200, ended.text
    proposal = {
        "to_office_id": COUNTY,
        "instrument": "测试字〔2024〕1号",
        "mode": "entrusted",
        "stages": ["qualification_review"],
        "effective_from": "2024-04-01T00:00:00+08:00",
    }
    made = supervisor.post("/delegations", proposal)
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    path = f"/delegations/{made.json()['id']}"
    assert supervisor.post(f"{path}/take-effect").json()["error"] == "not_yet"
    web.clock.set(at(4, 1))
    assert supervisor.post(f"{path}/take-effect").json() == {"cases_moved": 0}
    assert supervisor.get("/delegations", office=COUNTY, as_of="2024-03-31").json() != (
        supervisor.get("/delegations", office=COUNTY, as_of="2024-04-01").json()
    )
    county = web.staff(Role.COUNTY_REVIEWER, COUNTY)
    assert county.post(f"{path}/take-back", {"reason": "越权"}).status_code == 403
    assert county.post(f"{path}/give-back", {"reason": "人手不足"}).json() == {"cases_moved": 0}
    assert county.get(path).json()["state"] == "ended"


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
    assert [one["role"] for one in me["roles"]] == ["unit_manager"]
    assert officer.post(f"/manager-forms/{filed.json()['id']}/accept").status_code == 409
    stranger = web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    assert stranger.post(f"/manager-forms/{filed.json()['id']}/accept").status_code == 404


def test_the_same_request_for_a_token_brings_the_same_token_and_no_second_one(web: Web, supervisor: Caller) -> None:
    login = f"new-{uuid.uuid4().hex}"
    account = {"login": login, "name": "测试新员", "role": "city_reviewer", "office_id": CITY}
    made = supervisor.post("/accounts", account)
    assert made.status_code == 201, made.text
    path = f"/accounts/{made.json()['id']}/tokens"
    first = supervisor.post(path, {}, key="token")
    assert supervisor.post(path, {}, key="token").json() == first.json()
    newcomer = Caller(web.client, first.json()["token"])
    assert newcomer.get("/me").json()["name"] == "测试新员"
    assert supervisor.post(f"/accounts/{made.json()['id']}/end").status_code == 200
    assert newcomer.get("/me").status_code == 401


def test_an_account_with_two_roles_says_which_one_acts(web: Web, center: Caller) -> None:
    account = {"login": f"two-{uuid.uuid4().hex}", "name": "测试双岗", "role": "city_reviewer", "office_id": CITY}
    made = center.post("/accounts", account).json()
    more = center.post(f"/accounts/{made['id']}/roles", {"role": "city_supervisor", "office_id": CITY})
    assert more.status_code == 201, more.text
    token = center.post(f"/accounts/{made['id']}/tokens", {}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert len(web.client.get(f"{API}/me", headers=headers).json()["roles"]) == 2
    unclear = web.client.get(f"{API}/accounts", headers=headers)
    assert (unclear.status_code, unclear.json()["error"]) == (422, "role_unclear")
    chosen = {**headers, "X-Kaowu-Role": "city_supervisor", "X-Kaowu-Place": CITY}
    assert web.client.get(f"{API}/accounts", headers=chosen).status_code == 200
    not_held = {**headers, "X-Kaowu-Role": "provincial_officer"}
    assert web.client.get(f"{API}/accounts", headers=not_held).json()["error"] == "role_not_held"


def test_a_person_under_a_ban_is_told_and_refused_everywhere(web: Web, supervisor: Caller, center: Caller) -> None:
    applicant = web.applicant()
    me = applicant.get("/me").json()
    decided = {"person_id": me["person_id"], "reason": "提交的证书系伪造", "instrument": "测试处〔2023〕7号"}
    decided |= {"begins": "2023-11-01T00:00:00+08:00"}
    assert supervisor.post("/bans", decided).status_code == 403
    ban = center.post("/bans", decided)
    assert ban.status_code == 201, ban.text
    assert applicant.get("/bans").json() == [ban.json()]
    draft = web.draft(applicant, web.unit(OTHER_CITY))
    refused = applicant.post(f"/applications/{draft['id']}/submit", {})
    assert (refused.status_code, refused.json()["error"]) == (403, "banned")
    lift = f"/bans/{ban.json()['id']}/lift"
    assert supervisor.post(lift, {"reason": "原决定被撤销"}).status_code == 403
    assert center.post(lift, {"reason": "原决定被撤销"}).status_code == 200
    assert applicant.post(f"/applications/{draft['id']}/submit", {}).status_code == 200


def test_somebody_let_in_late_submits_after_registration_has_closed(web: Web, supervisor: Caller) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    web.clock.set(at(4, 8))
    path = f"/applications/{draft['id']}/submit"
    assert applicant.post(path, {}).json()["error"] == "outside_window"
    entry = {
        "year": YEAR,
        "person_id": applicant.get("/me").json()["person_id"],
        "reason": "住院治疗",
        "opens": web.clock().isoformat(),
        "closes": (web.clock() + timedelta(days=2)).isoformat(),
    }
    assert supervisor.post("/late-entries", entry).status_code == 201
    assert applicant.post(path, {}).status_code == 200


def test_anybody_reads_offices_seasons_and_dates_without_a_token(web: Web) -> None:
    offices = web.client.get(f"{API}/offices").json()
    assert {office["id"] for office in offices} == {PROVINCE, CITY, COUNTY, OTHER_CITY}
    assert all(office["open"] for office in offices)
    season = web.client.get(f"{API}/seasons/{YEAR}").json()
    assert [one["grade"] for one in season["grades"]] == [5, 4, 3, 2, 1]
    assert "LS-1" in [one["trade"] for one in season["grades"][0]["trades"]]
    missing = web.client.get(f"{API}/calendars", params={"office": "linshui/nowhere", "year": YEAR})
    assert (missing.status_code, missing.json()["error"]) == (404, "office_unknown")


def test_an_officer_sees_how_the_offices_plugins_fare(web: Web) -> None:
    health = web.staff(Role.CITY_REVIEWER).get("/health").json()
    assert health["office"] == CITY
    assert health["faults"] == []
    assert set(health["answering"]) >= {"review_route", "eligibility_findings"}


def test_the_clock_of_the_platform_says_when_a_request_arrived(web: Web) -> None:
    applicant = web.applicant()
    assert isinstance(web.clock, SettableClock)
    web.clock.set(at(3, 26, 15))
    made = applicant.post("/applications", {"year": YEAR, "unit_id": str(web.unit())}).json()
    assert made["created_at"].startswith("2024-03-26T")
