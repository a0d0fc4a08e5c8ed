"""The unit's table against the dates of the season, as a page and as an Excel file."""

import re

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Web
from tests.cases import CITY, answers
from tests.reading import table_of


def unit_of_two(web: Web) -> tuple[Caller, str, str]:
    """A unit with a draft and a submitted case; its manager, and the names of both people."""
    unit_id = web.unit()
    names = []
    for submits in (False, True):
        applicant = web.applicant()
        made = web.draft(applicant, unit_id, answers())
        if submits:
            assert applicant.post(f"/applications/{made['id']}/submit", {}).status_code == 200
        names.append(made["person_name"])
    return web.staff(Role.UNIT_MANAGER, CITY, unit_id), names[0], names[1]


def test_the_table_says_who_owes_what_until_when(web: Web) -> None:
    manager, drafting, submitted = unit_of_two(web)
    page = web.look(manager, "/unit/deadlines").text
    assert "单位资格初审" in page
    assert "4月3日24:00截止" in page
    assert "待本人办理 1" in page
    assert "待单位办理 1" in page
    only = web.look(manager, "/unit/deadlines?owes=unit&sort=-name").text
    assert submitted in only
    assert drafting not in only
    assert 'aria-sort="descending"' in only
    assert web.look(manager, "/unit/deadlines?owes=nobody").text.count("没有符合条件的人员") == 1
    assert web.look(manager, "/unit/deadlines?sort=luck").status_code == 422


def test_the_table_is_saved_as_a_file(web: Web) -> None:
    manager, drafting, _ = unit_of_two(web)
    answer = web.look(manager, "/unit/deadlines/export?owes=person")
    rows = table_of(answer.content)
    assert [row[0] for row in rows] == ["姓名", drafting]
    assert rows[1][5] == "本人"


def test_a_reminder_is_shown_before_it_is_sent_and_is_not_sent_twice(web: Web) -> None:
    manager, drafting, submitted = unit_of_two(web)
    headers = {"Cookie": f"{SESSION}={web.session_of(manager)}", "Sec-Fetch-Site": "same-origin"}
    shown = web.client.get("/unit/reminders", headers=headers).text
    assert "将催办1人" in shown
    assert f"{drafting}" in shown
    assert submitted not in shown
    token = re.search(r'name="_csrf" value="([^"]+)"', shown)
    assert token is not None
    for said in ("已催办1人", "没有发出催办"):
        sent = web.client.post("/unit/reminders", data={"_csrf": token[1]}, headers=headers)
        assert (sent.status_code, said in sent.text) == (200, True)
    assert "今天都已经催办过" in web.look(manager, "/unit/reminders").text
    assert "催办过" in web.look(manager, "/unit/deadlines").text
    assert web.look(manager, "/unit/reminders?case=x").status_code == 422
