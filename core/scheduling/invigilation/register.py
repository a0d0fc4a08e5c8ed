"""The register of invigilators (监考人员) of an office's year, and their assignment to the rooms of a plan.

An invigilator never watches candidates of a unit to be avoided (回避). Source: 2024 notice §4(3).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.errors import Conflict, Invalid, NotFound
from core.organizations.directory import units_called
from core.organizations.models import Unit
from core.scheduling.access import must_schedule
from core.scheduling.allocation.assign_invigilators import RoomDuty, TooFew, Watch, Watcher, watch
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.office_problem import policy_of, seats_kept
from core.scheduling.plans.service import own_plan
from core.seasons.queries import check_not_ended
from core.text import dates, names


@dataclass(frozen=True, slots=True)
class InvigilatorForm:
    """The data of an invigilator; ``unit_id`` is None where their unit takes no part."""

    number: str
    name: str
    unit_name: str
    unit_id: UUID | None = None
    avoids: tuple[UUID, ...] = ()


def add_invigilators(session: OfficeSession, year: int, forms: Iterable[InvigilatorForm]) -> list[UUID]:
    """Add invigilators to the register of a year; those without a number get the next free one. Invalid where a name or
    unit is missing; Conflict for a number that exists.
    """
    must_schedule(session)
    check_not_ended(session, year)
    listed = list(forms)
    written = [_written(form) for form in listed]
    known = numbers_of(session, year)
    numbers = [form.number.strip() for form in listed]
    free = (number for at in count(1) if (number := f"J{at:03d}") not in known.union(numbers))
    numbers = [number or next(free) for number in numbers]
    twice = sorted((set(numbers) & known) | {number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise Conflict("invigilator_number_taken", f"监考人员编号重复：{'、'.join(twice[:10])}。请改正后重试。")
    rows = [
        {
            "id": new_id(),
            "office_id": session.office_id,
            "year": year,
            "number": number,
            "name": name,
            "unit_id": form.unit_id,
            "unit_name": unit_name,
            "avoids": [str(unit) for unit in form.avoids],
            "added_at": session.now,
        }
        for number, form, (name, unit_name) in zip(numbers, listed, written, strict=True)
    ]
    if rows:
        session.connection().execute(insert(Invigilator), rows)
    subject = audit.RecordSubject(session.office_id, "office", session.office_id)
    audit.record_on(session, subject, "invigilators.added", count=len(rows))
    return [UUID(str(row["id"])) for row in rows]


def end_invigilator(session: OfficeSession, invigilator_id: UUID) -> Invigilator:
    """Take an invigilator off the register; duties already assigned stay until the next assignment."""
    must_schedule(session)
    found = own_invigilator(session, invigilator_id)
    check_not_ended(session, found.year)
    if found.ended_at is None:
        found.ended_at = session.now
        session.flush()
        audit.record_on(session, found, "invigilator.ended")
    return found


def reinstate_invigilator(session: OfficeSession, invigilator_id: UUID) -> Invigilator:
    """Put an invigilator back on the register."""
    must_schedule(session)
    found = own_invigilator(session, invigilator_id)
    check_not_ended(session, found.year)
    if found.ended_at is not None:
        found.ended_at = None
        session.flush()
        audit.record_on(session, found, "invigilator.reinstated")
    return found


def change_invigilator(session: OfficeSession, invigilator_id: UUID, form: InvigilatorForm) -> Invigilator:
    """Correct the data of an invigilator; the number stays, and so do duties already assigned."""
    must_schedule(session)
    found = own_invigilator(session, invigilator_id)
    check_not_ended(session, found.year)
    (found.name, found.unit_name), found.unit_id = _written(form), form.unit_id
    found.avoids = [str(unit) for unit in form.avoids]
    session.flush()
    audit.record_on(session, found, "invigilator.changed")
    return found


def own_invigilator(session: OfficeSession, invigilator_id: UUID) -> Invigilator:
    """An invigilator of the session's own office, also one taken off the register; NotFound for others."""
    refusal = NotFound("invigilator_not_found", "没有找到该监考人员。请刷新后重试。")
    return own_row(session, Invigilator, invigilator_id, refusal)


def register_of(session: OfficeSession, year: int) -> Sequence[Invigilator]:
    """The invigilators on the register of a year, by number."""
    wanted = select(Invigilator).where(*_of(session, year), Invigilator.ended_at.is_(None))
    return session.scalars(wanted.order_by(Invigilator.number)).all()


def taken_off(session: OfficeSession, year: int) -> Sequence[Invigilator]:
    """The invigilators who were taken off the register of a year, by number."""
    wanted = select(Invigilator).where(*_of(session, year), Invigilator.ended_at.is_not(None))
    return session.scalars(wanted.order_by(Invigilator.number)).all()


def numbers_of(session: OfficeSession, year: int) -> frozenset[str]:
    """Every number of a year, also of invigilators taken off the register: numbers are not given twice."""
    return frozenset(session.scalars(select(Invigilator.number).where(*_of(session, year))))


def units_named(session: OfficeSession, called: Iterable[str]) -> Mapping[str, UUID]:
    """The units of the office with these names, for avoidance."""
    return units_called(session, set(called), office_id=session.office_id)


def names_of_units(session: ScopedSession, unit_ids: Iterable[str]) -> Mapping[str, str]:
    """Unit id as text → name."""
    wanted = select(Unit.id, Unit.name).where(Unit.id.in_({UUID(unit_id) for unit_id in unit_ids}))
    return {str(unit_id): name for unit_id, name in session.execute(wanted)}


def assign_invigilators(session: OfficeSession, plan_id: UUID) -> int:
    """Assign invigilators to every room of a plan in place of earlier assignments; returns the number of duties.

    Conflict, saying when and how many are missing, where the register is too small.
    """
    must_schedule(session)
    plan = own_plan(session, plan_id)
    check_not_ended(session, plan.year)
    if plan.step != "ready" or plan.state not in {"draft", "published"}:
        raise Conflict("plan_not_ready", "只能为编排完成的方案安排监考。请刷新后核对方案状态。")
    people = [
        Watcher(
            str(invigilator.id),
            frozenset(invigilator.avoids) | ({str(invigilator.unit_id)} if invigilator.unit_id else set()),
        )
        for invigilator in register_of(session, plan.year)
    ]
    try:
        found = watch(_duties(session, plan), people, seed=plan.seed)
    except TooFew as few:
        raise Conflict(
            "too_few_invigilators",
            f"{dates.minute(few.starts)}起的场次需要监考 {few.wanted} 人次，"
            f"按回避要求还缺 {few.missing} 人。请登记更多监考人员后重试。",
        ) from few
    session.execute(delete(Invigilation).where(Invigilation.plan_id == plan.id))
    _write(session, plan, found)
    listed = [[duty.sitting, duty.room, duty.watcher, duty.chief] for duty in found]
    audit.record_on(session, plan, "plan.invigilated", duties=len(found), digest=audit.digest_of(listed).hex())
    return len(found)


def duties_of(session: ScopedSession, plan_id: UUID) -> list[tuple[UUID, UUID, str, str, bool]]:
    """(sitting, room, number, name, chief) of every duty of a plan."""
    wanted = (
        select(Invigilation.sitting_id, Invigilation.room_id, Invigilator.number, Invigilator.name, Invigilation.chief)
        .join(Invigilator, Invigilator.id == Invigilation.invigilator_id)
        .where(Invigilation.plan_id == plan_id)
        .order_by(Invigilation.sitting_id, Invigilation.room_id, Invigilation.chief.desc(), Invigilator.number)
    )
    return [(sitting, room, number, name, chief) for sitting, room, number, name, chief in session.execute(wanted)]


def _written(form: InvigilatorForm) -> tuple[str, str]:
    """Name and unit as they are stored; Invalid where one is missing, or the name is none."""
    unit_name = names.body(form.unit_name)
    if not (form.name.strip() and unit_name):
        raise Invalid("invigilator_incomplete", "请填写监考人员的姓名和所在单位。", fields={"name": "请填写"})
    return names.stored(form.name), unit_name


def _duties(session: OfficeSession, plan: Plan) -> list[RoomDuty]:
    units: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    held: dict[UUID, Sitting] = {}
    wanted = select(Sitting, Seat.room_id, Application.unit_id).distinct()
    joined = wanted.join(Seat, Seat.sitting_id == Sitting.id).join(Application, Application.id == Seat.application_id)
    for sitting, room_id, unit_id in session.execute(joined.where(*seats_kept(plan.id))):
        held[sitting.id] = sitting
        units[sitting.id, room_id].add(str(unit_id))
    return [
        RoomDuty(
            str(sitting_id),
            str(room_id),
            held[sitting_id].starts_at,
            held[sitting_id].ends_at,
            frozenset(found),
            policy_of(plan, sitting_id).invigilators,
        )
        for (sitting_id, room_id), found in units.items()
    ]


def _write(session: OfficeSession, plan: Plan, found: Sequence[Watch]) -> None:
    rows = [
        {
            "plan_id": plan.id,
            "sitting_id": UUID(duty.sitting),
            "invigilator_id": UUID(duty.watcher),
            "office_id": plan.office_id,
            "room_id": UUID(duty.room),
            "chief": duty.chief,
        }
        for duty in found
    ]
    if rows:
        session.connection().execute(insert(Invigilation), rows)


def _of(session: OfficeSession, year: int) -> tuple[ColumnElement[bool], ...]:
    return Invigilator.office_id == session.office_id, Invigilator.year == year
