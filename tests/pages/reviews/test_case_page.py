"""The page of a case at the desk: its place in the list, the next case after a decision, and what both cost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event

from core.db.session import Role
from tests.callers import Flow, Web
from tests.cases import COUNTY, uncertain
from tests.two_seasons import Visitor, account_of, visit

MOST_OF_A_PAGE = 40
MOST_OF_A_DECISION = 60
"""A decision and the page of the next case together."""
PAGE_STATEMENTS = 26
DECISION_STATEMENTS = 30
_VERDICT = re.compile(r'name="(verdict_[a-z_0-9]+)" value="correct"')
_FINDING = re.compile(r'name="settle_([0-9a-f-]+)"')


@contextmanager
def counted(web: Web) -> Iterator[list[str]]:
    """The statements of the requests of the block."""
    made: list[str] = []

    def note(*given: object) -> None:
        made.append(str(given[2]))

    event.listen(web.platform.engine, "before_cursor_execute", note)
    yield made
    event.remove(web.platform.engine, "before_cursor_execute", note)


def before_the_office(web: Web, unit_id: UUID, filled: dict[str, Any] | None = None) -> Flow:
    applicant = web.applicant()
    path = f"/applications/{web.draft(applicant, unit_id, filled)['id']}"
    flow = Flow(web, path, applicant, web.staff(Role.UNIT_MANAGER, COUNTY, unit_id=unit_id))
    assert applicant.post(f"{path}/submit", {}).status_code == 200
    flow.at_office()
    return flow


def approve(officer: Visitor, case: str) -> str:
    """Find every item of a case correct, settle every finding, and agree; where the officer is led."""
    page = officer.look(case).text
    verdicts = dict.fromkeys(_VERDICT.findall(page), "correct")
    for finding in _FINDING.findall(page):
        verdicts |= {f"settle_{finding}": "yes", f"why_{finding}": "已核对人事档案（测试）"}
    answer = officer.send(f"{case.partition('?')[0]}/approve?{case.partition('?')[2]}", **verdicts)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_decision_leads_to_the_next_of_the_list_in_as_many_statements_as_ever(web_alone: Web) -> None:
    web = web_alone
    officer = visit(web, account_of(web.staff(Role.COUNTY_REVIEWER, COUNTY)))
    unit_id = web.unit(COUNTY)
    cases = [f"/desk/cases/{before_the_office(web, unit_id, uncertain()).id}" for _ in range(2)]
    officer.look(f"{cases[0]}?state=qualification_review")
    costs = []
    for _ in range(2):
        with counted(web) as read:
            page = officer.look(f"{cases[0]}?state=qualification_review").text
        assert f"第1件，共{len(cases)}件" in page
        assert f'href="{cases[1]}' in page
        second = officer.look(f"{cases[1]}?state=qualification_review").text
        assert f'href="{cases[0]}' in second
        with counted(web) as decided:
            led = approve(officer, f"{cases.pop(0)}?state=qualification_review")
        assert led.startswith(f"{cases[0]}?"), "the next of the list"
        assert "done=" in led
        with counted(web) as shown:
            assert "已通过" in officer.look(led).text
        # The page was read once more, to find what is to be judged.
        costs.append((len(read), len(decided) - len(read), len(shown)))
        cases += [f"/desk/cases/{before_the_office(web, unit_id, uncertain()).id}" for _ in range(3)]
    assert costs[0] == costs[1]
    page, decision, following = costs[0]
    assert page <= PAGE_STATEMENTS <= MOST_OF_A_PAGE
    assert decision <= DECISION_STATEMENTS
    assert decision + following <= MOST_OF_A_DECISION


def test_a_case_that_the_list_has_no_more_has_no_place_and_still_leads_on(web_alone: Web) -> None:
    web = web_alone
    officer = visit(web, account_of(web.staff(Role.COUNTY_REVIEWER, COUNTY)))
    unit_id = web.unit(COUNTY)
    first, second = (f"/desk/cases/{before_the_office(web, unit_id).id}" for _ in range(2))
    approve(officer, f"{first}?state=qualification_review")
    page = officer.look(f"{first}?state=qualification_review").text
    assert "不在这一列表中，列表共1件" in page
    assert f'href="{second}' in page


def test_without_scripts_papers_are_pictures_and_links(web_alone: Web) -> None:
    # In a province that tests share, another one may have taken the county's delegation back.
    web = web_alone
    flow = before_the_office(web, web.unit(COUNTY))
    page = web.look(web.staff(Role.COUNTY_REVIEWER, COUNTY), f"/desk/cases/{flow.id}").text
    papers = page.partition('id="papers"')[2]
    shown = re.findall(r'<a href="(/api/v1/documents/[^"]+/preview)" target="_blank"', papers)
    assert shown, page
    assert re.findall(r'<img class="preview" src="([^"]+)"', papers) == shown
    assert re.search(r"data-paper-tools hidden", papers)
    assert papers.count("<details open>") >= len(shown)
