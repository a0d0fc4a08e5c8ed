"""A seating chart: the seats in the open rooms of one sitting at one site while they are filled and improved."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from core.plugin_api.scheduling import Apart
from core.scheduling.allocation.neighbours import neighbours
from core.scheduling.allocation.problem import Candidate, Placement, Problem, Room, Sitting
from core.scheduling.allocation.room_shape import RoomShape, places

_LOOKS = 200_000
"""The most places that are tried for an exchange; where people can sit apart, far fewer suffice."""
_REST = 8
"""For this many exchanges nobody returns to a seat that they were moved from, so that the search does not circle."""

Stay = Mapping[str, Mapping[int, str]]
"""Room → seat → unit of the candidates who keep their seats."""


class Chart:
    """The seats of the open rooms, by their numbers: the unit on each, and the candidates who may still be moved.

    A place is a seat's position among all seats of all the rooms.
    """

    def __init__(self, problem: Problem, sitting: Sitting, rooms: Sequence[Room], stay: Stay) -> None:
        self.rooms = tuple(rooms)
        self.pairs = 0
        """The number of pairs of one unit on neighbouring seats."""
        self._sitting = sitting
        self._offers = {room.key: problem.offers(sitting, room) for room in rooms}
        self._where = [(room, number) for room in rooms for number in range(1, room.seats + 1)]
        self._start = {room.key: at - 1 for at, (room, number) in enumerate(self._where) if number == 1}
        self._near = [
            tuple(self._start[room.key] + other for other in found)
            for room in rooms
            for found in neighbours(room.shape, sitting.policy.apart).values()
        ]
        self._units = [""] * len(self._where)
        self._beside: list[Counter[str]] = [Counter() for _ in self._where]
        self._who: dict[int, Candidate] = {}
        for key, seats in stay.items():
            for number, unit in seats.items():
                self._put(self._start[key] + number, unit)
        self._open = [at for at, (room, number) in enumerate(self._where) if self._may_be_filled(at, room, number)]

    def _may_be_filled(self, at: int, room: Room, number: int) -> bool:
        return not self._units[at] and number <= room.usable(self._sitting.policy)

    def fill(self, room: Room, people: Sequence[Candidate], draw: random.Random) -> None:
        """Seat ``people`` in one room, each where the fewest neighbours are of their unit."""
        start, apart = self._start[room.key], self._sitting.policy.apart
        usable = _order(room.shape, room.usable(self._sitting.policy), apart)
        empty = [start + number for number in usable if not self._units[start + number]]
        there = Counter(self._units[start + number] for number in range(1, room.seats + 1))
        for person in _drawn(people, there, draw):
            at = min(empty, key=lambda at: self._beside[at].get(person.unit, 0))
            empty.remove(at)
            self._sit(at, person)

    def crowded(self) -> frozenset[str]:
        """The units with a pair on neighbouring seats."""
        return frozenset(unit for at, unit in enumerate(self._units) if unit and self._beside[at][unit])

    def placements(self) -> list[Placement]:
        """The placements of the candidates who were seated here."""
        found = ((person, *self._where[at]) for at, person in sorted(self._who.items()))
        return [Placement(person.key, self._sitting.key, room.key, number) for person, room, number in found]

    def mend(self, aim: int, draw: random.Random) -> None:
        """Exchange seats of candidates beside their own unit, until only ``aim`` pairs are left.

        The best exchange is made even where it gains nothing, since two of them together may gain; the best chart on
        the way is kept.
        """
        best, found = self.pairs, dict(self._who)
        resting: dict[tuple[str, int], int] = {}
        for step in range(_LOOKS // len(self._open)):
            crowded = [at for at, person in self._who.items() if self._beside[at][person.unit]]
            if self.pairs <= aim or not crowded:
                break
            at = draw.choice(crowded)
            ways = self._exchanges(at, {rest for rest, until in resting.items() if until > step})
            if not ways:
                continue
            other = draw.choice(ways)
            for place in (at, other):
                if place in self._who:
                    resting[self._who[place].key, place] = step + _REST
            self._exchange(at, other)
            if self.pairs < best:
                best, found = self.pairs, dict(self._who)
        if self.pairs > best:
            self._become(found)

    def _exchanges(self, at: int, resting: set[tuple[str, int]]) -> list[int]:
        """The places, empty or not, with which an exchange leaves the fewest pairs."""
        mine, unit = self._who[at], self._units[at]
        around, near = self._beside[at], set(self._near[at])
        best, found = len(self._near) * 8, list[int]()
        for other in self._open:
            theirs = self._units[other]
            if theirs == unit:
                continue
            beside = self._beside[other]
            change = beside.get(unit, 0) + around.get(theirs, 0) - around[unit] - beside.get(theirs, 0)
            if other in near:
                change -= 2 if theirs else 1
            if change <= best and self._allowed(mine, at, other, resting):
                if change < best:
                    best, found = change, []
                found.append(other)
        return found

    def _allowed(self, mine: Candidate, at: int, other: int, resting: set[tuple[str, int]]) -> bool:
        """Whether each may take the other's place, and neither has just left it."""
        theirs = self._who.get(other)
        if (mine.key, other) in resting or (theirs is not None and (theirs.key, at) in resting):
            return False
        here, there = self._where[at][0].key, self._where[other][0].key
        if here == there:
            return True
        if self._sitting.by_trade and (theirs is None or (mine.grade, mine.trade) != (theirs.grade, theirs.trade)):
            return False
        return mine.room_needs <= self._offers[there] and (theirs is None or theirs.room_needs <= self._offers[here])

    def _exchange(self, at: int, other: int) -> None:
        first, second = self._leave(at), self._leave(other)
        for place, person in ((other, first), (at, second)):
            if person is not None:
                self._sit(place, person)

    def _become(self, found: Mapping[int, Candidate]) -> None:
        for at in list(self._who):
            self._leave(at)
        for at, person in found.items():
            self._sit(at, person)

    def _sit(self, at: int, candidate: Candidate) -> None:
        self._who[at] = candidate
        self._put(at, candidate.unit)

    def _put(self, at: int, unit: str) -> None:
        self._units[at] = unit
        self.pairs += self._beside[at][unit]
        for other in self._near[at]:
            self._beside[other][unit] += 1

    def _leave(self, at: int) -> Candidate | None:
        person = self._who.pop(at, None)
        if person is not None:
            self._units[at] = ""
            self.pairs -= self._beside[at][person.unit]
            for other in self._near[at]:
                self._beside[other][person.unit] -= 1
        return person


def _drawn(people: Sequence[Candidate], there: Mapping[str, int], draw: random.Random) -> list[Candidate]:
    """The largest unit first, units of one size and the people of a unit in the order of the draw."""
    shuffled = sorted(people, key=lambda person: person.key)
    draw.shuffle(shuffled)
    sizes = Counter(person.unit for person in people) + Counter(there)
    rank = {unit: number for number, unit in enumerate(dict.fromkeys(person.unit for person in shuffled))}
    return sorted(shuffled, key=lambda person: (-sizes[person.unit], rank[person.unit]))


def _order(shape: RoomShape, usable: int, apart: Apart) -> list[int]:
    """Seats in an order in which a run of them has few neighbours: every second one first, then the others."""
    place = places(shape)

    def colour(number: int) -> tuple[int, int]:
        row, column = place[number - 1]
        if apart is Apart.BESIDE:
            return (column - 1) % 2, number
        if apart is Apart.CROSS:
            return (row + column) % 2, number
        return (row - 1) % 2 * 2 + (column - 1) % 2, number

    return sorted(range(1, usable + 1), key=colour)
