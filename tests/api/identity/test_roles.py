"""Roles over HTTP: choosing and ending one, tokens for part of what an account may, acting for a colleague, audits."""

import re
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from core.db.session import ANONYMOUS, AuditorSession, Role
from tests.callers import API, Caller, Web
from tests.cases import CITY, PROVINCE, at


def supervised(web: Web) -> tuple[Caller, dict[str, Any], Caller]:
    """A city's supervisor, the account of a new reviewer, and that reviewer with a token."""
    supervisor = web.staff(Role.CITY_SUPERVISOR)
    body = {"login": f"new-{uuid.uuid4().hex}", "name": "测试新员", "role": "city_reviewer", "office_id": CITY}
    account = supervisor.post("/accounts", body).json()
    token = supervisor.post(f"/accounts/{account['id']}/tokens", {}).json()["token"]
    return supervisor, account, Caller(web.client, token)


def test_a_role_that_is_ended_stops_the_very_next_request(web: Web) -> None:
    supervisor, _, reviewer = supervised(web)
    [held] = reviewer.get("/me").json()["roles"]
    assert held["current"] is True
    assert supervisor.post(f"/roles/{held['id']}/end").json()["role"] == "city_reviewer"
    assert reviewer.get("/me").status_code == 401


def test_a_browser_without_a_chosen_role_sees_papers_in_the_role_of_its_pages(web: Web) -> None:
    supervisor, account, reviewer = supervised(web)
    flow = web.submitted()
    flow.at_office()
    more = supervisor.post(f"/accounts/{account['id']}/roles", {"role": "scheduler", "office_id": CITY})
    assert more.status_code == 201, more.text
    page = web.look(reviewer, f"/desk/cases/{flow.path.removeprefix('/applications/')}")
    shown = re.findall(r'<img class="preview" src="([^"]+)"', page.text)
    assert shown
    assert {web.look(reviewer, address).status_code for address in shown} == {200}


def test_nobody_is_led_to_a_page_that_refuses_them(web: Web) -> None:
    auditor, examiner = web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE), web.staff(Role.EXAMINER)
    assert 'href="/notices"' not in web.look(auditor, "/record").text
    assert "/exams/sites/distances" not in web.look(examiner, "/exams/sites").text
    assert "/exams/sites/distances" in web.look(web.staff(Role.SCHEDULER), "/exams/sites").text


def test_a_role_that_runs_out_stops_by_the_clock_alone(web: Web) -> None:
    supervisor = web.staff(Role.CITY_SUPERVISOR)
    until = web.clock() + timedelta(hours=1)
    body = {"login": f"short-{uuid.uuid4().hex}", "name": "测试短期", "role": "scheduler", "office_id": CITY}
    account = supervisor.post("/accounts", {**body, "valid_until": until.isoformat()}).json()
    made = Caller(web.client, supervisor.post(f"/accounts/{account['id']}/tokens", {}).json()["token"])
    assert made.get("/me").status_code == 200
    web.clock.now = until
    assert made.get("/me").status_code == 401


def test_a_token_for_reading_changes_nothing_and_one_for_a_part_only_that(web: Web) -> None:
    supervisor, account, _ = supervised(web)
    path = f"/accounts/{account['id']}/tokens"
    reading = Caller(web.client, supervisor.post(path, {"permissions": []}).json()["token"])
    reviewing = Caller(web.client, supervisor.post(path, {"permissions": ["review"]}).json()["token"])
    flow = web.submitted()
    flow.at_office()
    for somebody in (reading, reviewing):
        assert somebody.get(flow.path).status_code == 200
        assert somebody.get("/late-entries", year=2024).status_code == 200
    refused = reading.post(f"{flow.path}/reject", {"reason": "测试"})
    assert (refused.status_code, refused.json()["error"]) == (403, "outside_scope")
    assert reading.get(flow.path).json()["allowed_actions"] == []
    assert reviewing.post("/manager-forms/" + str(uuid.uuid4()) + "/accept").json()["error"] == "outside_scope"
    assert reviewing.post(f"{flow.path}/reject", {"reason": "测试"}).status_code == 200
    past = supervisor.post(path, {"expires_at": at(3, 1).isoformat()})
    assert (past.status_code, past.json()["error"]) == (422, "token_dates")


def test_every_token_ends_and_none_lasts_longer_than_the_installation_lets_it(web: Web) -> None:
    supervisor, account, _ = supervised(web)
    path = f"/accounts/{account['id']}/tokens"
    usual, longest = web.platform.token_terms.usual, web.platform.token_terms.longest
    by_default = Caller(web.client, supervisor.post(path, {}).json()["token"])
    too_long = supervisor.post(path, {"expires_at": (web.clock() + longest + timedelta(minutes=1)).isoformat()})
    assert (too_long.status_code, too_long.json()["error"]) == (422, "token_dates")
    assert f"{longest.days}天" in too_long.json()["detail"]
    web.clock.now += usual - timedelta(seconds=1)
    assert by_default.get("/me").status_code == 200
    web.clock.now += timedelta(seconds=1)
    assert by_default.get("/me").status_code == 401


def test_the_holder_of_a_token_made_by_another_is_notified(web: Web) -> None:
    supervisor, account, reviewer = supervised(web)
    supervisor.post(f"/accounts/{account['id']}/tokens", {"permissions": []})
    told = [notice for notice in reviewer.get("/notices").json()["items"] if notice["title"] == "有新的程序登录凭证"]
    assert len(told) >= 2
    assert "只能查看，有效至" in told[0]["body"]


def test_a_bounded_token_makes_no_token(web: Web) -> None:
    supervisor, account, _ = supervised(web)
    me = supervisor.get("/me").json()["account_id"]
    narrow = supervisor.post(f"/accounts/{me}/tokens", {"permissions": ["staff"]}).json()["token"]
    staffing = Caller(web.client, narrow)
    for target in (me, account["id"]):
        refused = staffing.post(f"/accounts/{target}/tokens", {})
        assert (refused.status_code, refused.json()["error"]) == (403, "token_bounded")


def test_a_deputy_says_for_whom_and_the_story_shows_both(web: Web) -> None:
    supervisor, account, deputy = supervised(web)
    _, absent_account, absent = supervised(web)
    [held] = absent.get("/me").json()["roles"]
    leave = {"valid_from": at(3, 24).isoformat(), "valid_until": at(4, 1).isoformat(), "reason": "休假"}
    body = {"grant_id": held["id"], "deputy_login": account["login"], **leave, "permissions": ["review"]}
    made = absent.post("/acting", body)
    assert made.status_code == 201, made.text
    behalf = next(role for role in deputy.get("/me").json()["roles"] if role["on_behalf_of_name"])
    assert (behalf["id"], behalf["permissions"]) == (made.json()["id"], ["review"])
    flow = web.submitted()
    flow.at_office()
    headers = {"Authorization": f"Bearer {deputy.token}"}
    unclear = web.client.post(f"{API}{flow.path}/reject", json={"reason": "测试"}, headers=headers)
    assert unclear.json()["error"] == "role_unclear"
    chosen = {**headers, "X-Kaowu-Grant": behalf["id"]}
    assert web.client.post(f"{API}{flow.path}/reject", json={"reason": "测试"}, headers=chosen).status_code == 200
    last = flow.applicant.get(f"{flow.path}/moves").json()[-1]
    assert last["done_by"] == f"{account['name']}（代{absent_account['name']}）"
    told = [entry for entry in supervisor.get(f"{flow.path}/story").json() if entry["event"] == "application.reject"]
    assert [(entry["who"], entry["on_behalf_of"]) for entry in told] == [(account["name"], absent_account["name"])]
    assert f"{account['name']} 代 {absent_account['name']}" in told[0]["sentence"]
    assert supervisor.post(f"/acting/{made.json()['id']}/end").status_code == 200
    assert len(deputy.get("/me").json()["roles"]) == 1


def test_what_an_auditor_reads_is_on_the_record(web: Web) -> None:
    flow = web.submitted()
    auditor = web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE)
    me = auditor.get("/me").json()["account_id"]
    assert auditor.get(f"/supervision{flow.path}").status_code == 200
    assert auditor.get("/supervision/applications", year=2024).status_code == 200
    asked = text(
        "SELECT kind, subject_id, payload ->> 'route' FROM record_entries WHERE account_id = :me "
        "AND kind IN ('application.inspected', 'cases.inspected') AND payload ->> 'route' LIKE '%supervision%' "
        "ORDER BY id"
    )
    with AuditorSession(web.platform.engine, actor=ANONYMOUS, now=web.clock()) as session:
        entries = [tuple(row) for row in session.execute(asked, {"me": me})]
    assert entries == [
        ("application.inspected", flow.path.rsplit("/", 1)[-1], "/api/v1/supervision/applications/{application_id}"),
        ("cases.inspected", me, "/api/v1/supervision/applications"),
    ]


def test_each_reader_of_a_story_from_above_leaves_one_entry(web: Web) -> None:
    flow = web.submitted()
    for role in (Role.PROVINCIAL_AUDITOR, Role.PROVINCIAL_OFFICER):
        assert web.staff(role, PROVINCE).get(f"/supervision{flow.path}/story").status_code == 200
    lines = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE).get(f"/supervision{flow.path}/story").json()
    read = [line["role"] for line in lines if line["event"] == "application.inspected"]
    assert read == ["省级审计人员", "省中心经办人员"]


def test_an_operator_sees_how_plugins_fare_and_no_case(web: Web) -> None:
    flow = web.submitted()
    operator = web.staff(Role.OPERATOR, PROVINCE)
    assert operator.get("/health").status_code == 200
    for path in (flow.path, "/notices", "/accounts", "/manager-forms", "/originals"):
        assert operator.get(path).status_code == 403
