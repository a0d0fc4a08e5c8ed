"""The season's work names what waits for the reader beside cases, each with the way to it."""

import re

from core.db.session import Role
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE, YEAR


def waiting(web: Web, officer: Caller) -> int:
    """How many cases of sanctions wait for an officer by the page on the season's work."""
    found = re.search(
        rf'<a href="/sanctions\?year={YEAR}">未办结的违规案件(\d+)件</a>', web.look(officer, "/season").text
    )
    return 0 if found is None else int(found[1])


def test_a_case_that_waits_for_a_second_person_is_among_the_work_of_its_season(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    asked = {"application_id": flow.id, "facts": "学历证书存疑（测试）", "evidence": []}
    before = waiting(web, supervisor)
    of_reviewer = waiting(web, reviewer)
    made = reviewer.post("/sanction-cases", asked)
    assert made.status_code == 201, made.text
    assert waiting(web, supervisor) == before + 1
    # The one who opened the case waits for the other.
    assert waiting(web, reviewer) == of_reviewer


def test_a_supervisor_reads_the_consequences_of_reopening_and_who_reviews_then(web: Web) -> None:
    flow = web.submitted()
    flow.at_office()
    reviewer, center = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    answer = reviewer.post(f"{flow.path}/reject", {"reason": "测试：工龄不足"})
    assert answer.status_code == 200, answer.text
    page = web.look(center, f"/supervision/cases/{flow.id}").text
    assert "将会：1人将收到通知。" in page
    assert "原结论不再有效，案件回到资格审查，由清河市" in page
    assert flow.applicant.get(flow.path).json()["state"] == "rejected"
