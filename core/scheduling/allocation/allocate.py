"""Seats for the candidates of an exam: the first module to read about scheduling.

Two steps. A solver assigns groups of like candidates to sittings and sites (``assigning``), so that every seat meets
the candidate's needs, units are spread, travel is short and rooms are full. A draw then gives everybody a room and a
seat (``seating``); its seed is kept, so that it can be repeated and proved. Goals in this order: everybody is seated;
people of one unit sit apart; travel is short; few rooms are used. An impossible problem is refused with its shortages.

Source: 2024 notice §3(5), §4(3).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from core.scheduling.allocation.choose_sittings import assign
from core.scheduling.allocation.fill_rooms import kept, seat, unavoidable
from core.scheduling.allocation.grouping import Place, in_time
from core.scheduling.allocation.neighbours import pairs
from core.scheduling.allocation.problem import Allocation, Candidate, Figures, Infeasible, Placement, Problem

__all__ = ["Allocation", "Infeasible", "Problem", "allocate", "neighbours_now"]


def allocate(problem: Problem, *, seed: int, tell: Callable[[str], object] = str) -> Allocation:
    """A seat for every candidate in every subject, including seats already ``taken``.

    The same problem and seed give the same seats. ``tell`` is called with ``assigning`` and ``seating`` as these steps
    begin. Infeasible, with the shortages, where not everybody can be seated.
    """
    tell("assigning")
    assigned = assign(problem, seed=seed)
    tell("seating")
    going: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for key, (programme, site) in assigned.places.items():
        for sitting in programme:
            going[sitting, site].append(problem.candidate[key])
    stay = kept(problem)
    drawn = [
        placement
        for (sitting, site), people in sorted(going.items())
        for placement in seat(problem, problem.sitting[sitting], site, people=people, stay=stay, seed=seed)
    ]
    return judged(problem, [*problem.taken, *drawn], seed=seed, moved=assigned.places, bound=assigned.bound)


def judged(
    problem: Problem, placements: Iterable[Placement], *, seed: int, moved: Mapping[str, Place], bound: int
) -> Allocation:
    """The allocation with its figures; travel counts the newly seated candidates."""
    seats = tuple(sorted(placements))
    rooms = _rooms_of(problem, seats)
    figures = Figures(
        candidates=len({placement.candidate for placement in seats}),
        seats=len(seats),
        neighbours=_pairs_in(problem, rooms),
        unavoidable=unavoidable(problem, rooms),
        crowded=_crowded(problem, seats),
        travel=sum(problem.cost(problem.candidate[key].county, site) for key, (_, site) in moved.items()),
        travel_bound=bound,
        rooms=len(rooms),
        rooms_bound=_fewest(problem, seats),
        trades_split=_split(problem, seats),
    )
    return Allocation(seats, seed, figures)


def neighbours_now(problem: Problem, placements: Iterable[Placement]) -> int:
    """The pairs of one unit on neighbouring seats, by the present shapes of the rooms."""
    return _pairs_in(problem, _rooms_of(problem, placements))


def _rooms_of(problem: Problem, placements: Iterable[Placement]) -> dict[tuple[str, str], dict[int, str]]:
    """(sitting, room) → seat → unit."""
    rooms: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for placement in placements:
        rooms[placement.sitting, placement.room][placement.seat] = problem.candidate[placement.candidate].unit
    return rooms


def _pairs_in(problem: Problem, rooms: Mapping[tuple[str, str], Mapping[int, str]]) -> int:
    return sum(
        pairs(problem.room[room], problem.sitting[sitting].policy.apart, units)
        for (sitting, room), units in rooms.items()
    )


def _seats_at(problem: Problem) -> dict[tuple[str, str], list[int]]:
    """(sitting, site) → the usable seats of each of its rooms, the largest first."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for sitting in in_time(problem):
        for key in sitting.rooms:
            found[sitting.key, problem.room[key].site].append(problem.room[key].usable(sitting.policy))
    return {at: sorted(sizes, reverse=True) for at, sizes in found.items()}


def _crowded(problem: Problem, seats: Iterable[Placement]) -> int:
    together = Counter(
        (placement.sitting, problem.room[placement.room].site, problem.candidate[placement.candidate].unit)
        for placement in seats
    )
    sizes = _seats_at(problem)
    return sum(max(0, count - -(-sum(sizes[sitting, site]) // 2)) for (sitting, site, _), count in together.items())


def _fewest(problem: Problem, seats: Iterable[Placement]) -> int:
    """The fewest rooms that hold as many people at each site in each sitting: the largest filled first."""
    people = Counter((placement.sitting, problem.room[placement.room].site) for placement in seats)
    sizes, rooms = _seats_at(problem), 0
    for at, count in people.items():
        left = count
        for size in sizes[at]:
            if left <= 0:
                break
            left -= size
            rooms += 1
    return rooms


def _split(problem: Problem, seats: Iterable[Placement]) -> int:
    """The number of trades in several sittings of the same subjects although a sitting keeps trades together."""
    places: dict[tuple[int, str, frozenset[str]], set[str]] = defaultdict(set)
    for placement in seats:
        sitting, who = problem.sitting[placement.sitting], problem.candidate[placement.candidate]
        if sitting.by_trade:
            places[who.grade, who.trade, sitting.subjects].add(sitting.key)
    return sum(len(sittings) > 1 for sittings in places.values())
