"""Values that no clerk would write and a script does: moments at the ends of time, numbers that are none or long."""

import re
from typing import Any
from uuid import uuid4

import pytest

from core.db.session import Role
from core.errors import Invalid
from core.text.form_texts import whole_number
from core.web.authentication.cookies import SESSION
from core.web.page import form_fields
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE, YEAR

FIRST, LAST = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"


def send(web: Web, who: Caller, opened: str, path: str, **fields: str) -> Any:
    """A page's form as a script sends it."""
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get(opened, headers=headers).text)
    assert token is not None
    return web.client.post(path, data={"_csrf": token[1], **fields}, headers=headers, follow_redirects=False)


@pytest.mark.parametrize("moment", [FIRST, LAST])
def test_an_incident_at_an_end_of_time_is_refused_and_the_register_stays_readable(web: Web, moment: str) -> None:
    examiner = web.staff(Role.EXAMINER, CITY)
    said = {"year": YEAR, "client_id": str(uuid4()), "kind": "emergency", "facts": "停电", "happened_at": moment}
    answer = examiner.post("/incidents", said)
    assert (answer.status_code, examiner.get("/incidents", year=YEAR).status_code) == (422, 200)
    page = send(
        web,
        examiner,
        "/exams/incidents",
        "/exams/incidents",
        kind="emergency",
        facts="停电",
        happened_at=moment,
        client_id=str(uuid4()),
    )
    assert (page.status_code, web.look(examiner, "/exams/incidents").status_code) == (422, 200)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_an_end_of_time_has_no_exams(web: Web, day: str) -> None:
    examiner, center = web.staff(Role.EXAMINER, CITY), web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    assert examiner.get("/exam-progress", year=YEAR, day=day).status_code == 200
    assert web.look(examiner, f"/exams/day?day={day}").status_code == 200
    assert web.look(center, f"/board/exams?day={day}").status_code == 200


@pytest.mark.parametrize("written", ["9" * 5000, "²", "-1"])
def test_what_is_no_number_is_refused(web: Web, written: str) -> None:
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    quota = send(web, supervisor, "/panels", "/panels/quota", trade="LS-1", places=written, source="测试文号")
    assert quota.status_code == 422

    with pytest.raises(Invalid):
        form_fields.number({"machines": written}, "machines")


@pytest.mark.parametrize("written", ["9" * 5000, "9" * 20, "²", "-1", "1.0", "", None])
def test_only_what_can_be_counted_is_a_number(written: str | None) -> None:
    assert whole_number(written) is None


@pytest.mark.parametrize(("length", "status"), [(2000, 404), (5000, 422)])
def test_endless_digits_in_a_form_are_no_fault_of_the_server(web: Web, length: int, status: int) -> None:
    """Pages read no number out of many digits; more than a text may have never reach them."""
    supervisor, digits = web.staff(Role.CITY_SUPERVISOR, CITY), "9" * length
    reopened = send(
        web, supervisor, "/supervision/cases", f"/supervision/cases/{uuid4()}/reopen", version=digits, reason="测试"
    )
    drawn = send(web, supervisor, "/delegations", f"/delegations/{uuid4()}/sample", percent=digits, minimum=digits)
    assert (reopened.status_code, drawn.status_code) == (status, status)


def test_nobody_is_barred_for_longer_than_the_province_says(web: Web) -> None:
    decided = {"reason": "测试", "instrument": "测试处〔2024〕1号", "begins": "2024-01-01T00:00:00+08:00", "years": 10}
    answer = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE).post("/bans", decided | {"person_id": str(uuid4())})
    assert (answer.status_code, answer.json()["error"]) == (422, "ban_too_long")


def test_a_body_that_is_no_text_is_refused(web: Web) -> None:
    sent = {"content": b'{"number":"\xff"}', "headers": {"Content-Type": "application/json"}}
    answer = web.client.post("/api/v1/certificates/verify", **sent)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
