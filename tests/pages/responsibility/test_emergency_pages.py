"""A plan for emergencies by page: from the draft to the receipt, and on the exam day."""

from typing import Any

from core.db.session import Role
from tests.callers import Caller, Web
from tests.cases import CITY, OTHER_CITY, PROVINCE, YEAR
from tests.documents.files import pdf
from tests.pages.applications.test_papers_on_behalf import send

GIVEN = {
    "occasion": "exam",
    "hotline": "0371-00000000",
    "contacts": "现场指挥，测试甲，0371-11111111\n医疗，测试乙，0371-22222222",
    "events": "facility",
}


def do(web: Web, who: Caller, path: str, opened: str, **given: Any) -> str:
    answer = send(web, who, path, opened, **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_plan_goes_from_the_draft_over_a_return_to_the_receipt_and_the_exam_day(web: Web) -> None:
    drafter, second = (web.staff(Role.CITY_REVIEWER, OTHER_CITY) for _ in range(2))
    center, examiner = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE), web.staff(Role.EXAMINER, OTHER_CITY)
    refused = send(web, drafter, "/emergency/new", "/emergency", **GIVEN | {"contacts": "测试甲"})
    assert "第1行不完整" in refused.text
    assert 'value="0371-00000000"' in refused.text
    page = do(web, drafter, "/emergency/new", "/emergency", **GIVEN)
    assert send(web, drafter, f"{page}/approve", page).status_code != 303
    text = {"content": ("预案.pdf", pdf(), "application/pdf")}
    files = page.replace("/emergency/", "/attachments/emergency_plan/")
    assert send(web, drafter, files, files, files=text, kind="plan").status_code == 303
    waiting = web.look(second, f"/season?year={YEAR}").text
    assert "待审定、待接收的应急预案1件" in waiting
    do(web, second, f"{page}/approve", page)
    do(web, second, f"{page}/file", page)
    assert "待审定、待接收的应急预案" in web.look(center, f"/season?year={YEAR}").text
    refused = send(web, center, f"{page}/return", page)
    assert "至少对一项写明意见" in refused.text
    do(web, center, f"{page}/return", page, remark_contacts="请补充供电联系人")
    assert "联系人：请补充供电联系人" in web.look(drafter, page).text
    assert f'href="{page}"' in web.look(drafter, "/notices").text
    again = GIVEN | {"contacts": GIVEN["contacts"] + "\n供电，测试丙，0371-33333333"}
    page = do(web, drafter, "/emergency/new", "/emergency", **again)
    shown = web.look(drafter, page).text
    assert "与上一版的不同" in shown
    assert "测试丙" in shown
    files = page.replace("/emergency/", "/attachments/emergency_plan/")
    text = {"content": ("预案.pdf", pdf(), "application/pdf")}
    assert send(web, drafter, files, files, files=text, kind="plan").status_code == 303
    do(web, second, f"{page}/approve", page)
    do(web, second, f"{page}/file", page)
    do(web, center, f"{page}/receive", page)
    assert "已备案" in web.look(second, page).text
    day = web.look(examiner, "/exams/day").text
    assert 'href="/emergency/in-force"' in day
    in_force = web.look(examiner, "/emergency/in-force").text
    assert "第2版" in in_force
    assert 'href="tel:0371-33333333"' in in_force
    assert "加盖公章的预案文本" in in_force


def test_an_office_sees_which_below_it_have_no_plan(web: Web) -> None:
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    assert "没有预案" in web.look(center, "/emergency").text
    body = {"year": YEAR, "occasion": "training", "hotline": "0371-00000000", "events": ["other"]}
    contacts = [{"duty": "值班", "name": "测试甲", "telephone": "0371-00000000"}]
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    made = officer.post("/emergency-plans", body | {"contacts": contacts})
    assert made.status_code == 201, made.text
    path = f"/emergency-plans/{made.json()['id']}"
    changed = officer.post(f"{path}/change", body | {"contacts": contacts, "hotline": "0371-11111111"})
    assert changed.json()["hotline"] == "0371-11111111"
    assert officer.post(f"{path}/approve").status_code == 403
    assert officer.post(f"{path}/file").status_code == 409
    assert center.post(f"{path}/receive").status_code == 404
    assert center.post(f"{path}/return", {"remarks": {"file": "测试"}}).status_code == 404
    assert [plan["state"] for plan in officer.get("/emergency-plans", year=YEAR).json()].count("drafted") >= 1
