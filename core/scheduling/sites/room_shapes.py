"""The shape of a room as its office enters it: rows, columns, aisles, unusable places."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.db.session import OfficeSession
from core.errors import Conflict, Invalid
from core.scheduling.access import must_schedule
from core.scheduling.allocation.neighbours import brought_together
from core.scheduling.allocation.room_shape import RoomShape, faults, moved, shape_of
from core.scheduling.models.sites import ExamRoom
from core.scheduling.models.sittings import Sitting
from core.scheduling.sites.service import own_room, own_site
from core.text import dates


def change_shape(session: OfficeSession, room_id: UUID, shape: RoomShape | None) -> ExamRoom:
    """Enter the shape of a room, None for the default one. The same shape again changes nothing.

    Invalid where the shape has fewer places than the room has machines, or an aisle or place outside of it. Conflict
    for a retired room, and where a published seat of a sitting to come, of any office, would lose its place, get
    another one, or be beside another without the aisle that was between them.
    """
    must_schedule(session)
    room = own_room(session, room_id, locked=True)
    if room.retired_at is not None:
        raise Conflict("room_retired", "该考场已经停用，不能再更改布局。")
    found = {} if shape is None else faults(shape, room.machines)
    if found:
        raise Invalid("room_shape_wrong", next(iter(found.values())), fields=found)
    entered = None if shape is None else shape.as_json()
    if entered == room.shape:
        return room
    _keep_published_seats(session, room, shape_of(room.machines, entered))
    room.shape = entered
    session.flush()
    site = own_site(session, room.site_id)
    audit.record_on(session, site, "site.room_shaped", room=str(room.id), digest=audit.digest_of(entered).hex())
    return room


def _keep_published_seats(session: OfficeSession, room: ExamRoom, after: RoomShape) -> None:
    taken = func.seats_to_come(room.id, session.now).table_valued("sitting_id", "seat")
    seats: dict[UUID, set[int]] = defaultdict(set)
    for sitting_id, seat in session.execute(select(taken.c.sitting_id, taken.c.seat)):
        seats[sitting_id].add(seat)
    before = room.places
    touched = {
        sitting_id: found
        for sitting_id, there in seats.items()
        if (found := moved(before, after, there) | brought_together(before, after, there))
    }
    if touched:
        wanted = select(Sitting.starts_at).where(Sitting.id.in_(touched)).order_by(Sitting.starts_at)
        seats_touched = sum(len(found) for found in touched.values())
        raise Conflict(
            "room_has_published_seats",
            f"{_when(session.scalars(wanted).all())}已公布座位，按新布局有{seats_touched}个座位会移位、不再存在，"
            "或者与邻座之间不再有过道。请先在场次中撤出该考场，重新编排并发布，再更改布局；"
            "座位不动、只增设过道的可以直接保存。",
        )


def _when(starts: Sequence[datetime]) -> str:
    first = f"{dates.short_minute(starts[0])}的场次"
    return first if len(starts) == 1 else f"{first}等{len(starts)}个场次"
