"""Contradictions with the door list over HTTP: named on the page and by the API, and settled candidate by candidate."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.plugin_api import Grade
from core.scheduling.exam_day import door
from core.scheduling.exam_day.notes import Note
from core.scheduling.models.plans import Plan
from core.scheduling.models.tickets import AdmissionTicket
from tests.browser.examined import made, propose, qualified
from tests.browser.exams import _place, _seat
from tests.browser.town import Town
from tests.callers import Caller, Web
from tests.cases import CITY, at
from tests.pages.results.test_results import _send

DOOR = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)


@dataclass(frozen=True)
class Held:
    """A sitting with one candidate, and the people of the office."""

    sitting: UUID
    candidate: Caller
    case: str
    reference: str
    first: Caller
    second: Caller


def at_door(web: Web, now: datetime) -> OfficeSession:
    return OfficeSession(web.platform.engine, actor=DOOR, now=now)


@pytest.fixture
def held(web: Web) -> Held:
    """The sitting, which is over; nobody has kept the door."""
    first, second = (web.staff(Role.EXAMINER, CITY) for _ in range(2))
    candidate, case = qualified(Town("http://127.0.0.1", web), Grade.FIVE)
    with at_door(web, at(3, 25)) as session, session.begin():
        session.execute(
            update(Plan).where(Plan.state == "published").values(state="superseded", superseded_at=at(3, 25))
        )
        site, sitting = _place(session, new_id().hex[-6:].upper())
        _seat(session, UUID(case), site, sitting)
    web.clock.set(at(6, 23))
    reference = made(first.get(f"/applications/{case}"), 200)["reference"]
    return Held(sitting, candidate, case, reference, first, second)


def test_a_contradiction_is_named_on_the_page_and_settled_by_the_second_person(web: Web, held: Held) -> None:
    closing = f"/exams/day/{held.sitting}/close"
    refused = _send(web, held.first, closing)
    assert (refused.status_code, "没有任何人登记到场" in refused.text) == (422, True)
    assert _send(web, held.first, closing, reason="核对签到表，未到").status_code == 303
    content = f"申报编号,岗位技能,职业道德,职业能力\n{held.reference},80,70,60"
    waiting = propose(held.first, content)
    listed = held.second.get(f"/mark-imports/{waiting['id']}/contradictions").json()
    assert {(line["reference"], line["how"]) for line in listed} == {(held.reference, "mark_of_absent")}
    address = f"/marks/imports/{waiting['id']}"
    page = web.look(held.second, address).text
    assert "1人与入场登记不一致" in page
    assert "入场登记为缺考，表中却有成绩或处理" in page
    alone = _send(web, held.second, f"{address}/confirm", content)
    assert (alone.status_code, "以成绩表为准的理由" in alone.text) == (422, True)
    reason = {f"reason_{held.case}": "", "reason_of_all": "扫码设备故障，签到表有签名"}
    assert _send(web, held.second, f"{address}/confirm", content, **reason).status_code == 303
    assert "扫码设备故障，签到表有签名" in web.look(held.first, address).text
    assert held.second.get(f"/mark-imports/{waiting['id']}/contradictions").json() == []


def test_a_program_settles_by_candidate_and_nobody_by_accident(web: Web, held: Held) -> None:
    with at_door(web, at(6, 22)) as session, session.begin():
        wanted = select(AdmissionTicket.number).where(AdmissionTicket.application_id == UUID(held.case))
        number = session.scalars(wanted).one()
        door.note_arrivals(session, [Note(new_id(), number, held.sitting, at(6, 22))])
    assert made(held.first.post(f"/sittings/{held.sitting}/close", {}), 200) == {"count": 0}
    waiting = propose(held.first, f"申报编号,岗位技能,职业道德,职业能力\n{held.reference},缺考,70,60")
    confirm = f"/mark-imports/{waiting['id']}/confirm"
    refused = held.second.post(confirm, {"digest": waiting["digest"]})
    assert (refused.status_code, refused.json()["error"]) == (422, "contradictions_unsettled")
    assert list(refused.json()["fields"]) == [f"reason_{held.case}"]
    settled = {"application_id": held.case, "reason": "该科目考生中途离场"}
    taken = made(held.second.post(confirm, {"digest": waiting["digest"], "reasons": [settled]}), 200)
    assert taken["contradictions"] == [
        {"application": held.case, "subject": "岗位技能", "how": "absent_though_noted", "reason": "该科目考生中途离场"}
    ]
    marks = held.candidate.get(f"/applications/{held.case}/results").json()["marks"]
    assert [(mark["status"], mark["by_the_list"]) for mark in marks] == [
        ("absent", False),
        ("scored", False),
        ("scored", False),
    ]
