"""Reading units: one of them, and what lies below it."""

from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select, text

from core.db.session import OfficeSession, ProvinceSession, ScopedSession, UnitSession
from core.errors import Conflict, Forbidden, NotFound
from core.identity.sign_in.asker import UNITS_BELOW
from core.organizations.models import Unit


def visible_unit(session: ScopedSession, unit_id: UUID) -> Unit:
    """The unit, ended or not; NotFound where the session does not see it."""
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


def unit_in_charge_of(session: ScopedSession, unit_id: UUID) -> Unit:
    """The unit, if it still exists and is the session's to change: every unit is visible to all.

    A unit may change itself and those below, an office the units of its area, the province all. Forbidden otherwise.
    """
    unit = open_unit(session, unit_id)
    if isinstance(session, UnitSession):
        own = unit.id in session.unit_ids
    elif isinstance(session, OfficeSession):
        own = session.office_id in {unit.office_id, unit.local_office_id}
    else:
        own = isinstance(session, ProvinceSession)
    if not own:
        raise Forbidden("unit_of_another", f"“{unit.name}”不由您管理，不能变更。请由该单位或其受理机构办理。")
    return unit


def carried_on(unit_id: UUID) -> Select[UUID]:
    """The ids of a unit and of the units that it carries on since a merger, split or move, as a sub-query.

    An ended unit keeps its cases; the unit that carries it on acts in its place. The units below are not among them.
    """
    line = select(Unit.id).where(Unit.id == unit_id).cte(recursive=True)  # without a name: a statement may ask it twice
    line = line.union(select(Unit.id).join(line, Unit.successor_id == line.c.id))
    return select(line.c.id)


def units_below(session: ScopedSession, unit_id: UUID) -> frozenset[UUID]:
    """The unit itself, every unit below it, and the units whose cases these carry on since a merger, split or move."""
    return frozenset(session.scalars(_UNITS_BELOW, {"unit_id": unit_id}))


_UNITS_BELOW = (
    text(UNITS_BELOW.format(unit=":unit_id")).bindparams(bindparam("unit_id", type_=Uuid())).columns(id=Uuid())
)


def is_department(session: ScopedSession, unit_id: UUID) -> bool:
    """Whether a unit that still exists lies directly below this one."""
    below = select(Unit.id).where(Unit.parent_id == unit_id, Unit.ended_at.is_(None))
    return session.scalar(select(below.exists())) is True
