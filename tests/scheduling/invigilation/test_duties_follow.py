"""Invigilators after later acts: who keeps a room keeps it, and those who lose one or get another time are told."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.messages.models import Notice
from core.plugin_api import WindowKind
from core.scheduling.invigilation.register import InvigilatorForm, add_invigilators, assign_invigilators, duties_of
from core.scheduling.plans import service as plans
from core.scheduling.sites.service import change_site, close_site
from core.scheduling.sittings.service import move_sitting, withdraw_rooms
from tests.cases import YEAR, at
from tests.scheduling.conftest import NINE, NOON, SITE, Exams, admitted

EXAM = WindowKind.COMPUTER_EXAM


@pytest.fixture
def watched(exams: Exams) -> tuple[Exams, UUID, UUID, UUID]:
    """A published plan with invigilators: the office, its site, sitting and plan."""
    admitted(exams)
    unit = admitted(exams).unit
    site = exams.site()
    sitting = exams.sitting([room.id for room in exams.rooms(site)])
    with exams.at_work() as session:
        forms = [InvigilatorForm(f"J{number}", f"测试监考{number}", "测试学校") for number in range(4)]
        add_invigilators(session, YEAR, [*forms, InvigilatorForm("J9", "测试监考9", "测试单位", unit)])
        plan = plans.draw_up(session, YEAR, EXAM, offices=exams.season.offices, seed=7)
        assign_invigilators(session, plan.id)
        plans.publish(session, plan.id, offices=exams.season.offices)
    exams.season.now += timedelta(hours=1)
    return exams, site.id, sitting.id, plan.id


def _again(exams: Exams, reason: str) -> UUID:
    with exams.at_work() as session:
        plan = plans.plan_anew(session, YEAR, EXAM, offices=exams.season.offices, reason=reason, seed=8)
        plans.publish(session, plan.id, offices=exams.season.offices)
        return plan.id


def _told(exams: Exams) -> list[str]:
    with exams.at_work() as session:
        wanted = select(Notice.body).where(Notice.kind == "duty_changed").order_by(Notice.id)
        return list(session.scalars(wanted))


def test_who_keeps_a_room_keeps_it_in_the_next_plan(watched: tuple[Exams, UUID, UUID, UUID]) -> None:
    exams, _, _, first = watched
    again = _again(exams, "补充编排")
    with exams.at_work() as session:
        assert duties_of(session, again) == duties_of(session, first) != []
    assert _told(exams) == []


def test_whoever_loses_a_room_is_told_when_it_closes_and_keeps_no_duty(watched: tuple[Exams, UUID, UUID, UUID]) -> None:
    exams, site, _, first = watched
    other = exams.site(form=replace(SITE, code="K02", name="临水第二考点"))
    exams.sitting([room.id for room in exams.rooms(other)], NOON + timedelta(hours=2), at(6, 22, 17))
    with exams.at_work() as session:
        had = duties_of(session, first)
        close_site(session, site, reason="停电")
    told = _told(exams)
    assert all("因临水测试考点停用（停电），以下监考安排取消：" in body for body in told)
    for _, _, number, name, _ in had:
        assert any(f"{name}（{number}）2024年6月22日 09:00至12:00，临水测试考点" in body for body in told)
    again = _again(exams, "考点停用")
    with exams.at_work() as session:
        assert duties_of(session, again) == []
    assert _told(exams) == told


def test_invigilators_are_told_another_time_and_another_address(watched: tuple[Exams, UUID, UUID, UUID]) -> None:
    exams, site, sitting, _ = watched
    with exams.at_work() as session:
        move_sitting(session, sitting, starts_at=NINE + timedelta(days=1), ends_at=NOON + timedelta(days=1))
        change_site(session, site, replace(SITE, address="测试新路9号"))
    told = _told(exams)
    assert any("现安排：测试监考" in body and "2024年6月23日 09:00至12:00" in body for body in told)
    assert any("临水测试考点（测试新路9号）" in body for body in told)


def test_a_withdrawn_room_tells_its_invigilators_alone(watched: tuple[Exams, UUID, UUID, UUID]) -> None:
    exams, _, sitting, plan = watched
    with exams.at_work() as session:
        [room] = {room for _, room, *_ in duties_of(session, plan)}
        withdraw_rooms(session, sitting, [room], reason="漏水", unseating=True)
    assert all("考场不能使用（漏水）" in body for body in _told(exams))
    assert _told(exams)
