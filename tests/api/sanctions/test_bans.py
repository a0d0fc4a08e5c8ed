"""Bans over JSON."""

from core.db.session import Role
from tests.callers import Caller, Web, as_json
from tests.cases import OTHER_CITY, PROVINCE, YEAR, answers


def test_a_person_under_a_ban_is_told_and_refused_everywhere(web: Web, supervisor: Caller, center: Caller) -> None:
    applicant = web.applicant()
    me = applicant.get("/me").json()
    draft = web.draft(applicant, web.unit(OTHER_CITY))
    decided = {"person_id": me["person_id"], "reason": "提交的证书系伪造", "instrument": "测试处〔2023〕7号"}
    decided |= {"begins": "2023-11-01T00:00:00+08:00"}
    assert supervisor.post("/bans", decided).status_code == 403
    ban = center.post("/bans", decided)
    assert ban.status_code == 201, ban.text
    assert applicant.get("/bans").json() == []
    confirm = f"/bans/{ban.json()['id']}/confirm"
    assert center.post(confirm).json()["error"] == "ban_own_entry"
    second = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    held = second.post(confirm)
    assert applicant.get("/bans").json() == [held.json()]
    unit = web.unit(OTHER_CITY)
    begun = applicant.post("/applications", {"year": YEAR, "unit_id": str(unit), "form": as_json(answers())})
    assert (begun.status_code, begun.json()["error"]) == (403, "banned")
    refused = applicant.post(f"/applications/{draft['id']}/submit", {})
    assert (refused.status_code, refused.json()["error"]) == (403, "banned")
    lift = f"/bans/{ban.json()['id']}/lift"
    assert supervisor.post(lift, {"reason": "原决定被撤销"}).status_code == 403
    assert center.post(lift, {"reason": "原决定被撤销"}).status_code == 200
    assert applicant.post(f"/applications/{draft['id']}/submit", {}).status_code == 200
