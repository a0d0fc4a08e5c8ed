"""Neighbouring seats, and the least number of pairs of one unit: exact for a room, by going through its seats."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from core.plugin_api.scheduling import Apart
from core.scheduling.allocation.problem import Room
from core.scheduling.allocation.room_shape import Place, RoomShape, blocks, places

_AROUND: Mapping[Apart, tuple[tuple[int, int], ...]] = {
    Apart.BESIDE: ((0, 1),),
    Apart.CROSS: ((0, 1), (1, 0)),
    Apart.AROUND: ((0, 1), (1, 0), (1, 1), (1, -1)),
}
FREE, OURS, CLOSED = 0, 1, 2
"""A free seat; a seat taken by the unit; a seat that nobody of the unit can get."""

_WIDEST = 12
"""Rooms wider and deeper than this are not searched: the work doubles with every seat of a row."""
_NEVER = 30_000
"""More pairs than any room has."""


@cache
def neighbours(shape: RoomShape, apart: Apart) -> Mapping[int, tuple[int, ...]]:
    """Seat → its neighbouring seats. An aisle parts neighbours, and so does an unusable place between two seats."""
    seat = {place: number for number, place in enumerate(places(shape), start=1)}
    near: dict[int, list[int]] = {number: [] for number in seat.values()}
    for place, number in seat.items():
        for down, right in _AROUND[apart]:
            other = seat.get((place[0] + down, place[1] + right))
            if other is not None and not _parted(shape, place, down, right):
                near[number].append(other)
                near[other].append(number)
    return {number: tuple(others) for number, others in near.items()}


def _parted(shape: RoomShape, place: Place, down: int, right: int) -> bool:
    """Whether an aisle lies between a place and the one this far behind it and to its right."""
    row, column = place
    return (down > 0 and row in shape.cross_aisles) or (right != 0 and min(column, column + right) in shape.aisles)


def brought_together(before: RoomShape, after: RoomShape, seats: Collection[int]) -> set[int]:
    """Those of the taken ``seats`` that get a taken neighbour, of the eight around, as a room's shape changes."""
    old, new = neighbours(before, Apart.AROUND), neighbours(after, Apart.AROUND)
    return {seat for seat in seats for other in new.get(seat, ()) if other in seats and other not in old[seat]}


def pairs(room: Room, apart: Apart, units: Mapping[int, str]) -> int:
    """The number of pairs of one unit on neighbouring seats of a room."""
    return len(list(_beside(room, apart, units))) // 2


def crowded(room: Room, apart: Apart, units: Mapping[int, str]) -> set[str]:
    """The units with such a pair in a room."""
    return set(_beside(room, apart, units))


def _beside(room: Room, apart: Apart, units: Mapping[int, str]) -> Iterator[str]:
    """The unit of each candidate in a pair, once for each neighbour."""
    near = neighbours(room.shape, apart)
    return (unit for number, unit in units.items() for other in near[number] if units.get(other) == unit)


@cache
def fewest(shape: RoomShape, apart: Apart, seats: tuple[int, ...]) -> tuple[int, ...]:
    """The least number of pairs if 0, 1, 2 … more people of a unit get a seat, pairs of OURS included.

    ``seats`` marks each seat, by its number, as FREE, OURS or CLOSED; seats beyond it are CLOSED. The answer ends where
    they are full. Exact, but a lower bound where a part of the room between aisles is both wider and deeper than twelve
    seats.
    """
    marks = dict(zip(places(shape), seats, strict=False))
    curves = [
        _in_block([[marks.get((row, column), CLOSED) for column in columns] for row in rows], apart)
        for rows, columns in blocks(shape)
    ]
    return tuple(_shared(curves, seats.count(FREE)))


def _in_block(lines: Sequence[Sequence[int]], apart: Apart) -> tuple[int, ...]:
    """The same for lines of places without an aisle."""
    if apart is not Apart.BESIDE and len(lines[0]) > len(lines):
        lines = list(zip(*lines, strict=True))
    if apart is not Apart.BESIDE and len(lines[0]) > _WIDEST:
        return _by_blocks(lines, apart)
    return _gone_through(lines, apart)


def _gone_through(lines: Sequence[Sequence[int]], apart: Apart) -> tuple[int, ...]:
    """Seat by seat, the least for each number of people and for each pattern of the seats passed last.

    A pattern is a number whose lowest bit is the seat passed last; a seat looks back at some of its bits.
    """
    import numpy

    columns = len(lines[0])
    width = {Apart.BESIDE: 1, Apart.CROSS: columns, Apart.AROUND: columns + 1}[apart]
    free = sum(seat == FREE for line in lines for seat in line)
    patterns = numpy.arange(1 << width)
    least = numpy.full((1 << width, free + 1), _NEVER, dtype=numpy.int16)
    least[0, 0] = 0
    half = (1 << width) // 2
    for line in lines:
        for column, seat in enumerate(line):
            passed = numpy.full_like(least, _NEVER)
            if seat != OURS:
                passed[0::2] = numpy.minimum(least[:half], least[half:])
            if seat != CLOSED:
                beside = numpy.bitwise_count(patterns & _back(column, columns, apart)).astype(numpy.int16)
                least = numpy.minimum(least + beside[:, None], _NEVER)
                sat = numpy.minimum(least[:half], least[half:])
                passed[1::2, seat == FREE :] = sat[:, : -1 if seat == FREE else None]
            least = passed
    return tuple(int(count) for count in least.min(axis=0))


def _back(column: int, columns: int, apart: Apart) -> int:
    """The bits of a pattern that are neighbours of the seat after it."""
    bits = 1 if column > 0 else 0
    if apart is not Apart.BESIDE:
        bits |= 1 << (columns - 1)
    if apart is Apart.AROUND:
        bits |= (1 << columns if column > 0 else 0) | (1 << (columns - 2) if column < columns - 1 else 0)
    return bits


def _by_blocks(lines: Sequence[Sequence[int]], apart: Apart) -> tuple[int, ...]:
    """A lower bound: in blocks of mutual neighbours, every person beyond one to a block makes a pair."""
    deep = 2 if apart is Apart.AROUND else 1
    blocks = [
        [seat for line in lines[row : row + deep] for seat in line[column : column + 2]]
        for row in range(0, len(lines), deep)
        for column in range(0, len(lines[0]), 2)
    ]
    ours = sum(block.count(OURS) for block in blocks)
    held = sum(any(seat != CLOSED for seat in block) for block in blocks)
    free = sum(block.count(FREE) for block in blocks)
    return tuple(max(0, ours + more - held) for more in range(free + 1))


def together(curves: Iterable[Sequence[int]], people: int) -> int:
    """The least number of pairs of ``people`` of a unit in several rooms; ``curves`` are the answers of ``fewest``."""
    return _shared(curves, people)[people]


def _shared(curves: Iterable[Sequence[int]], most: int) -> list[int]:
    """The least number of pairs if 0, 1, 2 … ``most`` people are shared out over all that the curves stand for."""
    import numpy

    least = numpy.full(most + 1, _NEVER)
    least[0] = 0
    for curve in curves:
        ways = numpy.full((min(len(curve), most + 1), most + 1), _NEVER)
        for here in range(len(ways)):
            ways[here, here:] = least[: most + 1 - here] + curve[here]
        least = ways.min(axis=0)
    return [int(pairs) for pairs in least]
