"""The people whom the tests of pages know by name, and how far each application has come."""

from collections.abc import Callable, Mapping

from playwright.sync_api import Page

from core.db.session import Role
from tests.callers import Caller, Flow, Web, as_json
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, answers, at, unfiled


def agree_at_office(office: Caller, path: str) -> str:
    """Have the office settle what the rules ask, agree, and confirm on site where that is needed; the state then."""
    state = settle_and_approve(office, path)
    return str(office.decide(path, "confirm").json()["state"]) if state == "onsite_confirmation" else state


def settle_and_approve(office: Caller, path: str) -> str:
    """Have the office settle what the rules ask, and agree; the state then."""
    asked = office.get(f"{path}/findings/unsettled").json()
    answers = [{"finding_id": finding["id"], "satisfied": True, "reason": "已核对人事档案"} for finding in asked]
    agreed = office.decide(path, "approve", answers=answers)
    assert agreed.status_code == 200, agreed.text
    return str(agreed.json()["state"])


def find_correct(page: Page) -> None:
    """Call every item of a case correct; the page of the case may still be on its way."""
    verdicts = page.locator(".judged input[value=correct]")
    verdicts.first.wait_for(state="attached")
    for verdict in verdicts.all():
        verdict.check()


def submit_and_approve(applicant: Caller, manager: Caller, path: str) -> None:
    """Have the applicant submit and the unit agree."""
    submitted = applicant.post(f"{path}/submit", {})
    assert submitted.status_code == 200, submitted.text
    agreed = manager.decide(path, "approve")
    assert agreed.status_code == 200, agreed.text


def _drafting(web: Web) -> Flow:
    """A complete application that is not submitted."""
    unit_id, applicant = web.unit(), web.applicant()
    made = web.draft(applicant, unit_id)
    return Flow(web, f"/applications/{made['id']}", applicant, web.staff(Role.UNIT_MANAGER, unit_id=unit_id))


def _deferred(web: Web) -> Flow:
    """An application that is admitted provided that one paper follows."""
    unit_id, applicant = web.unit(), web.applicant()
    made = web.draft(applicant, unit_id, unfiled())
    flow = Flow(web, f"/applications/{made['id']}", applicant, web.staff(Role.UNIT_MANAGER, unit_id=unit_id))
    submitted = applicant.post(f"{flow.path}/submit", {"version": made["version"]})
    assert submitted.status_code == 200, submitted.text
    commitment = {"material": "annual_assessments", "commitment": "备案后即补交", "due_at": at(5, 20).isoformat()}
    committed = flow.manager.post(f"{flow.path}/deferrals", commitment)
    assert committed.status_code == 201, committed.text
    flow.at_office()
    assert agree_at_office(web.staff(Role.CITY_REVIEWER, CITY), flow.path) == "provisional"
    return flow


def _returned(web: Web) -> Flow:
    """An application that its unit has returned: two items faulty, one paper missing."""
    flow = web.submitted()
    send_back(flow.manager, flow.path)
    return flow


def send_back(manager: Caller, path: str) -> None:
    """Have the unit return an application: two items faulty, one paper missing."""
    items = [
        {"item": "first_job_year", "faulty": True, "reason_code": "contradicts_file", "comment": "与档案记载不符"},
        {"item": "identity_card", "faulty": True, "reason_code": "illegible", "comment": "照片不清楚，请重拍"},
        {"item": "diploma", "faulty": True, "reason_code": "missing"},
    ]
    reason = "参加工作年份和身份证照片须改正，毕业证书请补交。"
    answer = manager.decide(path, "return", *items, reason=reason)
    assert answer.status_code == 200, answer.text


def _at_office(web: Web) -> Flow:
    """An application that its unit has agreed to."""
    flow = web.submitted()
    flow.at_office()
    return flow


def _corrected(web: Web) -> Flow:
    """An application corrected after a return by the office, and agreed to again by its unit."""
    flow = _at_office(web)
    items = [{"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file", "comment": "与档案不符"}]
    answer = web.staff(Role.CITY_REVIEWER, CITY).decide(flow.path, "return", *items, reason="参加工作年份须改正。")
    assert answer.status_code == 200, answer.text
    form = as_json(answers(first_job_year=answers()["first_job_year"] - 1))
    answer = flow.applicant.put(
        f"{flow.path}/form", {"form": form, "edition": flow.applicant.get(flow.path).json()["edition"]}
    )
    assert answer.status_code == 200, answer.text
    answer = flow.applicant.post(f"{flow.path}/submit", {})
    assert answer.status_code == 200, answer.text
    flow.at_office()
    return flow


def _qualified(web: Web) -> Flow:
    """A qualified application."""
    flow = _at_office(web)
    assert agree_at_office(web.staff(Role.CITY_REVIEWER, CITY), flow.path) == "qualified"
    return flow


def refused(web: Web) -> Flow:
    """An application that the office found not eligible."""
    flow = _at_office(web)
    answer = web.staff(Role.CITY_REVIEWER, CITY).post(f"{flow.path}/reject", {"reason": "工作年限不足（测试）"})
    assert answer.status_code == 200, answer.text
    return flow


def _appealing(web: Web) -> Flow:
    """The same, with an appeal that waits for the center."""
    flow = refused(web)
    made = flow.applicant.post(f"{flow.path}/appeals", {"grounds": "档案记载的年限已满（测试）"})
    assert made.status_code == 201, made.text
    return flow


CASES: Mapping[str, Callable[[Web], Flow]] = {
    "drafter": _drafting,
    "photographer": _drafting,
    "waiting": lambda web: web.submitted(),
    "at_office": _at_office,
    "corrected": _corrected,
    "returned": _returned,
    "refused": refused,
    "appealing": _appealing,
    "to_correct": _returned,
    "deferred": _deferred,
    "deferred_too": _deferred,
    "unsure": lambda web: web.submitted(),
    "certified": lambda web: web.submitted(),
    "listed": lambda web: web.submitted(),
    "candidate": _qualified,
}
"""Applicants by the names that tests know them by, each with how their application comes about."""

PEOPLE: Mapping[str, Callable[[Web], Caller]] = {
    "newcomer": lambda web: web.applicant(),
    "half_signed_in": lambda web: web.applicant(),
    "manager": lambda web: web.staff(Role.UNIT_MANAGER, unit_id=web.unit()),
    "county": lambda web: web.staff(Role.COUNTY_REVIEWER, COUNTY),
    "city": lambda web: web.staff(Role.CITY_REVIEWER, CITY),
    "counter": lambda web: web.staff(Role.CITY_REVIEWER, OTHER_CITY),
    "scheduler": lambda web: web.staff(Role.SCHEDULER, CITY),
    "supervisor": lambda web: web.staff(Role.CITY_SUPERVISOR, CITY),
    "center": lambda web: web.staff(Role.PROVINCIAL_OFFICER, PROVINCE),
    "operator": lambda web: web.staff(Role.OPERATOR, PROVINCE),
    "auditor": lambda web: web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE),
    "examiner": lambda web: web.staff(Role.EXAMINER, CITY),
}
"""Everybody else by name."""
