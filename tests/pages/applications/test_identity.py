"""A name that a unit has typed wrong, through the pages: put right at once, or by two officers."""

import re
from datetime import date
from typing import Any
from uuid import UUID

from core.db.session import ANONYMOUS, Role, SignInSession
from core.domain.identity_number import simulated
from core.identity.registration import service as registration
from core.plugin_api import Sex
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Flow, Web
from tests.cases import CITY, YEAR

WRONG, RIGHT = "测试写错名", "测试写对名"


def send(web: Web, who: Caller, opened: str, to: str, **fields: str) -> Any:
    """A form of the page ``opened``, as the browser of ``who`` sends it to ``to``."""
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}
    page = web.client.get(opened, headers=headers)
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert token is not None, page.text
    return web.client.post(to, data={"_csrf": token[1], **fields}, headers=headers, follow_redirects=False)


def asked(**changes: str) -> dict[str, str]:
    return {"kind": "slip", "value": RIGHT, "reason": "同音字", "evidence": "居民身份证", **changes}


def waiting(officer: Caller, case: str) -> str:
    """The id of the open correction of a case."""
    listed = officer.get("/identity-corrections").json()
    return next(line["id"] for line in listed if line["application_id"] == case and line["state"] != "granted")


def test_the_refusal_leads_a_unit_to_the_page_that_puts_its_slip_right(web: Web) -> None:
    unit = web.unit()
    manager = web.staff(Role.UNIT_MANAGER, unit_id=unit)
    number = simulated(web.next_number(), date(1980, 5, 6), Sex.MALE)
    named = {"name": WRONG, "id_number": number}
    begun = manager.post("/applications", {"year": YEAR, "unit_id": str(unit), "form": {}, "applicant": named})
    assert begun.status_code == 201, begun.text
    refused = send(web, manager, "/unit/people/new", "/unit/people/new", name=RIGHT, id_number=number)
    assert refused.status_code == 409
    assert 'href="/unit/identity"' in refused.text
    found = web.look(manager, f"/unit/identity?q={WRONG}").text
    way = f"/unit/people/{begun.json()['id']}/identity"
    assert f'href="{way}"' in found
    assert "保存后立即更正" in web.look(manager, way).text
    assert send(web, manager, way, way, kind="slip", value=RIGHT, reason="同音字").status_code == 303
    assert "已更正" in web.look(manager, "/unit/identity").text
    with SignInSession(web.platform.engine, actor=ANONYMOUS, now=web.clock()) as session, session.begin():
        registration.open_account(session, id_number=number, name=RIGHT, phone="19900000000", keys=web.platform.keys)


def test_a_person_asks_and_two_officers_put_the_name_right(web: Web) -> None:
    flow: Flow = web.submitted()
    flow.at_office()
    before = flow.applicant.get(flow.path).json()["person_name"]
    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    assert send(web, flow.applicant, "/my/identity", "/my/identity", **asked(value="")).status_code == 422
    assert send(web, flow.applicant, "/my/identity", "/my/identity", **asked()).status_code == 303
    assert "等待核对" in web.look(flow.applicant, "/my/identity").text
    case = f"/identity/{waiting(reviewer, flow.id)}"
    assert case in web.look(reviewer, "/identity").text
    assert "更正姓名、身份证号的申请等待办理" in web.look(reviewer, "/season").text
    assert send(web, reviewer, case, f"{case}/examine", examination="与原件一致").status_code == 303
    assert "等待另一名监管人员决定" in web.look(reviewer, case).text
    page = web.look(supervisor, case).text
    assert "1人将收到通知" in page
    assert send(web, supervisor, case, f"{case}/decide", verdict="refused").status_code == 422
    assert send(web, supervisor, case, f"{case}/decide", verdict="granted").status_code == 303
    assert "已更正" in web.look(flow.applicant, "/my/identity").text
    assert flow.applicant.get(flow.path).json()["person_name"] == RIGHT
    history = web.look(reviewer, f"/cases/{flow.id}/story").text
    assert "更正前姓名" in history
    assert before in history


def test_the_officer_who_examined_reads_why_they_cannot_decide(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    reference = flow.applicant.get(flow.path).json()["reference"]
    assert send(web, supervisor, "/identity", "/identity", person=reference, **asked()).status_code == 303
    case = f"/identity/{waiting(supervisor, flow.id)}"
    assert "由提出人、核对人以外的另一人决定" in web.look(supervisor, case).text
    assert send(web, supervisor, case, f"{case}/decide", verdict="granted").status_code == 403


def test_a_program_asks_examines_foresees_and_decides(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    made = flow.manager.post(f"{flow.path}/identity-corrections", asked())
    assert (made.status_code, made.json()["state"]) == (201, "asked"), made.text
    path = f"/identity-corrections/{UUID(made.json()['id'])}"
    assert reviewer.post(f"{path}/examine", {"examination": "与原件一致"}).json()["state"] == "examined"
    assert "通知" in supervisor.get(f"{path}/effects").json()["sentence"]
    granted = supervisor.post(f"{path}/grant", {"remark": ""}).json()
    assert (granted["state"], granted["new_name"], "*" in granted["new_number"]) == ("granted", RIGHT, True)
    assert [line["id"] for line in flow.applicant.get("/identity-corrections/own").json()] == [granted["id"]]
    assert [line["id"] for line in flow.manager.get("/identity-corrections/of-unit").json()] == [granted["id"]]
