"""The shape of a room: rows and columns of places, aisles, unusable places, and which place has which seat number.

The planner, the screen and the paper ask this module alone: ``neighbours`` in the file beside it rests on ``places``,
and everything that is drawn on ``picture``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

Place = tuple[int, int]
"""Row and column, both from 1. The first row is the one at the front desk, the first column is at the left of it."""

COLUMNS = 6
"""The columns of a room whose shape nobody has entered."""
MOST_ROWS = 40
MOST_COLUMNS = 20
"""More columns than these do not fit on a sheet of A4 so that names can be read."""
_KEPT = 4096
"""The number of shapes whose seats are kept in memory."""


class Numbering(StrEnum):
    """The order of the seat numbers: every row from the left, or every second row from the right (蛇形)."""

    ROWS = "rows"
    SERPENTINE = "serpentine"


class Gap(StrEnum):
    """A cell of a picture without a seat."""

    AISLE = "aisle"
    UNUSABLE = "unusable"


Cell = int | Gap
"""A seat number, or a cell without a seat."""
Picture = tuple[tuple[Cell, ...], ...]
"""A room as it is drawn, line by line from the front; aisles are lines and cells of their own."""


@dataclass(frozen=True, slots=True)
class RoomShape:
    """``rows`` × ``columns`` places without the ``unusable`` ones; the others are seats, numbered from 1.

    ``aisles`` are columns with an aisle at their right, ``cross_aisles`` rows with an aisle behind them.
    """

    rows: int
    columns: int
    aisles: frozenset[int] = frozenset()
    cross_aisles: frozenset[int] = frozenset()
    unusable: frozenset[Place] = frozenset()
    numbering: Numbering = Numbering.ROWS

    @classmethod
    def in_rows(cls, seats: int, columns: int) -> Self:
        """This number of seats in rows of ``columns``, the last one possibly shorter; without aisles."""
        wide = min(seats, columns)
        rows = -(-seats // wide)
        rest = range(seats - (rows - 1) * wide + 1, wide + 1)
        return cls(rows, wide, unusable=frozenset((rows, column) for column in rest))

    @property
    def seats(self) -> int:
        """The number of seats."""
        return self.rows * self.columns - len(self.unusable)

    def holding(self, machines: int) -> Self:
        """The same room with this number of machines: places whose numbers are higher are unusable."""
        return replace(self, unusable=self.unusable | set(places(self)[machines:]))

    def as_json(self) -> dict[str, Any]:
        """The shape as it is stored and recorded."""
        return {
            "rows": self.rows,
            "columns": self.columns,
            "aisles": sorted(self.aisles),
            "cross_aisles": sorted(self.cross_aisles),
            "unusable": [list(place) for place in sorted(self.unusable)],
            "numbering": self.numbering.value,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """A stored shape."""
        return cls(
            stored["rows"],
            stored["columns"],
            frozenset(stored["aisles"]),
            frozenset(stored["cross_aisles"]),
            frozenset((row, column) for row, column in stored["unusable"]),
            Numbering(stored["numbering"]),
        )


def shape_of(machines: int, entered: Mapping[str, Any] | None) -> RoomShape:
    """The shape of a room with this number of machines, one to a seat; the default one where none was entered."""
    if entered is None:
        return RoomShape.in_rows(machines, COLUMNS)
    return RoomShape.from_json(entered).holding(machines)


@lru_cache(_KEPT)
def places(shape: RoomShape) -> tuple[Place, ...]:
    """The places with a seat, in the order of the seat numbers."""
    return tuple(place for row in range(1, shape.rows + 1) for place in _row(shape, row))


def _row(shape: RoomShape, row: int) -> Iterable[Place]:
    backwards = shape.numbering is Numbering.SERPENTINE and row % 2 == 0
    columns = range(shape.columns, 0, -1) if backwards else range(1, shape.columns + 1)
    return ((row, column) for column in columns if (row, column) not in shape.unusable)


def picture(shape: RoomShape) -> Picture:
    """The room as screen and paper draw it."""
    seats: Mapping[Place, Cell] = {place: number for number, place in enumerate(places(shape), start=1)}
    lines: list[tuple[Cell, ...]] = []
    for row in range(1, shape.rows + 1):
        cells = [seats.get((row, column), Gap.UNUSABLE) for column in range(1, shape.columns + 1)]
        lines.append(tuple(_with_aisles(cells, shape.aisles)))
        if row in shape.cross_aisles:
            lines.append((Gap.AISLE,) * len(lines[-1]))
    return tuple(lines)


def _with_aisles(cells: Sequence[Cell], aisles: frozenset[int]) -> Iterator[Cell]:
    for column, cell in enumerate(cells, start=1):
        yield cell
        if column in aisles:
            yield Gap.AISLE


def blocks(shape: RoomShape) -> Iterator[tuple[range, range]]:
    """The rows and columns of each part of the room that lies between aisles: no seat has a neighbour in another."""
    for rows in _parts(shape.rows, shape.cross_aisles):
        for columns in _parts(shape.columns, shape.aisles):
            yield rows, columns


def _parts(count: int, aisles: frozenset[int]) -> list[range]:
    begins = [1, *(after + 1 for after in sorted(aisles)), count + 1]
    return [range(first, last) for first, last in pairwise(begins)]


def moved(before: RoomShape, after: RoomShape, seats: Iterable[int]) -> set[int]:
    """Those of these seat numbers that lose their place, or get another one, as a room's shape changes."""
    old, new = (dict(enumerate(places(shape), start=1)) for shape in (before, after))
    return {seat for seat in seats if seat not in new or new[seat] != old.get(seat)}


def faults(shape: RoomShape, machines: int) -> dict[str, str]:
    """What is wrong with an entered shape for a room with this number of machines: field → message in Chinese."""
    found: dict[str, str] = {}
    for field, count, most, name in (
        ("rows", shape.rows, MOST_ROWS, "排数"),
        ("columns", shape.columns, MOST_COLUMNS, "列数"),
    ):
        if not 1 <= count <= most:
            found[field] = f"{name}须在1至{most}之间，请改正。"
    if found:
        return found
    for field, aisles, count, name in (
        ("aisles", shape.aisles, shape.columns, "列"),
        ("cross_aisles", shape.cross_aisles, shape.rows, "排"),
    ):
        if any(not 1 <= after < count for after in aisles):
            found[field] = (
                f"过道只能设在两{name}之间，请填写1至{count - 1}的数字。"
                if count > 1
                else f"只有一{name}时不能设过道，请清空。"
            )
    if any(not (1 <= row <= shape.rows and 1 <= column <= shape.columns) for row, column in shape.unusable):
        found["unusable"] = "不能使用的位置须在所填的排数和列数之内，请改正。"
    elif shape.seats < machines:
        found["unusable"] = (
            f"该考场有{machines}个机位，图上只有{shape.seats}个可用位置，还少{machines - shape.seats}个。"
            "请增加排数、列数，或减少不能使用的位置。"
        )
    return found
