"""The applicant's page: what is missing, until when, and a button to where each is put right."""

import re
from datetime import timedelta

from core.simulate.scans import scan
from tests.callers import Flow, Web
from tests.pages.applications.test_papers_on_behalf import send


def _to_do(page: str) -> list[tuple[str, str]]:
    """The pages and marks that the buttons of the list lead to."""
    listed = page.partition('class="to-do"')[2].partition("</ul>")[0]
    return re.findall(r'href="([^"#]+)#([^"]+)"', listed)


def test_a_draft_lists_every_gap_and_paper_with_the_way_to_it(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit(), {"first_job_year": 2005})
    page = web.look(applicant, f"/my/applications/{draft['id']}").text
    ways = _to_do(page)
    marks = [mark for _, mark in ways]
    assert {"grade", "path", "trade", "staff_category", "education", "paper-regularisation"} <= set(marks)
    assert not {"declared_true", "paper-identity_card", "paper-photo"} & set(marks)
    for address, mark in ways:
        assert f'id="{mark}"' in web.look(applicant, address).text, (address, mark)


def test_a_draft_says_until_when_it_is_submitted_and_reviewed_by_the_unit(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    page = web.look(applicant, f"/my/applications/{draft['id']}").text
    dates = page.partition("到什么时候")[2].partition("</dl>")[0]
    assert "您提交申报" in dates
    assert f"{draft['unit_name']}审核" in dates
    assert "尚未公布" not in dates
    assert _to_do(page) == []
    assert "填写的内容和材料都齐了" in page


def test_a_return_lists_exactly_what_was_asked_for(web: Web) -> None:
    flow = web.submitted()
    faulty = {"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file", "comment": "与档案不符"}
    missing = {"item": "diploma", "faulty": True, "reason_code": "missing"}
    answer = flow.manager.decide(flow.path, "return", faulty, missing, reason="请改正、补交")
    assert answer.status_code == 200, answer.text
    page = web.look(flow.applicant, f"/my{flow.path}").text
    assert sorted(mark for _, mark in _to_do(page)) == ["first_job_year", "paper-diploma"]
    assert "与档案不符" in page


def test_a_return_lists_only_what_is_still_open_and_warns_before_it_is_submitted_again(web: Web) -> None:
    flow = web.submitted()
    faulty = {"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file"}
    missing = {"item": "diploma", "faulty": True, "reason_code": "missing"}
    assert flow.manager.decide(flow.path, "return", faulty, missing, reason="请补正").status_code == 200
    web.clock.set(web.clock() + timedelta(minutes=1))
    mine = f"/my{flow.path}"
    assert web.look(flow.applicant, f"{mine}/check").text.count("还有2项没有办") == 1
    listed = re.findall(r'id="paper-([a-z_]+)"', web.look(flow.applicant, f"{mine}/papers").text)
    assert listed[0] == "diploma"
    file = {"file": ("毕业证书.png", scan("diploma"), "image/png")}
    send(web, flow.applicant, f"{mine}/papers", f"{mine}/papers", files=file, material="diploma")
    assert [mark for _, mark in _to_do(web.look(flow.applicant, mine).text)] == ["first_job_year"]
    assert "还有1项没有办" in web.look(flow.applicant, f"{mine}/check").text
    page = f"{mine}/form/person"
    send(web, flow.applicant, page, page, edition=_edition(web, flow, page), first_job_year="2003")
    standing = web.look(flow.applicant, mine).text
    assert _to_do(standing) == []
    assert "要改、要补的都办了" in standing
    assert "没有办" not in web.look(flow.applicant, f"{mine}/check").text


def _edition(web: Web, flow: Flow, page: str) -> str:
    found = re.search(r'name="edition" value="([^"]*)"', web.look(flow.applicant, page).text)
    assert found is not None
    return found[1]
