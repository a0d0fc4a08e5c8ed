"""The page on which an office enters the shape of a room: rows, columns, aisles, unusable places."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import OfficeSession
from core.errors import Invalid
from core.scheduling.access import may_schedule
from core.scheduling.allocation.room_shape import Gap, Numbering, RoomShape, faults, picture
from core.scheduling.models.sites import ExamRoom
from core.scheduling.sites import service as sites
from core.scheduling.sites.room_shapes import change_shape
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_BETWEEN: Final = re.compile(r"[、,，;；\s]+")
_NUMBERINGS: Final = ((Numbering.ROWS.value, "每排都从左到右"), (Numbering.SERPENTINE.value, "蛇形：双数排从右到左"))


@dataclass(frozen=True, slots=True)
class Box:
    """A place of the drawn grid; ``seat`` is None where it is unusable."""

    row: int
    column: int
    seat: int | None


@page("/exams/rooms/{room_id:uuid}/shape", roles=OFFICE_STAFF)
def shape_page(request: AnyRequest, session: OfOffice, room_id: FromPath[UUID]) -> Response[str]:
    """The shape of a room, drawn."""
    return _shape(request, session, room_id)


@form("/exams/rooms/{room_id:uuid}/shape", roles=SCHEDULERS)
def enter_shape(request: AnyRequest, session: OfOffice, room_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Save the shape, set it back to the default one, or draw the grid again without saving."""
    drawn = None
    with attempt(request, session) as tried:
        if fields.text(data, "reset"):
            change_shape(session, room_id, None)
            return see(f"/exams/rooms/{room_id}/shape")
        drawn = _given(data)
        if not fields.text(data, "redraw"):
            change_shape(session, room_id, drawn)
            return see(f"/exams/rooms/{room_id}/shape")
    return _shape(request, session, room_id, drawn=drawn, tried=tried, given=data)


def _shape(
    request: AnyRequest,
    session: OfficeSession,
    room_id: UUID,
    *,
    drawn: RoomShape | None = None,
    tried: Attempt | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response[str]:
    """The page; ``drawn`` is a shape that is not saved."""
    room = sites.own_room(session, room_id)
    site = sites.own_site(session, room.site_id)
    shape = drawn or _entered(room)
    return render(
        request,
        session,
        "scheduling/room_shape.html",
        tried=tried,
        of_year=site.year,
        room=room,
        site=site,
        shape=shape,
        lines=list(_lines(shape)),
        written={name: fields.text(given, name) for name in _FIELDS} if given else _written(shape),
        numberings=_NUMBERINGS,
        unsaved=drawn is not None,
        may_change=may_schedule(session) and room.retired_at is None and site.closed_at is None,
    )


def _entered(room: ExamRoom) -> RoomShape:
    """The shape as it was entered, or the default one, with places that have no machine: these are not ticked."""
    return replace(room.places, unusable=frozenset()) if room.shape is None else RoomShape.from_json(room.shape)


def _lines(shape: RoomShape) -> Iterator[list[Box | None]]:
    """The places line by line, None for an aisle between them; a line without places is an aisle across the room."""
    row = 0
    for line in picture(shape):
        if set(line) == {Gap.AISLE}:
            yield []
            continue
        row += 1
        column = 0
        boxes: list[Box | None] = []
        for cell in line:
            column += cell is not Gap.AISLE
            boxes.append(None if cell is Gap.AISLE else Box(row, column, None if isinstance(cell, Gap) else cell))
        yield boxes


def _written(shape: RoomShape) -> dict[str, str]:
    return {
        "rows": str(shape.rows),
        "columns": str(shape.columns),
        "aisles": "、".join(map(str, sorted(shape.aisles))),
        "cross_aisles": "、".join(map(str, sorted(shape.cross_aisles))),
        "numbering": shape.numbering.value,
    }


_FIELDS: Final = ("rows", "columns", "aisles", "cross_aisles", "numbering")


def _given(data: Mapping[str, Any]) -> RoomShape:
    """The shape of the form, which can be drawn. What is ticked outside of it is dropped: the grid has shrunk."""
    rows, columns = fields.number(data, "rows", least=1), fields.number(data, "columns", least=1)
    shape = RoomShape(
        rows,
        columns,
        _numbers(data, "aisles"),
        _numbers(data, "cross_aisles"),
        frozenset((row, column) for row, column in _ticked(data) if row <= rows and column <= columns),
        fields.one_of(Numbering, data, "numbering"),
    )
    found = faults(shape, machines=0)
    if found:
        raise Invalid("room_shape_wrong", next(iter(found.values())), fields=found)
    return shape


def _numbers(data: Mapping[str, Any], name: str) -> frozenset[int]:
    numbers = [whole_number(part) for part in _BETWEEN.split(fields.text(data, name)) if part]
    if None in numbers:
        message = "请填写数字，多条过道用顿号隔开，例如2、4。"
        raise Invalid("field_malformed", message, fields={name: message})
    return frozenset(number for number in numbers if number is not None)


def _ticked(data: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    for value in fields.several(data, "unusable"):
        row, _, column = value.partition("-")
        place = whole_number(row), whole_number(column)
        if place[0] and place[1]:
            yield place[0], place[1]
