"""A case by page: proposed, signed for, heard, decided by another, carried out by a third; and the ban afterwards."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.applications.models import Application
from core.db.session import ProvinceSession, Role, system_actor
from core.domain.identity_number import simulated
from core.plugin_api import Sex
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE
from tests.documents.files import picture
from tests.pages.applications.test_papers_on_behalf import send
from tests.reading import pages_of

FACTS = "提交的学历证书系伪造（测试）"
SCAN = {"content": ("回执.png", picture(), "image/png")}
MEASURES = {"disqualifies": "true", "bans": "true", "revokes": "true"}
NO_SCAN: Any = {"content": ("", b"")}


class _Hands:
    """A case at work: the person, who proposes, who supervises, and two officers of the center."""

    def __init__(self, web: Web) -> None:
        self.web, flow = web, web.submitted()
        flow.at_office()
        self.person, self.application = flow.applicant, flow.id
        self.proposer = web.staff(Role.CITY_REVIEWER, CITY)
        self.supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
        self.center, self.other = (web.staff(Role.PROVINCIAL_OFFICER, PROVINCE) for _ in range(2))
        form = f"/sanctions/new?application={self.application}"
        made = self.send(self.proposer, form, form, files=NO_SCAN, application=self.application, facts=FACTS)
        assert made.status_code == 303, made.text
        self.at = made.headers["location"]
        self.own = self.at.replace("/sanctions/", "/sanctions/own/")

    def send(self, who: Caller, path: str, opened: str, *, files: Any = None, **more: str) -> Any:
        return send(self.web, who, path, opened, files=files, **more)

    def act(self, who: Caller, verb: str, **more: str) -> Any:
        return self.send(who, f"{self.at}/{verb}", self.at, **{"words": "测试理由", **more})

    def say(self, said: str, **more: str) -> Any:
        return self.send(self.person, f"{self.own}/{said}", self.own, files=NO_SCAN, **more)

    def look(self, who: Caller, path: str = "") -> str:
        answer = self.web.look(who, path or self.at)
        assert answer.status_code == 200, answer.text
        return str(answer.text)


def day_of(web: Web) -> str:
    return web.clock().date().isoformat()


def test_a_case_goes_by_page_from_its_proposal_to_the_ban_that_the_person_reads_first(web: Web) -> None:
    hands = _Hands(web)
    assert hands.act(hands.supervisor, "hear", number="").status_code == 303
    seen = hands.look(hands.supervisor)
    assert "待送达" in seen
    unserved = hands.act(hands.supervisor, "decide", **MEASURES)
    assert (unserved.status_code, "告知书尚未送达" in unserved.text) == (409, True)
    notices = hands.look(hands.person, "/notices")
    assert "您有一份文书待签收" in notices
    assert FACTS not in notices
    assert "有文书待签收" in hands.look(hands.person, "/sanctions/own")
    assert hands.say("receipt").status_code == 303
    own = hands.look(hands.person, hands.own)
    assert "本人登录签收" in own
    running = hands.act(hands.supervisor, "decide", **MEASURES)
    assert (running.status_code, "期限内不作处理决定" in running.text) == (409, True)
    assert hands.say("statement", words="证书属实，请核实").status_code == 303
    assert hands.say("waiver").status_code == 303
    assert "您已声明陈述申辩完毕" in hands.look(hands.person, hands.own)
    decided = hands.act(hands.supervisor, "decide", **MEASURES, number="测处〔2024〕1号")
    assert decided.status_code == 303, decided.text

    service = f"{hands.at}/service"
    lacking = hands.send(hands.supervisor, service, hands.at, files=NO_SCAN, day=day_of(web))
    assert (lacking.status_code, "请从列表中选择" in lacking.text) == (422, True)
    served = hands.send(hands.supervisor, service, hands.at, files=SCAN, way="in_person", day=day_of(web))
    assert served.status_code == 303, served.text
    seen = hands.look(hands.supervisor)
    assert "直接送达" in seen
    assert "送达回执" in seen
    assert "三个不同的人" in seen
    assert f'action="{hands.at}/carry_out"' not in seen
    assert hands.act(hands.supervisor, "hand_up").status_code == 303
    for form_name, words in (("decision", "测处〔2024〕1号"), ("receipt-decision", "直接送达"), ("filing", FACTS)):
        paper = web.look(hands.person, f"{hands.own}/papers/{form_name}")
        assert paper.headers["content-type"] == "application/pdf"
        assert words in "".join("".join(pages_of(paper.content)).split())

    web.clock.advance(timedelta(days=24))
    assert f'action="{hands.at}/carry_out"' in hands.look(hands.center)
    assert hands.act(hands.center, "carry_out").status_code == 303
    _reads_the_ban_first(hands)


def _reads_the_ban_first(hands: _Hands) -> None:
    web = hands.web
    for first in (f"/my/applications/{hands.application}", "/my/start", "/sanctions/own"):
        seen = hands.look(hands.person, first)
        assert "您目前不能申报" in seen, first
        assert FACTS in seen
        assert hands.own in seen
    start = hands.look(hands.person, "/my/start")
    assert "您在哪个单位工作" not in start
    begun = send(web, hands.person, "/my/start", hands.own, unit_id=str(web.unit()))
    assert (begun.status_code, "前不得申报" in begun.text) == (403, True)
    copies = {"Cookie": f"{SESSION}={web.session_of(hands.person)}"}
    copied = web.client.get(f"/my/start/copy/{hands.application}", headers=copies, follow_redirects=False)
    assert (copied.status_code, copied.headers["location"]) == (303, "/my/start")


def test_an_appeal_by_page_holds_everything_up_and_frees_the_person(web: Web) -> None:
    hands = _Hands(web)
    assert hands.act(hands.supervisor, "hear", number="").status_code == 303
    assert hands.say("statement", words="没有此事", finished="true").status_code == 303
    assert hands.act(hands.supervisor, "decide", **MEASURES).status_code == 303
    assert hands.say("appeal", words="不服，请核实").status_code == 303
    assert "已提出申诉" in hands.look(hands.supervisor)
    assert hands.act(hands.other, "overturn").status_code == 303
    assert "处理决定已撤销" in hands.look(hands.person, hands.own)
    for page in ("/sanctions/own", f"/my/applications/{hands.application}"):
        assert "您目前不能申报" not in hands.look(hands.person, page)


def test_a_city_with_one_supervisor_reads_how_it_goes_on(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    only = web.staff(Role.CITY_SUPERVISOR, CITY)
    form = f"/sanctions/new?application={flow.id}"
    made = send(web, only, form, form, files=NO_SCAN, application=flow.id, facts=FACTS)
    at = made.headers["location"]
    assert send(web, only, f"{at}/hear", at, words="立案").status_code == 303
    seen = str(web.look(only, at).text)
    assert "下一步由另一人办理" in seen
    assert f'action="{at}/decide"' not in seen
    handed = send(web, only, f"{at}/hand_up", at, words="只有一名监管人员")
    assert handed.status_code == 303
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    notices = str(web.look(center, "/notices").text)
    assert "请省中心办理一件案件" in notices
    assert at in notices
    # The next step is offered to the center; a decision not before the notice was served.
    seen = str(web.look(center, at).text)
    assert f'action="{at}/service"' in seen
    assert f'action="{at}/decide"' not in seen


def test_a_ban_that_begins_while_a_draft_exists_is_read_on_every_page_of_the_form(web: Web) -> None:
    center, second = (web.staff(Role.PROVINCIAL_OFFICER, PROVINCE) for _ in range(2))
    applicant, unit = web.applicant(), web.unit()
    draft = web.draft(applicant, unit)
    ban = center.post("/bans", {"person_id": _person(web, draft["id"]), **BAN}).json()["id"]
    assert second.post(f"/bans/{ban}/confirm", {}).status_code == 200
    at = f"/my/applications/{draft['id']}"
    for page in (at, f"{at}/form/person", f"{at}/papers", f"{at}/check"):
        seen = web.look(applicant, page)
        assert (seen.status_code, "您目前不能申报" in seen.text, "测试处〔2023〕9号" in seen.text) == (
            200,
            True,
            True,
        ), page
    manager = web.staff(Role.UNIT_MANAGER, CITY, unit)
    assert "您目前不能申报" not in web.look(manager, f"/unit/people/{draft['id']}/form/person").text


BAN = {"reason": FACTS, "instrument": "测试处〔2023〕9号", "begins": "2023-11-01T00:00:00+08:00", "years": 2}
ENTERED = {
    "name": "测试查询人",
    "id_number": simulated(400_033, date(1980, 1, 2), Sex.MALE),
    "instrument": "测试处〔2023〕33号",
    "begins": "2023-11-01",
    "years": "2",
    "reason": "测试查询事由",
}


def _person(web: Web, application_id: str) -> str:
    platform = web.platform
    with ProvinceSession(platform.engine, actor=system_actor(PROVINCE), now=platform.clock()) as session:
        return str(session.get_one(Application, UUID(application_id)).person_id)


def test_the_register_is_asked_by_a_number_in_full_with_a_reason(web: Web) -> None:
    center, second = (web.staff(Role.PROVINCIAL_OFFICER, PROVINCE) for _ in range(2))
    head, other = web.staff(Role.CITY_SUPERVISOR, CITY), web.staff(Role.CITY_REVIEWER, CITY)
    number = ENTERED["id_number"]
    at = send(web, center, "/bans", "/bans/new", files=SCAN, **ENTERED).headers["location"]
    unconfirmed = send(web, head, "/bans/search", "/bans", id_number=number, ground="complaint")
    assert "没有此人的禁止申报登记" in unconfirmed.text
    assert send(web, second, f"{at}/confirm", at, compared="true").status_code == 303
    no_reason = send(web, head, "/bans/search", "/bans", id_number=number, ground="")
    assert (no_reason.status_code, "请选择查询的理由" in no_reason.text) == (422, True)
    wrong = send(web, head, "/bans/search", "/bans", id_number=number[:-1], ground="complaint")
    assert wrong.status_code == 422
    found = send(web, head, "/bans/search", "/bans", id_number=number, ground="complaint")
    assert found.status_code == 200, found.text
    assert ENTERED["name"] in found.text
    assert ENTERED["reason"] not in found.text
    assert web.look(other, "/bans").status_code == 403
    assert re.search(r"查询不得申报登记", str(web.look(center, "/record").text))
