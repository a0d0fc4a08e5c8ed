"""Step two of an allocation: rooms and seats for one sitting at one site, drawn by a seed and repeatable.

People of one unit are dealt to different rooms, and within a room placed where no neighbour is of their unit. Pairs
that remain are removed by exchanging seats, within rooms and between them, as far as that helps; another room is opened
where it is needed to sit apart.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.plugin_api.scheduling import Apart
from core.scheduling.allocation.chart import Chart
from core.scheduling.allocation.neighbours import CLOSED, FREE, OURS, crowded, fewest, together
from core.scheduling.allocation.problem import Candidate, Placement, Problem, Room, Sitting

_MORE_ROOMS = 2
"""The number of additional rooms that are tried where people of one unit still sit together."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The taken seats in the rooms of a problem: (sitting, room) → seat → unit."""

    units: Mapping[tuple[str, str], Mapping[int, str]]

    def at(self, sitting: Sitting, room: Room) -> Mapping[int, str]:
        """Seat → unit of the taken seats in this room."""
        return self.units.get((sitting.key, room.key), {})

    def around(self, sitting: Sitting, room: Room, unit: str) -> tuple[int, ...]:
        """The state of each usable seat of this room for a unit, as input of ``fewest``."""
        stay = self.at(sitting, room)
        seats = range(1, room.usable(sitting.policy) + 1)
        return tuple((OURS if stay[number] == unit else CLOSED) if number in stay else FREE for number in seats)


def kept(problem: Problem) -> Kept:
    """The seats that are taken."""
    units: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for placement in problem.taken:
        units[placement.sitting, placement.room][placement.seat] = problem.candidate[placement.candidate].unit
    return Kept(units)


def least(sitting: Sitting, rooms: Iterable[Room], *, units: Mapping[str, int], stay: Kept) -> int:
    """The least number of pairs of one unit if the given numbers of each of ``units`` are seated in these rooms.

    Each unit is considered alone, without the others.
    """
    return sum(together(_curves(sitting, rooms, unit, stay), people) for unit, people in units.items())


def _curves(sitting: Sitting, rooms: Iterable[Room], unit: str, stay: Kept) -> list[tuple[int, ...]]:
    apart = sitting.policy.apart
    return [fewest(room.shape, apart, stay.around(sitting, room, unit)) for room in rooms]


def rooms_at(problem: Problem, sitting: Sitting, site: str) -> list[Room]:
    """The rooms of a site that a sitting uses."""
    return [room for key in sitting.rooms if (room := problem.room[key]).site == site]


def seat(
    problem: Problem, sitting: Sitting, site: str, *, people: Sequence[Candidate], stay: Kept, seed: int
) -> list[Placement]:
    """A seat for each of ``people`` in the rooms of ``site`` that ``sitting`` uses, which have room for them.

    As few rooms as possible are opened; one more is preferred to pairs of one unit.
    """
    rooms = rooms_at(problem, sitting, site)
    aim, best = None, None
    for more in range(_MORE_ROOMS + 1):
        chart = _filled(problem, sitting, rooms=rooms, people=people, stay=stay, seed=seed, more=more)
        if aim is None:
            aim = _aim(sitting, rooms, people=people, stay=stay, crowded=chart.crowded())
        chart.mend(aim, random.Random(f"{seed}/{sitting.key}/{site}/{more}"))  # noqa: S311 - to be repeated, no secret
        if best is None or chart.pairs < best.pairs:
            best = chart
        if best.pairs <= aim or len(chart.rooms) == len(rooms):
            break
    assert best is not None  # noqa: S101 - the first chart is always kept
    return best.placements()


def _aim(
    sitting: Sitting, rooms: Sequence[Room], *, people: Iterable[Candidate], stay: Kept, crowded: Iterable[str]
) -> int:
    """The number of pairs of the ``crowded`` units that cannot be avoided."""
    sizes = Counter(person.unit for person in people)
    return least(sitting, rooms, units={unit: sizes[unit] for unit in sorted(crowded)}, stay=stay)


def _filled(
    problem: Problem,
    sitting: Sitting,
    *,
    rooms: Sequence[Room],
    people: Sequence[Candidate],
    stay: Kept,
    seed: int,
    more: int,
) -> Chart:
    """The filled rooms; ``more`` rooms are open than needed."""
    shares = _share_out(problem, sitting, rooms=rooms, people=people, stay=stay, more=more)
    there = {room.key: stay.at(sitting, room) for room in rooms}
    chart = Chart(problem, sitting, [room for room in rooms if room.key in shares or there[room.key]], there)
    for room in chart.rooms:
        draw = random.Random(f"{seed}/{sitting.key}/{room.key}")  # noqa: S311 - to be repeated, no secret
        chart.fill(room, shares.get(room.key, ()), draw)
    return chart


def _share_out(
    problem: Problem, sitting: Sitting, *, rooms: Sequence[Room], people: Sequence[Candidate], stay: Kept, more: int
) -> dict[str, list[Candidate]]:
    """Open room → its people: those with needs first, then the others in as few rooms as possible."""
    free = {room.key: room.usable(sitting.policy) - len(stay.at(sitting, room)) for room in rooms}
    shares = _special(problem, sitting, rooms=rooms, people=people, stay=stay, free=free)
    others = [person for person in people if not person.room_needs]
    sizes = Counter(person.unit for person in people)

    def enough(chosen: Mapping[str, int]) -> bool:
        return sum(chosen.values()) >= len(others) and _can_sit_apart(sitting, rooms, chosen, sizes)

    opened = {*shares, *(room.key for room in rooms if stay.at(sitting, room))}
    targets = _targets(_open(free, opened, enough, more), len(others))
    shares = {key: shares.get(key, []) for key in {**targets, **shares}}
    deal = _in_turn if sitting.by_trade else _dealt
    for key, person in deal(others, targets):
        shares[key].append(person)
    return shares


def _special(
    problem: Problem,
    sitting: Sitting,
    *,
    rooms: Sequence[Room],
    people: Sequence[Candidate],
    stay: Kept,
    free: dict[str, int],
) -> dict[str, list[Candidate]]:
    """Open room → its people with needs; their seats are subtracted from ``free``."""
    opened = {room.key for room in rooms if stay.at(sitting, room)}
    offers = {room.key: problem.offers(sitting, room) for room in rooms}
    shares: dict[str, list[Candidate]] = defaultdict(list)
    special = sorted(
        (person for person in people if person.room_needs), key=lambda person: (-len(person.room_needs), person.key)
    )
    for person in special:
        fit = [key for key in free if free[key] > 0 and person.room_needs <= offers[key]]
        chosen = min(fit, key=lambda key: (len(offers[key]), key not in opened, -free[key], key))
        shares[chosen].append(person)
        free[chosen] -= 1
        opened.add(chosen)
    return shares


def _can_sit_apart(sitting: Sitting, rooms: Sequence[Room], chosen: Iterable[str], sizes: Mapping[str, int]) -> bool:
    """Whether people of large units could sit as far apart in the ``chosen`` rooms as in all of them."""
    opened = [room for room in rooms if room.key in chosen]
    share = 4 if sitting.policy.apart is Apart.AROUND else 2
    held = sum(room.usable(sitting.policy) // share for room in opened)
    large = {unit: size for unit, size in sorted(sizes.items()) if size > held}
    if not large:
        return True
    nobody = Kept({})
    return least(sitting, opened, units=large, stay=nobody) <= least(sitting, rooms, units=large, stay=nobody)


def _open(
    free: Mapping[str, int], opened: set[str], enough: Callable[[Mapping[str, int]], bool], more: int
) -> dict[str, int]:
    """Rooms with their free seats: as few as are ``enough``, plus ``more``; rooms already opened come first."""
    chosen = {key: free[key] for key in sorted(opened) if free[key] > 0}
    closed = sorted((key for key in free if key not in opened and free[key] > 0), key=lambda key: (free[key], key))
    while closed and not enough(chosen):
        fit = (key for key in closed if enough({**chosen, key: free[key]}))
        key = next(fit, closed[-1])
        closed.remove(key)
        chosen[key] = free[key]
    return chosen | {key: free[key] for key in closed[len(closed) - more :] if more}


def _targets(rooms: Mapping[str, int], people: int) -> dict[str, int]:
    """The number of people in each room: the same share of its seats, the remainder where most seats are free."""
    seats = sum(rooms.values())
    targets = {key: people * free // seats for key, free in rooms.items()} if seats else {}
    rest = people - sum(targets.values())
    for key in sorted(targets, key=lambda key: (targets[key] - rooms[key], key))[:rest]:
        targets[key] += 1
    return targets


def _dealt(people: Iterable[Candidate], targets: Mapping[str, int]) -> Iterator[tuple[str, Candidate]]:
    """Unit by unit, the largest first, each person to the proportionally emptiest room."""
    left = dict(targets)
    for person in _by_unit(people):
        key = max(left, key=lambda key: (left[key] / max(1, targets[key]), key))
        left[key] -= 1
        yield key, person


def _in_turn(people: Iterable[Candidate], targets: Mapping[str, int]) -> Iterator[tuple[str, Candidate]]:
    """Trade by trade, one room after another."""
    waiting = iter(sorted(people, key=lambda person: (person.grade, person.trade, person.key)))
    for key, count in targets.items():
        for _ in range(count):
            yield key, next(waiting)


def _by_unit(people: Iterable[Candidate]) -> list[Candidate]:
    listed = list(people)
    sizes = Counter(person.unit for person in listed)
    return sorted(listed, key=lambda person: (-sizes[person.unit], person.unit, person.key))


def unavoidable(problem: Problem, units: Mapping[tuple[str, str], Mapping[int, str]]) -> int:
    """The least number of pairs of one unit for a seating: (sitting, room) → seat → unit.

    People of a sitting at a site may sit in any of its rooms there, but ``taken`` seats stay; where a sitting keeps
    trades together everybody stays in their room. Each unit is considered alone.
    """
    stay = kept(problem)
    sat_together: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (key, room_key), there in units.items():
        room, apart = problem.room[room_key], problem.sitting[key].policy.apart
        sat_together[key, room.site] |= crowded(room, apart, there)
    found = 0
    for (key, site), not_apart in sat_together.items():
        sitting = problem.sitting[key]
        rooms = rooms_at(problem, sitting, site)
        for alike in [[room] for room in rooms] if sitting.by_trade else [rooms]:
            come = Counter(unit for room in alike for unit in units.get((key, room.key), {}).values())
            come.subtract(unit for room in alike for unit in stay.at(sitting, room).values())
            found += least(sitting, alike, units={unit: come[unit] for unit in not_apart}, stay=stay)
    return found
