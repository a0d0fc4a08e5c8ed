"""People of one unit sit side by side only where that cannot be avoided, and as rarely as possible."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given, settings, strategies as st

from core.plugin_api.scheduling import Apart, SeatingPolicy
from core.scheduling.allocation.allocate import allocate
from core.scheduling.allocation.neighbours import CLOSED, FREE, OURS, fewest, neighbours, together
from core.scheduling.allocation.problem import Candidate, Placement, Problem, Room, SeatNeed
from core.scheduling.allocation.replanning import replan
from core.scheduling.allocation.room_shape import RoomShape
from tests.scheduling.allocation.problems import ALL, faults, plain_room, shapes, sitting

NOWHERE = 10_000


@settings(max_examples=150, deadline=None)
@given(shapes(most=11), st.sampled_from(Apart), st.data())
def test_the_fewest_neighbours_of_a_room_are_those_of_the_best_arrangement(
    shape: RoomShape, apart: Apart, data: st.DataObject
) -> None:
    marks = st.sampled_from([FREE, FREE, FREE, OURS, CLOSED])
    seats = data.draw(st.lists(marks, max_size=shape.seats))
    near = neighbours(shape, apart)
    free = [number for number, seat in enumerate(seats, start=1) if seat == FREE]
    ours = {number for number, seat in enumerate(seats, start=1) if seat == OURS}
    best = [
        min(_pairs_on(near, ours | set(chosen)) for chosen in combinations(free, more)) for more in range(len(free) + 1)
    ]
    assert list(fewest(shape, apart, tuple(seats))) == best


def _pairs_on(near: dict[int, tuple[int, ...]], chosen: set[int]) -> int:  # type: ignore[type-arg]
    return sum(other in chosen for number in chosen for other in near[number]) // 2


@pytest.mark.parametrize("apart", Apart)
def test_the_bound_of_a_room_too_large_to_search_is_never_beaten(apart: Apart) -> None:
    side = 14
    shape = RoomShape(side, side)
    curve = fewest(shape, apart, (OURS, CLOSED, *(FREE,) * (side * side - 2)))
    everybody = _pairs_on(neighbours(shape, apart), set(range(1, side * side + 1)) - {2})
    assert 0 < curve[-1] <= everybody
    # Every second seat of every second row: nobody has a neighbour.
    assert curve[side // 2 * side // 2 - 1] == 0
    assert list(curve) == sorted(curve)


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=3))
def test_the_minimum_over_several_rooms_is_the_best_of_all_ways_to_share_people_out(curves: list[list[int]]) -> None:
    ways: dict[int, int] = {0: 0}
    for curve in curves:
        before, ways = ways, {}
        for people, cost in before.items():
            for here, more in enumerate(curve):
                ways[people + here] = min(ways.get(people + here, NOWHERE), cost + more)
    assert [together(curves, people) for people in sorted(ways)] == [ways[people] for people in sorted(ways)]


@st.composite
def small_rooms(draw: st.DrawFn) -> Problem:
    """One sitting at one site: a few rooms with at most ten seats in total, and people of up to three units."""
    policy = SeatingPolicy(apart=draw(st.sampled_from(Apart)))
    rooms: list[Room] = []
    left = draw(st.integers(2, 10))
    while left > 0:
        rooms.append(Room(f"r{len(rooms)}", "site", draw(shapes(least=2, most=left + 1)), reserve=1))
        left -= rooms[-1].usable(policy)
    capacity = sum(room.usable(policy) for room in rooms)
    units = draw(st.lists(st.sampled_from("aaabbc"), max_size=capacity))
    people = tuple(Candidate(f"c{number:02}", "county", unit, 5, "t") for number, unit in enumerate(units))
    held = sitting("s", 0, tuple(room.key for room in rooms), policy=policy)
    return Problem(people, tuple(rooms), (held,), {5: ALL})


@settings(max_examples=60, deadline=None)
@given(small_rooms(), st.integers(0, 9))
def test_seating_a_site_has_the_fewest_neighbours_possible(problem: Problem, seed: int) -> None:
    figures = allocate(problem, seed=seed).figures
    best = _least_of_all(problem, [candidate.unit for candidate in problem.candidates])
    assert figures.neighbours == best
    assert figures.unavoidable <= best


@settings(max_examples=60, deadline=None)
@given(small_rooms(), st.data())
def test_replanning_a_site_has_the_fewest_neighbours_possible(problem: Problem, data: st.DataObject) -> None:
    staying = allocate(problem, seed=1).placements
    stay = tuple(placement for placement in staying if data.draw(st.booleans()))
    allocation = replan(problem, stay, seed=2).allocation
    assert set(stay) <= set(allocation.placements)
    lacking = {candidate.key for candidate in problem.candidates} - {placement.candidate for placement in stay}
    best = _least_of_all(problem, [problem.candidate[key].unit for key in sorted(lacking)], stay)
    assert allocation.figures.neighbours == best
    assert allocation.figures.unavoidable <= best


def _least_of_all(problem: Problem, units: Iterable[str], stay: Sequence[Placement] = ()) -> int:
    """The fewest pairs of one unit, by trying every unit and nobody on every seat of the site."""
    [held] = problem.sittings
    there = {(placement.room, placement.seat): problem.candidate[placement.candidate].unit for placement in stay}
    names = sorted(set(units))
    seats: list[tuple[str | None, bool, tuple[int, ...]]] = []
    for room in problem.rooms:
        start, near = len(seats), neighbours(room.shape, held.policy.apart)
        for number in range(1, room.seats + 1):
            earlier = tuple(start + other - 1 for other in near[number] if other < number)
            free = (room.key, number) not in there and number <= room.usable(held.policy)
            seats.append((there.get((room.key, number)), free, earlier))

    @cache
    def least(sat: tuple[str | None, ...], left: tuple[int, ...]) -> int:
        if len(sat) == len(seats):
            return NOWHERE if any(left) else 0
        fixed, free, earlier = seats[len(sat)]
        ways: list[str | None] = [fixed]
        if free:
            ways += [name for name, count in zip(names, left, strict=True) if count]
        found = NOWHERE
        for unit in ways:
            taken = tuple(count - (free and name == unit) for name, count in zip(names, left, strict=True))
            pairs = sum(unit is not None and sat[other] == unit for other in earlier)
            found = min(found, pairs + least((*sat, unit), taken))
        return found

    counts = Counter(units)
    return least((), tuple(counts[name] for name in names))


def test_people_move_between_rooms_to_sit_apart_but_keep_their_accommodations() -> None:
    """Five people of a unit, four of whom need the one accessible room, which is too small to seat them all apart."""
    ramp, plain = plain_room("ramp", "site", 6, 3, accessible=True), plain_room("plain", "site", 6, 3)
    wheelchair = frozenset({SeatNeed.ACCESSIBLE})
    granted = tuple(Candidate(f"g{number}", "county", "u", 5, "t", wheelchair) for number in range(4))
    others = tuple(
        Candidate(f"o{number}", "county", "u" if number == 0 else f"v{number}", 5, "t") for number in range(7)
    )
    problem = Problem((*granted, *others), (ramp, plain), (sitting("s", 0, ("ramp", "plain")),), {5: ALL})
    allocation = allocate(problem, seed=1)
    assert faults(problem, allocation.placements) == []
    assert allocation.figures.neighbours == fewest(RoomShape(2, 3), Apart.CROSS, (FREE,) * 6)[4]
    assert next(placement.room for placement in allocation.placements if placement.candidate == "o0") == "plain"


def test_people_change_rooms_only_within_a_trade_that_is_kept_together() -> None:
    rooms = tuple(plain_room(f"r{number}", "site", 6, 3) for number in range(2))
    cooks = tuple(Candidate(f"c{number}", "county", "a", 5, "cook") for number in range(6))
    drivers = tuple(Candidate(f"d{number}", "county", "b", 5, "driver") for number in range(6))
    held = sitting("s", 0, ("r0", "r1"), by_trade=True)
    problem = Problem((*cooks, *drivers), rooms, (held,), {5: ALL})
    together_ = allocate(problem, seed=1)
    trades = {(placement.room, problem.candidate[placement.candidate].trade) for placement in together_.placements}
    assert len(trades) == 2
    full = fewest(RoomShape(2, 3), Apart.CROSS, (FREE,) * 6)[6]
    assert (together_.figures.neighbours, together_.figures.unavoidable) == (2 * full, 2 * full)
    mixed = allocate(replace(problem, sittings=(replace(held, by_trade=False),)), seed=1)
    assert mixed.figures.neighbours == mixed.figures.unavoidable == 0
