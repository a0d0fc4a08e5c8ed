"""The candidates and invigilators in each room of a plan's sittings: the data of printed room papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_

from core.applications.models import Application
from core.db.session import ScopedSession
from core.scheduling.allocation.room_shape import RoomShape, shape_of
from core.scheduling.models.exam_day import Attendance, Incident
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket


@dataclass(frozen=True, slots=True)
class Sitter:
    """A candidate in a room: the seat and the data that identify them."""

    seat: int
    number: str
    person_name: str
    id_tail: str
    unit_name: str
    grade: int
    trade: str
    application_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """A candidate of a room who was absent, or whose violation (``facts``) was reported, as the platform knows it."""

    seat: int
    number: str
    person_name: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class RoomSheet:
    """A room in a sitting with its candidates and invigilators; chief invigilators come first."""

    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    subjects: tuple[str, ...]
    site_code: str
    site_name: str
    room_name: str
    shape: RoomShape
    sitters: tuple[Sitter, ...]
    invigilators: tuple[tuple[str, str], ...]
    noted: tuple[Noted, ...] = ()


def room_sheets(
    session: ScopedSession,
    plan_id: UUID,
    *,
    sitting_id: UUID | None = None,
    site_id: UUID | None = None,
    skip: int = 0,
    limit: int | None = None,
) -> list[RoomSheet]:
    """The rooms of a plan in the order of sittings, sites and rooms, with their candidates and invigilators."""
    rooms = session.execute(_rooms(plan_id, sitting_id, site_id).offset(skip).limit(limit)).all()
    here = [(row.sitting_id, row.room_id) for row in rooms]
    sitters, watchers = _sitters(session, plan_id, here), _watchers(session, plan_id, here)
    noted = _noted(session, plan_id, here)
    return [
        RoomSheet(
            row.sitting_id,
            row.starts_at,
            row.ends_at,
            tuple(row.subjects),
            row.code,
            row.site_name,
            row.room_name,
            shape_of(row.machines, row.shape),
            tuple(sitters.get((row.sitting_id, row.room_id), ())),
            tuple(watchers.get((row.sitting_id, row.room_id), ())),
            tuple(noted.get((row.sitting_id, row.room_id), ())),
        )
        for row in rooms
    ]


def count_rooms(session: ScopedSession, plan_id: UUID, sitting_id: UUID | None, site_id: UUID | None = None) -> int:
    """The number of rooms that a plan uses, counted once for each sitting."""
    return session.scalar(select(func.count()).select_from(_rooms(plan_id, sitting_id, site_id).subquery())) or 0


def live_seats() -> ColumnElement[bool]:
    """The condition for seats of a published plan that are not voided."""
    return and_(Seat.published_at.is_not(None), Seat.voided_at.is_(None))


def ticket_of_seat() -> ColumnElement[bool]:
    """The condition that joins a seat's candidate to their ticket in force."""
    return and_(AdmissionTicket.application_id == Seat.application_id, AdmissionTicket.voided_at.is_(None))


def attendance_of_seat() -> ColumnElement[bool]:
    """The condition that joins a seat to the note at the door about its candidate."""
    return and_(Attendance.sitting_id == Seat.sitting_id, Attendance.application_id == Seat.application_id)


def _rooms(plan_id: UUID, sitting_id: UUID | None, site_id: UUID | None) -> Select[Any]:
    used = select(Seat.sitting_id, Seat.room_id).where(Seat.plan_id == plan_id, live_seats()).distinct()
    if sitting_id is not None:
        used = used.where(Seat.sitting_id == sitting_id)
    here = used.subquery()
    at_site = true() if site_id is None else ExamSite.id == site_id
    return (
        select(
            here.c.sitting_id,
            here.c.room_id,
            Sitting.starts_at,
            Sitting.ends_at,
            Sitting.subjects,
            ExamSite.code,
            ExamSite.name.label("site_name"),
            ExamRoom.name.label("room_name"),
            ExamRoom.machines,
            ExamRoom.shape,
        )
        .join(Sitting, Sitting.id == here.c.sitting_id)
        .join(ExamRoom, ExamRoom.id == here.c.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(at_site)
        .order_by(Sitting.starts_at, here.c.sitting_id, ExamSite.code, ExamRoom.number)
    )


def _sitters(
    session: ScopedSession, plan_id: UUID, here: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], list[Sitter]]:
    wanted = (
        select(
            Seat.sitting_id,
            Seat.room_id,
            Seat.seat,
            func.coalesce(AdmissionTicket.number, ""),
            Application.person_name,
            Application.id_tail,
            Application.unit_name,
            func.coalesce(Application.grade, 0),
            func.coalesce(Application.trade, ""),
            Application.id,
        )
        .join(Application, Application.id == Seat.application_id)
        .outerjoin(AdmissionTicket, ticket_of_seat())
        .where(Seat.plan_id == plan_id, live_seats(), tuple_(Seat.sitting_id, Seat.room_id).in_(here))
        .order_by(Seat.seat)
    )
    found: dict[tuple[UUID, UUID], list[Sitter]] = {}
    for row in session.execute(wanted):
        found.setdefault((row[0], row[1]), []).append(Sitter(*row[2:9], application_id=row[9]))
    return found


def _noted(
    session: ScopedSession, plan_id: UUID, here: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], list[Noted]]:
    """The absent by the door list, and the violations that were reported, in the order of seats."""
    of_seat = and_(Incident.sitting_id == Seat.sitting_id, Incident.application_id == Seat.application_id)
    wanted = (
        select(
            Seat.sitting_id,
            Seat.room_id,
            Seat.seat,
            func.coalesce(AdmissionTicket.number, ""),
            Application.person_name,
            func.coalesce(Incident.facts, ""),
        )
        .join(Application, Application.id == Seat.application_id)
        .outerjoin(AdmissionTicket, ticket_of_seat())
        .outerjoin(Attendance, attendance_of_seat())
        .outerjoin(Incident, of_seat)
        .where(Seat.plan_id == plan_id, live_seats(), tuple_(Seat.sitting_id, Seat.room_id).in_(here))
        .where(or_(Attendance.state == "absent", Incident.id.is_not(None)))
        .order_by(Seat.seat, Incident.id)
    )
    found: dict[tuple[UUID, UUID], list[Noted]] = {}
    for row in session.execute(wanted):
        found.setdefault((row[0], row[1]), []).append(Noted(*row[2:]))
    return found


def _watchers(
    session: ScopedSession, plan_id: UUID, here: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], list[tuple[str, str]]]:
    wanted = (
        select(Invigilation.sitting_id, Invigilation.room_id, Invigilator.name, Invigilator.unit_name)
        .join(Invigilator, Invigilator.id == Invigilation.invigilator_id)
        .where(Invigilation.plan_id == plan_id, tuple_(Invigilation.sitting_id, Invigilation.room_id).in_(here))
        .order_by(Invigilation.chief.desc(), Invigilator.number)
    )
    found: dict[tuple[UUID, UUID], list[tuple[str, str]]] = {}
    for row in session.execute(wanted):
        found.setdefault((row[0], row[1]), []).append((row[2], row[3]))
    return found
