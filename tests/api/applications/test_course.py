"""An application's course over HTTP, from the draft to the verdict."""

from typing import Any

from core.db.session import Role
from core.simulate.scans import scan
from tests.callers import Caller, Flow, Web
from tests.cases import YEAR, at


def settle(officer: Caller, path: str) -> None:
    asked = [finding for finding in officer.get(f"{path}/findings").json() if finding["severity"] == "asks"]
    answers = [{"finding_id": finding["id"], "satisfied": True, "reason": "已核对人事档案"} for finding in asked]
    if answers:
        settled = officer.post(f"{path}/settlements", {"answers": answers})
        assert settled.status_code == 200, settled.text
        assert all(finding["settlement"]["satisfied"] for finding in settled.json() if finding["severity"] == "asks")


def qualify(web: Web, flow: Flow) -> dict[str, Any]:
    """Have the office decide, and a second officer confirm on site where that is needed."""
    flow.at_office()
    first, second = web.staff(Role.CITY_REVIEWER), web.staff(Role.CITY_REVIEWER)
    settle(first, flow.path)
    answer = first.decide(flow.path, "approve")
    assert answer.status_code == 200, answer.text
    if answer.json()["state"] == "onsite_confirmation":
        answer = second.decide(flow.path, "confirm")
        assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_an_application_goes_from_draft_to_qualified(web: Web) -> None:
    flow = web.submitted()
    assert qualify(web, flow)["state"] == "qualified"

    told = flow.applicant.get(f"{flow.path}/moves").json()
    assert told[0]["from_state"] == "draft"
    assert told[-1]["to_state"] == "qualified"
    assert told[-1]["to_state_label"]


def test_a_case_says_what_each_may_do_with_it(web: Web) -> None:
    flow = web.submitted()
    of_manager = flow.manager.get(flow.path).json()
    of_applicant = flow.applicant.get(flow.path).json()

    assert {"approve", "return", "reject"} <= {verb["action"] for verb in of_manager["allowed_actions"]}
    assert [verb["action"] for verb in of_applicant["allowed_actions"]] == ["withdraw"]
    assert of_manager["state_label"]


def test_a_returned_application_is_corrected_and_submitted_again(web: Web) -> None:
    flow = web.submitted()
    item = {"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file"}
    returned = flow.manager.decide(flow.path, "return", item, reason="工作年份与档案不符")
    assert returned.status_code == 200, returned.text
    assert returned.json()["unlocked_items"] == ["first_job_year"]

    form = {**returned.json()["form"], "first_job_year": returned.json()["form"]["first_job_year"] - 1}
    saved = flow.applicant.put(f"{flow.path}/form", {"form": form, "edition": returned.json()["edition"]})
    assert saved.status_code == 200, saved.text
    again = flow.applicant.post(f"{flow.path}/submit", {})
    assert again.json()["state"] == "unit_review"
    assert again.json()["round"] == 2


def test_a_withdrawn_application_takes_no_further_step(web: Web) -> None:
    flow = web.submitted()
    assert flow.applicant.post(f"{flow.path}/withdraw", {}).json()["state"] == "withdrawn"
    assert flow.manager.decide(flow.path, "approve").status_code == 409


def test_an_uploaded_paper_comes_back_as_it_was(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    listed = applicant.get(f"/applications/{draft['id']}/documents").json()
    paper = next(document for document in listed if document["material"] == "identity_card")

    file = applicant.get(f"/documents/{paper['id']}")
    assert file.content == scan("identity_card")
    assert file.headers["content-type"] == "image/png"
    assert file.headers["content-disposition"].startswith("attachment")
    assert (file.headers["x-content-type-options"], file.headers["cache-control"]) == ("nosniff", "no-store")
    assert web.applicant().get(f"/documents/{paper['id']}").status_code == 404


def test_submitting_after_the_window_has_closed_is_a_conflict(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    web.clock.set(at(5, 1))
    refused = applicant.post(f"/applications/{draft['id']}/submit", {})

    assert refused.status_code == 409, refused.text
    assert applicant.get(f"/applications/{draft['id']}").json()["state"] == "draft"


def test_the_center_and_its_auditor_read_every_offices_cases(web: Web, center: Caller) -> None:
    flow = web.submitted()
    auditor = web.staff(Role.PROVINCIAL_AUDITOR, "linshui")  # type: ignore[arg-type]

    assert center.get(f"/supervision{flow.path}").status_code == 200
    seen = auditor.get(flow.path)
    assert seen.status_code == 200
    assert seen.json()["allowed_actions"] == []
    listed = auditor.get("/applications", year=YEAR).json()["items"]
    assert listed
    assert all(case["state"] != "draft" for case in listed)


def test_the_whole_story_is_told_to_all_who_may_read_the_case(web: Web, center: Caller) -> None:
    flow = web.submitted()
    qualify(web, flow)
    for reader, path in ((flow.applicant, flow.path), (flow.manager, flow.path), (center, f"/supervision{flow.path}")):
        told = reader.get(f"{path}/story").json()
        assert told[0]["event"] == "application.drafted"
        assert "到“审查通过”" in [entry["sentence"] for entry in told if entry["event"].startswith("application.")][-1]
