"""Sites (考点), their rooms and distances as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.api.scheduling.schemas import Counted
from core.api.scheduling.sittings import Affected
from core.scheduling.allocation.room_shape import Gap, Numbering, RoomShape, picture
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.sites import room_shapes, service as sites
from core.scheduling.sites.distances import FARTHEST, set_distances
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, ON_SITE, SCHEDULERS
from core.web.routes import act, create, declared_in, read, replace
from core.web.schemas import Identified, Input, Line, OfficeId, Output, Reason, Text, Year, YearAsked

Count = Annotated[int, Field(ge=0, le=10_000)]


class RoomIn(Input):
    """A room: all its machines, and how many of these are kept free."""

    name: Line
    machines: Annotated[int, Field(ge=1, le=10_000)]
    reserve_machines: Count = 0
    accessible: bool = False


class RoomOut(Output, published="site_api_RoomOut"):
    """A room of a site."""

    id: UUID
    name: str
    machines: int
    reserve_machines: int
    accessible: bool


Places = Annotated[int, Field(ge=1, le=100)]
"""A row or a column; the service says how many a room may have."""


class ShapeIn(Input):
    """The shape of a room: rows from the front, columns from the left; the places that are usable are its seats.

    ``aisles`` are columns with an aisle at their right, ``cross_aisles`` rows with one behind them; ``unusable`` are
    places, each as row and column.
    """

    rows: Places
    columns: Places
    aisles: Annotated[frozenset[Places], Field(max_length=100)] = frozenset()
    cross_aisles: Annotated[frozenset[Places], Field(max_length=100)] = frozenset()
    unusable: Annotated[frozenset[tuple[Places, Places]], Field(max_length=2000)] = frozenset()
    numbering: Numbering = Numbering.ROWS


class ShapeOut(Output):
    """The shape that holds for a room; ``entered`` is false for the default one.

    ``picture`` is the room as it is drawn, line by line from the front: seat numbers, ``aisle`` and ``unusable``.
    """

    entered: bool
    seats: int
    rows: int
    columns: int
    aisles: list[int]
    cross_aisles: list[int]
    unusable: list[tuple[int, int]]
    numbering: Numbering
    picture: list[list[int | Gap]]


class SiteIn(Input):
    """A site, which may be used from its first to its last day."""

    year: Year
    code: Line
    name: Line
    address: Line
    opens_on: date
    closes_on: date
    area_code: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    directions: Text = ""
    rooms: tuple[RoomIn, ...] = ()


class SiteOut(Output):
    """A site that the office keeps or may use."""

    id: UUID
    office_id: str
    year: int
    code: str
    name: str
    address: str
    area_code: str | None
    directions: str
    opens_on: date
    closes_on: date
    ready_at: datetime | None
    closed_at: datetime | None
    rooms: list[RoomOut]


class SignOffIn(Input):
    """One item of the checklist, looked at on site."""

    item: SiteItem
    passed: bool
    remark: Text = ""


class ServedIn(Input):
    """Whether an office may seat its candidates at a site."""

    office_id: OfficeId
    serves: bool


class PreferenceIn(Input, published="scheduling_site_api_PreferenceIn"):
    """How far a site is for the people of a county; null takes back what was said."""

    office_id: OfficeId
    site_id: UUID
    cost: Annotated[int, Field(ge=0, le=FARTHEST)] | None


class PreferencesIn(Input):
    """The whole list, or the part of it that changes."""

    preferences: Annotated[list[PreferenceIn], Field(max_length=5000)]


@read("/sites", roles=OFFICE_STAFF)
def list_sites(session: OfOffice, year: YearAsked) -> list[SiteOut]:
    """The sites that the office keeps or may use, with their rooms."""
    return _sites(session, sites.sites_for(session, session.office_id, year))


@create("/sites", roles=SCHEDULERS)
def register_site(session: OfOffice, data: JSONBody[SiteIn]) -> Identified:
    """Write down a site of the office; it is not ready until its checklist is signed."""
    rooms = [_room(room) for room in data.rooms]
    return Identified(id=sites.register_site(session, data.year, site_form(data), rooms).id)


@replace("/sites/{site_id:uuid}", roles=SCHEDULERS)
def change_site(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[SiteIn]) -> Identified:
    """Correct a site; its code and year stay."""
    return Identified(id=sites.change_site(session, site_id, site_form(data)).id)


@create("/sites/{site_id:uuid}/rooms", roles=SCHEDULERS)
def add_room(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[RoomIn]) -> RoomOut:
    """Add a room to a site."""
    return RoomOut.model_validate(sites.add_rooms(session, site_id, [_room(data)])[0])


@act("/rooms/{room_id:uuid}/retire", roles=SCHEDULERS)
def retire_room(session: OfOffice, room_id: FromPath[UUID]) -> Identified:
    """Use a room no more."""
    return Identified(id=sites.retire_room(session, room_id).id)


@read("/rooms/{room_id:uuid}/shape", roles=OFFICE_STAFF)
def show_shape(session: OfOffice, room_id: FromPath[UUID]) -> ShapeOut:
    """The shape of a room, and its picture."""
    return _shape(sites.own_room(session, room_id))


@replace("/rooms/{room_id:uuid}/shape", roles=SCHEDULERS)
def change_shape(session: OfOffice, room_id: FromPath[UUID], data: JSONBody[ShapeIn]) -> ShapeOut:
    """Enter the shape of a room. Published seats of sittings to come keep their places."""
    return _shape(room_shapes.change_shape(session, room_id, RoomShape(**data.model_dump())))


@act("/rooms/{room_id:uuid}/shape/reset", roles=SCHEDULERS)
def reset_shape(session: OfOffice, room_id: FromPath[UUID]) -> ShapeOut:
    """Set a room back to the default shape."""
    return _shape(room_shapes.change_shape(session, room_id, None))


@act("/sites/{site_id:uuid}/sign-offs", roles=ON_SITE)
def sign_off(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[SignOffIn]) -> SiteOut:
    """Sign an item of the checklist."""
    site = sites.sign_off(session, site_id, data.item, passed=data.passed, remark=data.remark)
    return _sites(session, [site])[0]


@act("/sites/{site_id:uuid}/offices", roles=SCHEDULERS)
def serve(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[ServedIn]) -> Identified:
    """Open a site to another office, or close it to one."""
    act_on = sites.serve_office if data.serves else sites.stop_serving
    act_on(session, site_id, data.office_id)
    return Identified(id=site_id)


@act("/sites/{site_id:uuid}/close", roles=SCHEDULERS)
def close_site(session: OfOffice, site_id: FromPath[UUID], data: JSONBody[Reason]) -> Affected:
    """Give a site up; the sittings that lost rooms by it have to be planned anew."""
    return Affected(sitting_ids=sites.close_site(session, site_id, reason=data.reason))


@act("/site-preferences", roles=SCHEDULERS)
def set_preferences(session: OfOffice, data: JSONBody[PreferencesIn]) -> Counted:
    """Say how far sites are for counties."""
    costs = {(preference.office_id, preference.site_id): preference.cost for preference in data.preferences}
    set_distances(session, costs)
    return Counted(count=len(costs))


def site_form(data: SiteIn) -> SiteForm:
    """The service's form of a site as it was sent."""
    return SiteForm(**data.model_dump(exclude={"year", "rooms"}))


def _room(data: RoomIn) -> RoomForm:
    return RoomForm(**data.model_dump())


def _shape(room: ExamRoom) -> ShapeOut:
    shape = room.places
    return ShapeOut(
        entered=room.shape is not None,
        seats=shape.seats,
        picture=[list(line) for line in picture(shape)],
        **shape.as_json(),
    )


def _sites(session: OfOffice, found: Sequence[ExamSite]) -> list[SiteOut]:
    rooms = sites.rooms_of(session, [site.id for site in found])
    return [SiteOut.of(site, rooms=[room for room in rooms if room.site_id == site.id]) for site in found]


router = Router("/", route_handlers=declared_in(__name__), tags=["考点与场次"])
