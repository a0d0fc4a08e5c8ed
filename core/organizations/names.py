"""Names of units: corrected by the unit in its window, changed by the office afterwards, and never overwritten.

The units correct their names before registration opens; from then on names may only be added, which is to register a
unit. What an official act changes later is a rename of the office's. Source: 2024 notice §3(1); the rule "only added"
as published for 2018.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import OfficeSession, ScopedSession, UnitSession
from core.errors import Conflict, Invalid
from core.organizations.models import Unit, UnitName
from core.organizations.queries import unit_in_charge_of
from core.plugin_api import Window
from core.text import dates, names


def correct_name(session: UnitSession | OfficeSession, unit_id: UUID, *, name: str, window: Window | None) -> UnitName:
    """Correct a unit's name inside ``window``, the office's window for unit names.

    Raises Conflict, code ``names_closed``, outside the window or where there is none.
    """
    if window is None or not window.contains(session.now):
        raise Conflict(
            "names_closed",
            "现在不在单位名称核对时间内，已有名称不能修改，只能新增单位。确需更名的，请持批准文件由受理机构办理更名。",
        )
    unit = unit_in_charge_of(session, unit_id)
    return change_name(session, unit, name=name, act="corrected", valid_from=day_of(session))


def rename(session: OfficeSession, unit_id: UUID, *, name: str, valid_from: date, instrument: str) -> UnitName:
    """Give a unit the new name that the official paper ``instrument`` gives it from ``valid_from`` on.

    Applications keep the name that they were made under. Raises Invalid for a day in the future, for one before the
    name that holds, and without an instrument.
    """
    unit = unit_in_charge_of(session, unit_id)
    return change_name(
        session, unit, name=name, act="renamed", valid_from=valid_from, note=checked_instrument(instrument)
    )


def change_name(
    session: ScopedSession, unit: Unit, *, name: str, act: str, valid_from: date, note: str = ""
) -> UnitName:
    """Give a unit a name from ``valid_from`` on; the earlier names stay on file."""
    check_day(session, valid_from)
    held_from = session.scalar(select(func.max(UnitName.valid_from)).where(UnitName.unit_id == unit.id))
    if held_from is not None and valid_from < held_from:
        message = f"生效日期早于现名称的启用日期{dates.day(held_from)}。请核对批准文件上的日期。"
        raise Invalid("name_date", message, at="valid_from")
    unit.name = free_name(session, name, office_id=unit.office_id, except_for=unit.id)
    return write_name(session, unit, act=act, valid_from=valid_from, note=note)


def write_name(session: ScopedSession, unit: Unit, *, act: str, valid_from: date, note: str = "") -> UnitName:
    """Write down that the unit's present name came by ``act``, and record it."""
    session.flush()
    row = UnitName(
        id=new_id(),
        unit_id=unit.id,
        name=unit.name,
        valid_from=valid_from,
        act=act,
        note=note,
        at=session.now,
        account_id=session.actor.account_id,
    )
    session.add(row)
    session.flush()
    subject = audit.RecordSubject(unit.office_id, "unit", unit.id)
    audit.record_on(session, subject, f"unit.{act}", name=unit.name, valid_from=valid_from.isoformat(), note=note)
    return row


def free_name(session: ScopedSession, name: str, *, office_id: str, except_for: UUID | None = None) -> str:
    """The name without blanks at its ends, if no other unit of the office goes by it; Conflict where one does."""
    cleaned = names.body(name)
    if not cleaned:
        raise Invalid("unit_name_missing", "请填写单位名称。", at="name")
    taken = select(Unit.id).where(Unit.office_id == office_id, Unit.name == cleaned, Unit.ended_at.is_(None))
    if except_for is not None:
        taken = taken.where(Unit.id != except_for)
    if session.scalar(select(taken.exists())):
        message = f"本地区已有名为“{cleaned}”的单位。请核对是否重复登记，或填写单位全称以示区别。"
        raise Conflict("unit_name_taken", message, at="name")
    return cleaned


def check_day(session: ScopedSession, day: date) -> None:
    """Refuse a day that has not come: names in force are never worked out from today's date while reading."""
    if day > day_of(session):
        raise Invalid("day_to_come", f"生效日期{dates.day(day)}还未到。请在生效之日办理。", at="valid_from")


def checked_instrument(instrument: str) -> str:
    """The number of the official paper; Invalid where it is missing."""
    if not instrument.strip():
        raise Invalid("instrument_missing", "请填写批准文件的文号。", at="instrument")
    return instrument.strip()


def day_of(session: ScopedSession) -> date:
    """The session's day in Shanghai."""
    return session.now.astimezone(SHANGHAI).date()
