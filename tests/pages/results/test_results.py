"""Marks over the API and by pages: from a table with faults to a published outcome that a correction changes."""

import re
from typing import Any

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.browser.examined import Examined, examined
from tests.browser.town import Town
from tests.callers import API, Caller, Web
from tests.cases import CITY, OTHER_CITY, YEAR


def _send(web: Web, who: Caller, path: str, content: str = "", **fields: str) -> Any:
    """A page's form, with a file where there is one, as the browser of ``who`` sends it."""
    files = {"file": ("成绩.csv", content.encode("gb18030"))} if content else None
    headers = {"Cookie": f"{SESSION}={web.session_of(who)}", "Sec-Fetch-Site": "same-origin"}
    opened = web.client.get(path.removesuffix("/keep").rsplit("/", 1)[0], headers=headers)
    token = re.search(r'name="_csrf" value="([^"]+)"', opened.text)
    assert token is not None
    sent = {"_csrf": token[1], **fields}
    return web.client.post(path, data=sent, files=files, headers=headers, follow_redirects=False)


def _a_table_with_faults_is_refused_row_by_row(there: Examined) -> None:
    content = "申报编号,岗位技能\nLS-1,80\nLS-2,101".encode()
    answer = there.first.upload("/mark-imports", content, year=str(YEAR), file_name="成绩.csv")
    assert (answer.status_code, answer.json()["error"]) == (422, "marks_faulty")
    assert answer.json()["fields"] == {
        "row_2": "第2行（LS-1）：编号不存在，或不是本机构的考生",
        "row_3": "第3行（LS-2）：编号不存在，或不是本机构的考生",
    }


def _a_page_names_the_faults_and_the_second_persons_copy_confirms(web: Web, there: Examined) -> None:
    refused = _send(web, there.first, "/marks/import", "考号,技能\nLS-1,80", title_number="考号", title_0="技能")
    assert refused.status_code == 200
    assert "1处有误，没有导入任何成绩" in refused.text
    address = f"/marks/imports/{there.places['marks_waiting']}"
    waiting = there.first.get("/mark-imports", year=YEAR).json()[0]
    case = _reference_in(web, waiting)
    shown = _send(
        web, there.first, "/marks/import", f"准考证号：,岗位技能(分),职业道德,职业能力\n{case},70,60,82\n合计,70,60,82"
    )
    assert "还没有导入，请核对后确认" in shown.text
    assert "是合计、签名或说明" in shown.text
    sealed = re.findall(r'name="table" value="([^"]+)"', shown.text)[0]
    # A form with a file is sent in parts, and so is this one.
    unnamed = _send(web, there.first, "/marks/import/keep", "-", table=sealed)
    assert (unnamed.status_code, "无法核对编号与姓名是否一致" in unnamed.text) == (422, True)
    assert there.first.get("/mark-imports", year=YEAR).json()[0]["id"] == waiting["id"]
    other = _send(web, there.second, f"{address}/confirm", f"申报编号,岗位技能,职业道德,职业能力\n{case},70,60,81")
    assert other.status_code == 422
    assert "两份成绩表有1处不一致" in other.text
    seen = re.sub(r"<[^>]+>|\s+", "", other.text)
    assert f"{case}职业能力第2行80.0第2行81.0" in seen
    assert "表格是这样读的，请核对" in other.text
    own = _send(web, there.first, f"{address}/confirm", f"申报编号,岗位技能,职业道德,职业能力\n{case},70,60,80")
    assert own.status_code == 403
    taken = _send(web, there.second, f"{address}/confirm", f"职业能力,职业道德,岗位技能,准考证号\n80,60,70,{case}")
    assert (taken.status_code, taken.headers["location"]) == (303, address)


def _reference_in(web: Web, waiting: dict[str, Any]) -> str:
    """The number of the candidate of grade four, whose table waits."""
    found = web.staff(Role.CITY_REVIEWER, CITY).get("/applications", year=YEAR, state="qualified").json()["items"]
    assert waiting["rows"] == 3
    return str(next(case["reference"] for case in found if case["grade"] == 4))


def _a_candidate_sees_their_marks_and_no_outcome_before_it_is_published(there: Examined) -> None:
    found = there.candidate.get(f"/applications/{there.places['examined']}/results").json()
    assert [(mark["subject"], mark["mark"], mark["status"]) for mark in found["marks"]] == [
        ("岗位技能", "59.0", "scored"),
        ("职业道德", "60.0", "scored"),
        ("职业能力", None, "absent"),
    ]
    assert found["outcome"] is None
    office = there.first.get(f"/applications/{there.places['examined']}/results").json()
    assert office["outcome"]["passed"] is False


def _a_check_that_is_upheld_and_granted_changes_the_mark(web: Web, there: Examined) -> None:
    check = there.first.get("/score-checks", year=YEAR).json()[0]
    body = {"mark": 60, "answer": "一题漏计。", "evidence": "作答记录第12题"}
    assert there.first.post(f"/score-checks/{check['id']}/uphold", body).json()["state"] == "upheld"
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    asked = supervisor.get("/mark-corrections", year=YEAR).json()
    correction = next(correction for correction in asked if correction["subject"] == "岗位技能")
    path = f"/mark-corrections/{correction['id']}/grant"
    assert there.first.post(path, {"remark": ""}).status_code == 403
    assert web.staff(Role.CITY_SUPERVISOR, OTHER_CITY).post(path, {"remark": ""}).status_code == 404
    assert supervisor.post(path, {"remark": "同意"}).json()["state"] == "granted"
    found = there.candidate.get(f"/applications/{there.places['examined']}/results").json()
    assert found["marks"][0]["mark"] == "60.0"
    assert found["checks"][0]["answer"] == "一题漏计。"


def _a_decision_on_a_mark_is_foretold_told_and_may_be_checked_again(web: Web, there: Examined) -> None:
    supervisor = web.staff(Role.CITY_SUPERVISOR, CITY)
    own = f"/my/applications/{there.places['examined']}/results"
    assert 'value="岗位技能"' in web.look(there.candidate, own).text
    assert "前申请复查" in web.look(there.candidate, own).text
    again = _send(web, there.candidate, f"{own}/check", subject="岗位技能", ground="own_result", reason="仍不符")
    assert (again.status_code, again.headers["location"]) == (303, f"{own}#checks")
    assert 'value="岗位技能"' not in web.look(there.candidate, own).text
    check = next(check for check in there.first.get("/score-checks", year=YEAR).json() if check["state"] == "open")
    body = {"mark": 61, "answer": "又有一题漏计。", "evidence": "作答记录第13题"}
    assert there.first.post(f"/score-checks/{check['id']}/uphold", body).status_code == 200
    assert "更正等待另一人决定" in web.look(there.candidate, own).text
    page = web.look(supervisor, "/marks/corrections").text
    assert "同意更正后：考核结果由“不合格”变为“合格”；1份考核结果须换发，1人将收到通知。" in page
    assert "同意更正后：考核结果仍为“不合格”；1份考核结果须换发，1人将收到通知。" in page
    asked = supervisor.get("/mark-corrections", year=YEAR).json()
    waiting = next(case for case in asked if case["subject"] == "岗位技能" and case["state"] == "asked")
    _send(web, supervisor, f"/marks/corrections/{waiting['id']}", verdict="refused", remark="第13题计分无误")
    page = web.look(there.candidate, own).text
    assert "更正未获同意，成绩不变。理由：第13题计分无误" in page
    assert 'value="岗位技能"' in page


def _a_member_scores_by_the_page_and_neither_page_nor_api_names_the_candidate(web: Web, there: Examined) -> None:
    address = f"/sheets/{there.places['sheet']}"
    page = web.look(there.judge, address)
    assert "1号" in page.text
    sheet = there.judge.get("/sheets", year=YEAR).json()[0]
    assert (sheet["name"], sheet["unit"]) == ("", "")
    wrong = _send(web, there.judge, f"{address}/submit", achievement="101", skill="abc", teaching="80")
    assert wrong.status_code == 422
    assert "技能水平" in wrong.text
    done = _send(web, there.judge, f"{address}/submit", achievement="81.5", skill="80", teaching="80")
    assert (done.status_code, done.headers["location"]) == (303, "/sheets")
    assert there.judge.get("/sheets", year=YEAR).json()[0]["total"] == "80.6"
    assert web.client.get(f"{API}/sheets", params={"year": YEAR}).status_code == 401


def test_a_table_becomes_marks_checks_corrections_and_a_panel_scores(web: Web) -> None:
    # One after the other on the same ground: a trade has one panel, and marks come once.
    there = examined(Town("http://127.0.0.1", web))
    _a_table_with_faults_is_refused_row_by_row(there)
    _a_page_names_the_faults_and_the_second_persons_copy_confirms(web, there)
    _a_candidate_sees_their_marks_and_no_outcome_before_it_is_published(there)
    _a_check_that_is_upheld_and_granted_changes_the_mark(web, there)
    _a_decision_on_a_mark_is_foretold_told_and_may_be_checked_again(web, there)
    _a_member_scores_by_the_page_and_neither_page_nor_api_names_the_candidate(web, there)
