"""A candidate who is disqualified on the morning of the exam: at the door by page and by API, and to the public."""

import json
import re
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.plugin_api import Grade
from core.scheduling.models.plans import Plan
from core.scheduling.models.tickets import AdmissionTicket
from tests.browser.examined import made, qualified
from tests.browser.exams import _place, _seat
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY, at
from tests.pages.applications.test_papers_on_behalf import sign_for_paper
from tests.pages.results.test_results import _send

DOOR = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)


def _decided(web: Web, application_id: str, person: Caller) -> str:
    """A case of sanctions against the person, decided and served."""
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    suspected = {"application_id": application_id, "facts": "证书系伪造"}
    case_id = str(made(web.staff(Role.CITY_REVIEWER, CITY).post("/sanction-cases", suspected))["id"])
    made(supervisor.post(f"/sanction-cases/{case_id}/hear", {"words": "立案"}), 200)
    sign_for_paper(web, person, case_id)
    web.clock.advance(timedelta(days=15))
    made(supervisor.post(f"/sanction-cases/{case_id}/decide", {"words": "属实", "revokes": False}), 200)
    sign_for_paper(web, person, case_id)
    return case_id


def test_who_is_disqualified_that_morning_is_refused_and_everybody_learns_why(web: Web) -> None:
    examiner = web.staff(Role.EXAMINER, CITY)
    candidate, case = qualified(Town("http://127.0.0.1", web), Grade.FIVE)
    with OfficeSession(web.platform.engine, actor=DOOR, now=at(3, 25)) as session, session.begin():
        session.execute(
            update(Plan).where(Plan.state == "published").values(state="superseded", superseded_at=at(3, 25))
        )
        site, sitting = _place(session, new_id().hex[-6:].upper())
        _seat(session, UUID(case), site, sitting)
        wanted = select(AdmissionTicket.number).where(AdmissionTicket.application_id == UUID(case))
        number = session.scalars(wanted).one()
    decided = _decided(web, case, candidate)
    web.clock.set(at(6, 22, 8, 30))
    assert [expected["number"] for expected in examiner.get(f"/sittings/{sitting}/expected").json()] == [number]
    made(web.staff(Role.CITY_SUPERVISOR, CITY).post(f"/sanction-cases/{decided}/carry-out", {}), 200)
    assert examiner.get(f"/sittings/{sitting}/expected").json() == []
    [void] = examiner.get(f"/sittings/{sitting}/void-tickets").json()
    numbered = re.search(r"（取消资格：(处理决定已生效（清河工考决〔2024〕\d+号）)）", void["detail"])
    assert numbered is not None, void["detail"]
    why = (
        f"准考证已于2024年6月22日 08:30作废（取消资格：{numbered[1]}），不能凭此入场。"
        "该考生的申报现为“取消资格”，不能参加考试。"
    )
    assert (void["number"], void["detail"]) == (number, why)
    note = {"client_id": str(new_id()), "number": number, "sitting_id": str(sitting)}
    note["noted_at"] = at(6, 22, 8, 31).isoformat()
    web.clock.set(at(6, 22, 8, 31))
    [said] = examiner.post("/arrivals", {"notes": [note]}).json()
    assert (said["outcome"], said["detail"]) == ("refused", why)
    door = f"/exams/day/{sitting}"
    page = web.look(examiner, door).text
    assert f'data-number="{number}"' not in page
    assert f'data-void="{number}"' in page
    assert why in page
    sent = _send(web, examiner, f"{door}/arrivals", notes=json.dumps([note]))
    assert sent.json()[0]["detail"] == why
    public = web.client.get(f"/verify/ticket?code={number}").text
    assert "该准考证已于2024年6月22日 08:30作废（持证人的申报状态有变化），不能凭此入场" in public
    own = web.look(candidate, f"/my/applications/{case}").text
    assert 'href="/sanctions/own">查看案件，提出申诉' in own
    exam = web.look(candidate, f"/my/applications/{case}/exam").text
    assert ("本次申报现为“取消资格”，不能参加考试" in exam, f"准考证{number}已于" in exam) == (True, True)
    assert "资格审查通过后，可以在这里" not in exam
