"""The page on which relations (回避) are declared and ended, and what the pages of a case then say."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, OTHER_CITY
from tests.web.test_far_values import send


def test_a_reviewer_declares_a_relation_and_the_case_says_so_until_a_supervisor_ends_it(web: Web) -> None:
    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    flow = web.submitted()
    flow.at_office()
    case, reference = flow.id, reviewer.get(f"/applications/{flow.id}").json()["reference"]
    assert "应当回避" not in web.look(reviewer, f"/desk/cases/{case}").text
    wrong = send(web, reviewer, "/relations", "/relations", kind="kin", reference="没有")
    assert (wrong.status_code, "本机构没有这个申报编号" in wrong.text) == (422, True)
    made = send(web, reviewer, "/relations", "/relations", kind="kin", reference=reference, note="表兄（测试）")
    assert (made.status_code, made.headers["location"]) == (303, "/relations")
    assert "应当回避" in web.look(reviewer, f"/desk/cases/{case}").text
    assert "应当回避" not in web.look(supervisor, "/relations").text
    elsewhere = web.staff(Role.CITY_SUPERVISOR, OTHER_CITY)
    assert "表兄（测试）" not in web.look(elsewhere, "/relations").text
    page = web.look(supervisor, "/relations").text
    assert "表兄（测试）" in page
    relation = page.split("表兄（测试）", 1)[1].split("/relations/", 1)[1].split("/end", 1)[0]
    ended = send(web, supervisor, "/relations", f"/relations/{relation}/end", reason="登记有误（测试）")
    assert ended.status_code == 303
    assert "应当回避" not in web.look(reviewer, f"/desk/cases/{case}").text
    assert "登记有误（测试）" in web.look(reviewer, "/relations").text
