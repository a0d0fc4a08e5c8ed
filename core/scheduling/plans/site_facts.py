"""A site in one sitting of a plan: the data of the papers that are about the whole site (考务手册、移交清单)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from core.applications.models import Application
from core.db.session import ScopedSession
from core.scheduling.exam_day.safekeeping import KEPT_NAMES, Kept
from core.scheduling.models.exam_day import CustodyEntry
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.room_sheets import live_seats


@dataclass(frozen=True, slots=True)
class RoomInBrief:
    """A room of the site: its candidates counted, and its invigilators (name, unit, whether chief), the chief first."""

    room: str
    people: int
    invigilators: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class KeptInBrief:
    """An entry of the register of safe-keeping."""

    title: str
    kind: str
    digest: str
    keeper: str
    until: date


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site with the rooms that one sitting uses there; ``contacts`` are duties, names and telephones."""

    code: str
    name: str
    address: str
    directions: str
    contacts: tuple[tuple[str, str, str], ...]
    starts_at: datetime
    ends_at: datetime
    subjects: tuple[str, ...]
    rooms: tuple[RoomInBrief, ...]
    kept: tuple[KeptInBrief, ...]

    @property
    def people(self) -> int:
        """The candidates who are expected."""
        return sum(room.people for room in self.rooms)


def site_facts(session: ScopedSession, plan_id: UUID, sitting_id: UUID, site_id: UUID) -> SiteFacts:
    """What the papers of a site say of it."""
    site, sitting = session.get_one(ExamSite, site_id), session.get_one(Sitting, sitting_id)
    return SiteFacts(
        site.code,
        site.name,
        site.address,
        site.directions,
        tuple((str(duty), str(name), str(phone)) for duty, name, phone in site.contacts),
        sitting.starts_at,
        sitting.ends_at,
        tuple(sitting.subjects),
        tuple(_rooms(session, plan_id, sitting_id, site_id)),
        tuple(_kept(session, session.get_one(Plan, plan_id), sitting_id, site_id)),
    )


def sites_of_sittings(session: ScopedSession, plan_id: UUID) -> Sequence[tuple[Sitting, ExamSite, int, int]]:
    """Each sitting of a plan with each of its sites: how many rooms, and how many candidates."""
    rows = session.execute(
        select(Sitting, ExamSite, func.count(func.distinct(Seat.room_id)), func.count())
        .select_from(Seat)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(Seat.plan_id == plan_id, live_seats())
        .group_by(Sitting.id, ExamSite.id)
        .order_by(Sitting.starts_at, Sitting.id, ExamSite.code)
    )
    return [(sitting, site, rooms, people) for sitting, site, rooms, people in rows]


def _rooms(session: ScopedSession, plan_id: UUID, sitting_id: UUID, site_id: UUID) -> list[RoomInBrief]:
    here = (Seat.plan_id == plan_id, Seat.sitting_id == sitting_id, ExamRoom.site_id == site_id)
    counted = session.execute(
        select(ExamRoom.id, ExamRoom.name, func.count())
        .select_from(Seat)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(Application, Application.id == Seat.application_id)
        .where(*here, live_seats())
        .group_by(ExamRoom.id)
        .order_by(ExamRoom.number)
    ).all()
    watching: dict[UUID, list[tuple[str, str, bool]]] = {room_id: [] for room_id, _, _ in counted}
    wanted = (
        select(Invigilation.room_id, Invigilator.name, Invigilator.unit_name, Invigilation.chief)
        .join(Invigilator, Invigilator.id == Invigilation.invigilator_id)
        .where(Invigilation.plan_id == plan_id, Invigilation.sitting_id == sitting_id)
        .order_by(Invigilation.chief.desc(), Invigilator.number)
    )
    for room_id, name, unit, chief in session.execute(wanted):
        if room_id in watching:
            watching[room_id].append((name, unit, chief))
    return [RoomInBrief(name, people, tuple(watching[room_id])) for room_id, name, people in counted]


def _kept(session: ScopedSession, plan: Plan, sitting_id: UUID, site_id: UUID) -> list[KeptInBrief]:
    """The records of this sitting or site that are kept now, and those that are bound to neither."""
    wanted = (
        select(CustodyEntry)
        .where(CustodyEntry.office_id == plan.office_id, CustodyEntry.year == plan.year)
        .where(CustodyEntry.ended_at.is_(None))
        .where(or_(CustodyEntry.sitting_id.is_(None), CustodyEntry.sitting_id == sitting_id))
        .where(or_(CustodyEntry.site_id.is_(None), CustodyEntry.site_id == site_id))
        .order_by(CustodyEntry.taken_at, CustodyEntry.id)
    )
    return [
        KeptInBrief(entry.title, KEPT_NAMES[Kept(entry.kind)], entry.digest[:16], entry.keeper, entry.keep_until)
        for entry in session.scalars(wanted)
    ]
