"""A candidate suspended on the morning of the exam, through the pages: asked for, imposed, refused, lifted."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.db.base import new_id
from core.db.session import OfficeSession, Role
from core.plugin_api import Grade
from core.scheduling.models.plans import Plan
from core.scheduling.models.tickets import AdmissionTicket
from core.web.authentication.cookies import SESSION
from tests.browser.examined import qualified
from tests.browser.exams import _place, _seat
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY, at
from tests.pages.scheduling.test_leaving import DOOR


def _form(web: Web, who: Caller, page: str, path: str, **fields: str) -> Any:
    """Send a form of a page as a browser does."""
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get(page, headers=headers).text)
    assert token is not None, page
    return web.client.post(path, data={"_csrf": token[1], **fields}, headers=headers, follow_redirects=False)


def _staff_on_site_ask(web: Web, examiner: Caller, supervisor: Caller, case: str) -> None:
    form = f"/suspensions/new?application={case}"
    asked = _form(web, examiner, form, "/suspensions/asked", application=case, reason="证件照片与本人不符")
    assert asked.headers["location"] == f"/exams/candidates/{case}"
    assert "证件照片与本人不符" in web.look(supervisor, "/notices").text


def _the_candidate_learns_why(web: Web, candidate: Caller, case: str, number: str) -> None:
    assert "您的考核已被暂停" in web.look(candidate, f"/my/applications/{case}").text
    exam = web.look(candidate, f"/my/applications/{case}/exam").text
    assert ("您的考核已被暂停" in exam, f"准考证{number}已于" in exam) == (True, True)
    assert "签发后会通知您" not in exam
    assert "证件照片与本人不符" in web.look(candidate, "/sanctions/own").text
    assert "涉及本人的违规案件" in web.look(candidate, "/certificates/own").text
    [held] = candidate.get("/suspensions").json()
    assert (held["application_id"], held["reason"]) == (case, "证件照片与本人不符")


def test_a_candidate_is_suspended_refused_and_let_in_again_through_the_pages(web: Web) -> None:
    examiner, supervisor = web.staff(Role.EXAMINER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    candidate, case = qualified(Town("http://127.0.0.1", web), Grade.FIVE)
    with OfficeSession(web.platform.engine, actor=DOOR, now=at(3, 25)) as session, session.begin():
        session.execute(
            update(Plan).where(Plan.state == "published").values(state="superseded", superseded_at=at(3, 25))
        )
        site, sitting = _place(session, new_id().hex[-6:].upper())
        _seat(session, UUID(case), site, sitting)
        wanted = select(AdmissionTicket.number).where(AdmissionTicket.application_id == UUID(case))
        number = session.scalars(wanted).one()
    web.clock.set(at(6, 22, 8, 20))
    form = f"/suspensions/new?application={case}"
    _staff_on_site_ask(web, examiner, supervisor, case)
    before = web.look(supervisor, f"/supervision/cases/{case}").text
    assert ("取消资格</" not in before, "立案" in before, form in before) == (True, True, True)
    assert "违规案件" not in web.look(candidate, "/certificates/own").text
    assert "将会：1个座位须更新，1张准考证作废，" in web.look(supervisor, form).text
    empty = _form(web, supervisor, form, "/suspensions/new", application=case, reason=" ")
    assert (empty.status_code, "当事人将看到这段文字" in empty.text) == (422, True)
    made = _form(web, supervisor, form, "/suspensions/new", application=case, reason="证件照片与本人不符")
    sanction = made.headers["location"]
    told = web.look(supervisor, sanction).text
    assert ("已1天" in told, re.search("应在[^截]*24:00前作出决定", told) is not None) == (True, True)
    assert "已暂停1天" in web.look(supervisor, "/sanctions").text
    assert "1人被暂停考核，等待决定" in web.look(supervisor, "/season").text
    _the_candidate_learns_why(web, candidate, case, number)
    door = web.look(examiner, f"/exams/day/{sitting}").text
    assert "暂停考核，不能入场" in door
    assert f'data-void="{number}"' in door
    assert "考核已暂停" in web.look(examiner, f"/exams/candidates/{case}").text
    note = {"client_id": str(new_id()), "number": number, "sitting_id": str(sitting)}
    note["noted_at"] = at(6, 22, 8, 10).isoformat()
    [said] = examiner.post("/arrivals", {"notes": [note]}).json()
    assert said["outcome"] == "contradicts"
    day = web.look(examiner, "/exams/day?day=2024-06-22").text
    assert "准考证作废前已入场" in day
    lifted = _form(web, supervisor, sanction, f"{sanction}/drop", words="经核对为本人")
    assert lifted.headers["location"] == sanction
    with OfficeSession(web.platform.engine, actor=DOOR, now=at(6, 22, 8, 20)) as session:
        wanted = select(AdmissionTicket.number).where(
            AdmissionTicket.application_id == UUID(case), AdmissionTicket.voided_at.is_(None)
        )
        assert session.scalars(wanted).one() != number
    assert "您的考核已被暂停" not in web.look(candidate, f"/my/applications/{case}/exam").text


def test_a_candidate_is_suspended_over_the_api(web: Web) -> None:
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    _, case = qualified(Town("http://127.0.0.1", web), Grade.FIVE)
    made = supervisor.post("/suspensions", {"application_id": case, "reason": "群众举报（测试）"})
    assert (made.status_code, made.json()["application_id"]) == (201, case)
    again = supervisor.post("/suspensions", {"application_id": case, "reason": "群众举报（测试）"})
    assert (again.status_code, again.json()["error"]) == (409, "suspended_already")
    direct = supervisor.post(f"/applications/{case}/disqualify", {"reason": "证书系伪造"})
    assert direct.status_code == 404
    assert (
        web.staff(Role.EXAMINER, CITY).post("/suspensions", {"application_id": case, "reason": "x"}).status_code == 403
    )
