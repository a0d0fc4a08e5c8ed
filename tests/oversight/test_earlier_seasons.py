"""What is open in a season that has ended: on the first page of the one who acts, and done there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from core.db.database import Databases
from core.db.session import Role
from tests.browser.people import submit_and_approve
from tests.callers import Caller, Web
from tests.cases import CITY, COUNTY, PROVINCE, YEAR
from tests.two_seasons import LATER, NEXT, Visitor, account_of, serving_two_seasons, visit


@dataclass
class Later:
    """The second season: who signs in, and a case of the first that the county has refused."""

    web: Web
    case: str
    unit: UUID
    accounts: dict[str, UUID]

    def visit(self, who: str) -> Visitor:
        """Sign in as one of them."""
        return visit(self.web, self.accounts[who])

    def told(self, who: str, home: str) -> list[str]:
        """The links to earlier seasons on somebody's first page."""
        page = self.visit(who).look(home)
        assert page.status_code == 200, page.text
        listed = re.search(r'aria-label="往年未办结的事项">(.*?)</section>', page.text, re.DOTALL)
        return [] if listed is None else re.findall(r'<a href="([^"]*)">([^<]*)</a>', listed[1])


@pytest.fixture
def later(fresh_database: Databases, tmp_path: Path) -> Iterator[Later]:
    with serving_two_seasons(fresh_database, tmp_path) as web:
        unit_id, applicant = web.unit(COUNTY), web.applicant()
        manager = web.staff(Role.UNIT_MANAGER, COUNTY, unit_id=unit_id)
        county = web.staff(Role.COUNTY_REVIEWER, COUNTY)
        case = str(web.draft(applicant, unit_id)["id"])
        submit_and_approve(applicant, manager, f"/applications/{case}")
        _post(county, f"/applications/{case}/reject", {"reason": "工作年限不足（测试）"})
        accounts = {
            "applicant": applicant,
            "manager": manager,
            "county": county,
            "city": web.staff(Role.CITY_REVIEWER, CITY),
            "supervisor": web.staff(Role.CITY_SUPERVISOR, CITY),
            "examiner": web.staff(Role.EXAMINER, CITY),
            "center": web.staff(Role.PROVINCIAL_OFFICER, PROVINCE),
        }
        known = {who: account_of(caller) for who, caller in accounts.items()}
        web.clock.set(LATER)
        yield Later(web, case, unit_id, known)


def _post(caller: Caller, path: str, body: object) -> None:
    answer = caller.post(path, body)
    assert answer.status_code < 300, answer.text


HOMES = {
    "manager": "/unit",
    "county": "/desk",
    "city": "/desk",
    "supervisor": "/season",
    "examiner": "/exams/day",
    "center": "/board",
}


def test_nothing_is_told_of_a_season_in_which_nothing_is_open(later: Later) -> None:
    assert [who for who, home in HOMES.items() if later.told(who, home)] == []


def test_a_reopened_case_of_last_season_is_on_one_desk_where_it_is_decided(later: Later) -> None:
    supervisor, case = later.visit("supervisor"), f"/supervision/cases/{later.case}"
    page = supervisor.look(case).text
    assert f"{YEAR}年度（已结束，只能查看）" in page
    (version,) = set(re.findall(r'name="version" value="(\d+)"', page))
    reopened = supervisor.send(f"{case}/reopen?year={YEAR}", reason="申诉成立（测试）", version=version)
    assert (reopened.status_code, reopened.headers["location"]) == (303, f"{case}?year={YEAR}")

    told = {who: links for who, home in HOMES.items() if (links := later.told(who, home))}
    address = f"/desk?state=qualification_review&amp;year={YEAR}"
    assert told == {
        "county": [
            (address, f"{YEAR}年度：待资格审查的申请1件"),
            (f"/season/unfinished#{YEAR}", f"{YEAR}年度：本机构未办结的全部事项1件"),
        ],
        "center": [(f"/season/years/{YEAR}", f"{YEAR}年度：全省各机构未办结的全部事项1件")],
    }

    county = later.visit("county")
    desk = county.look(address.replace("&amp;", "&")).text
    (link,) = set(re.findall(rf'href="(/desk/cases/{later.case}[^"]*)"', desk))
    assert f"year={YEAR}" in link
    decision = county.look(link.replace("&amp;", "&")).text
    (act,) = re.findall(r'id="decision" action="([^"]*)"', decision)
    path, _, query = act.replace("&amp;", "&").partition("?")
    settled = {
        field: value
        for finding in re.findall(r'name="settle_([0-9a-f-]{36})"', decision)
        for field, value in ((f"settle_{finding}", "yes"), (f"why_{finding}", "已核对人事档案"))
    }
    judged = dict.fromkeys(re.findall(r'name="(verdict_[a-z_.]+)"', decision), "correct")
    decided = county.send(f"{path}/approve?{query}", **settled, **judged)
    assert decided.status_code == 303, decided.text
    assert f"year={YEAR}" in decided.headers["location"]
    assert later.told("county", "/desk") == []


def test_the_first_page_in_the_current_season_shows_no_case_of_the_last(later: Later) -> None:
    assert later.case not in later.visit("county").look("/desk?state=rejected").text
    assert later.case in later.visit("county").look(f"/desk?state=rejected&year={YEAR}").text
    assert later.case not in later.visit("supervisor").look(f"/supervision/cases?year={NEXT}").text


def test_a_spot_check_draws_from_the_season_in_the_address_of_its_page(later: Later) -> None:
    supervisor = later.visit("supervisor")
    listed = supervisor.look("/delegations").text
    (delegation,) = set(re.findall(r'href="(/delegations/[0-9a-f-]{36})"', listed))
    assert f"{YEAR}年度接收机构已作出决定的申请有1件" in supervisor.look(f"{delegation}/sample?year={YEAR}").text
    assert f"{NEXT}年度接收机构已作出决定的申请有0件" in supervisor.look(f"{delegation}/sample").text
    asked = {"percent": "100", "minimum": "1"}
    none = supervisor.send(f"{delegation}/sample", **asked)
    assert (none.status_code, f"接收机构尚未作出{NEXT}年度的审查决定" in none.text) == (422, True)
    drawn = supervisor.send(f"{delegation}/sample?year={YEAR}", **asked)
    assert drawn.status_code == 303, drawn.text
    assert f"{YEAR}年" in supervisor.look(drawn.headers["location"]).text
    assert later.told("supervisor", "/season") == [
        (f"/delegations?year={YEAR}", f"{YEAR}年度：待抽查的案件1件"),
        (f"/season/unfinished#{YEAR}", f"{YEAR}年度：本机构未办结的全部事项1件"),
    ]
    # Who holds exams cannot do it, and is led to the list that says so.
    assert [text for _, text in later.told("examiner", "/exams/day")] == [f"{YEAR}年度：本机构未办结的全部事项1件"]
    left = later.visit("examiner").look("/season/unfinished").text
    assert "未办结的抽查案件：1" in left
    assert "/delegations?year=" not in left
