"""No answer of the API holds a full number, but the one that was asked for it with a reason."""

import re
import uuid

from core.db.session import Role
from tests.callers import API, Web
from tests.cases import PROVINCE
from tests.log_watch import personal
from tests.web.test_routes import routes


def numbers(text: str) -> list[str]:
    """The numbers in an answer; names stand there for good reasons, and a share may have eighteen decimals."""
    whole = re.sub(r"\b\d+\.\d+\b", "", text)
    return [number for number in personal(whole) if number[:-1].isdecimal()]


def test_no_answer_to_anybody_holds_a_full_number(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    case = flow.path.rsplit("/", maxsplit=1)[-1]
    callers = [
        flow.applicant,
        flow.manager,
        web.staff(Role.CITY_REVIEWER),
        web.staff(Role.PROVINCIAL_OFFICER, PROVINCE),
    ]
    answered = 0
    for method, path, _ in routes(web):
        if method != "GET":
            continue
        filled = path.replace("{application_id:uuid}", case).replace("{year:int}", "2024")
        filled = re.sub(r"\{\w+:uuid\}", str(uuid.uuid4()), filled).removeprefix(API)
        for caller in callers:
            answer = caller.get(filled, year=2024)
            answered += answer.status_code == 200
            assert numbers(answer.text) == [], (path, answer.status_code)
    assert answered > 40


def test_an_officer_is_shown_it_for_a_reason(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    officer = web.staff(Role.CITY_REVIEWER)
    asked = {"field": "id_number", "reason": "与人事档案核对"}
    shown = officer.post(f"{flow.path}/reveal", asked)
    assert (shown.status_code, len(numbers(shown.text))) == (200, 1)
    assert flow.manager.post(f"{flow.path}/reveal", asked).status_code == 403
    assert officer.post(f"{flow.path}/reveal", {**asked, "reason": " "}).json()["error"] == "reason_missing"
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    assert center.post(f"/supervision{flow.path}/reveal", {**asked, "field": "phone"}).json() == {
        "value": "19900000000"
    }
