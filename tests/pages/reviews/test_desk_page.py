"""The desk's page: columns and orders, saved filters, and many cases returned in the background."""

import re
from typing import Any

from sqlalchemy import event

from core import worker
from core.db.session import Role
from core.reviews.lists.orders import Order
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web
from tests.cases import CITY


def send(web: Web, officer: Caller, path: str, **fields: Any) -> Any:
    headers = {"Cookie": f"{SESSION}={web.session_of(officer)}", "Sec-Fetch-Site": "same-origin"}
    token = re.search(r'name="_csrf" value="([^"]+)"', web.client.get("/desk?q=1", headers=headers).text)
    assert token is not None
    return web.client.post(path, data={"_csrf": token[1], **fields}, headers=headers, follow_redirects=False)


def headings(page: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(?:<a [^>]*>)?([^<]*)', page)


def statements(web: Web, officer: Caller, path: str) -> int:
    """How many statements a page takes."""
    made: list[str] = []
    listen = lambda *given: made.append(given[2])  # noqa: E731 - the event's signature
    web.look(officer, path)
    event.listen(web.platform.engine, "before_cursor_execute", listen)
    assert web.look(officer, path).status_code == 200
    event.remove(web.platform.engine, "before_cursor_execute", listen)
    return len(made)


def test_each_order_and_filter_takes_its_statements_whatever_the_length(web: Web) -> None:
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    plain = "/desk?state=qualification_review"
    narrowing = ("grade=5", "trade=LS-1", "overdue=1", "due=2024-04-20", "found=asks", "papers=in", "returned=1")
    narrowing += ("claimed=nobody", "q=测试", "q=cs")
    paths = [plain, *(f"{plain}&{part}" for part in narrowing)]
    paths += [f"{plain}&sort={order.value}&falling=1" for order in Order]
    web.submitted().at_office()
    short = [statements(web, officer, path) for path in paths]
    web.submitted().at_office()
    web.submitted().at_office()
    assert [statements(web, officer, path) for path in paths] == short
    assert max(short) <= short[0] + 3, "a filter is counted, and a text looked up for the list and for its number"
    assert len(set(short[-len(Order) :])) == 1


def test_columns_and_filters_are_kept_under_a_name_and_open_the_desk(web: Web) -> None:
    case = web.submitted().at_office()
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    by_unit = web.look(officer, "/desk?sort=unit&falling=1").text
    assert 'aria-sort="descending"' in by_unit
    assert headings(by_unit) == ["选择", "姓名", "状态", "期限", "等级", "单位▼", "编号", "领取"]
    fields = {"name": "按工种", "column": ["trade", "submitted"], "default": "1", "sort": "trade"}
    kept = send(web, officer, "/desk/views", **fields)
    assert kept.status_code == 303
    assert headings(web.look(officer, "/desk").text) == ["选择", "姓名", "工种▲", "提交时间"]
    view = re.search(r"view=([0-9a-f-]{36})", kept.headers["location"])
    assert view is not None
    shown = web.look(officer, f"/desk?view={view[1]}&q={case['reference']}").text
    assert headings(shown) == ["选择", "姓名", "工种", "提交时间"]
    assert send(web, officer, f"/desk/views/{view[1]}/remove").status_code == 303
    assert "按工种" not in web.look(officer, "/desk").text
    assert send(web, officer, "/desk/views", name="").status_code == 422


def test_all_cases_that_the_filters_leave_are_returned_in_the_background(web: Web) -> None:
    flow = web.submitted()
    reference = flow.at_office()["reference"]
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    asked = {"q": reference}
    before = send(web, officer, "/desk/bulk/return/all", **asked)
    assert "符合条件的1件" in before.text
    without = send(web, officer, "/desk/bulk/return/all", **asked, confirmed="1", reason="照片不清晰")
    assert without.status_code == 422
    assert "照片不清晰" in without.text
    given = {**asked, "confirmed": "1", "reason": "照片不清晰", "item": "photo", "code": "unclear"}
    assert send(web, officer, "/desk/bulk/return/all", **given).headers["location"] == "/desk/runs"
    assert "等待开始" in web.look(officer, "/desk/runs").text
    worker.run(web.platform, once=True)
    assert "共1件，办成1件，须单独办理0件" in web.look(officer, "/desk/runs").text
    case = flow.applicant.get(flow.path).json()
    assert case["state"] == "returned"


def test_ticked_cases_are_returned_with_one_reason(web: Web) -> None:
    flow = web.submitted()
    case = flow.at_office()
    officer = web.staff(Role.CITY_REVIEWER, CITY)
    ticked = {"case": f"{case['id']}@{case['version']}"}
    page = send(web, officer, "/desk/bulk/return", **ticked)
    assert "将退回勾选的1件" in page.text
    assert 'name="item" value="photo"' in page.text
    given = {**ticked, "confirmed": "1", "reason": "照片不清晰", "code": "unclear"}
    refused = send(web, officer, "/desk/bulk/return", **given)
    assert refused.status_code == 422
    assert "照片不清晰" in refused.text
    done = send(web, officer, "/desk/bulk/return", **given, item="photo")
    assert done.status_code == 200
    assert flow.applicant.get(flow.path).json()["state"] == "returned"
