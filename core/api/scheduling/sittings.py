"""Sittings (场次) as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.scheduling.schemas import Counted, GradeNumber
from core.plugin_api import Grade
from core.scheduling.models.sittings import Sitting
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SCHEDULERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Moment, Output, Reason, Text, Year, YearAsked


class SittingIn(Input):
    """A sitting; no trades means all."""

    year: Year
    starts_at: Moment
    ends_at: Moment
    subjects: Annotated[list[Line], Field(min_length=1, max_length=10)]
    grades: Annotated[list[GradeNumber], Field(min_length=1, max_length=5)]
    trades: tuple[Line, ...] = ()
    by_trade: bool = False
    room_ids: tuple[UUID, ...] = ()


class Times(Input):
    """From when until when."""

    starts_at: Moment
    ends_at: Moment


class Rooms(Input):
    """Rooms that a sitting uses too."""

    room_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)]


class RoomsGone(Rooms):
    """Rooms that a sitting goes without, and why; ``unseating`` where people have seats there and are planned anew."""

    reason: Text
    unseating: bool = False


class SittingOut(Output):
    """A sitting, with what is unusual about its day."""

    id: UUID
    office_id: str
    year: int
    starts_at: datetime
    ends_at: datetime
    subjects: list[str]
    grades: list[int]
    trades: list[str]
    by_trade: bool
    cancelled_at: datetime | None
    room_ids: list[UUID]
    seats: int
    warnings: list[str]


class Affected(Output):
    """The sittings that lost rooms."""

    sitting_ids: list[UUID]


@read("/sittings", roles=OFFICE_STAFF)
def list_sittings(session: OfOffice, year: YearAsked) -> list[SittingOut]:
    """The sittings of the office, with what is unusual about their days."""
    return _sittings(session, sittings.sittings_of(session, session.office_id, year))


@create("/sittings", roles=SCHEDULERS)
def set_sitting(session: OfOffice, data: JSONBody[SittingIn]) -> SittingOut:
    """Set a sitting inside the office's exam windows."""
    form = SittingForm(
        data.starts_at,
        data.ends_at,
        tuple(data.subjects),
        frozenset(Grade(grade) for grade in data.grades),
        frozenset(data.trades),
        data.by_trade,
    )
    return _sittings(session, [sittings.set_sitting(session, data.year, form, data.room_ids)])[0]


@act("/sittings/{sitting_id:uuid}/move", roles=SCHEDULERS)
def move_sitting(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[Times]) -> SittingOut:
    """Hold a sitting at another time."""
    moved = sittings.move_sitting(session, sitting_id, starts_at=data.starts_at, ends_at=data.ends_at)
    return _sittings(session, [moved])[0]


@act("/sittings/{sitting_id:uuid}/cancel", roles=SCHEDULERS)
def cancel_sitting(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[Reason]) -> SittingOut:
    """Call a sitting off."""
    return _sittings(session, [sittings.cancel_sitting(session, sitting_id, reason=data.reason)])[0]


@act("/sittings/{sitting_id:uuid}/rooms", roles=SCHEDULERS)
def use_rooms(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[Rooms]) -> Counted:
    """Hold a sitting in these rooms too; the answer is how many seats it gains."""
    return Counted(count=sittings.use_rooms(session, sitting_id, data.room_ids))


@act("/sittings/{sitting_id:uuid}/rooms/withdraw", roles=SCHEDULERS)
def withdraw_rooms(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[RoomsGone]) -> Counted:
    """Hold a sitting without these rooms; the answer is how many people lose a published seat by it."""
    return Counted(count=sittings.withdraw_rooms(session, sitting_id, **data.model_dump()))


def _sittings(session: OfOffice, found: Sequence[Sitting]) -> list[SittingOut]:
    rooms = sittings.rooms_in_use(session, [sitting.id for sitting in found])
    return [
        SittingOut.of(
            sitting,
            room_ids=[room.room_id for room in rooms if room.sitting_id == sitting.id],
            seats=sum(room.seats for room in rooms if room.sitting_id == sitting.id),
            warnings=sittings.warnings_of(sitting),
        )
        for sitting in found
    ]


router = Router("/", route_handlers=declared_in(__name__), tags=["考点与场次"])
