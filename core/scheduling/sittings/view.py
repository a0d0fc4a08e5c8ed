"""One sitting as its office sees it: its rooms, its candidates, and those who lost their seat in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from core.clock import SHANGHAI
from core.db.session import OfficeSession, ScopedSession
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting, SittingRoom
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.sites.service import sites_for


@dataclass(frozen=True, slots=True)
class RoomOfSitting:
    """A room that a sitting uses or could use: ``people`` have a published seat there; ``taken`` by another sitting."""

    room_id: UUID
    site: str
    room: str
    seats: int
    accessible: bool
    people: int = 0
    taken: bool = False


@dataclass(frozen=True, slots=True)
class SittingRooms:
    """The rooms that a sitting uses, and those that it could use.

    ``homeless`` counts candidates with a published seat in a room that the sitting no longer has.
    """

    used: Sequence[RoomOfSitting]
    free: Sequence[RoomOfSitting]
    seated: int
    homeless: int


def sitting_view(session: OfficeSession, sitting: Sitting) -> SittingRooms:
    """The current view of a sitting of the office."""
    people = seated_by_room(session, sitting.id)
    used = _used(session, sitting, people)
    seated = sum(people.values())
    return SittingRooms(
        used=used,
        free=_free(session, sitting, {room.room_id for room in used}),
        seated=seated,
        homeless=seated - sum(room.people for room in used),
    )


def seated_by_room(session: ScopedSession, sitting_id: UUID) -> Mapping[UUID, int]:
    """Room → number of published seats there in a sitting."""
    wanted = select(Seat.room_id, func.count()).where(Seat.sitting_id == sitting_id, live_seats())
    return dict(session.execute(wanted.group_by(Seat.room_id)).all())


def _used(session: OfficeSession, sitting: Sitting, people: Mapping[UUID, int]) -> list[RoomOfSitting]:
    held = select(SittingRoom.room_id).where(SittingRoom.sitting_id == sitting.id, SittingRoom.withdrawn_at.is_(None))
    wanted = (
        select(ExamRoom, ExamSite.name)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(ExamRoom.id.in_(held), ExamRoom.retired_at.is_(None), ExamSite.closed_at.is_(None))
        .order_by(ExamSite.code, ExamRoom.number)
    )
    return [_shown(room, site, people=people.get(room.id, 0)) for room, site in session.execute(wanted)]


def _free(session: OfficeSession, sitting: Sitting, used: Collection[UUID]) -> list[RoomOfSitting]:
    day = sitting.starts_at.astimezone(SHANGHAI).date()
    usable = {
        site.id: site.name
        for site in sites_for(session, session.office_id, sitting.year)
        if site.ready_at is not None and site.closed_at is None and site.opens_on <= day <= site.closes_on
    }
    overlap = select(SittingRoom.room_id).where(
        SittingRoom.sitting_id != sitting.id,
        SittingRoom.withdrawn_at.is_(None),
        SittingRoom.starts_at < sitting.ends_at,
        SittingRoom.ends_at > sitting.starts_at,
    )
    taken = set(session.scalars(overlap.where(SittingRoom.site_id.in_(usable))))
    rooms = select(ExamRoom).where(ExamRoom.site_id.in_(usable), ExamRoom.retired_at.is_(None))
    return [
        _shown(room, usable[room.site_id], taken=room.id in taken)
        for room in session.scalars(rooms.order_by(ExamRoom.site_id, ExamRoom.number))
        if room.id not in used
    ]


def _shown(room: ExamRoom, site: str, *, people: int = 0, taken: bool = False) -> RoomOfSitting:
    seats = room.machines - room.reserve_machines
    return RoomOfSitting(room.id, site, room.name, seats, room.accessible, people, taken)
