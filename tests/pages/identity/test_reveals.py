"""The pages of full numbers: from the case to the list of the office's head."""

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY
from tests.pages.applications.test_papers_on_behalf import send


def test_a_number_is_shown_once_for_a_ground_and_listed_for_the_head(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    officer, head = web.staff(Role.CITY_REVIEWER), web.staff(Role.CITY_SUPERVISOR)
    address = f"/cases/{flow.id}/number"
    assert address in web.look(officer, f"/desk/cases/{flow.id}").text
    asked = {"field": "id_number", "ground": "other"}
    assert "请选择查看完整号码的理由" in send(web, officer, address, address, field="id_number").text
    for reason in ("", ".", "查看"):
        refused = send(web, officer, address, address, **asked, reason=reason)
        assert (refused.status_code, "不少于4个字" in refused.text) == (422, True)
    shown = send(web, officer, address, address, field="id_number", ground="compare")
    assert shown.status_code == 200
    assert '<code class="secret">' in shown.text
    assert "<code" not in web.look(officer, address).text
    listed = web.look(head, "/reveals").text
    assert "与证件、档案或登记表核对" in listed
    assert f"/supervision/cases/{flow.id}" in listed
    assert web.look(officer, "/reveals").status_code == 403


def test_beyond_the_hours_number_an_officer_is_told_when_to_go_on(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    officer = web.staff(Role.CITY_REVIEWER)
    address = f"/cases/{flow.id}/number"
    most = web.platform.offices.config(CITY).supervision.reveals_per_hour
    for _ in range(most):
        answer = officer.post(f"{flow.path}/reveal", {"field": "id_number", "ground": "compare"})
        assert answer.status_code == 200, answer.text
    refused = send(web, officer, address, address, field="id_number", ground="compare")
    assert (refused.status_code, "达到上限" in refused.text) == (429, True)
