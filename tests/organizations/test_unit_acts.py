"""Official acts on units: today's, those planned for a later day, their cancellation, and their day."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from core.audit.models import RecordEntry
from core.db.session import ANONYMOUS, PublicSession, SystemSession, system_actor
from core.errors import Conflict, Forbidden, Invalid, KaowuError
from core.messages.models import Notice
from core.organizations import service, unit_acts
from core.organizations.models import Unit, UnitAct
from core.organizations.unit_acts import ActState, Kind, Terms
from core.plugin_api import OfficeCode
from tests import factories
from tests.factories import CITY, COUNTY, NOW, OTHER_CITY

TODAY = NOW.date()
SOON = TODAY + timedelta(days=20)


def _terms(kind: Kind, *unit_ids: UUID, on: date = TODAY, **more: Any) -> Terms:
    return Terms(kind=kind, unit_ids=unit_ids, valid_from=on, instrument="临编〔2024〕7号", **more)


def _order(
    connection: Connection, terms: Terms, *, office: OfficeCode = CITY, now: datetime = NOW, province: bool = False
) -> UnitAct:
    session = (
        factories.province_session(connection, now=now)
        if province
        else factories.office_session(connection, office, now=now)
    )
    with session:
        act = unit_acts.order(session, terms)
        session.commit()
    return act


def _carry_out(connection: Connection, on: date, office: OfficeCode = CITY) -> int:
    now = NOW + (on - TODAY)
    with SystemSession(connection, actor=system_actor(office), now=now) as session:
        done = unit_acts.carry_out_due(session)
        session.commit()
    return done


def _unit(connection: Connection, unit_id: UUID) -> Unit:
    with PublicSession(connection, actor=ANONYMOUS, now=NOW) as session:
        return session.get_one(Unit, unit_id)


def _act(connection: Connection, act_id: UUID) -> UnitAct:
    with factories.office_session(connection, CITY) as session:
        return session.get_one(UnitAct, act_id)


def _kinds(connection: Connection, unit_id: UUID) -> list[str]:
    with factories.office_session(connection, CITY) as session:
        wanted = select(RecordEntry.kind).where(RecordEntry.subject_id == str(unit_id)).order_by(RecordEntry.id)
        return list(session.scalars(wanted))


def test_an_act_of_today_is_carried_out_at_once(province: Connection) -> None:
    unit = factories.make_unit(province, "测试旧局")
    act = _order(province, _terms(Kind.RENAME, unit.id, names=("测试新局",)))
    assert (act.state, act.became) == (ActState.DONE, [str(unit.id)])
    assert _unit(province, unit.id).name == "测试新局"
    assert _kinds(province, unit.id) == ["unit.added", "unit.renamed"]


def test_a_planned_act_waits_for_its_day_and_is_carried_out_on_it(province: Connection) -> None:
    first, second = factories.make_unit(province, "测试甲局"), factories.make_unit(province, "测试乙局")
    act = _order(province, _terms(Kind.MERGE, first.id, second.id, on=SOON, names=("测试甲局",)))
    assert (act.state, act.became) == (ActState.PLANNED, [])
    assert _unit(province, first.id).ended_at is None
    assert _carry_out(province, SOON - timedelta(days=1)) == 0
    assert _carry_out(province, SOON) == 1
    assert _carry_out(province, SOON) == 0
    merged = _act(province, act.id).became
    assert [_unit(province, unit.id).successor_id for unit in (first, second)] == [UUID(merged[0])] * 2
    assert _kinds(province, first.id)[:2] == ["unit.added", "unit.act_planned"]
    with factories.unit_session(province, first.id) as session:
        told = session.scalars(select(Notice.title).where(Notice.unit_id == first.id)).all()
    assert told == ["单位合并", "单位合并"]


def test_a_planned_act_is_cancelled_before_its_day_with_a_reason(province: Connection) -> None:
    unit = factories.make_unit(province, "测试旧局")
    act = _order(province, _terms(Kind.RENAME, unit.id, on=SOON, names=("测试新局",)))
    with factories.office_session(province, CITY) as session:
        with pytest.raises(Invalid):
            unit_acts.cancel(session, act.id, reason=" ")
        unit_acts.cancel(session, act.id, reason="批文撤回")
        session.commit()
    assert _carry_out(province, SOON) == 0
    assert _unit(province, unit.id).name == "测试旧局"
    with factories.office_session(province, CITY) as session, pytest.raises(Conflict, match="已取消") as refusal:
        unit_acts.cancel(session, act.id, reason="又取消")
    assert refusal.value.code == "act_settled"


def test_an_act_is_cancelled_by_the_office_that_ordered_it_or_the_one_above(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    moved = _terms(Kind.MOVE, unit.id, on=SOON, office_id=OTHER_CITY, local_office_id=OTHER_CITY)
    act = _order(province, moved, province=True)
    for office in (CITY, OTHER_CITY):
        with factories.office_session(province, office) as session, pytest.raises(KaowuError) as refusal:
            unit_acts.cancel(session, act.id, reason="不同意划转")
        assert refusal.value.code == ("act_of_another" if office == CITY else "no_such_act")
    with factories.province_session(province) as session:
        unit_acts.cancel(session, act.id, reason="批文撤回")
        session.commit()
    assert _act(province, act.id).state == ActState.CANCELLED


def test_a_planned_act_that_could_not_be_today_is_refused_when_it_is_ordered(province: Connection) -> None:
    unit, other = factories.make_unit(province, "测试局"), factories.make_unit(province, "测试邻局")
    with pytest.raises(Conflict) as refusal:
        _order(province, _terms(Kind.RENAME, unit.id, on=SOON, names=(other.name,)))
    assert refusal.value.code == "unit_name_taken"
    assert _unit(province, unit.id).name == "测试局"
    with pytest.raises(Invalid) as far:
        _order(province, _terms(Kind.RENAME, unit.id, on=TODAY + timedelta(days=800), names=("测试新局",)))
    assert far.value.code == "day_too_far"


def test_an_act_that_is_refused_on_its_day_fails_and_its_office_is_told(province: Connection) -> None:
    unit, other = factories.make_unit(province, "测试局"), factories.make_unit(province, "测试邻局")
    failing = _order(province, _terms(Kind.RENAME, unit.id, on=SOON, names=("测试新局",)))
    going = _order(province, _terms(Kind.RENAME, other.id, on=SOON, names=("测试远局",)))
    factories.make_unit(province, "测试新局")
    assert _carry_out(province, SOON) == 2
    assert (_act(province, failing.id).state, _act(province, going.id).state) == (ActState.FAILED, ActState.DONE)
    assert "测试新局" in _act(province, failing.id).remark
    assert (_unit(province, unit.id).name, _unit(province, other.id).name) == ("测试局", "测试远局")
    assert "unit.act_failed" in _kinds(province, unit.id)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (("rename", 10), ("end", 10), True),
        (("end", 10), ("rename", 20), True),
        (("rename", 20), ("end", 10), True),
        (("rename", 10), ("end", 20), False),
        (("rename", 10), ("end", 0), True),
        (("end", 10), ("rename", 0), False),
    ],
)
def test_two_acts_of_a_unit_are_planned_only_in_an_order_that_is_clear(
    province: Connection, first: tuple[str, int], second: tuple[str, int], *, refused: bool
) -> None:
    unit = factories.make_unit(province, "测试局")

    def terms(kind: str, days: int) -> Terms:
        given = {"names": (f"测试新局{days}",)} if kind == "rename" else {}
        return _terms(Kind(kind), unit.id, on=TODAY + timedelta(days=days), **given)

    _order(province, terms(*first))
    if not refused:
        assert _order(province, terms(*second)).unit_ids == [str(unit.id)]
        return
    with pytest.raises(Conflict) as refusal:
        _order(province, terms(*second))
    assert refusal.value.code == "act_planned"


def test_a_unit_comes_under_another_department_and_never_under_itself(province: Connection) -> None:
    department, unit = factories.make_unit(province, "测试局"), factories.make_unit(province, "测试站")
    below = factories.make_unit(province, "测试点", parent_id=unit.id)
    _order(province, _terms(Kind.PLACE, unit.id, parent_id=department.id))
    assert _unit(province, unit.id).parent_id == department.id
    for parent_id, code in ((below.id, "parent_below"), (unit.id, "parent_below"), (department.id, "parent_same")):
        with pytest.raises(Invalid) as refusal:
            _order(province, _terms(Kind.PLACE, unit.id, parent_id=parent_id))
        assert refusal.value.code == code
    _order(province, _terms(Kind.PLACE, unit.id, parent_id=None))
    assert _unit(province, unit.id).parent_id is None


def test_a_unit_with_units_below_ends_only_with_a_successor_which_takes_them(province: Connection) -> None:
    unit, successor = factories.make_unit(province, "测试局"), factories.make_unit(province, "测试邻局")
    below = factories.make_unit(province, "测试站", parent_id=unit.id)
    with pytest.raises(Conflict) as refusal:
        _order(province, _terms(Kind.END, unit.id))
    assert refusal.value.code == "unit_has_units"
    with pytest.raises(Invalid) as wrong:
        _order(province, _terms(Kind.END, unit.id, successor_id=below.id))
    assert wrong.value.code == "successor_below"
    _order(province, _terms(Kind.END, unit.id, successor_id=successor.id))
    assert _unit(province, unit.id).successor_id == successor.id
    assert _unit(province, below.id).parent_id == successor.id


def test_a_county_orders_an_act_of_its_own_units_alone(province: Connection) -> None:
    with factories.office_session(province, COUNTY) as session:
        own = service.register_unit(
            session, name="东山测试局", affiliation="local", office_id=CITY, local_office_id=COUNTY
        )
        session.commit()
    act = _order(province, _terms(Kind.RENAME, own.id, on=SOON, names=("东山测试新局",)), office=COUNTY)
    assert act.office_id == CITY
    assert _carry_out(province, SOON) == 1
    assert _unit(province, own.id).name == "东山测试新局"
    with pytest.raises(Forbidden):
        _order(province, _terms(Kind.END, factories.make_unit(province, "测试局").id), office=COUNTY)


def test_the_province_plans_a_move_to_another_city_which_the_system_carries_out(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    moved = _terms(Kind.MOVE, unit.id, on=SOON, office_id=OTHER_CITY, local_office_id=OTHER_CITY)
    with pytest.raises(KaowuError) as refusal:
        _order(province, moved)
    assert refusal.value.code == "move_across_offices"
    act = _order(province, moved, province=True)
    assert _carry_out(province, SOON) == 1
    (successor,) = _act(province, act.id).became
    assert _unit(province, UUID(successor)).office_id == OTHER_CITY
    with pytest.raises(Invalid) as other:
        _order(province, _terms(Kind.RENAME, UUID(successor), names=("测试新局",)), province=True)
    assert other.value.code == "act_of_office"
