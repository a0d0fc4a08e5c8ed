"""Dates of exams over JSON: they hold from the receipt of their filing, inside the frame of the province."""

from typing import Any

import pytest

from core.db.session import Role
from tests.callers import API, Caller, Web
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, at


@pytest.fixture
def web(web_alone: Web) -> Web:
    """A database of its own: an office has its exam dates but once, and other tests arrange exams within them."""
    return web_alone


def exam_dates(opens: str = "2024-06-15", closes: str = "2024-06-17") -> dict[str, Any]:
    window = {"kind": "computer_exam", "opens": f"{opens}T00:00:00+08:00", "closes": f"{closes}T00:00:00+08:00"}
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
    return [window["opens"][:10] for window in found.json()["windows"] if window["kind"] == "computer_exam"]


def test_exam_dates_hold_from_the_receipt_and_not_before(web: Web, center: Caller) -> None:
    officer = web.staff(Role.CITY_SUPERVISOR, OTHER_CITY)
    before = exam_of(web, OTHER_CITY)
    filed = file_dates(OTHER_CITY, officer)
    assert exam_of(web, OTHER_CITY) == before

    waiting = center.get("/filings/waiting", year=YEAR).json()
    assert filed["id"] in [filing["id"] for filing in waiting]
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
    status = {duty["kind"]: duty["status"] for duty in supervisor.get("/duties", year=YEAR).json()}
    assert status["exam_dates"] == "returned"
    again = file_dates(CITY, supervisor)
    assert again["version"] == filed["version"] + 1
    assert center.post(f"/filings/{again['id']}/receive").status_code == 200


def test_dates_outside_the_frame_are_refused_with_both_dates(supervisor: Caller) -> None:
    refused = supervisor.post("/calendars", exam_dates("2024-11-01", "2024-11-03"))
    assert (refused.status_code, refused.json()["error"]) == (422, "outside_frame")
    assert "2024年11月1日" in refused.json()["detail"]
    assert "2024年9月30日" in refused.json()["detail"]


def test_anybody_reads_offices_seasons_and_dates_without_a_token(web: Web) -> None:
    offices = web.client.get(f"{API}/offices").json()
    assert {office["id"] for office in offices} == {PROVINCE, CITY, COUNTY, OTHER_CITY}
    assert all(office["open"] for office in offices)
    season = web.client.get(f"{API}/seasons/{YEAR}").json()
    assert [grade["grade"] for grade in season["grades"]] == [5, 4, 3, 2, 1]
    assert "LS-1" in [trade["trade"] for trade in season["grades"][0]["trades"]]
    missing = web.client.get(f"{API}/calendars", params={"office": "linshui/nowhere", "year": YEAR})
    assert (missing.status_code, missing.json()["error"]) == (404, "office_unknown")
