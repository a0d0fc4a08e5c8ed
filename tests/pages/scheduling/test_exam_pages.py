"""The second half of the season by pages: each form as its browser sends it, without a script, and what it leads to."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.scheduling.models.invigilation import Invigilation
from core.scheduling.models.sites import ExamRoom
from core.scheduling.models.tickets import AdmissionTicket
from core.web.authentication.cookies import SESSION
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, at


class Pages:
    """The browser of a caller."""

    def __init__(self, web: Web, who: Caller) -> None:
        self._web = web
        self._headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}

    def look(self, address: str) -> str:
        """A page that is there."""
        answer = self._web.client.get(address, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def fetch(self, address: str) -> Any:
        """Whatever an address answers."""
        return self._web.client.get(address, headers=self._headers, follow_redirects=False)

    def send(self, page: str, address: str, /, *, file: bytes = b"", **fields: Any) -> Any:
        """A form of a page."""
        token = re.search(r'name="_csrf" value="([^"]+)"', self.look(page))
        assert token is not None
        files = {"file": ("table.csv", file)} if file else None
        sent = {"_csrf": token[1], **fields}
        return self._web.client.post(address, data=sent, files=files, headers=self._headers, follow_redirects=False)


def test_the_pages_of_an_exam_do_what_they_say(web_alone: Web) -> None:
    web = web_alone
    town = Town("", web)
    places = arrange_exams(town)
    scheduler, unit = (Pages(web, town.person(who)) for who in ("scheduler", "manager_of_candidate"))
    _distances_are_kept_cell_by_cell(scheduler, places)
    _rooms_of_a_sitting_are_added_and_withdrawn(web, scheduler, places)
    _a_unit_enrols_its_people(unit, places)
    _a_candidate_is_found_by_number_and_the_ticket_voided(web, scheduler, places)
    _invigilators_are_pasted_assigned_and_replaced(web, scheduler, places)
    _those_who_only_read_are_offered_no_forms(town, places)


def _distances_are_kept_cell_by_cell(scheduler: Pages, places: dict[str, str]) -> None:
    page, cell = "/exams/sites/distances", f"cost-{COUNTY}-{places['site']}"
    assert "不分远近" in scheduler.look(page)
    wrong = scheduler.send(page, page, **{cell: "很远"})
    assert (wrong.status_code, "有1处路程不是整数，没有保存" in wrong.text) == (422, True)
    assert 'value="很远"' in wrong.text
    assert scheduler.send(page, page, **{cell: "35"}).status_code == 303
    assert 'value="35"' in scheduler.look(page)
    assert scheduler.send(page, page, **{cell: ""}).status_code == 303
    assert 'value="35"' not in scheduler.look(page)


def _rooms_of_a_sitting_are_added_and_withdrawn(web: Web, scheduler: Pages, places: dict[str, str]) -> None:
    page = f"/exams/sittings/{places['sitting']}"
    first, second = _rooms(web, places)
    away = f"{page}/rooms/withdraw"
    empty = scheduler.send(page, away, rooms=str(second), reason="空调故障")
    assert (empty.status_code, empty.headers["location"]) == (303, f"{page}#rooms")
    refused = scheduler.send(page, away, rooms=str(first), reason="漏水")
    assert refused.status_code == 409
    assert "有1名考生的座位已经发布" in refused.text
    assert 'value="漏水"' in refused.text
    gone = {"rooms": str(first), "reason": "漏水", "unseating": "true"}
    asked = scheduler.send(page, away, **gone)
    assert (asked.status_code, "1个座位须另行处理，1张准考证须换发，1人将收到通知" in asked.text) == (200, True)
    assert "1名考生失去了座位" not in scheduler.look(page)
    assert scheduler.send(page, away, **gone, confirmed="true").status_code == 303
    assert "1名考生失去了座位" in scheduler.look(page)
    nobody = scheduler.send(page, f"{page}/rooms")
    assert (nobody.status_code, "请选择要增加的考场" in nobody.text) == (422, True)
    assert scheduler.send(page, f"{page}/rooms", more=[str(first), str(second)]).status_code == 303
    assert "失去了座位" not in scheduler.look(page)
    moved = {"starts_at": "2024-06-22T10:00", "ends_at": "2024-06-22T12:00"}
    assert "1张准考证须换发，1人将收到通知" in scheduler.send(page, f"{page}/move", **moved).text
    assert scheduler.send(page, f"{page}/move", **moved, confirmed="true").status_code == 303
    back = {"starts_at": "2024-06-22T09:00", "ends_at": "2024-06-22T11:00"}
    assert scheduler.send(page, f"{page}/move", **back, confirmed="true").status_code == 303


def _a_unit_enrols_its_people(unit: Pages, places: dict[str, str]) -> None:
    page = f"/unit/training/{places['course']}"
    assert "测试培训班" in unit.look("/unit/training")
    nobody = unit.send(page, page)
    assert (nobody.status_code, "请勾选要报名的人员" in nobody.text) == (422, True)
    assert unit.send(page, page, people=places["candidate"]).status_code == 303
    assert "已报名（1人）" in unit.look(page)
    assert unit.send(page, f"{page}/leave", application_id=places["candidate"]).status_code == 303
    assert "已报名（0人）" in unit.look(page)
    assert unit.fetch(f"/unit/training/certificates/{new_id()}/pdf").status_code == 404


def _a_candidate_is_found_by_number_and_the_ticket_voided(web: Web, scheduler: Pages, places: dict[str, str]) -> None:
    page = f"/exams/candidates/{places['candidate']}"
    with _at_work(web) as session:
        ticket = session.scalars(_ticket_of(places["candidate"])).one()
    found = scheduler.fetch(f"/exams/candidates?q={ticket.number}")
    assert (found.status_code, found.headers["location"]) == (303, page)
    code = web.platform.paper_keys.code("ticket", ticket.number, "测试", "0000", "")
    assert scheduler.fetch(f"/exams/candidates?q={code}").headers["location"] == page
    assert "本机构没有这样的考生" in scheduler.look("/exams/candidates?q=没有的人")
    assert "可以参加考试" in scheduler.look(page)
    assert "有座位的考生都有准考证" in scheduler.look("/exams/papers")
    missing = scheduler.send(page, f"/exams/tickets/{ticket.id}/void", reason=" ")
    assert (missing.status_code, "请写明作废原因" in missing.text) == (422, True)
    assert scheduler.send(page, f"/exams/tickets/{ticket.id}/void", reason="照片有误").status_code == 303
    assert "准考证已作废：照片有误" in scheduler.look(page)
    assert "1名考生还没有准考证" in scheduler.look("/exams/papers")


def _sealed(shown: Any) -> str:
    """The rows that wait in a page until they are confirmed."""
    return str(re.findall(r'name="table" value="([^"]+)"', shown.text)[0])


def _invigilators_are_pasted_assigned_and_replaced(web: Web, scheduler: Pages, places: dict[str, str]) -> None:
    page, register = "/exams/invigilators/import", "/exams/invigilators"
    refused = scheduler.send(page, page, pasted="姓名\t所在单位\t回避单位\n测试监考甲\t\t没有的单位\n")
    assert "1行有错误，一人也没有登记" in refused.text
    assert "<li>缺少所在单位</li><li>没有叫“没有的单位”的单位" in refused.text
    assert "测试监考甲" not in scheduler.look(register)
    nothing = scheduler.send(page, page, pasted="")
    assert (nothing.status_code, "请粘贴名单，或者选择文件" in nothing.text) == (422, True)
    shown = scheduler.send(
        page, page, pasted="姓　名\t所在单位\n测试监考甲\t测试学校\n测试监考乙\t测试学校\n合计\t2人\n"
    )
    assert "确认登记2人" in shown.text
    assert "是合计、签名或说明" in shown.text
    assert "测试监考甲" not in scheduler.look(register)
    assert "已登记2人" in scheduler.send(page, f"{page}/keep", table=_sealed(shown)).text
    shown = scheduler.send(page, page, file="姓名,所在单位\n测试监考丙,测试学校\n".encode("gb18030"))
    assert "已登记1人" in scheduler.send(page, f"{page}/keep", table=_sealed(shown)).text
    stale = scheduler.send(page, f"{page}/keep", table="bm90aGluZw==")
    assert (stale.status_code, "请重新上传" in stale.text) == (422, True)
    assert scheduler.fetch("/exams/invigilators/template").content.startswith(b"PK")
    wrong = scheduler.send(register, register, name="测试监考丁", unit="测试学校", avoids="没有的单位")
    assert (wrong.status_code, "没有叫“没有的单位”的单位" in wrong.text) == (422, True)
    duties = f"/plans/{places['first_plan']}/duties"
    assert "尚未安排" in scheduler.look(duties)
    assert scheduler.send(duties, duties).status_code == 303
    with _at_work(web) as session:
        duty = session.scalars(select(Invigilation).filter_by(plan_id=UUID(places["first_plan"]))).first()
        assert duty is not None
    address = f"{duties}/{duty.sitting_id}/{duty.invigilator_id}"
    [able] = re.findall(r'<option value="([0-9a-f-]{36})">测试监考', scheduler.look(address))
    unsaid = scheduler.send(address, address, by_id=able, reason="")
    assert (unsaid.status_code, "请写明替换监考人员的原因" in unsaid.text) == (422, True)
    assert scheduler.send(address, address, by_id=able, reason="生病").headers["location"] == duties
    assert scheduler.fetch(address).status_code == 404
    assert scheduler.fetch(f"{duties}/pdf").content.startswith(b"%PDF")
    person = f"{register}/{able}"
    assert scheduler.send(person, f"{person}/end").status_code == 303
    assert "停用后仍有1次监考没有交给别人" in scheduler.look(person)
    assert "已停用" in scheduler.look(duties)
    assert scheduler.send(person, f"{person}/end", back="true").status_code == 303
    changed = scheduler.send(person, person, name="测试监考戊", unit="测试学校")
    assert (changed.status_code, "测试监考戊" in scheduler.look(register)) == (303, True)


def _those_who_only_read_are_offered_no_forms(town: Town, places: dict[str, str]) -> None:
    supervisor = Pages(town.web, town.person("supervisor"))
    for address in (
        "/exams/sites/distances",
        f"/exams/sittings/{places['sitting']}",
        f"/exams/candidates/{places['candidate']}",
        "/exams/invigilators",
        f"/plans/{places['first_plan']}/duties",
    ):
        page = supervisor.look(address).split('<main id="content"')[1]
        assert '<form method="post"' not in page, address
        assert 'method="post"' not in page, address


def test_a_unit_finds_results_certificates_and_notices_of_its_people(web: Web) -> None:
    town = Town("", web)
    certificate = town.awards["certificate"]
    unit, other = Pages(web, town.case("certified").manager), Pages(web, town.case("listed").manager)
    page = unit.look("/unit/results")
    [notice] = re.findall(r"/unit/results/notices/([0-9a-f-]{36})/pdf", page)
    assert "清河测试〔2024〕18号" in page
    assert unit.fetch(f"/unit/results/certificates/{certificate}/pdf").content.startswith(b"%PDF")
    assert unit.fetch(f"/unit/results/notices/{notice}/pdf").content.startswith(b"%PDF")
    assert unit.fetch("/unit/results/table?only=certified").content.startswith(b"PK")
    assert "没有这样的人员" in unit.look("/unit/results?only=revoked")
    assert unit.fetch("/unit/results?only=x").status_code == 422
    assert "合格" in unit.look(f"/unit/results/{town.awards['certified']}")
    for address in (f"certificates/{certificate}/pdf", f"notices/{notice}/pdf", town.awards["certified"]):
        assert other.fetch(f"/unit/results/{address}").status_code == 404
    assert "公示中" in other.look("/unit/results")


def _ticket_of(candidate: str) -> Any:
    return select(AdmissionTicket).filter_by(application_id=UUID(candidate), voided_at=None)


def _at_work(web: Web) -> OfficeSession:
    actor = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)
    return OfficeSession(web.platform.engine, actor=actor, now=at(3, 25))


def _rooms(web: Web, places: dict[str, str]) -> list[UUID]:
    with _at_work(web) as session:
        wanted = select(ExamRoom.id).where(ExamRoom.site_id == UUID(places["site"])).order_by(ExamRoom.number)
        return list(session.scalars(wanted))
