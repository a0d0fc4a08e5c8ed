"""Registering units, their dated names, and the official acts that end them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from core.applications.models import Application
from core.clock import end_of, start_of
from core.db.base import new_id
from core.db.session import ANONYMOUS, PublicSession
from core.errors import Conflict, Forbidden, Invalid, KaowuError, NotFound
from core.organizations import names, queries, service
from core.organizations.models import Unit, UnitName
from core.plugin_api import OfficeCode, Window, WindowKind
from tests import factories
from tests.factories import CITY, COUNTY, NOW, OTHER_CITY

TODAY = NOW.date()
INSTRUMENT = "临编〔2024〕7号"
OPEN = Window(WindowKind.UNIT_NAMES, start_of(TODAY - timedelta(days=2)), end_of(TODAY))
OVER = Window(WindowKind.UNIT_NAMES, start_of(date(2024, 3, 18)), end_of(date(2024, 3, 20)))


def _unit(connection: Connection, unit_id: UUID) -> Unit:
    with PublicSession(connection, actor=ANONYMOUS, now=NOW) as session:
        return queries.visible_unit(session, unit_id)


def _acts(connection: Connection, unit_id: UUID) -> list[tuple[str, str, date]]:
    with PublicSession(connection, actor=ANONYMOUS, now=NOW) as session:
        rows = session.scalars(select(UnitName).where(UnitName.unit_id == unit_id).order_by(UnitName.id))
        return [(row.act, row.name, row.valid_from) for row in rows]


def _below(connection: Connection, unit_id: UUID) -> frozenset[UUID]:
    with PublicSession(connection, actor=ANONYMOUS, now=NOW) as session:
        return queries.units_below(session, unit_id)


def test_a_unit_without_a_parent_is_its_own_department(province: Connection) -> None:
    unit = factories.make_unit(province, " 测试局 ")
    assert (unit.name, unit.parent_id, unit.office_id, unit.local_office_id) == ("测试局", None, CITY, CITY)
    assert _acts(province, unit.id) == [("added", "测试局", TODAY)]
    assert _below(province, unit.id) == {unit.id}


def test_units_below_are_found_at_every_depth(province: Connection) -> None:
    top = factories.make_unit(province, "测试局")
    middle = factories.make_unit(province, "测试中心", parent_id=top.id)
    lowest = factories.make_unit(province, "测试站", parent_id=middle.id)
    factories.make_unit(province, "测试邻局")
    assert _below(province, top.id) == {top.id, middle.id, lowest.id}
    assert _below(province, middle.id) == {middle.id, lowest.id}


def test_a_name_is_taken_once_in_an_office_and_free_in_another(province: Connection) -> None:
    factories.make_unit(province, "测试局")
    with pytest.raises(Conflict, match="测试局") as refusal:
        factories.make_unit(province, "测试局")
    assert refusal.value.code == "unit_name_taken"
    assert factories.make_unit(province, "测试局", office_id=OTHER_CITY).office_id == OTHER_CITY


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"office_id": OTHER_CITY, "local_office_id": OTHER_CITY}, "unit_of_another_office"),
        ({"affiliation": "private"}, "affiliation_unknown"),
        ({"name": " "}, "unit_name_missing"),
        ({"parent_id": new_id()}, "unit_not_found"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(province: Connection, changed: dict[str, object], code: str) -> None:
    given = {"name": "测试局", "affiliation": "local", "office_id": CITY, "local_office_id": CITY} | changed
    with factories.office_session(province, CITY) as session, pytest.raises(KaowuError) as refusal:
        service.register_unit(session, **given)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_a_department_of_another_office_is_no_parent(province: Connection) -> None:
    elsewhere = factories.make_unit(province, "北河测试局", office_id=OTHER_CITY)
    with pytest.raises(Invalid) as refusal:
        factories.make_unit(province, "测试站", parent_id=elsewhere.id)
    assert refusal.value.code == "parent_elsewhere"


def test_a_county_registers_the_units_of_its_area_for_its_city(province: Connection) -> None:
    with factories.office_session(province, COUNTY) as session:
        unit = service.register_unit(
            session, name="东山测试局", affiliation="local", office_id=CITY, local_office_id=COUNTY
        )
        session.commit()
    assert _unit(province, unit.id).local_office_id == COUNTY


def _register_below(connection: Connection, parent: Unit, *, manager_of: Unit) -> Unit:
    with factories.unit_session(connection, manager_of.id) as session:
        unit = service.register_unit(
            session, name="测试新站", affiliation="local", office_id=CITY, local_office_id=CITY, parent_id=parent.id
        )
        session.commit()
    return unit


def test_a_department_adds_units_below_itself_even_after_the_names_are_closed(province: Connection) -> None:
    department = factories.make_unit(province, "测试局")
    factories.make_unit(province, "测试站", parent_id=department.id)
    added = _register_below(province, department, manager_of=department)
    assert added.id in _below(province, department.id)
    assert _acts(province, added.id) == [("added", "测试新站", TODAY)]


def test_a_unit_that_the_office_has_not_made_a_department_adds_none(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    with pytest.raises(Forbidden) as refusal:
        _register_below(province, unit, manager_of=unit)
    assert refusal.value.code == "not_a_department"


def test_a_department_adds_no_unit_below_another(province: Connection) -> None:
    own, other = factories.make_unit(province, "测试局"), factories.make_unit(province, "测试邻局")
    factories.make_unit(province, "测试站", parent_id=other.id)
    with pytest.raises(Forbidden) as refusal:
        _register_below(province, other, manager_of=own)
    assert refusal.value.code == "unit_not_below"


def test_a_name_is_corrected_in_its_window_by_the_unit_itself_and_by_its_department(province: Connection) -> None:
    department = factories.make_unit(province, "测试居")
    below = factories.make_unit(province, "测试占", parent_id=department.id)
    with factories.unit_session(province, department.id) as session:
        names.correct_name(session, department.id, name="测试局", window=OPEN)
        names.correct_name(session, below.id, name="测试站", window=OPEN)
        session.commit()
    assert (_unit(province, department.id).name, _unit(province, below.id).name) == ("测试局", "测试站")
    assert _acts(province, below.id) == [("added", "测试占", TODAY), ("corrected", "测试站", TODAY)]


@pytest.mark.parametrize("window", [None, OVER])
def test_a_name_is_not_corrected_outside_its_window(province: Connection, window: Window | None) -> None:
    unit = factories.make_unit(province, "测试居")
    with factories.unit_session(province, unit.id) as session, pytest.raises(Conflict, match="只能新增") as refusal:
        names.correct_name(session, unit.id, name="测试局", window=window)
    assert refusal.value.code == "names_closed"
    assert _unit(province, unit.id).name == "测试居"


def test_a_rename_leaves_the_old_name_to_the_days_before_it(province: Connection) -> None:
    unit = factories.make_unit(province, "测试旧局")
    later = NOW + timedelta(days=30)
    with factories.office_session(province, CITY, now=later) as session:
        names.rename(session, unit.id, name="测试新局", valid_from=date(2024, 4, 10), instrument=INSTRUMENT)
        session.commit()
    assert _acts(province, unit.id) == [("added", "测试旧局", TODAY), ("renamed", "测试新局", date(2024, 4, 10))]
    assert _unit(province, unit.id).name == "测试新局"


@pytest.mark.parametrize(
    ("valid_from", "instrument", "code"),
    [
        (TODAY + timedelta(days=1), INSTRUMENT, "day_to_come"),
        (TODAY - timedelta(days=1), INSTRUMENT, "name_date"),
        (TODAY, " ", "instrument_missing"),
    ],
)
def test_a_rename_needs_a_paper_and_a_day_that_can_be(
    province: Connection, valid_from: date, instrument: str, code: str
) -> None:
    unit = factories.make_unit(province, "测试旧局")
    with factories.office_session(province, CITY) as session, pytest.raises(Invalid) as refusal:
        names.rename(session, unit.id, name="测试新局", valid_from=valid_from, instrument=instrument)
    assert refusal.value.code == code


def test_merged_units_end_and_their_drafts_and_units_below_are_carried_on(province: Connection) -> None:
    first, second = factories.make_unit(province, "测试甲局"), factories.make_unit(province, "测试乙局")
    below = factories.make_unit(province, "测试站", parent_id=second.id)
    draft = factories.make_draft(province, factories.make_person(province, 21), first.id)
    with factories.office_session(province, CITY) as session:
        merged = service.merge(session, [first.id, second.id], name="测试合局", valid_from=TODAY, instrument=INSTRUMENT)
        session.commit()
    ended = [_unit(province, unit.id) for unit in (first, second)]
    assert [(unit.ended_at, unit.successor_id, unit.name) for unit in ended] == [
        (NOW, merged.id, "测试甲局"),
        (NOW, merged.id, "测试乙局"),
    ]
    assert _unit(province, below.id).parent_id == merged.id
    assert _acts(province, merged.id) == [("merged", "测试合局", TODAY)]
    with factories.unit_session(province, merged.id) as session:
        assert session.unit_ids == {merged.id, first.id, second.id, below.id}
        kept = session.get_one(Application, draft)
    assert (kept.unit_id, kept.unit_name, kept.state) == (first.id, "测试甲局", "draft")


def test_a_unit_may_be_merged_with_its_department_under_the_name_of_one_of_them(province: Connection) -> None:
    top = factories.make_unit(province, "测试总局")
    department = factories.make_unit(province, "测试局", parent_id=top.id)
    unit = factories.make_unit(province, "测试站", parent_id=department.id)
    with factories.office_session(province, CITY) as session:
        merged = service.merge(
            session, [unit.id, department.id], name="测试局", valid_from=TODAY, instrument=INSTRUMENT
        )
        session.commit()
    assert (merged.name, merged.parent_id) == ("测试局", top.id)


def test_a_merger_of_a_unit_with_one_far_above_it_makes_no_circle(province: Connection) -> None:
    top = factories.make_unit(province, "测试总局")
    between = factories.make_unit(province, "测试局", parent_id=top.id)
    lowest = factories.make_unit(province, "测试站", parent_id=between.id)
    with factories.office_session(province, CITY) as session:
        merged = service.merge(session, [lowest.id, top.id], name="测试合局", valid_from=TODAY, instrument=INSTRUMENT)
        session.commit()
    assert merged.parent_id is None
    assert _unit(province, between.id).parent_id == merged.id


def test_a_merger_needs_two_units_that_still_exist(province: Connection) -> None:
    first, second = factories.make_unit(province, "测试甲局"), factories.make_unit(province, "测试乙局")
    with factories.office_session(province, CITY) as session:
        with pytest.raises(Invalid):
            service.merge(session, [first.id, first.id], name="测试合局", valid_from=TODAY, instrument=INSTRUMENT)
        service.merge(session, [first.id, second.id], name="测试合局", valid_from=TODAY, instrument=INSTRUMENT)
        with pytest.raises(Conflict) as refusal:
            service.merge(session, [first.id, second.id], name="测试又局", valid_from=TODAY, instrument=INSTRUMENT)
    assert refusal.value.code == "unit_ended"


def test_the_first_part_of_a_split_unit_carries_on(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    below = factories.make_unit(province, "测试站", parent_id=unit.id)
    with factories.office_session(province, CITY) as session:
        first, second = service.split(
            session, unit.id, names_of_parts=["测试局", "测试二局"], valid_from=TODAY, instrument=INSTRUMENT
        )
        session.commit()
    assert _unit(province, unit.id).successor_id == first.id
    assert _below(province, first.id) == {first.id, unit.id, below.id}
    assert _below(province, second.id) == {second.id}
    assert [_acts(province, part.id) for part in (first, second)] == [
        [("split", "测试局", TODAY)],
        [("split", "测试二局", TODAY)],
    ]


def _move(connection: Connection, unit: Unit, *, to: OfficeCode, by_province: bool) -> Unit:
    session = factories.province_session(connection) if by_province else factories.office_session(connection, CITY)
    city = OTHER_CITY if to == OTHER_CITY else CITY
    with session:
        moved = service.move_to_office(
            session,
            unit.id,
            office_id=city,
            local_office_id=to,
            area_code="990201",
            valid_from=TODAY,
            instrument=INSTRUMENT,
        )
        session.commit()
    return moved


def test_the_province_moves_a_unit_to_another_office_and_old_cases_keep_theirs(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    draft = factories.make_draft(province, factories.make_person(province, 22), unit.id)
    moved = _move(province, unit, to=OTHER_CITY, by_province=True)
    assert (moved.name, moved.office_id, moved.area_code) == ("测试局", OTHER_CITY, "990201")
    assert _acts(province, moved.id) == [("moved", "测试局", TODAY)]
    ended = _unit(province, unit.id)
    assert (ended.office_id, ended.ended_at, ended.successor_id) == (CITY, NOW, moved.id)
    with factories.unit_session(province, moved.id) as session:
        assert session.get_one(Application, draft).office_id == CITY


def test_a_city_moves_a_unit_to_its_county_but_not_to_another_city(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    moved = _move(province, unit, to=COUNTY, by_province=False)
    assert (moved.office_id, moved.local_office_id) == (CITY, COUNTY)
    with pytest.raises(Forbidden):
        _move(province, moved, to=OTHER_CITY, by_province=False)


def test_a_moved_unit_comes_under_a_department_of_its_new_office_only(province: Connection) -> None:
    unit, department = factories.make_unit(province, "测试站"), factories.make_unit(province, "测试局")
    with factories.province_session(province) as session, pytest.raises(Invalid) as refusal:
        service.move_to_office(
            session,
            unit.id,
            office_id=OTHER_CITY,
            local_office_id=OTHER_CITY,
            area_code=None,
            valid_from=TODAY,
            instrument=INSTRUMENT,
            parent_id=department.id,
        )
    assert refusal.value.code == "parent_elsewhere"


def test_an_office_changes_no_unit_of_another(province: Connection) -> None:
    unit = factories.make_unit(province, "测试局")
    with factories.office_session(province, OTHER_CITY) as session, pytest.raises(Forbidden):
        names.rename(session, unit.id, name="北河测试局", valid_from=TODAY, instrument=INSTRUMENT)
    with factories.office_session(province, OTHER_CITY) as session, pytest.raises(Forbidden):
        service.split(session, unit.id, names_of_parts=["测试一", "测试二"], valid_from=TODAY, instrument=INSTRUMENT)
    assert _unit(province, unit.id).name == "测试局"


def test_a_unit_that_does_not_exist_is_not_found(province: Connection) -> None:
    with pytest.raises(NotFound):
        _unit(province, new_id())
