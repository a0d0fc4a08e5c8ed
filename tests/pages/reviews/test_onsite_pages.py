"""The day of on-site confirmation by page: a time, its row, the batch behind a code, its papers as PDF."""

import re
from datetime import timedelta
from typing import Any

from core.db.session import Role
from tests.browser.people import settle_and_approve, submit_and_approve
from tests.callers import Caller, Web
from tests.cases import OTHER_CITY, YEAR
from tests.pages.applications.test_papers_on_behalf import send
from tests.reading import pages_of

LONGEST = "测试" + "阿卜杜热合曼" * 4 + "甲乙丙丁"
"""A name of 30 characters."""


def _do(web: Web, who: Caller, path: str, opened: str, **given: Any) -> str:
    answer = send(web, who, path, opened, **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _on_site(web: Web, *names: str) -> tuple[Caller, Caller, str]:
    """An officer, the manager of a unit whose people wait for on-site confirmation, and its batch."""
    unit_id, office = web.unit(OTHER_CITY), web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    manager = web.staff(Role.UNIT_MANAGER, OTHER_CITY, unit_id=unit_id)
    for name in names:
        applicant = web.applicant(name)
        path = f"/applications/{web.draft(applicant, unit_id)['id']}"
        submit_and_approve(applicant, manager, path)
        assert settle_and_approve(office, path) == "onsite_confirmation"
    roster = manager.post("/rosters", {"kind": "onsite", "year": YEAR}).json()
    batch = manager.post("/batches", {"roster_id": roster["id"], "stamped_scan_sha256": "0" * 64}).json()["id"]
    return office, manager, batch


def _paper(web: Web, who: Caller, path: str) -> str:
    answer = web.look(who, path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s", "", "".join(pages_of(answer.content)))


def _ids(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([0-9a-f-]{{36}})"', page)


def test_a_unit_takes_a_time_is_called_and_its_batch_goes_from_the_code_to_the_end(web: Web) -> None:
    officer, manager, batch = _on_site(web, "测试", LONGEST)
    begins = (web.clock() + timedelta(days=3)).replace(tzinfo=None).isoformat(timespec="minutes")
    ends = (web.clock() + timedelta(days=3, hours=2)).replace(tzinfo=None).isoformat(timespec="minutes")
    given = {"begins": begins, "ends": ends, "place": "测试政务中心", "capacity": "3"}
    slot = _do(web, officer, "/onsite/slots", "/onsite", **given)
    _do(web, manager, f"/unit{slot.replace('/slots', '')}", "/unit/onsite")
    assert "顺序号" in web.look(manager, "/unit/onsite").text
    web.clock.advance(timedelta(days=3, hours=1))
    (booking,) = set(re.findall(r"/onsite/bookings/([0-9a-f-]{36})/", web.look(officer, slot).text))
    _do(web, officer, f"/onsite/bookings/{booking}/arrived", slot)
    _do(web, officer, f"{slot}/next", slot)
    assert "请到窗口办理" in web.look(officer, f"{slot}/screen").text
    assert "正在办理" in _paper(web, officer, f"{slot}/pdf")
    roster = manager.get("/batches", year=YEAR).json()[0]["roster_id"]
    digest = manager.get(f"/rosters/{roster}").json()["digest"]
    page = _do(web, officer, "/onsite/find", "/onsite", code=f"需现场审查人员名册表 {YEAR} 第1版 {digest}")
    assert page == f"/onsite/batches/{batch}"
    assert web.look(officer, f"{page}/receipt").status_code == 409
    _do(web, officer, f"{page}/receive", page)
    assert "已办理" in web.look(officer, slot).text
    first, second = _ids(web.look(officer, page).text, "case")
    _do(web, officer, f"{page}/missing", page, case=second, missing="本人未到")
    named = {"titles": "居民身份证\n技师证书", "received_from": "测试经办人"}
    _do(web, officer, f"{page}/originals", page, case=first, **named)
    receipt = _paper(web, officer, f"{page}/receipt")
    for said in (
        "统一办理材料接收回执",
        "居民身份证、技师证书",
        "本人未到",
        LONGEST,
        "共2人、收取原件2份",
        "第1页共1页",
    ):
        assert said in receipt, said
    assert _paper(web, manager, f"/unit/batches/{batch}/receipt")[:20] == receipt[:20]
    signed = _paper(web, officer, f"{page}/sign-for")
    assert "领取人签名" in signed
    assert "申报材料原件退还签收表" in signed
    kept, lost = _ids(web.look(officer, page).text, "original")[:2]
    _do(web, officer, f"{page}/give-back", page, original=kept, returned_to="测试经办人")
    refused = send(web, officer, f"{page}/close", page)
    assert (refused.status_code, "未作出现场确认结论" in refused.text) == (409, True)
    _do(web, officer, f"{page}/lost", page, original=lost, lost_remark="由本机构出具证明")
    assert "（遗失）" in web.look(officer, page).text
    assert web.look(officer, f"{page}/sign-for").status_code == 409
    _do(web, officer, f"{page}/return", page, remark="公章不清晰")
    assert "已退回" in web.look(officer, page).text


def test_what_is_no_batch_of_the_office_is_said_and_leads_nowhere(web: Web) -> None:
    officer, _, batch = _on_site(web, "测试甲")
    other = web.staff(Role.CITY_REVIEWER)
    assert web.look(other, f"/onsite/batches/{batch}").status_code == 404
    unknown = send(web, officer, "/onsite/find", "/onsite", code="f" * 64)
    assert (unknown.status_code, "没有找到这份名册" in unknown.text) == (200, True)
    empty = send(web, officer, "/onsite/find", "/onsite", code=" ")
    assert empty.status_code == 422
    wrong = send(web, officer, "/onsite/slots", "/onsite", begins="明天", ends="", place="", capacity="0")
    assert (wrong.status_code, "请按年-月-日" in wrong.text) == (422, True)


def test_who_approved_a_case_is_told_on_its_page_that_another_confirms_it(web: Web) -> None:
    office, _, batch = _on_site(web, "测试现场同人")
    (case,) = set(re.findall(r'"(/desk/cases/[0-9a-f-]+)"', web.look(office, f"/onsite/batches/{batch}").text))
    told = "同一人不能审核两个环节"
    own = web.look(office, case).text
    assert (told in own, "现场确认</button>" in own) == (True, False)
    another = web.look(web.staff(Role.CITY_REVIEWER, OTHER_CITY), case).text
    assert (told in another, "现场确认</button>" in another) == (False, True)
