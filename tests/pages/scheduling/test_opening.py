"""The opening of a site by page and by program: late, seen by the office and the center, and settled."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.db.session import Role, SystemSession, system_actor
from core.plugin_api import OfficeCode
from core.scheduling.emergencies.watch import watch_every_office
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Web
from tests.cases import CITY, PROVINCE, YEAR, at
from tests.pages.scheduling.test_exam_pages import Pages

DAY = f"{YEAR}-06-22"


def watch(web: Web) -> None:
    """The worker's look at the exam day."""

    @contextmanager
    def begin(office: str) -> Iterator[SystemSession]:
        actor = system_actor(OfficeCode(office))
        with SystemSession(web.platform.engine, actor=actor, now=web.clock()) as session, session.begin():
            yield session

    watch_every_office(begin, web.platform.offices)


def test_a_site_opens_late_and_everybody_sees_it(web_alone: Web) -> None:
    web = web_alone
    places = arrange_exams(Town("", web))
    examiner, supervisor = web.staff(Role.EXAMINER), web.staff(Role.CITY_SUPERVISOR)
    page = f"/exams/day/{places['sitting']}/opening/{places['site']}"
    early = Pages(web, examiner).send(page, page, step="arrived", in_order="true")
    assert (early.status_code, "开考前3小时起" in early.text) == (409, True)
    web.clock.set(at(6, 22, 8, 40))
    chief, officer = Pages(web, examiner), Pages(web, supervisor)
    center = Pages(web, web.staff(Role.PROVINCIAL_OFFICER, PROVINCE))
    watch(web)
    [alarm] = [found for found in supervisor.get("/opening-alarms", year=YEAR).json() if found["stands"]]
    for who, board in ((officer, "/exams/day"), (center, "/board/exams")):
        assert f"/exams/alarms/{alarm['id']}" in who.look(f"{board}?day={DAY}")
        assert f"/exams/alarms/{alarm['id']}" in who.look("/notices")
        assert "尚未登记正常" in who.look(f"/exams/alarms/{alarm['id']}")
    wrong = chief.send(page, page, step="rooms", in_order="false", remark="")
    assert (wrong.status_code, "请写明问题和处理办法" in wrong.text) == (422, True)
    unready = chief.send(page, page, step="open")
    assert (unready.status_code, "还不能报告可以开考" in unready.text) == (409, True)
    for step in ("arrived", "papers", "staff", "rooms", "open"):
        assert chief.send(page, page, step=step, in_order="true").status_code == 303
    assert "已报告可以开考" in chief.look(page)
    assert "可以开考" in officer.look(f"/exams/day?day={DAY}")
    assert "考点已报告可以开考" in center.look(f"/exams/alarms/{alarm['id']}")
    [line] = supervisor.get("/exam-board", year=YEAR, day=DAY).json()
    assert (line["alarm_id"], line["lacking"], line["opened_name"] != "") == (None, [], True)
    assert [step["step"] for step in examiner.get(f"/sittings/{places['sitting']}/openings").json()]
    again = {"site_id": places["site"], "step": "open"}
    assert examiner.post(f"/sittings/{places['sitting']}/openings", again).status_code == 201
    late = supervisor.post(f"/opening-alarms/{alarm['id']}/settle", {"reason": "已就绪"})
    assert (late.status_code, late.json()["error"]) == (409, "alarm_settled")


def test_an_officer_settles_an_alarm_on_its_page(web_alone: Web) -> None:
    web = web_alone
    arrange_exams(Town("", web))
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    web.clock.set(at(6, 22, 8, 40))
    watch(web)
    [alarm] = [found for found in supervisor.get("/opening-alarms", year=YEAR).json() if found["stands"]]
    page, officer = f"/exams/alarms/{alarm['id']}", Pages(web, supervisor)
    empty = officer.send(page, page, reason=" ")
    assert (empty.status_code, "请写明核实的情况" in empty.text) == (422, True)
    assert officer.send(page, page, reason="电话核实，已就绪").status_code == 303
    shown = officer.look(page)
    assert ("电话核实，已就绪" in shown, "解除警报" in shown) == (True, False)
