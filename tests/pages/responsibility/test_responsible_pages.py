"""Responsible persons by page: named by the office, missing on the board, printed and exported."""

import re
from datetime import date

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, COUNTY, PROVINCE, YEAR
from tests.pages.applications.test_papers_on_behalf import send
from tests.reading import pages_of

LONGEST = "测试" + "阿卜杜热合曼" * 4 + "甲乙丙丁"


def test_an_office_names_its_persons_and_the_center_prints_the_list(web: Web) -> None:
    officer, center = web.staff(Role.COUNTY_REVIEWER, COUNTY), web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    assert "还没有登记：第一责任人、主要责任人、直接责任人" in web.look(officer, "/responsible").text
    assert "没有登记第一责任人" in web.look(center, "/board").text
    given = {
        "rank": "first",
        "name": LONGEST,
        "post": "河源县人力资源和社会保障局局长（测试）",
        "telephone": "0371-00000000",
        "from_day": date(YEAR, 1, 2).isoformat(),
    }
    refused = send(web, officer, "/responsible", "/responsible", **given | {"telephone": "无"})
    assert refused.status_code != 303
    assert "电话有误" in refused.text
    assert send(web, officer, "/responsible", "/responsible", **given).status_code == 303
    page = web.look(officer, "/responsible").text
    assert "还没有登记：主要责任人、直接责任人" in page
    assert LONGEST in web.look(center, "/responsible").text
    printed = re.sub(r"\s", "", "".join(pages_of(web.look(center, "/responsible/pdf").content)))
    for said in (LONGEST, f"{YEAR}年度工勤技能岗位等级考核工作责任人名单", "第一责任人", "盖章", "未登记", "第1页共"):
        assert said in printed
    assert web.look(center, "/responsible/export").content.startswith(b"PK")


def test_those_on_site_read_the_list_and_name_nobody(web: Web) -> None:
    examiner = web.staff(Role.EXAMINER, CITY)
    page = web.look(examiner, "/responsible")
    assert page.status_code == 200
    assert "登记或变更责任人" not in page.text
    body = {"year": YEAR, "rank": "main", "name": "测试甲", "post": "测试", "telephone": "0371-00000000"}
    refused = examiner.post("/responsible-persons", body | {"from_day": f"{YEAR}-01-01"})
    assert refused.status_code == 403
    named = web.staff(Role.CITY_REVIEWER, CITY).post("/responsible-persons", body | {"from_day": f"{YEAR}-01-01"})
    assert named.status_code == 201, named.text
    (own, *_) = examiner.get("/responsible-persons", year=YEAR).json()
    assert "测试甲" in [person["name"] for person in own["responsible"]]
