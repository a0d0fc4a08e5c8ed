"""What an act would cause, over the API: the sentence and the counts, and nothing is changed by asking."""

from uuid import UUID

from core.db.session import Role
from core.scheduling.sites.service import rooms_of
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY, YEAR, at
from tests.pages.scheduling.test_exam_pages import _at_work

SEATS = {"issued": "seat", "effect": "ask", "count": 1}
TICKETS = {"issued": "ticket", "effect": "replace", "count": 1}
PEOPLE = {"issued": "notice", "effect": "replace", "count": 1}


def _foreseen(caller: Caller, address: str, body: dict[str, object]) -> tuple[str, list[dict[str, object]]]:
    answer = caller.post(f"{address}/preview", body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["sentence"], sorted(found["reached"], key=lambda reached: str(reached["issued"]))


def test_every_act_that_reaches_tickets_can_be_previewed(web_alone: Web) -> None:
    web = web_alone
    places = arrange_exams(Town("", web))
    scheduler = web.staff(Role.SCHEDULER, CITY)
    site, sitting = f"/sites/{places['site']}", f"/sittings/{places['sitting']}"
    with _at_work(web) as session:
        rooms = [str(room.id) for room in rooms_of(session, [UUID(places["site"])])]
    lost = ("1个座位须另行处理，1张准考证须换发，1人将收到通知", [PEOPLE, SEATS, TICKETS])
    replaced = ("1张准考证须换发，1人将收到通知", [PEOPLE, TICKETS])
    reason = {"reason": "停电"}
    assert _foreseen(scheduler, f"{site}/close", reason) == lost
    assert _foreseen(scheduler, f"{sitting}/cancel", reason) == lost
    gone = {"room_ids": rooms, "reason": "停电", "unseating": True}
    assert _foreseen(scheduler, f"{sitting}/rooms/withdraw", gone) == lost
    times = {"starts_at": at(6, 23).isoformat(), "ends_at": at(6, 23, 11).isoformat()}
    assert _foreseen(scheduler, f"{sitting}/move", times) == replaced
    form = {"year": YEAR, "code": "K01", "name": "测试考点", "address": "测试新路9号"}
    days = {"opens_on": "2024-06-01", "closes_on": "2024-09-30"}
    assert _foreseen(scheduler, f"{site}/change", form | days) == replaced
    in_use = scheduler.post(f"/rooms/{rooms[0]}/retire/preview", {})
    assert (in_use.status_code, in_use.json()["error"]) == (409, "room_in_use")
    [kept] = scheduler.get("/sites", year=YEAR).json()
    assert (kept["address"], kept["closed_at"]) == ("测试路1号", None)
    assert scheduler.get(f"/applications/{places['candidate']}/tickets").json()[0]["seats"][0]["address"] == "测试路1号"
    published = scheduler.post(f"/plans/{places['first_plan']}/publish/preview", {})
    assert (published.status_code, published.json()["error"]) == (409, "plan_not_ready")
    assert web.staff(Role.EXAMINER, CITY).post(f"{site}/close/preview", reason).status_code == 403
    _open_matters_and_movers_are_listed(scheduler, site, places["first_plan"])


def _open_matters_and_movers_are_listed(scheduler: Caller, site: str, plan: str) -> None:
    assert [matter["step"] for matter in scheduler.get(f"/plans/{plan}/open-matters").json()] == ["安排监考"]
    assert scheduler.post(f"{site}/close", {"reason": "停电"}).status_code == 200
    [lost, *_] = scheduler.get(f"/plans/{plan}/open-matters").json()
    assert (lost["grave"], lost["step"]) == (True, "重新编排")
    assert scheduler.get(f"/plans/{plan}/movers").json() == []
    [papers] = scheduler.get("/papers", year=YEAR).json()
    assert papers["outdated"] == ""
