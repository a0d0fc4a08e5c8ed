"""Seats changed by the form of a room: of a published plan in a draft that lists who moves before it is published."""

import re
from uuid import UUID

from sqlalchemy import select

from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom
from tests.browser.exams import arrange_exams
from tests.browser.town import Town
from tests.callers import Web
from tests.pages.scheduling.test_exam_pages import Pages, _at_work


def test_a_seat_of_a_published_plan_is_changed_through_a_draft_with_its_movers(web_alone: Web) -> None:
    web = web_alone
    town = Town("", web)
    places = arrange_exams(town)
    scheduler = Pages(web, town.person("scheduler"))
    plan = f"/plans/{places['first_plan']}"
    with _at_work(web) as session:
        [room] = session.scalars(select(ExamRoom.id).where(ExamRoom.name == "第一考场"))
        [seat] = session.scalars(select(Seat.id).where(Seat.plan_id == UUID(places["first_plan"])))
    page = f"{plan}/rooms/{places['sitting']}/{room}"
    shown = scheduler.look(page)
    assert "本方案已经发布：保存后生成一份草案" in shown
    assert shown.count(f'data-seat="{seat}"') == 1
    wrong = scheduler.send(page, page, seat_id=str(seat), seat="29", reason="考生要求")
    assert (wrong.status_code, "该座位是备用机位" in wrong.text) == (422, True)
    same = scheduler.send(page, page, seat_id=str(seat), seat="1", reason="考生要求")
    assert (same.status_code, "考生已经在这个座位上" in same.text) == (422, True)
    sent = scheduler.send(page, page, seat_id=str(seat), seat="7", reason="考生要求")
    draft = sent.headers["location"]
    assert (sent.status_code, draft.startswith("/plans/"), draft.endswith("#movers")) == (303, True, True)
    movers = scheduler.look(draft.removesuffix("#movers"))
    assert "1名考生的座位有变动" in movers
    assert len(re.findall(r"座位号 [17]</td>", movers)) == 2
    asked = scheduler.send(draft.removesuffix("#movers"), f"{draft.removesuffix('#movers')}/publish")
    assert "1张准考证须换发，1人将收到通知" in asked.text
