"""Reading units: one of them, what lies below it, and the name that it had on a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import case, or_, select

from core.db.session import ScopedSession
from core.errors import Conflict, NotFound
from core.organizations.models import Unit, UnitName


def visible_unit(session: ScopedSession, unit_id: UUID) -> Unit:
    """The unit, ended or not; NotFound where it is not the session's to know."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound("unit_not_found", "没有找到该单位。请核对后重试。")
    return unit


def open_unit(session: ScopedSession, unit_id: UUID) -> Unit:
    """The unit, if it still exists; Conflict where it was merged, split or moved away."""
    unit = visible_unit(session, unit_id)
    if unit.ended_at is not None and unit.ended_at <= session.now:
        raise Conflict("unit_ended", f"“{unit.name}”已合并、分立或划转，不能再作变更。请改用承接其业务的单位。")
    return unit


def units_below(session: ScopedSession, unit_id: UUID) -> frozenset[UUID]:
    """The unit itself, every unit below it, and the units whose cases these carry on since a merger, split or move."""
    tree = select(Unit.id).where(Unit.id == unit_id).cte("tree", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, or_(Unit.parent_id == tree.c.id, Unit.successor_id == tree.c.id)))
    return frozenset(session.scalars(select(tree.c.id)))


def is_department(session: ScopedSession, unit_id: UUID) -> bool:
    """Whether a unit that still exists lies directly below this one."""
    below = select(Unit.id).where(Unit.parent_id == unit_id, Unit.ended_at.is_(None))
    return session.scalar(select(below.exists())) is True


def name_on(session: ScopedSession, unit_id: UUID, day: date) -> str:
    """The name that the unit had on ``day``; before its first name held, that first name."""
    began = UnitName.valid_from <= day
    name = session.scalar(
        select(UnitName.name)
        .where(UnitName.unit_id == unit_id)
        .order_by(
            began.desc(),
            case((began, UnitName.valid_from)).desc(),
            case((~began, UnitName.valid_from)).asc(),
            case((began, UnitName.at)).desc(),
            case((~began, UnitName.at)).asc(),
        )
        .limit(1)
    )
    if name is None:
        raise NotFound("unit_not_found", "没有找到该单位。请核对后重试。")
    return name
