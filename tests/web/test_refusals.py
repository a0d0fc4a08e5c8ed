"""Refusals over HTTP: which status, in which words, and what of it stays in the record."""

from litestar import get
from litestar.testing import TestClient
from sqlalchemy import select

from core.app import create_app
from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, AuditorSession, Role
from tests.callers import API, Caller, Web
from tests.cases import OTHER_CITY, PROVINCE, YEAR


def recorded(web: Web, kind: str) -> list[RecordEntry]:
    """The entries of a kind, as the auditor reads them."""
    auditor = Actor(new_id(), "测试审计员", Role.PROVINCIAL_AUDITOR, office_id=PROVINCE)
    with AuditorSession(web.platform.engine, actor=auditor, now=web.clock()) as session:
        return list(session.scalars(select(RecordEntry).where(RecordEntry.kind == kind).order_by(RecordEntry.at)))


def test_without_a_token_nobody_is_known(web: Web) -> None:
    refused = web.client.get(f"{API}/applications", params={"year": YEAR})
    assert refused.status_code == 401
    assert refused.json()["error"] == "token_missing"
    assert refused.headers["www-authenticate"] == "Bearer"


def test_an_unknown_token_is_refused_and_recorded(web: Web) -> None:
    before = len(recorded(web, "sign_in.failed"))
    assert Caller(web.client, "no-such-token").get("/applications", year=YEAR).json()["error"] == "token_not_valid"
    entries = recorded(web, "sign_in.failed")
    assert len(entries) == before + 1
    assert "token_not_valid" in {entry.payload["code"] for entry in entries}


def test_a_refused_write_is_recorded_though_it_was_rolled_back(web: Web) -> None:
    flow = web.submitted()
    account_id = flow.applicant.get("/me").json()["account_id"]
    assert flow.applicant.post(f"{flow.path}/withdraw", {"version": 99}).status_code == 409
    theirs = [entry for entry in recorded(web, "request.refused") if entry.subject_id == account_id]
    assert [entry.payload["code"] for entry in theirs] == ["changed"]


def test_a_role_that_may_not_do_it_is_forbidden(web: Web) -> None:
    flow = web.submitted()
    refused = flow.applicant.post(f"{flow.path}/approve", {})
    assert refused.status_code == 403
    assert "申报人" in refused.json()["detail"]


def test_another_offices_case_does_not_exist(web: Web) -> None:
    flow = web.submitted()
    stranger = web.staff(Role.CITY_REVIEWER, OTHER_CITY)
    refused = stranger.get(flow.path)
    assert (refused.status_code, refused.json()["error"]) == (404, "no_such_application")


def test_the_second_officer_is_told_that_a_colleague_was_faster(web: Web) -> None:
    flow = web.submitted()
    seen = flow.at_office()["version"]
    first, second = web.staff(Role.CITY_REVIEWER), web.staff(Role.CITY_REVIEWER)
    body = {"reason": "申报工种与岗位不一致", "version": seen}

    assert first.post(f"{flow.path}/reject", body).status_code == 200
    refused = second.post(f"{flow.path}/reject", body)
    assert refused.status_code == 409
    assert flow.applicant.get(flow.path).json()["version"] == seen + 1


def test_what_cannot_be_read_names_each_field(web: Web) -> None:
    body = {"year": "soon", "unit_id": "none", "extra": 1}
    refused = web.applicant().post("/applications", body)
    assert (refused.status_code, refused.json()["error"]) == (422, "malformed_fields")
    assert set(refused.json()["fields"]) == {"year", "unit_id", "extra"}


def test_a_service_refusal_names_its_field(web: Web) -> None:
    body = {"id_number": "123", "name": "测试乙", "phone": "19900000082", "password": "与旧书店的猫 铁路"}
    refused = web.client.post(f"{API}/registrations", json=body)
    assert refused.status_code == 422
    assert "id_number" in refused.json()["fields"]


def test_an_unknown_address_and_an_unknown_method_are_answered_in_words(web: Web) -> None:
    assert web.client.get(f"{API}/nothing").json()["error"] == "no_such_address"
    wrong = web.applicant().put("/applications", {})
    assert wrong.status_code == 405


def test_a_fault_of_ours_shows_nothing_of_the_inside(web: Web) -> None:
    @get("/fault", sync_to_thread=False)
    def fault() -> None:
        raise RuntimeError("secret inside")

    app = create_app(web.platform)
    app.register(fault)
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/fault")
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal"
    assert "secret" not in answer.text


def test_a_refused_write_leaves_nothing_behind(web: Web) -> None:
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    before = applicant.get(f"/applications/{draft['id']}").json()
    refused = applicant.put(f"/applications/{draft['id']}/form", {"form": {}, "edition": "99-older"})
    assert (refused.status_code, refused.json()["error"]) == (409, "form_changed")
    assert applicant.get(f"/applications/{draft['id']}").json() == before


def _ban_of_nobody() -> dict[str, str]:
    decided = {"reason": "提交的证书系伪造", "instrument": "测试处〔2024〕1号", "begins": "2024-01-01T00:00:00+08:00"}
    return decided | {"person_id": str(new_id())}


def test_a_reference_to_nobody_is_the_askers_mistake(web: Web) -> None:
    refused = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE).post("/bans", _ban_of_nobody())
    assert (refused.status_code, refused.json()["error"]) == (422, "unknown_reference")


def test_what_the_database_alone_refused_is_on_the_record_as_well(web: Web) -> None:
    center = web.staff(Role.PROVINCIAL_OFFICER, PROVINCE)
    center.post("/bans", _ban_of_nobody())
    account_id = center.get("/me").json()["account_id"]
    theirs = [entry for entry in recorded(web, "request.refused") if entry.subject_id == account_id]
    assert [entry.payload["code"] for entry in theirs] == ["unknown_reference"]
