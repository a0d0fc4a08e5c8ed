"""What a phone at the door keeps for the time without a connection: the list of one site in one sitting, no more.

It holds names, the last characters of identity numbers, seats, and what was noted; of candidates who belong to another
door, the number and the place alone. The phone erases it after :attr:`DoorList.erase_at`, and at the sign-out.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.clock import SHANGHAI, end_of
from core.db.session import OfficeSession
from core.errors import NotFound
from core.scheduling.exam_day import admission, door
from core.scheduling.exam_day.at_door import OPENS_BEFORE
from core.scheduling.exam_day.notes import Expected
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.sittings.service import own_sitting
from core.scheduling.void_tickets import VoidTicket, void_tickets
from core.text import dates


@dataclass(frozen=True, slots=True)
class Listed:
    """An expected candidate with the note about them: its time, and why they were turned away."""

    who: Expected
    noted_at: datetime | None
    remark: str


@dataclass(frozen=True, slots=True)
class DoorList:
    """The list of a door: a sitting of the office, at one of its sites or at all of them (``site`` None)."""

    sitting: Sitting
    sites: Mapping[UUID, str]
    site: UUID | None
    people: Sequence[Listed]
    void: Sequence[VoidTicket]
    elsewhere: Sequence[admission.Elsewhere]
    prefixes: frozenset[str]

    @property
    def version(self) -> str:
        """Eight characters that change with each candidate, seat and ticket, and not with what is noted."""
        people = [
            (entry.who.number, entry.who.person_name, entry.who.room_name, entry.who.seat) for entry in self.people
        ]
        told = json.dumps([people, [ticket.number for ticket in self.void]], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:8]

    @property
    def erase_at(self) -> datetime:
        """When a phone erases the list: at the end of the sitting's day."""
        return end_of(self.sitting.ends_at.astimezone(SHANGHAI).date())

    def as_kept(self) -> dict[str, Any]:
        """The list as phones keep it."""
        sitting = self.sitting
        return {
            "id": str(sitting.id),
            "year": str(sitting.year),
            "opens": (sitting.starts_at - OPENS_BEFORE).isoformat(),
            "starts": sitting.starts_at.isoformat(),
            "ends": sitting.ends_at.isoformat(),
            "erase": self.erase_at.isoformat(),
            # As the signed codes of tickets name a sitting (``code_fields``).
            "code": f"{sitting.starts_at.astimezone(SHANGHAI):%m%d%H%M}",
            "title": f"{dates.short_minute(sitting.starts_at)}开考，{'、'.join(sitting.subjects)}",
            "site": "" if self.site is None else str(self.site),
            "place": "、".join(name for site, name in self.sites.items() if self.site in {None, site}),
            "version": self.version,
            "people": [_person(entry) for entry in self.people],
            "void": {
                ticket.number: {"name": f"{ticket.person_name}（{ticket.id_tail}）", "detail": ticket.detail}
                for ticket in self.void
            },
            "elsewhere": {seat.number: seat.detail(sitting.id) for seat in self.elsewhere},
            "prefixes": sorted(self.prefixes),
            "texts": dict(admission.TEXTS),
        }


def door_list(session: OfficeSession, sitting_id: UUID, *, site_id: UUID | None = None) -> DoorList:
    """The list of a door; NotFound for a sitting of another office, and for a site where the sitting has no seat.

    A sitting at a single site is that site's.
    """
    sitting = own_sitting(session, sitting_id)
    sites = _sites(session, sitting_id)
    if site_id is not None and site_id not in sites:
        raise NotFound("no_such_door", "该场次在这个考点没有座位。请从考试日页面重新选择场次和考点。")
    site = site_id or (next(iter(sites)) if len(sites) == 1 else None)
    noted = {
        row.application_id: row
        for row in session.scalars(select(Attendance).where(Attendance.sitting_id == sitting_id))
    }
    people = []
    for who in door.expected(session, sitting_id, site_id=site):
        row = noted.get(who.application_id)
        people.append(Listed(who, row.noted_at if row else None, row.remark if row else ""))
    void = void_tickets(session, sitting_id)
    numbers = [entry.who.number for entry in people] + [ticket.number for ticket in void]
    there = admission.elsewhere_that_day(session, sitting, site_id=site)
    return DoorList(sitting, sites, site, people, void, there, admission.prefixes_of(numbers))


def _sites(session: OfficeSession, sitting_id: UUID) -> dict[UUID, str]:
    wanted = (
        select(ExamSite.id, ExamSite.name, ExamSite.code)
        .join(ExamRoom, ExamRoom.site_id == ExamSite.id)
        .join(Seat, Seat.room_id == ExamRoom.id)
        .where(Seat.sitting_id == sitting_id, Seat.office_id == session.office_id, live_seats())
        .distinct()
        .order_by(ExamSite.code)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def _person(entry: Listed) -> dict[str, Any]:
    who = entry.who
    return {
        "number": who.number,
        "name": f"{who.person_name}（{who.id_tail}）",
        "room": who.room_name,
        "seat": who.seat,
        "state": who.state,
        "noted": entry.noted_at and entry.noted_at.isoformat(),
        "remark": entry.remark,
        "suspended": who.suspended,
    }
