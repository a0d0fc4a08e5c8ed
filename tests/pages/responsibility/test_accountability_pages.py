"""Accountability by page: opened, told, spoken to by the person, decided by a second supervisor, printed."""

import re
from typing import Any

from core.db.session import Role
from tests.browser.patrols import account_of
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, PROVINCE, YEAR
from tests.pages.applications.test_papers_on_behalf import send
from tests.reading import pages_of


def do(web: Web, who: Caller, path: str, opened: str, **given: Any) -> str:
    answer = send(web, who, path, opened, **given)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_case_goes_from_the_form_to_the_paper_and_only_those_entitled_see_it(web: Web) -> None:
    opener, second = (web.staff(Role.CITY_SUPERVISOR, CITY) for _ in range(2))
    person, colleague = (web.staff(Role.EXAMINER, CITY) for _ in range(2))
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    said = {"breach": "discipline", "facts": "擅自离岗（测试）", "origin": "report", "origin_id": ""}
    new = "/accountability/new"
    refused = send(web, opener, new, new, **said, person="", name="测试甲", post="", office_id=COUNTY)
    assert "请填写职务" in refused.text
    assert "擅自离岗（测试）" in refused.text
    case = do(web, opener, new, new, **said, person=f"account:{account_of(person)}")
    assert web.look(person, case).status_code == 404
    do(web, opener, f"{case}/tell", case, how="当面送达，本人签收")
    assert web.look(colleague, case).status_code == 404
    assert web.look(colleague, f"{case}/hearing-pdf").status_code == 404
    assert "没有案件" in web.look(colleague, "/accountability").text
    assert f'href="{case}"' in web.look(person, "/accountability").text
    assert "擅自离岗（测试）" in "".join(pages_of(web.look(person, f"{case}/hearing-pdf").content))
    assert "期限届满前不能决定" in web.look(second, case).text
    do(web, person, f"{case}/statement", case, text="当时送医，已报告考点负责人")
    assert "由另一名监管人员决定" in web.look(opener, case).text
    decision = {"measures": "barred", "ground": "测试规定第十一条", "reasons": "属实，情节较轻"}
    assert "请至少选择一项处理" in send(web, second, f"{case}/decide", case, **decision | {"measures": ""}).text
    do(web, second, f"{case}/decide", case, **decision)
    do(web, opener, f"{case}/serve", case, how="当面送达")
    page = web.look(person, case).text
    assert "停止参加当年和下一年度考试工作" in page
    printed = re.sub(r"\s", "", "".join(pages_of(web.look(person, f"{case}/decision-pdf").content)))
    for words in ("责任追究决定书", "停止参加当年和下一年度考试工作", "测试规定第十一条", "送达回证"):
        assert words in printed, words
    # It is serious, so the office above was told and reads it.
    assert f'href="{case}"' in web.look(center, "/notices").text
    assert "属实，情节较轻" in web.look(center, case).text


def test_a_case_follows_from_a_finding_and_is_dropped_before_anybody_is_told(web: Web) -> None:
    opener, second = (web.staff(Role.CITY_SUPERVISOR, CITY) for _ in range(2))
    said = {"person": "", "name": "测试甲", "post": "监考人员", "office_id": COUNTY, "origin_id": ""}
    new = "/accountability/new?origin=leak"
    assert '<option value="leak" selected>' in web.look(opener, new).text
    case = do(web, opener, "/accountability/new", new, **said, breach="secrecy", facts="测试", origin="leak")
    assert "撤销立案" not in web.look(opener, case).text
    do(web, second, f"{case}/drop", case, reasons="查无此事")
    assert "查无此事" in web.look(opener, case).text


def test_a_case_is_carried_out_over_json_as_well(web: Web) -> None:
    opener, second = (web.staff(Role.CITY_SUPERVISOR, CITY) for _ in range(2))
    person = web.staff(Role.EXAMINER, CITY)
    said = {"year": YEAR, "person": f"account:{account_of(person)}", "breach": "policy", "facts": "测试"}
    made = [opener.post("/accountability-cases", said | {"origin": "other"}) for _ in range(3)]
    assert [answer.status_code for answer in made] == [201] * 3
    first, other, third = (f"/accountability-cases/{answer.json()['id']}" for answer in made)
    assert person.post(f"{first}/statement", {"text": "测试"}).status_code == 404
    for case in (first, other):
        assert opener.post(f"{case}/tell", {"how": "送达"}).json()["state"] == "hearing"
        assert person.post(f"{case}/statement", {"text": "申辩"}).status_code == 200
    decision = {"measures": ["education"], "ground": "测试规定", "reasons": "属实"}
    assert opener.post(f"{first}/decide", decision).status_code == 403
    assert second.post(f"{first}/decide", decision).json()["state"] == "decided"
    assert second.post(f"{first}/serve", {"how": "送达"}).json()["state"] == "served"
    assert second.post(f"{other}/clear", {"reasons": "不实"}).json()["state"] == "cleared"
    assert second.post(f"{third}/drop", {"reasons": "重复"}).json()["state"] == "dropped"
    assert {"served", "cleared"} <= {case["state"] for case in person.get("/accountability-cases", year=YEAR).json()}
