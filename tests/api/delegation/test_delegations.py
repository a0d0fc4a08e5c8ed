"""Delegations over JSON."""

from core.db.session import Role
from tests.callers import Caller, Web
from tests.cases import COUNTY, at


def test_a_delegation_goes_from_proposal_to_its_end(web: Web, supervisor: Caller) -> None:
    held = supervisor.get("/delegations", office=COUNTY).json()
    in_force = [delegation for delegation in held if delegation["state"] in {"in_force", "paused"}]
    for delegation in in_force:
        ended = supervisor.post(f"/delegations/{delegation['id']}/take-back", {"reason": "测试收回", "cases": "move"})
        assert ended.status_code == 200, ended.text
    proposal = {
        "to_office_id": COUNTY,
        "instrument": "测试字〔2024〕1号",
        "mode": "entrusted",
        "stages": ["qualification_review"],
        "effective_from": "2024-04-01T00:00:00+08:00",
    }
    made = supervisor.post("/delegations", proposal)
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    path = f"/delegations/{made.json()['id']}"
    assert supervisor.post(f"{path}/take-effect").json()["error"] == "not_yet"
    web.clock.set(at(4, 1))
    assert supervisor.post(f"{path}/take-effect").json() == {"cases_moved": 0}
    assert supervisor.get("/delegations", office=COUNTY, as_of="2024-03-31").json() != (
        supervisor.get("/delegations", office=COUNTY, as_of="2024-04-01").json()
    )
    county = web.staff(Role.COUNTY_REVIEWER, COUNTY)
    assert county.post(f"{path}/take-back", {"reason": "越权"}).status_code == 403
    assert county.post(f"{path}/give-back", {"reason": "人手不足"}).json() == {"cases_moved": 0}
    assert county.get(path).json()["state"] == "ended"
