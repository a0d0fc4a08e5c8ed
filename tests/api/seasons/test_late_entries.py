"""Late entries over JSON."""

from datetime import timedelta

from tests.callers import Caller, Web
from tests.cases import YEAR, at


def test_a_late_entry_allows_submitting_after_registration_has_closed(web: Web, supervisor: Caller) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    web.clock.set(at(4, 8))
    path = f"/applications/{draft['id']}/submit"
    assert applicant.post(path, {}).json()["error"] == "outside_window"
    entry = {
        "year": YEAR,
        "person_id": applicant.get("/me").json()["person_id"],
        "reason": "住院治疗",
        "opens": web.clock().isoformat(),
        "closes": (web.clock() + timedelta(days=2)).isoformat(),
    }
    assert supervisor.post("/late-entries", entry).status_code == 201
    assert applicant.post(path, {}).status_code == 200
