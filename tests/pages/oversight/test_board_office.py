"""The page of one office on the center's board: the decisions of each officer."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, PROVINCE


def test_the_office_page_lists_the_decisions_of_each_officer(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    reviewer = web.staff(Role.CITY_REVIEWER)
    answer = reviewer.post(f"{flow.path}/reject", {"reason": "测试：工龄不足"})
    assert answer.status_code == 200, answer.text
    page = web.look(web.staff(Role.PROVINCIAL_OFFICER, PROVINCE), f"/board/offices/{CITY}").text
    assert "由谁审查" in page
    assert "测试经办员" in page
    assert "本机构职责" in page
