"""Accounts over JSON: one token for one request, and the role that acts."""

import uuid

from tests.callers import API, Caller, Web
from tests.cases import CITY


def test_the_same_request_for_a_token_brings_the_same_token_and_no_second_one(web: Web, supervisor: Caller) -> None:
    login = f"new-{uuid.uuid4().hex}"
    account = {"login": login, "name": "测试新员", "role": "city_reviewer", "office_id": CITY}
    made = supervisor.post("/accounts", account)
    assert made.status_code == 201, made.text
    path = f"/accounts/{made.json()['id']}/tokens"
    first = supervisor.post(path, {}, key="token")
    assert supervisor.post(path, {}, key="token").json() == first.json()
    newcomer = Caller(web.client, first.json()["token"])
    assert newcomer.get("/me").json()["name"] == "测试新员"
    assert supervisor.post(f"/accounts/{made.json()['id']}/end").status_code == 200
    assert newcomer.get("/me").status_code == 401


def test_an_account_with_two_roles_says_which_one_acts(web: Web, center: Caller) -> None:
    account = {"login": f"two-{uuid.uuid4().hex}", "name": "测试双岗", "role": "city_reviewer", "office_id": CITY}
    made = center.post("/accounts", account).json()
    more = center.post(f"/accounts/{made['id']}/roles", {"role": "city_supervisor", "office_id": CITY})
    assert more.status_code == 201, more.text
    token = center.post(f"/accounts/{made['id']}/tokens", {}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert len(web.client.get(f"{API}/me", headers=headers).json()["roles"]) == 2
    unclear = web.client.get(f"{API}/accounts", headers=headers)
    assert (unclear.status_code, unclear.json()["error"]) == (422, "role_unclear")
    chosen = {**headers, "X-Kaowu-Role": "city_supervisor", "X-Kaowu-Place": CITY}
    assert web.client.get(f"{API}/accounts", headers=chosen).status_code == 200
    not_held = {**headers, "X-Kaowu-Role": "provincial_officer"}
    assert web.client.get(f"{API}/accounts", headers=not_held).json()["error"] == "role_not_held"
