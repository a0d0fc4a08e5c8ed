"""Emergencies by page and by program: reported on site, confirmed and instructed by the center, closed, printed."""

import re

from core.db.base import new_id
from core.db.session import Role
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Web
from tests.cases import CITY, OTHER_CITY, PROVINCE, YEAR, at
from tests.pages.scheduling.test_exam_pages import Pages
from tests.reading import pages_of

NEW = "/exams/emergencies/new?kind=power"


def test_an_emergency_goes_from_the_site_to_the_center_and_back(web_alone: Web) -> None:
    web = web_alone
    places = arrange_exams(Town("", web))
    web.clock.set(at(6, 22, 9, 30))
    examiner, supervisor = web.staff(Role.EXAMINER), web.staff(Role.CITY_SUPERVISOR)
    chief, officer = Pages(web, examiner), Pages(web, supervisor)
    center = Pages(web, web.staff(Role.PROVINCIAL_OFFICER, PROVINCE))
    assert "启用备用电源或备用线路" in chief.look(NEW)
    fields = {
        **{"kind": "power", "severity": "serious", "happened_at": f"{YEAR}-06-22T09:20", "client_id": str(new_id())},
        **{"place": f"{places['sitting']}/{places['site']}", "measures": "启用备用电源"},
    }
    empty = chief.send(NEW, NEW, file=b"x", facts=" ", **fields)
    assert (empty.status_code, "请写明发生了什么" in empty.text, "启用备用电源" in empty.text) == (422, True, True)
    made = chief.send(NEW, NEW, file=b"x", facts="第一考场停电，30人原地等候", **fields)
    page = made.headers["location"]
    assert chief.send(NEW, NEW, file=b"x", facts="第一考场停电，30人原地等候", **fields).headers["location"] == page
    for who in (officer, center):
        assert f'href="{page}"' in who.look("/notices")
        assert f'href="{page}"' in who.look("/exams/emergencies")
        assert '突发事件 <span class="count">1<' in who.look("/exams/emergencies")
    assert "1件未办结" in officer.look(f"/exams/day?day={YEAR}-06-22")
    assert "1件未办结" in center.look(f"/board/exams?day={YEAR}-06-22")
    assert Pages(web, web.staff(Role.CITY_SUPERVISOR, OTHER_CITY)).fetch(page).status_code == 404

    def add(who: Pages, entry: str, text: str = "") -> int:
        return int(who.send(page, page, entry=entry, text=text, client_id=str(new_id())).status_code)

    assert add(center, "received") == 303
    assert "本机构还没有确认" not in center.look(page)
    blank = center.send(page, page, entry="instruction", text=" ", client_id=str(new_id()))
    assert (blank.status_code, "请填写指示的内容" in blank.text) == (422, True)
    assert add(center, "instruction", "恢复供电后顺延30分钟") == 303
    assert "恢复供电后顺延30分钟" in chief.look(page)
    assert add(center, "closing", "已办结") == 409
    assert add(center, "update", "续报") == 422
    assert (add(chief, "update", "已恢复供电"), add(chief, "final", "顺延后全部考完")) == (303, 303)
    assert add(officer, "closing", "供电线路老化，已更换") == 303
    shown = chief.look(page)
    assert ("供电线路老化，已更换" in shown, "提交续报" in shown) == (True, False)
    [paper] = pages_of(center.fetch(f"{page}/pdf").content)
    for said in ("突发事件报告", "网络或电力中断", "第一考场停电，30人原地等候", "恢复供电后顺延30分钟", "第1页共1页"):
        assert said in paper, said


def test_an_emergency_by_program_is_the_same(web: Web) -> None:
    examiner, supervisor = web.staff(Role.EXAMINER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    said = {"year": YEAR, "client_id": str(new_id()), "kind": "disaster", "severity": "grave", "facts": "暴雨积水"}
    said["happened_at"] = web.clock().isoformat()
    made = examiner.post("/emergencies", said)
    assert (made.status_code, made.json()["lines"], made.json()["received"]) == (201, [], [])
    here = f"/emergencies/{made.json()['id']}"
    assert examiner.post("/emergencies", said).json()["id"] == made.json()["id"]
    assert supervisor.post(f"{here}/acknowledge", {}).json()["received"][0]["office_id"] == CITY
    words = {"client_id": str(new_id()), "text": "按预案疏散"}
    for _ in range(2):
        told = supervisor.post(f"{here}/instructions", words).json()
        assert [line["kind"] for line in told["lines"]] == ["received", "instruction"]
    early = supervisor.post(f"{here}/close", {"client_id": str(new_id()), "text": "小结"})
    assert (early.status_code, early.json()["error"]) == (409, "emergency_not_concluded")
    for way, text in (("updates", "已疏散"), ("conclude", "无人受伤")):
        assert examiner.post(f"{here}/{way}", {"client_id": str(new_id()), "text": text}).status_code == 200
    closed = supervisor.post(f"{here}/close", {"client_id": str(new_id()), "text": "小结"}).json()
    assert (closed["state"], re.match(r"\d{4}-", closed["closed_at"]) is not None) == ("closed", True)
    assert here.rsplit("/", 1)[1] in {found["id"] for found in supervisor.get("/emergencies", year=YEAR).json()}
    assert supervisor.get(here).json()["state"] == "closed"
