"""Units: registering one, and the official acts by which units merge, split or move to another office.

Each such act ends the old unit, which keeps its office, its name and its cases, and names the unit that carries on.
Drafts and open cases are not touched: the successor's manager finishes them (``queries.units_below``).
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.db.base import new_id
from core.db.session import OfficeSession, ProvinceSession, ScopedSession, SystemSession, UnitSession
from core.errors import Conflict, Forbidden, Invalid
from core.organizations import managers, names
from core.organizations.models import Unit
from core.organizations.organization_codes import stored_code
from core.organizations.queries import is_department, open_unit, unit_in_charge_of, units_below
from core.tenancy.config.office import Affiliation


def register_unit(
    session: OfficeSession | UnitSession,
    *,
    name: str,
    affiliation: str,
    office_id: str,
    local_office_id: str,
    area_code: str | None = None,
    parent_id: UUID | None = None,
    code: str = "",
) -> Unit:
    """Add a unit; without ``parent_id`` it is its own department.

    ``office_id`` counts its cases and ``local_office_id`` is the most local office of its area: both follow from
    affiliation and area. An office registers units of its own; a department registers units below itself, once the
    office has made it a department by registering the first. Raises Forbidden otherwise, and Conflict for a name that
    another unit of the office has. ``code`` is its unified social credit code, where it is known.
    """
    parent = _parent(session, parent_id, office_id=office_id)
    _check_registrar(session, parent, office_id=office_id, local_office_id=local_office_id)
    if affiliation not in set(Affiliation):
        raise Invalid("affiliation_unknown", "单位隶属关系应为地方、省直或中央驻豫之一。请重新选择。", at="affiliation")
    unit = Unit(
        id=new_id(),
        office_id=office_id,
        parent_id=parent_id,
        area_code=area_code,
        local_office_id=local_office_id,
        affiliation=affiliation,
        name=names.free_name(session, name, office_id=office_id),
        code=stored_code(code),
        created_at=session.now,
    )
    session.add(unit)
    names.write_name(session, unit, act="added", valid_from=names.day_of(session))
    if parent is not None and isinstance(session, OfficeSession):
        managers.let_review_as_department(session, parent.id)
    return unit


def give_code(session: OfficeSession, unit_id: UUID, *, code: str) -> Unit:
    """Write a unit's unified social credit code down, or take a wrong one away; recorded."""
    unit = unit_in_charge_of(session, unit_id)
    unit.code = stored_code(code)
    session.flush()
    audit.record_on(session, audit.RecordSubject(unit.office_id, "unit", unit.id), "unit.code_given", code=unit.code)
    return unit


def merge(session: OfficeSession, unit_ids: Sequence[UUID], *, name: str, valid_from: date, instrument: str) -> Unit:
    """End two or more units of one office and return the unit that they become.

    It takes the place of the highest of them, else of the first; the units below them come under it.
    Raises Invalid for fewer than two units, or units of two offices.
    """
    if len(set(unit_ids)) < 2:
        raise Invalid("merge_needs_two", "合并至少涉及两个不同的单位。请重新选择。")
    units = [unit_in_charge_of(session, unit_id) for unit_id in dict.fromkeys(unit_ids)]
    if len({unit.office_id for unit in units}) > 1:
        raise Invalid("merge_across_offices", "要合并的单位属于不同的受理机构。请先将其划转到同一机构，再办理合并。")
    _end(session, units, valid_from=valid_from)
    merged = _successor(session, _highest(session, units), name=name)
    return _carry_on(session, units, merged, act="merged", valid_from=valid_from, instrument=instrument)


def split(
    session: OfficeSession, unit_id: UUID, *, names_of_parts: Sequence[str], valid_from: date, instrument: str
) -> tuple[Unit, ...]:
    """End a unit and return its parts. The first part carries on its open cases and the units below it.

    Raises Invalid for fewer than two parts.
    """
    if len(set(names_of_parts)) < 2:
        raise Invalid("split_needs_two", "分立后应至少有两个名称不同的单位。请补全各单位名称。")
    unit = unit_in_charge_of(session, unit_id)
    _end(session, [unit], valid_from=valid_from)
    first = _successor(session, unit, name=names_of_parts[0])
    _carry_on(session, [unit], first, act="split", valid_from=valid_from, instrument=instrument)
    others = []
    for name in names_of_parts[1:]:
        part = _successor(session, unit, name=name)
        session.add(part)
        names.write_name(session, part, act="split", valid_from=valid_from, note=instrument.strip())
        others.append(part)
    return (first, *others)


def move_to_office(
    session: OfficeSession | ProvinceSession,
    unit_id: UUID,
    *,
    office_id: str,
    local_office_id: str,
    area_code: str | None,
    valid_from: date,
    instrument: str,
    parent_id: UUID | None = None,
) -> Unit:
    """End a unit under its office and return its successor under another, by the same name.

    A city moves a unit between its own counties; between two offices that count cases only the province moves it, or
    the system on a day that the province has ordered.
    The successor comes under ``parent_id``, a department there; the units below do not come along by themselves.
    """
    unit = unit_in_charge_of(session, unit_id)
    by_office = isinstance(session, OfficeSession) and not isinstance(session, SystemSession)
    if by_office and not session.office_id == unit.office_id == office_id:
        raise Forbidden("move_across_offices", "单位划转到其他受理机构，须由省中心办理。请将批准文件报省中心。")
    _parent(session, parent_id, office_id=office_id)
    _end(session, [unit], valid_from=valid_from)
    moved = _successor(session, unit, name=unit.name, office_id=office_id)
    moved.local_office_id, moved.area_code, moved.parent_id = local_office_id, area_code, parent_id
    session.add(moved)
    names.write_name(session, moved, act="moved", valid_from=valid_from, note=names.checked_instrument(instrument))
    unit.successor_id = moved.id
    session.flush()
    return moved


def place_under(
    session: OfficeSession, unit_id: UUID, *, parent_id: UUID | None, valid_from: date, instrument: str
) -> Unit:
    """Give a unit another competent department, or none: then it is its own.

    A case keeps the department that it was submitted to. Invalid where the department lies below the unit itself.
    """
    unit = unit_in_charge_of(session, unit_id)
    names.check_day(session, valid_from)
    note = names.checked_instrument(instrument)
    parent = _parent(session, parent_id, office_id=unit.office_id)
    if parent is not None and parent.id in units_below(session, unit.id):
        raise Invalid("parent_below", f"“{parent.name}”是本单位或其下属单位，不能作为主管部门。", at="parent_id")
    if parent_id == unit.parent_id:
        raise Invalid("parent_same", "所选主管部门就是现在的主管部门，无需变更。", at="parent_id")
    unit.parent_id = parent_id
    session.flush()
    subject = audit.RecordSubject(unit.office_id, "unit", unit.id)
    under = None if parent is None else str(parent.id)
    audit.record_on(session, subject, "unit.placed", under=under, valid_from=valid_from.isoformat(), note=note)
    if parent is not None:
        managers.let_review_as_department(session, parent.id)
    return unit


def end_unit(
    session: OfficeSession, unit_id: UUID, *, successor_id: UUID | None, valid_from: date, instrument: str
) -> Unit:
    """End a unit (撤销); ``successor_id`` is the existing unit that finishes its cases and takes the units below it.

    Without one nobody would decide its cases or review those of the units below: Conflict while it has any. Drafts do
    not keep it: their people begin again in another unit.
    """
    unit = unit_in_charge_of(session, unit_id)
    note = names.checked_instrument(instrument)
    if successor_id is None:
        _check_nothing_left(session, unit)
        _end(session, [unit], valid_from=valid_from)
    else:
        successor = open_unit(session, successor_id)
        if successor.office_id != unit.office_id:
            raise Invalid(
                "successor_elsewhere", "承接单位属于其他受理机构，请先办理划转，再撤销本单位。", at="successor_id"
            )
        if successor.id in units_below(session, unit.id):
            raise Invalid(
                "successor_below", "承接单位不能是本单位或其下属单位。请另选，或先变更主管部门。", at="successor_id"
            )
        _end(session, [unit], valid_from=valid_from)
        _bring_below(session, [unit], successor)
    subject = audit.RecordSubject(unit.office_id, "unit", unit.id)
    by = None if successor_id is None else str(successor_id)
    audit.record_on(session, subject, "unit.ended", successor=by, valid_from=valid_from.isoformat(), note=note)
    return unit


def _check_nothing_left(session: OfficeSession, unit: Unit) -> None:
    if is_department(session, unit.id):
        text = f"“{unit.name}”还有下属单位。请选择承接单位，或先为下属单位变更主管部门。"
        raise Conflict("unit_has_units", text, at="successor_id")
    waiting = session.execute(select(func.cases_of_units([unit.id]).table_valued("drafts", "waiting"))).one().waiting
    if waiting:
        text = f"还有{waiting}份申请等“{unit.name}”审核，或退回后要再经它审核。请选择承接单位，由其继续办理。"
        raise Conflict("unit_has_cases", text, at="successor_id")


def _parent(session: ScopedSession, parent_id: UUID | None, *, office_id: str) -> Unit | None:
    """The department that a unit of ``office_id`` is to come under; Invalid where another office counts its cases."""
    if parent_id is None:
        return None
    parent = open_unit(session, parent_id)
    if parent.office_id != office_id:
        message = f"主管部门“{parent.name}”属于另一受理机构，不能作为本单位的主管部门。请核对。"
        raise Invalid("parent_elsewhere", message, at="parent_id")
    return parent


def _highest(session: ScopedSession, units: Sequence[Unit]) -> Unit:
    """The first unit that lies below no other of them; the new unit in its place can never lie below itself."""
    below = {unit.id: units_below(session, unit.id) - {unit.id} for unit in units}
    return next(unit for unit in units if not any(unit.id in lower for lower in below.values()))


def _check_registrar(
    session: OfficeSession | UnitSession, parent: Unit | None, *, office_id: str, local_office_id: str
) -> None:
    """Refuse a session that may not register here."""
    if isinstance(session, OfficeSession):
        if session.office_id not in {office_id, local_office_id}:
            raise Forbidden("unit_of_another_office", "该单位属于其他受理机构，请由该机构登记。")
    elif parent is None or parent.id not in session.unit_ids:
        raise Forbidden("unit_not_below", "只能在本单位之下新增单位。独立的单位请由受理机构登记。")
    elif not is_department(session, parent.id):
        raise Forbidden("not_a_department", "本单位尚未登记为主管部门。首个下属单位请由受理机构登记。")


def _end(session: ScopedSession, units: Sequence[Unit], *, valid_from: date) -> None:
    names.check_day(session, valid_from)
    for unit in units:
        unit.ended_at = session.now
    session.flush()


def _successor(session: ScopedSession, unit: Unit, *, name: str, office_id: str | None = None) -> Unit:
    """A new unit in the place of ``unit``, which has ended already, so that its name is free again."""
    owner = office_id or unit.office_id
    return Unit(
        id=new_id(),
        office_id=owner,
        parent_id=unit.parent_id,
        area_code=unit.area_code,
        local_office_id=unit.local_office_id,
        affiliation=unit.affiliation,
        name=names.free_name(session, name, office_id=owner),
        code=unit.code if name == unit.name else None,
        created_at=session.now,
    )


def _carry_on(
    session: ScopedSession, ended: Sequence[Unit], successor: Unit, *, act: str, valid_from: date, instrument: str
) -> Unit:
    """Write the successor down, name it in the units that ended, and bring the units below them under it."""
    session.add(successor)
    names.write_name(session, successor, act=act, valid_from=valid_from, note=names.checked_instrument(instrument))
    _bring_below(session, ended, successor)
    return successor


def _bring_below(session: ScopedSession, ended: Sequence[Unit], successor: Unit) -> None:
    """Name the successor in the units that ended, and bring the units below them under it."""
    for unit in ended:
        unit.successor_id = successor.id
    below = select(Unit).where(Unit.parent_id.in_([unit.id for unit in ended]), Unit.ended_at.is_(None))
    for unit in session.scalars(below):
        unit.parent_id = successor.id
    session.flush()
