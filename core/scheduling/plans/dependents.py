"""Seats follow their site, time and room: those who were told of one are told of its change."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, bindparam, text

from core.audit.dependents import Change, follows, reached
from core.db.base import new_id
from core.db.session import ScopedSession
from core.domain.consequences import Effect, Fact, Issued
from core.messages.service import Telling, notify_each
from core.scheduling.plans.notices import SeatShown

_REACHED = text("SELECT * FROM seats_reached(:sites, :rooms, :sittings, :now)").bindparams(
    *(bindparam(name, type_=ARRAY(Uuid)) for name in ("sites", "rooms", "sittings"))
)


@follows(Fact.SITE, Fact.TIME)
def tell_changed_places(session: ScopedSession, change: Change) -> None:
    """Tell the candidates who have a seat and no ticket yet; the others read it with their next ticket."""
    waiting = [row for row in _seats(session, change) if not row.holds]
    body = "因{reason}，您的考试安排有变动。现安排：{seats}。请以此为准，并按规定时间打印准考证。"
    _tell(session, waiting, change.reason, kind="seats_changed", title="您的考试时间或地点有变动", body=body)


@follows(Fact.ROOM)
def tell_lost_rooms(session: ScopedSession, change: Change) -> None:
    """Tell the candidates whose room is gone that they will be seated elsewhere, and count what a new plan replaces."""
    lost = [row for row in _seats(session, change) if row.lost]
    reached(session, Issued.SEAT, Effect.ASK, len(lost))
    reached(session, Issued.TICKET, Effect.REPLACE, len({row.application_id for row in lost if row.holds}))
    body = (
        "因{reason}，您的以下座位不能使用：{seats}。座位正在重新安排，安排好后会再通知您；"
        "在此之前请不要前往原考点，原准考证暂不能打印。"
    )
    _tell(session, lost, change.reason, kind="seat_lost", title="您的考场不能使用，座位将重新安排", body=body)


def _seats(session: ScopedSession, change: Change) -> list[Row[Any]]:
    which = {"sites": list(change.sites), "rooms": list(change.rooms), "sittings": list(change.sittings)}
    return list(session.execute(_REACHED, which | {"now": session.now}))


def _tell(session: ScopedSession, rows: Iterable[Row[Any]], reason: str, *, kind: str, title: str, body: str) -> None:
    for office_id, of_office in groupby(rows, key=attrgetter("office_id")):
        tellings = []
        for _, of_case in groupby(of_office, key=attrgetter("application_id")):
            seats = list(of_case)
            said = body.format(reason=reason, seats="；".join(map(_line, seats)))
            tellings.append(Telling(seats[0].person_id, seats[0].application_id, title, said))
        notify_each(session, tellings, event_key=f"{kind}:{new_id()}", office_id=office_id, kind=kind)


def _line(row: Row[Any]) -> str:
    place = (row.site, row.address, row.room, row.seat)
    return SeatShown(UUID(int=0), row.application_id, row.starts_at, row.ends_at, tuple(row.subjects), *place).text
