"""From a site to the door over the API: each step as its role takes it, and what the public may ask of a ticket."""

from uuid import UUID, uuid4

import pytest

from core.db.session import Role
from tests.browser.people import agree_at_office
from tests.callers import Caller, Web
from tests.cases import CITY, OTHER_CITY, YEAR, at

SITE = {"year": YEAR, "code": "K01", "name": "测试考点", "address": "测试路1号", "opens_on": "2024-06-01"}
ROOM = {"name": "第一考场", "machines": 30, "reserve_machines": 2}
SITTING = {"year": YEAR, "subjects": ["岗位技能"], "grades": [5]}


@pytest.fixture
def scheduler(web: Web) -> Caller:
    return web.staff(Role.SCHEDULER, CITY)


def times(day: int, begins: int, ends: int) -> dict[str, str]:
    return {"starts_at": at(6, day, begins).isoformat(), "ends_at": at(6, day, ends).isoformat()}


def site(scheduler: Caller) -> dict[str, object]:
    """A new site of the city, signed off, as the list shows it."""
    code = uuid4().hex[:8]
    made = scheduler.post("/sites", {**SITE, "code": code, "closes_on": "2024-09-30", "rooms": [ROOM]})
    assert made.status_code == 201, made.text
    for item in ("power", "monitoring", "network", "standard_room"):
        signed = scheduler.post(f"/sites/{made.json()['id']}/sign-offs", {"item": item, "passed": True})
        assert signed.status_code == 200, signed.text
    found: dict[str, object] = signed.json()
    assert found["ready_at"] is not None
    return found


def test_a_site_takes_sittings_once_it_is_signed_off_and_no_room_twice(web: Web, scheduler: Caller) -> None:
    made = site(scheduler)
    [room] = made["rooms"]  # type: ignore[misc]
    rooms = {"room_ids": [room["id"]]}  # type: ignore[index]
    first = scheduler.post("/sittings", SITTING | times(22, 9, 11) | rooms)
    assert (first.status_code, first.json()["seats"], first.json()["warnings"]) == (201, 28, [])
    again = scheduler.post("/sittings", SITTING | times(22, 10, 12) | rooms)
    assert (again.status_code, again.json()["error"]) == (409, "room_taken")
    holiday = scheduler.post("/sittings", SITTING | times(10, 9, 11) | rooms)
    assert "端午节" in holiday.json()["warnings"][0]
    outside = scheduler.post(
        "/sittings", SITTING | {"starts_at": at(5, 31).isoformat(), "ends_at": at(5, 31, 11).isoformat()}
    )
    assert (outside.status_code, outside.json()["error"]) == (422, "outside_exam_window")
    other = web.staff(Role.SCHEDULER, OTHER_CITY)
    assert other.post(f"/sites/{made['id']}/close", {"reason": "测试"}).status_code == 404
    closed = scheduler.post(f"/sites/{made['id']}/close", {"reason": "水患"})
    assert set(closed.json()["sitting_ids"]) == {first.json()["id"], holiday.json()["id"]}


def test_a_course_fills_up_and_says_so(web: Web, scheduler: Caller) -> None:
    wanted = {
        "year": YEAR,
        "title": "测试班",
        "mode": "online",
        "place": "https://train.test",
        "grades": [5],
        "places": 1,
    }
    made = scheduler.post("/courses", wanted | times(3, 9, 17))
    assert made.status_code == 201, made.text
    answers = []
    for _ in range(2):
        flow = web.submitted()
        flow.at_office()
        assert agree_at_office(web.staff(Role.CITY_REVIEWER, CITY), flow.path) == "qualified"
        people = {"application_ids": [flow.id]}
        answers.append(flow.applicant.post(f"/courses/{made.json()['id']}/enrol", people))
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["error"] == "course_full"
    listed = flow.applicant.get("/courses", year=YEAR, office=CITY).json()
    assert next(course["places_taken"] for course in listed if course["id"] == made.json()["id"]) == 1


def test_what_is_no_ticket_is_not_believed_and_tells_nothing(web: Web) -> None:
    nobody = web.client
    code = web.platform.paper_keys.code("ticket", "20240000000000", "测试甲0001", "0017", "")
    for asked in ("20240000000000", code, "x", "考", "%00"):
        answer = nobody.get("/api/v1/tickets/verify", params={"code": asked}).json()
        assert (answer["genuine"], answer["number"], answer["person_name"]) == (False, "", "")
    assert nobody.get("/api/v1/papers/public-keys").json() == list(web.platform.paper_keys.public)
    page = nobody.get("/verify/ticket", params={"code": code})
    assert "不是有效的准考证" in page.text
    assert "测试甲0001" not in page.text


def test_the_register_and_incidents_go_over_the_api(web: Web) -> None:
    examiner = web.staff(Role.EXAMINER, CITY)
    kept = {"year": YEAR, "kind": "recording", "title": "录像", "keeper": "测试甲0001", "place": "2号柜"}
    no_digest = examiner.post("/custody", kept | {"keep_until": "2024-12-31"})
    assert (no_digest.status_code, no_digest.json()["error"]) == (422, "digest_required")
    made = examiner.post("/custody", kept | {"keep_until": "2024-12-31", "digest": "a" * 64})
    assert made.status_code == 201, made.text
    handed = {"to_keeper": "测试甲0002", "to_place": "档案室", "reason": "移交"}
    assert examiner.post(f"/custody/{made.json()['id']}/hand-over", handed).status_code == 200
    listed = examiner.get("/custody", year=YEAR).json()
    assert next(line["keeper"] for line in listed if line["id"] == made.json()["id"]) == "测试甲0002"
    early = examiner.post(f"/custody/{made.json()['id']}/end", {"reason": "销毁"})
    assert (early.status_code, early.json()["error"]) == (409, "kept_until")
    incident = {"year": YEAR, "client_id": str(UUID(int=77)), "kind": "emergency", "facts": "停电"}
    sent = [examiner.post("/incidents", incident | {"happened_at": at(3, 25, 8).isoformat()}) for _ in range(2)]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    assert examiner.get("/exam-progress", year=YEAR, day="2024-06-22").status_code == 200


def test_the_shape_of_a_room_is_entered_read_and_set_back(web: Web, scheduler: Caller) -> None:
    [room] = site(scheduler)["rooms"]  # type: ignore[misc]
    address = f"/rooms/{room['id']}/shape"  # type: ignore[index]
    before = scheduler.get(address).json()
    assert (before["entered"], before["rows"], before["columns"], before["seats"]) == (False, 5, 6, 30)
    wanted = {"rows": 2, "columns": 16, "aisles": [8], "unusable": [[1, 1], [2, 16]], "numbering": "serpentine"}
    answer = scheduler.put(address, wanted)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made == scheduler.get(address).json()
    assert {name: made[name] for name in wanted} == wanted
    assert (made["entered"], made["seats"], made["cross_aisles"]) == (True, 30, [])
    front, back = made["picture"]
    assert front == ["unusable", *range(1, 8), "aisle", *range(8, 16)]
    assert back == [*range(30, 22, -1), "aisle", *range(22, 15, -1), "unusable"]
    few = scheduler.put(address, {"rows": 2, "columns": 14})
    assert (few.status_code, few.json()["error"]) == (422, "room_shape_wrong")
    assert "还少2个" in few.json()["fields"]["unusable"]
    examiner, other = web.staff(Role.EXAMINER, CITY), web.staff(Role.SCHEDULER, OTHER_CITY)
    assert examiner.get(address).status_code == 200
    assert examiner.put(address, wanted).status_code == 403
    assert {other.get(address).status_code, other.put(address, wanted).status_code} == {404}
    assert scheduler.post(f"{address}/reset").json() == before
