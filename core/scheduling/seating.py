"""Step two of an allocation: from a sitting at a site to rooms and seats, drawn by a seed that can be drawn again.

People of one unit are dealt to different rooms, and within a room placed where none of their unit is a neighbour. What
then still sits together is mended by exchanging seats, as far as that helps.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.plugin_scheduling import Apart
from core.scheduling.problem import Candidate, Placement, Problem, Room, Sitting

_ROUNDS = 4
"""How often a room is gone through for exchanges; nearly all that helps happens in the first."""

_AROUND: Mapping[Apart, tuple[tuple[int, int], ...]] = {
    Apart.BESIDE: ((0, 1),),
    Apart.CROSS: ((0, 1), (1, 0)),
    Apart.AROUND: ((0, 1), (1, 0), (1, 1), (1, -1)),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Who sits in the rooms of a problem already: (sitting, room) → seat → unit."""

    units: Mapping[tuple[str, str], Mapping[int, str]]

    def at(self, sitting: Sitting, room: Room) -> Mapping[int, str]:
        """Seat → unit of those who stay in this room."""
        return self.units.get((sitting.key, room.key), {})


def kept(problem: Problem) -> Kept:
    """The seats that stay."""
    units: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for one in problem.taken:
        units[one.sitting, one.room][one.seat] = problem.candidate[one.candidate].unit
    return Kept(units)


def seat(
    problem: Problem, sitting: Sitting, site: str, *, people: Sequence[Candidate], stay: Kept, seed: int
) -> Iterator[Placement]:
    """A seat for each of ``people`` in the rooms of ``site`` that ``sitting`` uses, which have room for them."""
    rooms = [room for key in sitting.rooms if (room := problem.room[key]).site == site]
    shares = _share_out(problem, sitting, rooms=rooms, people=people, stay=stay)
    for room in rooms:
        if given := shares[room.key]:
            draw = random.Random(f"{seed}/{sitting.key}/{room.key}")  # noqa: S311 - to be repeated, no secret
            for number, one in _fill(room, sitting, people=given, stay=stay.at(sitting, room), draw=draw).items():
                yield Placement(one.key, sitting.key, room.key, number)


def _share_out(
    problem: Problem, sitting: Sitting, *, rooms: Sequence[Room], people: Sequence[Candidate], stay: Kept
) -> dict[str, list[Candidate]]:
    """Who goes to which room: those with needs first, then the others to as few rooms as hold them."""
    free = {room.key: room.usable(sitting.policy) - len(stay.at(sitting, room)) for room in rooms}
    shares: dict[str, list[Candidate]] = {room.key: list[Candidate]() for room in rooms}
    opened = {room.key for room in rooms if stay.at(sitting, room)}
    offers = {room.key: problem.offers(sitting, room) for room in rooms}
    special = sorted((one for one in people if one.room_needs), key=lambda one: (-len(one.room_needs), one.key))
    for one in special:
        fit = [key for key in free if free[key] > 0 and one.room_needs <= offers[key]]
        chosen = min(fit, key=lambda key: (len(offers[key]), key not in opened, -free[key], key))
        shares[chosen].append(one)
        free[chosen] -= 1
        opened.add(chosen)
    others = [one for one in people if not one.room_needs]
    targets = _targets(_open(free, opened, len(others)), len(others))
    deal = _in_turn if sitting.by_trade else _dealt
    for key, one in deal(others, targets):
        shares[key].append(one)
    return shares


def _open(free: Mapping[str, int], opened: set[str], people: int) -> dict[str, int]:
    """Rooms with their free seats, as few as hold ``people``, those that are opened anyway first."""
    chosen = {key: free[key] for key in sorted(opened) if free[key] > 0}
    closed = sorted((key for key in free if key not in opened and free[key] > 0), key=lambda key: (free[key], key))
    while (lacking := people - sum(chosen.values())) > 0:
        fit = [key for key in closed if free[key] >= lacking]
        key = fit[0] if fit else closed[-1]
        closed.remove(key)
        chosen[key] = free[key]
    return chosen


def _targets(rooms: Mapping[str, int], people: int) -> dict[str, int]:
    """How many sit in each room: the same share of its seats, the remainder where the most is free."""
    seats = sum(rooms.values())
    targets = {key: people * free // seats for key, free in rooms.items()} if seats else {}
    rest = people - sum(targets.values())
    for key in sorted(targets, key=lambda key: (targets[key] - rooms[key], key))[:rest]:
        targets[key] += 1
    return targets


def _dealt(people: Iterable[Candidate], targets: Mapping[str, int]) -> Iterator[tuple[str, Candidate]]:
    """Unit by unit, the largest first, each person to the room that is emptiest in proportion."""
    left = dict(targets)
    for one in _by_unit(people):
        key = max(left, key=lambda key: (left[key] / max(1, targets[key]), key))
        left[key] -= 1
        yield key, one


def _in_turn(people: Iterable[Candidate], targets: Mapping[str, int]) -> Iterator[tuple[str, Candidate]]:
    """Trade by trade, one room after another."""
    waiting = iter(sorted(people, key=lambda one: (one.grade, one.trade, one.key)))
    for key, count in targets.items():
        for _ in range(count):
            yield key, next(waiting)


def _by_unit(people: Iterable[Candidate]) -> list[Candidate]:
    listed = list(people)
    sizes = Counter(one.unit for one in listed)
    return sorted(listed, key=lambda one: (-sizes[one.unit], one.unit, one.key))


def _fill(
    room: Room, sitting: Sitting, *, people: Sequence[Candidate], stay: Mapping[int, str], draw: random.Random
) -> dict[int, Candidate]:
    """A seat for each in one room."""
    apart, usable = sitting.policy.apart, room.usable(sitting.policy)
    grid = _Grid(stay, neighbours(room.seats, room.columns, apart))
    empty = [number for number in _order(usable, room.columns, apart) if number not in stay]
    for one in _drawn(people, stay, draw):
        number = min(empty, key=lambda number: grid.beside(number, one.unit))
        empty.remove(number)
        grid.sit(number, one)
    grid.mend(empty)
    return grid.sat


def _drawn(people: Sequence[Candidate], stay: Mapping[int, str], draw: random.Random) -> list[Candidate]:
    """The largest unit first, units of one size and the people of a unit in the order of the draw."""
    shuffled = sorted(people, key=lambda one: one.key)
    draw.shuffle(shuffled)
    sizes = Counter(one.unit for one in people) + Counter(stay.values())
    rank = {unit: number for number, unit in enumerate(dict.fromkeys(one.unit for one in shuffled))}
    return sorted(shuffled, key=lambda one: (-sizes[one.unit], rank[one.unit]))


class _Grid:
    """The seats of a room while it is being filled: whose unit is where, and who may still be moved."""

    def __init__(self, stay: Mapping[int, str], near: Mapping[int, tuple[int, ...]]) -> None:
        self.sat: dict[int, Candidate] = {}
        self._units = dict(stay)
        self._near = near

    def beside(self, number: int, unit: str) -> int:
        """How many of ``unit`` sit around a seat."""
        return sum(self._units.get(other) == unit for other in self._near[number])

    def sit(self, number: int, one: Candidate) -> None:
        """Give somebody a seat."""
        self.sat[number], self._units[number] = one, one.unit

    def mend(self, empty: Sequence[int]) -> None:
        """Exchange the seats of those who sit beside somebody of their unit, where fewer then do."""
        seats = [*empty, *sorted(self.sat)]
        for _ in range(_ROUNDS):
            crowded = [number for number in sorted(self.sat) if self.beside(number, self._units[number])]
            if not sum(self._better(number, seats) for number in crowded):
                return

    def _better(self, number: int, seats: Sequence[int]) -> bool:
        """Exchange with the first of ``seats``, empty or not, that leaves fewer neighbours; whether there was one."""
        if number not in self.sat:
            return False
        for other in seats:
            before = self._pairs(number, other)
            self._exchange(number, other)
            if self._pairs(number, other) < before:
                return True
            self._exchange(number, other)
        return False

    def _pairs(self, *numbers: int) -> int:
        return sum(self.beside(number, unit) for number in numbers if (unit := self._units.get(number)) is not None)

    def _exchange(self, number: int, other: int) -> None:
        first, second = self.sat.pop(number, None), self.sat.pop(other, None)
        self._units.pop(number, None)
        self._units.pop(other, None)
        for place, one in ((other, first), (number, second)):
            if one is not None:
                self.sit(place, one)


def _order(usable: int, columns: int, apart: Apart) -> list[int]:
    """Seats in an order in which a run of them has few neighbours: every second one first, then those between."""

    def colour(number: int) -> tuple[int, int]:
        row, column = divmod(number - 1, columns)
        if apart is Apart.BESIDE:
            return column % 2, number
        if apart is Apart.CROSS:
            return (row + column) % 2, number
        return row % 2 * 2 + column % 2, number

    return sorted(range(1, usable + 1), key=colour)


@cache
def neighbours(seats: int, columns: int, apart: Apart) -> Mapping[int, tuple[int, ...]]:
    """Seat → the seats around it that count as neighbours, in a room of so many seats and columns."""
    near: dict[int, list[int]] = {number: [] for number in range(1, seats + 1)}
    for number, found in near.items():
        row, column = divmod(number - 1, columns)
        for down, right in _AROUND[apart]:
            other = (row + down) * columns + column + right + 1
            if 0 <= column + right < columns and other <= seats:
                found.append(other)
                near[other].append(number)
    return {number: tuple(others) for number, others in near.items()}


def pairs(room: Room, apart: Apart, units: Mapping[int, str]) -> int:
    """How many pairs of one unit sit on neighbouring seats of a room."""
    near = neighbours(room.seats, room.columns, apart)
    return sum(units.get(other) == unit for number, unit in units.items() for other in near[number]) // 2


def unavoidable(room: Room, apart: Apart, *, usable: int, units: Iterable[str]) -> int:
    """How many such pairs there must be at least, however the same people sit in the same room.

    The seats fall into so many blocks within which all are neighbours; each person of a unit beyond one to a block
    makes a pair more.
    """
    full, rest = divmod(usable, room.columns)
    if apart is Apart.AROUND:
        blocks = -(-(full + (rest > 0)) // 2) * -(-room.columns // 2)
    elif apart is Apart.CROSS:
        blocks = -(-full * room.columns // 2) + -(-rest // 2)
    else:
        blocks = full * -(-room.columns // 2) + -(-rest // 2)
    return sum(max(0, size - blocks) for size in Counter(units).values())
