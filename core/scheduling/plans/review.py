"""Reviewing a plan: its rooms as they are drawn, with everybody in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from core.applications.models import Application
from core.db.session import OfficeSession, ScopedSession
from core.errors import NotFound
from core.scheduling.allocation.neighbours import neighbours
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.allocation.room_shape import Picture, picture
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.office_problem import granted_needs, policy_of, room_value, seats_kept


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
