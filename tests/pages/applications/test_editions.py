"""Pages and programs that saw an older form: what they are told, what is kept of what they sent, and their way out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from core.db.session import Role
from core.web.authentication.cookies import SESSION
from tests.callers import Caller, Flow, Web


@dataclass
class Tab:
    """A page of the form as it stands open in a browser, with what its hidden fields said when it was opened."""

    web: Web
    address: str
    cookie: str
    hidden: dict[str, str]

    @classmethod
    def open(cls, web: Web, somebody: Caller, address: str) -> Tab:
        """Open a page."""
        cookie = f"{SESSION}={web.session_of(somebody)}"
        page = web.client.get(address, headers={"Cookie": cookie}).text
        found = dict(re.findall(r'name="(_csrf|edition)" value="([^"]+)"', page))
        return cls(web, address, cookie, found)

    def send(self, *, by_itself: bool = False, **fields: object) -> Any:
        """Press the button, or let the page save itself as a field is left."""
        headers = {"Cookie": self.cookie} | ({"HX-Request": "true"} if by_itself else {})
        sent = {**self.hidden, **{name: value for name, value in fields.items() if value is not None}}
        return self.web.client.post(self.address, data=sent, headers=headers, follow_redirects=False)


def _person(**changed: object) -> dict[str, object]:
    return {"staff_category": "regular", "first_job_year": "2018", "education": "3", **changed}


@pytest.fixture
def flow(web: Web) -> Flow:
    """A draft that is complete."""
    unit_id, applicant = web.unit(), web.applicant()
    path = f"/applications/{web.draft(applicant, unit_id)['id']}"
    return Flow(web, path, applicant, web.staff(Role.UNIT_MANAGER, unit_id=unit_id))


def test_a_second_tab_saves_nothing_older_and_offers_both_ways_out(web: Web, flow: Flow) -> None:
    address = f"/my{flow.path}/form/person"
    first, second = (Tab.open(web, flow.applicant, address) for _ in range(2))
    assert first.send(**_person(first_job_year="2012")).status_code == 303
    refused = second.send(**_person(first_job_year="2013"))
    assert (refused.status_code, flow.first_job_year) == (409, 2012)
    assert 'name="first_job_year" type="text" value="2013"' in refused.text
    assert "较新的是“2012”，您填的是“2013”" in refused.text
    assert f'href="{address}?newest=1"' in refused.text
    assert f'name="edition" value="{second.hidden["edition"]}"' in refused.text

    over = re.search(r'name="over" value="([^"]+)"', refused.text)
    assert over is not None
    assert second.send(**_person(first_job_year="2013"), over=over[1]).status_code == 303
    assert flow.first_job_year == 2013
    assert second.send(**_person(first_job_year="2014"), over=over[1]).status_code == 409


def test_a_page_that_saves_itself_is_told_what_to_name_the_next_time(web: Web, flow: Flow) -> None:
    address = f"/my{flow.path}/form/person"
    first, second = (Tab.open(web, flow.applicant, address) for _ in range(2))
    saved = first.send(by_itself=True, **_person(first_job_year="2012"))
    told = re.search(r'name="edition" value="([^"]+)"', saved.text)
    assert told is not None
    first.hidden["edition"] = told[1]
    assert first.send(by_itself=True, **_person(first_job_year="2013")).status_code == 200
    refused = second.send(by_itself=True, **_person(first_job_year="2014"))
    assert (refused.status_code, flow.first_job_year) == (409, 2013)
    assert 'id="newer" hx-swap-oob' in refused.text
    assert "没有保存" in refused.text
    assert 'name="edition"' not in refused.text


def test_what_saves_itself_after_the_submission_is_refused_beside_the_form(web: Web, flow: Flow) -> None:
    mine = Tab.open(web, flow.applicant, f"/my{flow.path}/form/person")
    of_unit = Tab.open(web, flow.manager, f"/unit/people{flow.path.removeprefix('/applications')}/form/person")
    before = flow.applicant.post(f"{flow.path}/submit", {}).json()["form"]
    for tab in (mine, of_unit):
        refused = tab.send(by_itself=True, **_person(first_job_year="2014"))
        assert refused.status_code in {404, 422}
        assert 'id="newer" hx-swap-oob' in refused.text
        assert "申报已经提交" in refused.text
    assert flow.applicant.get(flow.path).json()["form"] == before


def test_the_unit_and_its_person_do_not_overwrite_each_other_unseen(web: Web, flow: Flow) -> None:
    mine = Tab.open(web, flow.applicant, f"/my{flow.path}/form/person")
    of_unit = Tab.open(web, flow.manager, f"/unit/people{flow.path.removeprefix('/applications')}/form/person")
    assert mine.send(**_person(first_job_year="2012")).status_code == 303
    refused = of_unit.send(**_person(first_job_year="2013"))
    assert (refused.status_code, flow.first_job_year) == (409, 2012)
    assert 'name="over"' in refused.text


def test_a_box_that_was_left_empty_stays_empty_on_an_older_page(web: Web, flow: Flow) -> None:
    address = f"/my{flow.path}/form/record"
    first, second = (Tab.open(web, flow.applicant, address) for _ in range(2))
    assert first.send(assessment_2023="excellent", filed_2023="true").status_code == 303
    refused = second.send(assessment_2023="pass")
    assert refused.status_code == 409
    assert 'name="filed_2023" value="true" checked' not in refused.text
    assert "2023年合格（未备案）" in refused.text


def test_a_correction_names_what_it_saw_like_every_other_save(web: Web) -> None:
    flow = web.submitted()
    item = {"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file"}
    assert flow.manager.decide(flow.path, "return", item, reason="请更正").status_code == 200
    first, second = (Tab.open(web, flow.applicant, f"/my{flow.path}/form/person") for _ in range(2))
    assert first.send(first_job_year="2012").status_code == 303
    assert (second.send(first_job_year="2013").status_code, flow.first_job_year) == (409, 2012)


def test_only_the_form_that_was_read_is_declared_to_be_true(web: Web, flow: Flow) -> None:
    check = Tab.open(web, flow.applicant, f"/my{flow.path}/check")
    Tab.open(web, flow.applicant, f"/my{flow.path}/form/person").send(**_person(first_job_year="2012"))
    refused = check.send(declared_true="true")
    assert (refused.status_code, flow.applicant.get(flow.path).json()["state"]) == (409, "draft")
    assert "<dd>2012</dd>" in refused.text


def test_a_program_that_saw_an_older_form_is_refused(flow: Flow) -> None:
    seen = flow.applicant.get(flow.path).json()
    newer, older = ({**seen["form"], "first_job_year": year} for year in (2012, 2013))
    saved = flow.applicant.put(f"{flow.path}/form", {"form": newer, "edition": seen["edition"]})
    assert (saved.status_code, saved.json()["edition"] != seen["edition"]) == (200, True)
    refused = flow.applicant.put(f"{flow.path}/form", {"form": older, "edition": seen["edition"]})
    assert (refused.status_code, refused.json()["error"], flow.first_job_year) == (409, "form_changed", 2012)
    assert flow.applicant.put(f"{flow.path}/form", {"form": older}).status_code == 422
