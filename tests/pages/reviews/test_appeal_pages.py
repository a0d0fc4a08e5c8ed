"""Appeals against failed reviews over the API and by pages, of the applicant and of the office that answers."""

import re
from typing import Any

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.browser.people import refused
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE, at


def _send(web: Web, who: Caller, path: str, opened: str, **fields: str) -> Any:
    """A page's form, as the browser of ``who`` sends it from the page ``opened``."""
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get(opened, headers=headers).text)
    assert token is not None
    return web.client.post(path, data={"_csrf": token[1], **fields}, headers=headers, follow_redirects=False)


def test_an_applicant_appeals_by_the_page_and_the_center_upholds_by_the_page(web: Web) -> None:
    flow, center = refused(web), web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    own = f"/my/applications/{flow.id}"
    standing = web.look(flow.applicant, own).text
    assert f'href="{own}/appeal">提出申诉' in standing
    assert "4月16日" in standing
    empty = _send(web, flow.applicant, f"{own}/appeal", f"{own}/appeal", grounds=" ")
    assert empty.status_code == 422
    assert "请写明申诉的理由和依据" in empty.text
    made = _send(web, flow.applicant, f"{own}/appeal", f"{own}/appeal", grounds="档案记载的年限已满")
    assert (made.status_code, made.headers["location"]) == (303, f"{own}/appeal")
    assert "待答复" in web.look(flow.applicant, own).text
    desk = "/supervision/appeals"
    page = web.look(center, desk).text
    assert "档案记载的年限已满" in page
    assert "工作年限不足（测试）" in page
    (appeal,) = flow.applicant.get(f"{flow.path}/appeals").json()
    unclear = _send(web, center, f"{desk}/{appeal['id']}", desk, answer="年限不足")
    assert unclear.status_code == 422
    done = _send(web, center, f"{desk}/{appeal['id']}", desk, answer="年限自2018年起算", verdict="upheld")
    assert (done.status_code, done.headers["location"]) == (303, desk)
    assert "年限自2018年起算" in web.look(flow.applicant, f"{own}/appeal").text
    assert "提交申诉" not in web.look(flow.applicant, f"{own}/appeal").text


def test_an_appeal_over_the_api_is_answered_by_the_superior_office_alone(web: Web) -> None:
    flow, center = refused(web), web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    made = flow.applicant.post(f"{flow.path}/appeals", {"grounds": "年限已满"})
    assert made.status_code == 201
    appeal = made.json()
    assert (appeal["state"], appeal["superior_office_id"], appeal["decided_by_office_id"]) == ("open", PROVINCE, CITY)
    assert flow.applicant.post(f"{flow.path}/appeals", {"grounds": "再诉"}).json()["error"] == "appeal_made"
    path = f"/appeals/{appeal['id']}"
    assert web.staff(Role.CITY_SUPERVISOR, CITY).post(f"{path}/uphold", {"answer": "维持"}).status_code == 404
    assert appeal["id"] in [listed["id"] for listed in center.get("/appeals").json()]
    assert center.post(f"{path}/reopen", {"answer": "年限已满"}).json()["state"] == "reopened"
    assert flow.applicant.get(flow.path).json()["state"] == "qualification_review"


def test_after_the_period_the_page_offers_no_appeal(web: Web) -> None:
    flow = refused(web)
    web.clock.set(at(4, 17, 0))
    own = f"/my/applications/{flow.id}"
    assert "提出申诉" not in web.look(flow.applicant, own).text
    page = web.look(flow.applicant, f"{own}/appeal").text
    assert "申诉期限已于" in page
    assert "提交申诉" not in page
