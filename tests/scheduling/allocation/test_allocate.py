"""Allocation keeps every constraint, is the same for the same seed, and refuses only impossible problems."""

from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from core.plugin_api.scheduling import SeatingPolicy
from core.scheduling.allocation.allocate import allocate
from core.scheduling.allocation.min_cost_flow import weights
from core.scheduling.allocation.problem import Allocation, Candidate, Infeasible, Problem, Room, SeatNeed, Shortage
from tests.scheduling.allocation.problems import ALL, faults, plain_room, problems, sitting


def _people(count: int, *, unit: str = "u", **more: object) -> tuple[Candidate, ...]:
    fields: dict[str, object] = {"county": "county", "grade": 5, "trade": "t"} | more
    return tuple(
        Candidate(f"{unit}{number:03}", unit=unit, **fields)  # type: ignore[arg-type]
        for number in range(count)
    )


def _problem(people: tuple[Candidate, ...], *rooms: Room, sittings: int = 1, **more: object) -> Problem:
    keys = tuple(room.key for room in rooms)
    held = tuple(sitting(f"s{number}", 2 * number, keys, **more) for number in range(sittings))
    return Problem(people, rooms, held, {5: ALL})


def _tried(problem: Problem, *, seed: int) -> Allocation | tuple[Shortage, ...]:
    """The allocation, or its shortages."""
    try:
        return allocate(problem, seed=seed)
    except Infeasible as refused:
        return refused.shortages


@settings(max_examples=80, deadline=None)
@given(problems(), st.integers(0, 9))
def test_every_allocation_keeps_every_constraint(problem: Problem, seed: int) -> None:
    allocation = _tried(problem, seed=seed)
    if isinstance(allocation, tuple):
        assert allocation
        assert all(shortage.missing > 0 and shortage.text for shortage in allocation)
        return
    assert faults(problem, allocation.placements) == []
    figures = allocation.figures
    assert figures.neighbours >= figures.unavoidable
    assert figures.travel >= figures.travel_bound
    assert figures.rooms >= figures.rooms_bound


@settings(max_examples=80, deadline=None)
@given(problems(people=5))
def test_what_is_refused_cannot_be(problem: Problem) -> None:
    assert _can_be_seated(problem) is isinstance(_tried(problem, seed=1), Allocation)


def _can_be_seated(problem: Problem) -> bool:
    """Whether everybody can be seated, by trying every room of every sitting for each person in turn."""
    places = [(held, problem.room[key]) for held in problem.sittings for key in held.rooms]

    def ways(candidate: Candidate) -> list[tuple[int, ...]]:
        """Indexes of places at one site, in which this person takes each subject once."""
        fit = [
            number
            for number, (held, room) in enumerate(places)
            if held.admits(candidate.grade, candidate.trade) and candidate.room_needs <= problem.offers(held, room)
        ]
        single = [(number,) for number in fit if places[number][0].subjects == ALL]
        return single + [
            (first, second)
            for first, second in product(fit, fit)
            if "skill" in places[first][0].subjects
            and not places[first][0].subjects & places[second][0].subjects
            and not places[first][0].overlaps(places[second][0])
            and places[first][1].site == places[second][1].site
        ]

    @cache
    def seated(number: int, free: tuple[int, ...]) -> bool:
        if number == len(problem.candidates):
            return True
        for way in ways(problem.candidates[number]):
            left = list(free)
            for place in way:
                left[place] -= 1
            if min(left) >= 0 and seated(number + 1, tuple(left)):
                return True
        return False

    return seated(0, tuple(room.usable(held.policy) for held, room in places))


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 9))
def test_the_same_seed_draws_the_same_seats_in_any_order_of_people(problem: Problem, seed: int) -> None:
    turned = replace(problem, candidates=tuple(reversed(problem.candidates)))
    assert _tried(turned, seed=seed) == _tried(problem, seed=seed)


def test_another_seed_draws_other_seats() -> None:
    problem = _problem(_people(20, unit="a") + _people(20, unit="b"), plain_room("r", "site", 48, 8))
    assert allocate(problem, seed=1).placements != allocate(problem, seed=2).placements


def test_half_a_room_of_one_unit_has_no_neighbours() -> None:
    people = _people(24, unit="a") + _people(24, unit="b")
    figures = allocate(_problem(people, plain_room("r", "site", 48, 8)), seed=1).figures
    assert (figures.neighbours, figures.unavoidable) == (0, 0)


def test_neighbours_that_cannot_be_avoided_are_counted() -> None:
    figures = allocate(_problem(_people(10), plain_room("r", "site", 16, 4)), seed=1).figures
    assert (figures.neighbours, figures.unavoidable) == (4, 4)


def test_one_more_room_is_opened_rather_than_have_a_unit_sit_together() -> None:
    people, rooms = (
        _people(10),
        [plain_room("r1", "site", 16, 4), plain_room("r2", "site", 9, 3), plain_room("r3", "site", 16, 4)],
    )
    allocation = allocate(_problem(people, *rooms), seed=1)
    assert (allocation.figures.neighbours, allocation.figures.unavoidable) == (0, 0)
    assert len({placement.room for placement in allocation.placements}) == allocation.figures.rooms == 2


def test_units_are_dealt_to_all_the_rooms_that_are_open() -> None:
    people = tuple(person for unit in "abcdef" for person in _people(8, unit=unit))
    allocation = allocate(_problem(people, *(plain_room(f"r{n}", "site", 16, 4) for n in range(3))), seed=1)
    together = Counter((placement.room, placement.candidate[0]) for placement in allocation.placements)
    assert max(together.values()) == 3


def test_everybody_goes_to_the_nearest_site_that_has_room() -> None:
    near, far = plain_room("near", "north", 10, 5), plain_room("far", "south", 10, 5)
    people = _people(6, unit="a") + _people(6, unit="b")
    problem = replace(_problem(people, near, far), travel={("county", "north"): 5, ("county", "south"): 50})
    figures = allocate(problem, seed=1).figures
    assert figures.travel == figures.travel_bound == 10 * 5 + 2 * 50


def test_no_more_rooms_are_opened_than_needed() -> None:
    rooms = [
        plain_room("small", "site", 10, 5),
        plain_room("middle", "site", 20, 5),
        plain_room("large", "site", 30, 5),
    ]
    for people, opened in ((8, {"small"}), (25, {"large"}), (38, {"large", "small"})):
        everybody = tuple(replace(person, unit=person.key) for person in _people(people))
        allocation = allocate(_problem(everybody, *rooms, sittings=2), seed=1)
        assert {placement.room for placement in allocation.placements} == opened
        assert {placement.sitting for placement in allocation.placements} == {"s0"}


def test_a_trade_is_kept_together_where_the_sitting_asks() -> None:
    people = _people(15, unit="a", trade="cook") + _people(15, unit="b", trade="driver")
    problem = _problem(people, plain_room("r", "site", 20, 5), sittings=2, by_trade=True)
    allocation = allocate(problem, seed=1)
    trades = {(placement.sitting, problem.candidate[placement.candidate].trade) for placement in allocation.placements}
    assert len(trades) == 2
    assert allocation.figures.trades_split == 0


def test_the_reserve_of_the_policy_stays_free() -> None:
    policy = SeatingPolicy(reserve_percent=25)
    allocation = allocate(_problem(_people(15), plain_room("r", "site", 20, 5), policy=policy), seed=1)
    assert {placement.seat for placement in allocation.placements} == set(range(1, 16))
    with pytest.raises(Infeasible) as refused:
        allocate(_problem(_people(17), plain_room("r", "site", 20, 5), policy=policy), seed=1)
    assert refused.value.shortages == (Shortage(17, 15, (5,), (), (), ("s0",), ("site",)),)


def test_a_shortage_says_whose_seats_are_short_and_by_how_much() -> None:
    wheelchair = frozenset({SeatNeed.ACCESSIBLE})
    people = _people(4) + _people(3, unit="w", needs=wheelchair)
    plain, ramp = plain_room("plain", "site", 20, 5), plain_room("ramp", "site", 2, 2, accessible=True)
    with pytest.raises(Infeasible) as refused:
        allocate(_problem(people, plain, ramp), seed=1)
    assert refused.value.shortages == (Shortage(3, 2, (5,), (), (SeatNeed.ACCESSIBLE,), ("s0",), ("site",)),)
    assert str(refused.value) == (
        "五级，需要无障碍考场的考生共需 3 个座位，可用的1 个考点、1 个场次只能提供 2 个，缺 1 个。"
        "请增加考场、机位或场次。"
    )


def test_a_grade_without_a_sitting_is_named() -> None:
    with pytest.raises(Infeasible, match="五级的考生共需 3 个座位，但没有适合的场次或考场"):
        allocate(_problem(_people(3), plain_room("r", "site", 20, 5), grades=frozenset({4})), seed=1)


def test_goals_are_weighed_strictly_as_long_as_the_numbers_are_small_enough() -> None:
    crowd, step = weights(1000, travel=300, rank=20, nodes=500)
    assert step > 1000 * 20
    assert crowd > 1000 * (300 * step + 20)
    crowd, step = weights(10**7, travel=1000, rank=500, nodes=10**6)
    assert crowd > 1000 * step > 1000 * 500
    assert crowd * 10**6 < 2**63
