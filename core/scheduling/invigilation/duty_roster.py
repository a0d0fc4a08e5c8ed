"""The duty roster of a plan: the invigilators of each room, their number of duties, and replacements by hand."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession, ScopedSession
from core.errors import Conflict, NotFound
from core.scheduling.access import must_schedule
from core.scheduling.invigilation.register import register_of
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.office_problem import seats_kept
from core.scheduling.plans.service import own_plan
from core.seasons.queries import check_not_ended
from core.text.form_texts import required_text


@dataclass(frozen=True, slots=True)
class Watching:
    """An assigned invigilator; ``gone`` where they are no longer on the register and have to be replaced."""

    invigilator_id: UUID
    number: str
    name: str
    unit_name: str
    chief: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class RoomWatched:
    """One room of one sitting in a plan with its invigilators, the chief first."""

    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    subjects: Sequence[str]
    room_id: UUID
    site: str
    room: str
    watching: Sequence[Watching]


@dataclass(frozen=True, slots=True)
class Substitute:
    """An invigilator who could take over a duty, or the hindrance; ``duties`` is their number of duties."""

    invigilator: Invigilator
    duties: int
    hindrance: str


def duty_roster(session: ScopedSession, plan_id: UUID) -> list[RoomWatched]:
    """Every room that a plan uses, in the order of sittings, sites and rooms, also a room without invigilators."""
    opened = select(Seat.sitting_id, Seat.room_id).where(Seat.plan_id == plan_id).distinct().subquery()
    rooms = session.execute(
        select(Sitting, ExamRoom, ExamSite.name)
        .join(opened, opened.c.sitting_id == Sitting.id)
        .join(ExamRoom, ExamRoom.id == opened.c.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .order_by(Sitting.starts_at, Sitting.id, ExamSite.code, ExamRoom.number)
    ).all()
    watching = _watching(session, plan_id)
    return [
        RoomWatched(
            sitting.id,
            sitting.starts_at,
            sitting.ends_at,
            sitting.subjects,
            room.id,
            site,
            room.name,
            watching.get((sitting.id, room.id), ()),
        )
        for sitting, room, site in rooms
    ]


def duty_counts(roster: Iterable[RoomWatched]) -> Mapping[UUID, int]:
    """Invigilator → number of duties."""
    return Counter(watching.invigilator_id for room in roster for watching in room.watching)


def substitutes(
    session: OfficeSession, plan: Plan, sitting_id: UUID, invigilator_id: UUID
) -> tuple[RoomWatched, Watching, list[Substitute]]:
    """A duty of a plan and the other invigilators on the register: those who could take it over come first, ordered by
    their number of duties. NotFound where there is no such duty.
    """
    roster = duty_roster(session, plan.id)
    found = [
        (room, duty)
        for room in roster
        for duty in room.watching
        if room.sitting_id == sitting_id and duty.invigilator_id == invigilator_id
    ]
    if not found:
        raise NotFound("duty_not_found", "没有找到这项监考安排，可能已经调整。请刷新监考安排表后重试。")
    [(room, duty)] = found
    counts = duty_counts(roster)
    units, busy = _units_in(session, plan, room), _busy(session, plan, room)
    others = [
        Substitute(who, counts.get(who.id, 0), _hindrance(who, units, busy))
        for who in register_of(session, plan.year)
        if who.id != invigilator_id
    ]
    others.sort(key=lambda other: (bool(other.hindrance), other.duties, other.invigilator.number))
    return room, duty, others


def replace_invigilator(
    session: OfficeSession, plan_id: UUID, sitting_id: UUID, invigilator_id: UUID, *, by_id: UUID, reason: str
) -> None:
    """Replace an invigilator, chief by chief, in a draft or in the published plan.

    Conflict, with the cause, where the substitute has another room at that time, has to avoid a unit in the room, or
    the sitting is over; NotFound for a substitute who is not on the register; Invalid without a reason.
    """
    must_schedule(session)
    plan = own_plan(session, plan_id)
    check_not_ended(session, plan.year)
    said = required_text(reason, "请写明替换监考人员的原因。")
    if plan.state not in {"draft", "published"}:
        raise Conflict("plan_not_in_force", "该方案已被替代或作废。请在现行方案中替换监考人员。")
    room, duty, others = substitutes(session, plan, sitting_id, invigilator_id)
    if room.ends_at <= session.now:
        raise Conflict("sitting_over", "该场次已经结束，监考安排不能再改。")
    chosen = next((substitute for substitute in others if substitute.invigilator.id == by_id), None)
    if chosen is None:
        raise NotFound("invigilator_not_found", "没有找到所选的监考人员，可能已经停用。请重新选择。")
    if chosen.hindrance:
        raise Conflict("invigilator_hindered", f"{chosen.invigilator.name}不能替换：{chosen.hindrance}。请另选一人。")
    here = (Invigilation.plan_id == plan.id, Invigilation.sitting_id == sitting_id)
    session.execute(delete(Invigilation).where(*here, Invigilation.invigilator_id == invigilator_id))
    row = {"plan_id": plan.id, "sitting_id": sitting_id, "room_id": room.room_id, "office_id": plan.office_id}
    session.execute(insert(Invigilation), [row | {"invigilator_id": by_id, "chief": duty.chief}])
    places = {"sitting": str(sitting_id), "room": str(room.room_id)}
    people = {"from": str(invigilator_id), "to": str(by_id), "reason": audit.digest_of(said).hex()}
    audit.record_on(session, plan, "plan.duty_changed", **places, **people)


def _watching(session: ScopedSession, plan_id: UUID) -> Mapping[tuple[UUID, UUID], Sequence[Watching]]:
    wanted = (
        select(Invigilation, Invigilator)
        .join(Invigilator, Invigilator.id == Invigilation.invigilator_id)
        .where(Invigilation.plan_id == plan_id)
        .order_by(Invigilation.chief.desc(), Invigilator.number)
    )
    found: dict[tuple[UUID, UUID], list[Watching]] = defaultdict(list)
    for duty, who in session.execute(wanted):
        shown = Watching(who.id, who.number, who.name, who.unit_name, duty.chief, who.ended_at is not None)
        found[duty.sitting_id, duty.room_id].append(shown)
    return found


def _hindrance(who: Invigilator, units: Mapping[str, str], busy: Mapping[UUID, str]) -> str:
    """Why an invigilator cannot watch a room with candidates of ``units``; empty where nothing hinders."""
    if who.id in busy:
        return f"同一时间在{busy[who.id]}监考"
    if who.unit_id is not None and str(who.unit_id) in units:
        return "该考场有本单位考生"
    avoided = [units[avoid] for avoid in who.avoids if avoid in units]
    return f"须回避该考场的{'、'.join(avoided)}考生" if avoided else ""


def _units_in(session: OfficeSession, plan: Plan, room: RoomWatched) -> Mapping[str, str]:
    """The units with candidates in a room: id → name."""
    here = select(Application.unit_id, Application.unit_name).join(Seat, Seat.application_id == Application.id)
    wanted = here.where(*seats_kept(plan.id), Seat.sitting_id == room.sitting_id, Seat.room_id == room.room_id)
    return {str(unit_id): name for unit_id, name in session.execute(wanted.distinct())}


def _busy(session: OfficeSession, plan: Plan, room: RoomWatched) -> Mapping[UUID, str]:
    """Invigilator → their room at the time of the sitting, by this plan or by another published one."""
    wanted = (
        select(Invigilation.invigilator_id, ExamSite.name, ExamRoom.name)
        .join(Sitting, Sitting.id == Invigilation.sitting_id)
        .join(Plan, Plan.id == Invigilation.plan_id)
        .join(ExamRoom, ExamRoom.id == Invigilation.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where((Plan.id == plan.id) | ((Plan.state == "published") & (Plan.exam != plan.exam)))
        .where(Plan.office_id == plan.office_id, Sitting.starts_at < room.ends_at, Sitting.ends_at > room.starts_at)
    )
    return {who: f"{site}{name}" for who, site, name in session.execute(wanted)}


@dataclass(frozen=True, slots=True)
class DutyInForce:
    """A duty as its invigilator reads it."""

    plan_id: UUID
    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    site: str
    room: str
    chief: bool


def duties_in_force(session: OfficeSession, year: int) -> Mapping[UUID, Sequence[DutyInForce]]:
    """Invigilator → their duties by the published plans of a year, in the order of their times."""
    wanted = (
        select(Invigilation, Sitting.starts_at, Sitting.ends_at, ExamSite.name, ExamRoom.name)
        .join(Plan, Plan.id == Invigilation.plan_id)
        .join(Sitting, Sitting.id == Invigilation.sitting_id)
        .join(ExamRoom, ExamRoom.id == Invigilation.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(Plan.office_id == session.office_id, Plan.year == year, Plan.state == "published")
        .order_by(Sitting.starts_at, Sitting.id)
    )
    found: dict[UUID, list[DutyInForce]] = defaultdict(list)
    for duty, starts_at, ends_at, site, room in session.execute(wanted):
        shown = DutyInForce(duty.plan_id, duty.sitting_id, starts_at, ends_at, site, room, duty.chief)
        found[duty.invigilator_id].append(shown)
    return found
