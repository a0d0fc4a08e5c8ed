"""Assignment by pages: the rule of an office, the pool by hand, one case, and what the page of the workload says."""

import re
from uuid import UUID

import pytest

from core.db.session import Role
from core.worker import run
from tests.callers import Caller, Flow, Web
from tests.cases import COUNTY
from tests.two_seasons import Visitor, account_of, visit


class _Office:
    """A county with two reviewers and some cases before it; each test has one of its own database."""

    def __init__(self, web: Web, cases: int) -> None:
        self.web = web
        self.first, self.second = (web.staff(Role.COUNTY_REVIEWER, COUNTY) for _ in range(2))
        unit_id = web.unit(COUNTY)
        self.cases = [_before_the_office(web, unit_id) for _ in range(cases)]

    def page(self, who: Caller) -> Visitor:
        return visit(self.web, account_of(who))

    def numbers(self) -> list[int]:
        """How many cases each reviewer has, as the page says, in any order."""
        shown = self.page(self.first).look("/workload").text
        return sorted(int(number) for number in re.findall(r'data-label="在手">(\d+)<', shown))


def _before_the_office(web: Web, unit_id: UUID) -> Flow:
    applicant = web.applicant()
    path = f"/applications/{web.draft(applicant, unit_id)['id']}"
    flow = Flow(web, path, applicant, web.staff(Role.UNIT_MANAGER, COUNTY, unit_id=unit_id))
    assert applicant.post(f"{path}/submit", {}).status_code == 200
    flow.at_office()
    return flow


@pytest.fixture
def office(web_alone: Web) -> _Office:
    return _Office(web_alone, 3)


def test_an_office_sets_its_rule_and_cases_are_assigned_by_the_worker(office: _Office) -> None:
    page = office.page(office.first)
    assert "未分派3件" in page.look("/workload").text
    refused = page.send("/workload/rule", kind="turns", most="很多")
    assert refused.status_code == 422
    assert "请填写整数" in refused.text
    assert page.send("/workload/rule", kind="turns", most="2").headers["location"] == "/workload?saved=1"
    run(office.web.platform, once=True)
    assert office.numbers() == [1, 2]
    assert "未分派0件" in page.look("/workload").text
    shown = [page.look(f"/desk/cases/{case.id}").text for case in office.cases]
    assert all("分派给" in text for text in shown)


def test_a_case_is_given_out_by_hand_transferred_and_put_back(office: _Office) -> None:
    page, me, colleague = office.page(office.first), account_of(office.first), account_of(office.second)
    assert "请选择分派给谁" in page.send("/workload/hand-out", number="1").text
    assert page.send("/workload/hand-out", to=str(me), number="2").headers["location"] == "/workload?given=2"
    assert office.numbers() == [0, 2]
    case = f"/desk/cases/{office.cases[2].id}"
    sent = page.send(f"{case}/assign", to=str(colleague), why_transfer="请协助", state="qualification_review", q="测试")
    assert sent.headers["location"].startswith(f"{case}?")
    assert "q=" in sent.headers["location"]
    assert office.numbers() == [1, 2]
    assert "分派给" in page.look(case).text
    page.send(f"/workload/reviewers/{me}/cases", to=str(colleague))
    assert office.numbers() == [0, 3]
    assert page.send(f"/workload/reviewers/{colleague}/cases", to="pool").headers["location"] == "/workload?back=3"
    assert office.numbers() == [0, 0]


def test_a_leave_shows_with_its_days_and_takes_nobody_in(office: _Office) -> None:
    page, me = office.page(office.first), account_of(office.first)
    days = {"away_from": "2024-03-25", "away_until": "2024-03-26"}
    assert "都要填写" in page.send(f"/workload/reviewers/{me}", takes_part="true", away_from="2024-03-25").text
    saved = page.send(f"/workload/reviewers/{me}", takes_part="true", grades="4", reason="休假（测试）", **days)
    assert saved.headers["location"] == "/workload?saved=1"
    shown = page.look("/workload").text
    assert "离岗至2024年3月26日" in shown
    assert 'value="2024-03-26"' in shown
    assert "休假（测试）" in shown
    assert "现在离岗" in page.send("/workload/hand-out", to=str(me), number="1").text
    page.send("/workload/rule", kind="turns", most="")
    assert page.send("/workload/rule", now="1").headers["location"] == "/workload?given=3"
    assert office.numbers() == [0, 3]
