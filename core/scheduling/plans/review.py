"""Reviewing a plan and correcting it by hand: its rooms as they are drawn, and moves of single candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application
from core.audit import service as audit
from core.db.session import OfficeSession, ScopedSession
from core.errors import Conflict, Invalid, NotFound
from core.scheduling.access import must_schedule
from core.scheduling.allocation.allocate import judged
from core.scheduling.allocation.neighbours import neighbours
from core.scheduling.allocation.problem import Placement, Problem, SeatNeed
from core.scheduling.allocation.replanning import holds
from core.scheduling.allocation.room_shape import Picture, picture
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.office_problem import (
    granted_needs,
    placements_of,
    policy_of,
    problem_of,
    room_value,
    seats_kept,
)
from core.scheduling.plans.service import own_plan
from core.seasons.queries import check_not_ended
from core.tenancy.offices import Offices


@dataclass(frozen=True, slots=True)
class RoomFilled:
    """One room of one sitting in a plan: ``people`` sit there, ``seats`` are usable."""

    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    room_id: UUID
    site: str
    room: str
    people: int
    seats: int


@dataclass(frozen=True, slots=True)
class Occupant:
    """The candidate on a seat, as the office sees them; ``beside`` says whether a neighbour is of the same unit."""

    seat_id: UUID
    application_id: UUID
    reference: str
    name: str
    unit: str
    grade: int
    trade: str
    needs: frozenset[SeatNeed]
    by_hand: str
    beside: bool


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room of a sitting as it is drawn, and the occupants by seat number; the last ``reserve`` seats stay free."""

    sitting: Sitting
    site: ExamSite
    room: ExamRoom
    reserve: int
    picture: Picture
    occupants: Mapping[int, Occupant]
    invigilators: tuple[tuple[str, bool], ...]


def plans_of(session: ScopedSession, office_id: str, year: int) -> Sequence[Plan]:
    """The plans of an office, the newest first."""
    wanted = select(Plan).where(Plan.office_id == office_id, Plan.year == year)
    return session.scalars(wanted.order_by(Plan.made_at.desc(), Plan.id.desc())).all()


def plan_of(session: OfficeSession, plan_id: UUID) -> Plan:
    """A plan of the session's own office, for reading; NotFound for other plans."""
    plan = session.get(Plan, plan_id)
    if plan is None or plan.office_id != session.office_id:
        raise NotFound("plan_not_found", "没有找到该编排方案，或者它不属于本机构。请核对后重试。")
    return plan


def rooms_filled(session: ScopedSession, plan: Plan) -> list[RoomFilled]:
    """The rooms used by a plan, in the order of sittings, sites and rooms."""
    wanted = (
        select(Sitting, ExamRoom, ExamSite.name, func.count())
        .select_from(Seat)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(*seats_kept(plan.id))
        .group_by(Sitting.id, ExamRoom.id, ExamSite.id)
        .order_by(Sitting.starts_at, Sitting.id, ExamSite.code, ExamRoom.number)
    )
    return [
        RoomFilled(
            sitting_id=sitting.id,
            starts_at=sitting.starts_at,
            ends_at=sitting.ends_at,
            room_id=room.id,
            site=site,
            room=room.name,
            people=people,
            seats=room_value(room).usable(policy_of(plan, sitting.id)),
        )
        for sitting, room, site, people in session.execute(wanted)
    ]


def room_view(session: ScopedSession, plan: Plan, sitting_id: UUID, room_id: UUID) -> RoomView:
    """One room of a plan seat by seat; NotFound where the plan does not use it."""
    sitting, room = session.get(Sitting, sitting_id), session.get(ExamRoom, room_id)
    if sitting is None or room is None or str(sitting_id) not in plan.sittings:
        raise NotFound("room_not_in_plan", "该方案没有这个考场。请从方案中重新选择。")
    policy = policy_of(plan, sitting_id)
    people = _occupants(session, plan, sitting_id, room_id)
    units = {number: unit for number, (_, unit) in people.items()}
    near = neighbours(room.places, policy.apart)
    shown = {
        number: Occupant(*fields, beside=any(units.get(other) == unit for other in near.get(number, ())))
        for number, (fields, unit) in sorted(people.items())
    }
    return RoomView(
        sitting=sitting,
        site=session.get_one(ExamSite, room.site_id),
        room=room,
        reserve=room.machines - room_value(room).usable(policy),
        picture=picture(room.places),
        occupants=shown,
        invigilators=_watching(session, plan.id, sitting_id, room_id),
    )


def move_by_hand(
    session: OfficeSession, seat_id: UUID, *, sitting_id: UUID, room_id: UUID, seat: int, reason: str, offices: Offices
) -> Seat:
    """Move a candidate to another seat in a draft, checked against every constraint.

    Invalid or Conflict, naming the constraint that is broken: the seat is taken or in reserve, the room does not meet
    the candidate's needs, the sitting is not for them or overlaps another of theirs. Neighbours of one unit are
    allowed; the plan's figures count them.
    """
    must_schedule(session)
    if not reason.strip():
        raise Invalid("reason_required", "请写明调整座位的原因。", fields={"reason": "请写明原因"})
    found = session.get(Seat, seat_id)
    if found is None:
        raise NotFound("seat_not_found", "没有找到该座位。请刷新后重试。")
    plan = own_plan(session, found.plan_id)
    check_not_ended(session, plan.year)
    if (plan.state, plan.step) != ("draft", "ready"):
        raise Conflict("plan_not_draft", "只能在草案中调整座位。已发布的方案请先重新编排。")
    problem = problem_of(session, plan, seating=offices.config(plan.office_id).seating)
    before = Placement(str(found.application_id), str(found.sitting_id), str(found.room_id), found.seat)
    after = Placement(before.candidate, str(sitting_id), str(room_id), seat)
    others = [placement for placement in placements_of(session, plan.id) if placement != before]
    _check(problem, others, before=before, after=after)
    found.sitting_id, found.room_id, found.seat, found.by_hand = sitting_id, room_id, seat, reason.strip()
    plan.figures = {**plan.figures, **_figures(problem, [*others, after], plan)}
    session.flush()
    change = {"plan": str(plan.id), "from": asdict(before), "to": asdict(after)}
    subject = audit.RecordSubject(plan.office_id, "application", found.application_id, change)
    audit.record_on(session, subject, "plan.seat_changed")
    return found


def _check(problem: Problem, others: Sequence[Placement], *, before: Placement, after: Placement) -> None:
    sitting, room = problem.sitting.get(after.sitting), problem.room.get(after.room)
    if sitting is None or room is None or after.room not in sitting.rooms or not 1 <= after.seat <= room.seats:
        raise Invalid("seat_unknown", "该场次没有这个考场或座位。请核对后重新选择。", fields={"seat": "请核对"})
    if after.seat > room.usable(sitting.policy):
        raise Invalid("seat_in_reserve", "该座位是备用机位，不能安排考生。请另选座位。", fields={"seat": "备用机位"})
    if sitting.subjects != problem.sitting[before.sitting].subjects:
        raise Invalid("seat_other_subjects", "该场次的考试科目不同。请选择相同科目的场次。")
    if any((other.sitting, other.room, other.seat) == (after.sitting, after.room, after.seat) for other in others):
        raise Conflict("seat_taken", "该座位已有考生。请另选空座位。")
    mine = [problem.sitting[other.sitting] for other in others if other.candidate == after.candidate]
    if any(sitting.overlaps(other) for other in mine):
        raise Conflict("seat_overlaps", "该考生在同一时间已有其他科目的考试。请另选场次。")
    if not holds(problem, after):
        raise Conflict(
            "seat_does_not_fit",
            "该场次不考该考生的等级或工种，或者考场不能满足已批准的便利（如无障碍、延长时间）。请另选考场或场次。",
        )


def _figures(problem: Problem, placements: Sequence[Placement], plan: Plan) -> Mapping[str, int]:
    """The figures of a plan that a move by hand changes."""
    moved: dict[str, tuple[tuple[str, ...], str]] = {}
    found = asdict(judged(problem, placements, seed=plan.seed, moved=moved, bound=0).figures)
    return {name: value for name, value in found.items() if name not in {"travel", "travel_bound"}}


def _occupants(
    session: ScopedSession, plan: Plan, sitting_id: UUID, room_id: UUID
) -> Mapping[int, tuple[tuple[UUID, UUID, str, str, str, int, str, frozenset[SeatNeed], str], UUID]]:
    """Seat number → the fields of the occupant, and their unit."""
    needs = granted_needs(session, plan.office_id, plan.year)
    wanted = (
        select(Seat, Application)
        .join(Application, Application.id == Seat.application_id)
        .where(*seats_kept(plan.id), Seat.sitting_id == sitting_id, Seat.room_id == room_id)
    )
    return {
        seat.seat: (
            (
                seat.id,
                who.id,
                who.reference,
                who.person_name,
                who.unit_name,
                who.grade or 0,
                who.trade or "",
                needs.get(who.id, frozenset()),
                seat.by_hand,
            ),
            who.unit_id,
        )
        for seat, who in session.execute(wanted)
    }


def _watching(session: ScopedSession, plan_id: UUID, sitting_id: UUID, room_id: UUID) -> tuple[tuple[str, bool], ...]:
    wanted = (
        select(Invigilator.name, Invigilation.chief)
        .join(Invigilator, Invigilator.id == Invigilation.invigilator_id)
        .where(Invigilation.plan_id == plan_id, Invigilation.sitting_id == sitting_id, Invigilation.room_id == room_id)
        .order_by(Invigilation.chief.desc(), Invigilator.number)
    )
    return tuple((name, chief) for name, chief in session.execute(wanted))
