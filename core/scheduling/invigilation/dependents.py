"""Duties follow their site, time, room and plan: who keeps a room keeps it, and those concerned are told.

An invigilator has no account: their unit is told, or the office where their unit takes no part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, bindparam, func, insert, not_, select, text

from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import Change, follows, reached
from core.db.base import new_id
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Fact, Issued
from core.messages.service import Recipient, notify
from core.scheduling.models.invigilation import Invigilation, Invigilator
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.room_sheets import live_seats
from core.text import dates

_REACHED = text("SELECT * FROM duties_reached(:sites, :rooms, :sittings, :now)").bindparams(
    *(bindparam(name, type_=ARRAY(Uuid)) for name in ("sites", "rooms", "sittings"))
)


@dataclass(frozen=True, slots=True)
class _Duty:
    """A duty as it is told: to the unit of its invigilator, or to the office."""

    office_id: str
    unit_id: UUID | None
    number: str
    name: str
    starts_at: datetime
    ends_at: datetime
    site: str
    address: str
    room: str

    @property
    def line(self) -> str:
        """Who, when and where."""
        when = f"{dates.minute(self.starts_at)}至{dates.clock(self.ends_at)}"
        return f"{self.name}（{self.number}）{when}，{self.site}（{self.address}）{self.room}"


@follows(Fact.SITE, Fact.TIME)
def tell_changed_duties(session: ScopedSession, change: Change) -> None:
    """Tell the invigilators the new place or time of their duties."""
    found = [_duty(row) for row in _rows(session, change)]
    reached(session, Issued.DUTY, Effect.MARK, len(found))
    _tell(session, found, f"因{change.reason}，以下监考安排有变动，现安排：", "请转告本人。")


@follows(Fact.ROOM)
def tell_lost_duties(session: ScopedSession, change: Change) -> None:
    """Tell the invigilators whose room is gone that their duty ends."""
    found = [_duty(row) for row in _rows(session, change) if row.lost]
    reached(session, Issued.DUTY, Effect.VOID, len(found))
    _tell(session, found, f"因{change.reason}，以下监考安排取消：", "请转告本人，另有安排的会再通知。")


@follows(Fact.SEATING)
def keep_duties(session: ScopedSession, change: Change) -> None:
    """Keep the duties whose room stands in the next plan, unless it has duties of its own; tell those who lose theirs.

    An invigilator who would meet a unit that they avoid (回避) loses the room as well. Those whose
    room is gone were told so when it went.
    """
    for plan in session.scalars(select(Plan).where(Plan.id.in_(change.plans), Plan.replaces_id.is_not(None))):
        before, after = _duties(session, plan.replaces_id), _duties(session, plan.id)
        if not after:
            kept = _standing(session, plan, before)
            _write(session, plan, kept)
            after = dict.fromkeys(kept, True)
        coming = _in_words(session, plan.replaces_id)
        lost = [duty for key, duty in coming.items() if key not in after]
        reached(session, Issued.DUTY, Effect.VOID, len(lost))
        _tell(session, lost, f"因{change.reason}，座位重新编排，以下监考安排取消：", "请转告本人，另有安排的会再通知。")


_Key = tuple[UUID, UUID, UUID]
"""Sitting, room, invigilator."""


def _duties(session: ScopedSession, plan_id: UUID | None) -> Mapping[_Key, bool]:
    """The duties of a plan, each with whether it is the chief's."""
    found = session.scalars(select(Invigilation).where(Invigilation.plan_id == plan_id))
    return {(duty.sitting_id, duty.room_id, duty.invigilator_id): duty.chief for duty in found}


def _standing(session: ScopedSession, plan: Plan, before: Mapping[_Key, bool]) -> Mapping[_Key, bool]:
    """The duties that the next plan keeps: the room is used, the invigilator is there, and need not avoid anybody."""
    units: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    seated = select(Seat.sitting_id, Seat.room_id, Application.unit_id).distinct()
    seated = seated.join(Application, Application.id == Seat.application_id)
    for sitting, room, unit in session.execute(seated.where(Seat.plan_id == plan.id, live_seats())):
        units[sitting, room].add(str(unit))
    here = select(Invigilator).where(Invigilator.id.in_({key[2] for key in before}), Invigilator.ended_at.is_(None))
    avoids = {who.id: {*who.avoids, *([str(who.unit_id)] if who.unit_id else [])} for who in session.scalars(here)}
    return {
        (sitting, room, who): chief
        for (sitting, room, who), chief in before.items()
        if (sitting, room) in units and who in avoids and not avoids[who] & units[sitting, room]
    }


def _write(session: ScopedSession, plan: Plan, kept: Mapping[_Key, bool]) -> None:
    rows = [
        {"plan_id": plan.id, "sitting_id": sitting, "room_id": room, "invigilator_id": who}
        | {"office_id": plan.office_id, "chief": chief}
        for (sitting, room, who), chief in kept.items()
    ]
    if not rows:
        return
    session.execute(insert(Invigilation), rows)
    listed = sorted([str(sitting), str(room), str(who), chief] for (sitting, room, who), chief in kept.items())
    audit.record_on(session, plan, "plan.invigilated", duties=len(rows), digest=audit.digest_of(listed).hex())


def _in_words(session: ScopedSession, plan_id: UUID | None) -> Mapping[_Key, _Duty]:
    """The coming duties of a plan in rooms that stand."""
    wanted = (
        select(Invigilation, Invigilator, Sitting, ExamSite, ExamRoom.name)
        .join(Invigilator, Invigilator.id == Invigilation.invigilator_id)
        .join(Sitting, Sitting.id == Invigilation.sitting_id)
        .join(ExamRoom, ExamRoom.id == Invigilation.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(
            Invigilation.plan_id == plan_id,
            Sitting.starts_at > session.now,
            not_(func.room_is_lost(Invigilation.sitting_id, Invigilation.room_id)),
        )
        .order_by(Invigilator.number, Sitting.starts_at)
    )
    found = {}
    for duty, who, sitting, site, room in session.execute(wanted):
        shown = (who.number, who.name, sitting.starts_at, sitting.ends_at, site.name, site.address, room)
        found[duty.sitting_id, duty.room_id, duty.invigilator_id] = _Duty(duty.office_id, who.unit_id, *shown)
    return found


def _rows(session: ScopedSession, change: Change) -> Iterable[Row[Any]]:
    which = {"sites": list(change.sites), "rooms": list(change.rooms), "sittings": list(change.sittings)}
    return session.execute(_REACHED, which | {"now": session.now}).all()


def _duty(row: Row[Any]) -> _Duty:
    return _Duty(
        row.office_id, row.unit_id, row.number, row.name, row.starts_at, row.ends_at, row.site, row.address, row.room
    )


def _tell(session: ScopedSession, duties: Iterable[_Duty], begins: str, ends: str) -> None:
    by_reader: dict[tuple[str, UUID | None], list[_Duty]] = defaultdict(list)
    for duty in duties:
        by_reader[duty.office_id, duty.unit_id].append(duty)
    for (office_id, unit_id), listed in by_reader.items():
        notify(
            session,
            Recipient(office_id=office_id) if unit_id is None else Recipient(unit_id=unit_id),
            event_key=f"duty_changed:{new_id()}",
            office_id=office_id,
            kind="duty_changed",
            title="监考安排有变动",
            body=f"{begins}{'；'.join(duty.line for duty in listed)}。{ends}",
        )
