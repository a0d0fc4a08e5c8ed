"""The cost of an allocation: ``python -m bench.allocation`` (``make bench``), from 1,000 candidates to 100,000.

Every problem is made up by a seed: offices of nine counties and four sites, units whose sizes fall off as a power law,
120 trades, one candidate in 250 with a granted need, 15 per cent more seats than people. Each is measured in a process
of its own, so that the memory is its own too.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click

from core.plugin_api.scheduling import SeatingPolicy
from core.scheduling.allocation.allocate import allocate
from core.scheduling.allocation.assign_invigilators import RoomDuty, Watcher, watch
from core.scheduling.allocation.choose_sittings import assign
from core.scheduling.allocation.grouping import Place, groups, halls
from core.scheduling.allocation.integer_program import by_program
from core.scheduling.allocation.min_cost_flow import by_flow
from core.scheduling.allocation.problem import Allocation, Candidate, Problem, Room, SeatNeed, Sitting
from core.scheduling.allocation.room_shape import RoomShape

SUBJECTS = frozenset({"skill", "ethics", "ability"})
APART = (frozenset({"skill"}), frozenset({"ethics", "ability"}))
WATCHERS = 120
"""Invigilators of the one office that is measured with everything."""
PER_OFFICE = 5_556
"""100,000 candidates in the province's 18 offices."""


def problem(people: int, *, by_trade: bool = False, apart: bool = False, seed: int = 1) -> Problem:
    """A province of so many candidates; ``apart`` spreads the subjects over two sittings each."""
    draw = random.Random(f"{seed}/{people}")  # noqa: S311 - made up, no secret
    offices = max(1, round(people / PER_OFFICE))
    parts = [
        _office(draw, f"o{number}", people // offices, by_trade=by_trade, apart=apart) for number in range(offices)
    ]
    return Problem(
        candidates=tuple(candidate for part in parts for candidate in part.candidates),
        rooms=tuple(room for part in parts for room in part.rooms),
        sittings=tuple(sitting for part in parts for sitting in part.sittings),
        subjects=dict.fromkeys((2, 3, 4, 5), SUBJECTS),
        travel={way: cost for part in parts for way, cost in part.travel.items()},
    )


def _office(draw: random.Random, name: str, people: int, *, by_trade: bool, apart: bool) -> Problem:
    sites = [f"{name}-s{number}" for number in range(4)]
    counties = [f"{name}-c{number}" for number in range(9)]
    rooms = tuple(_rooms(draw, sites, seats=people * 1.15 / 8))
    units = [(f"{name}-u{number}", draw.choice(counties)) for number in range(people // 5 + 1)]
    sizes = [1 / (number + 1) ** 0.6 for number in range(len(units))]
    candidates = []
    for number, (unit, county) in enumerate(draw.choices(units, sizes, k=people)):
        needs = frozenset({draw.choice([SeatNeed.ACCESSIBLE, SeatNeed.EXTRA_TIME])}) if draw.random() < 0.004 else None
        trade = f"t{int(draw.paretovariate(0.7)) % 120}"
        grade = draw.choice([2, 3, 4, 4, 5])
        candidates.append(Candidate(f"{name}-{number}", county, unit, grade, trade, needs or frozenset()))
    travel = {(county, site): draw.randint(5, 150) for county in counties for site in sites}
    held = tuple(_sittings(name, rooms, by_trade=by_trade, apart=apart))
    return Problem(tuple(candidates), rooms, held, {}, travel)


def _rooms(draw: random.Random, sites: list[str], *, seats: float) -> Iterator[Room]:
    number = 0
    while seats > 0 or number < len(sites):
        size, columns = draw.choice([30, 40, 48, 60]), draw.choice([6, 8])
        site = sites[number % len(sites)]
        shape = RoomShape.in_rows(size, columns)
        room = Room(f"{site}-r{number}", site, shape, reserve=2, accessible=number % 3 == 0)
        seats -= room.usable(SeatingPolicy())
        number += 1
        yield room


def _sittings(name: str, rooms: tuple[Room, ...], *, by_trade: bool, apart: bool) -> Iterator[Sitting]:
    keys = tuple(room.key for room in rooms)
    for number in range(16 if apart else 8):
        starts = datetime(2024, 7, 1 + number // 4, 8, tzinfo=UTC) + timedelta(hours=2 * (number % 4))
        yield Sitting(
            f"{name}-t{number}",
            starts,
            starts + timedelta(hours=1),
            APART[number % 2] if apart else SUBJECTS,
            frozenset({2, 3, 4, 5}),
            keys,
            by_trade=by_trade,
            long_rooms=frozenset(keys[::3]),
            policy=SeatingPolicy(reserve_percent=4),
        )


def measure(case: str, people: int) -> dict[str, object]:
    """One problem: the first step, then all of it, in seconds of the processor; the peak of memory in MB."""
    everything = case == "everything"
    made = problem(people, by_trade=everything or case == "by trade", apart=everything or case == "subjects apart")
    begun = time.process_time()
    assigned = assign(made, seed=1)
    between = time.process_time()
    allocation = allocate(made, seed=1)
    watching = _watched(made, allocation) if everything else {}
    found, whole = allocation.figures, time.process_time() - between
    return {
        "case": case,
        "candidates": people,
        "assigning": round(between - begun, 2),
        "all": round(whole, 2),
        "MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "travel": found.travel,
        "bound": assigned.bound,
        "rooms": f"{found.rooms}/{found.rooms_bound}",
        "neighbours": f"{found.neighbours}/{found.unavoidable}",
        "split": found.trades_split,
        **watching,
    }


def _watched(made: Problem, allocation: Allocation) -> dict[str, object]:
    """Two who watch over every room: none their own unit, everybody about as often, and not the same room again."""
    there: dict[tuple[str, str], set[str]] = defaultdict(set)
    for placement in allocation.placements:
        there[placement.sitting, placement.room].add(made.candidate[placement.candidate].unit)
    duties = [
        RoomDuty(sitting, room, made.sitting[sitting].starts, made.sitting[sitting].ends, frozenset(units), 2)
        for (sitting, room), units in sorted(there.items())
    ]
    units = sorted({candidate.unit for candidate in made.candidates})
    watchers = [Watcher(f"w{number:03}", frozenset({units[number % len(units)]})) for number in range(WATCHERS)]
    watches = watch(duties, watchers, seed=1)
    loads = Counter(duty.watcher for duty in watches)
    again = len(watches) - len({(duty.watcher, duty.room) for duty in watches})
    return {"watches": f"{min(loads.values())}-{max(loads.values())} each, {again} in the same room again"}


def compare(people: int) -> dict[str, object]:
    """The same groups and halls by the flow, by the integer program of SCIP, and by CP-SAT."""
    made = problem(people)
    rooms = halls(made)
    alike = groups(made, rooms, seed=1)
    found: dict[str, object] = {"candidates": people, "groups": len(alike), "halls": len(rooms)}
    for name, solve in (("flow", by_flow), ("SCIP", by_program)):
        begun = time.process_time()
        counts, _ = solve(made, alike, rooms)
        found[name] = (round(time.process_time() - begun, 2), _travel(made, alike, counts))
    found["CP-SAT"] = _by_cp_sat(made, alike, rooms)
    return found


def _travel(made: Problem, alike: list, counts: list[dict[Place, int]]) -> int:  # type: ignore[type-arg]
    ways = zip(alike, counts, strict=True)
    return sum(count * made.cost(group.county, site) for group, chosen in ways for (_, site), count in chosen.items())


def _by_cp_sat(made: Problem, alike: list, rooms: list) -> tuple[float, int]:  # type: ignore[type-arg]
    """The travel alone, without the other goals: CP-SAT's easier task."""
    from ortools.sat.python import cp_model

    begun = time.process_time()
    model = cp_model.CpModel()
    going: list[list[object]] = [[] for _ in rooms]
    costs = []
    for number, group in enumerate(alike):
        heads = []
        for at, hall in enumerate(rooms):
            if group.needs <= hall.offers and (hall.sitting,) in group.programmes:
                head = model.new_int_var(0, min(hall.free, len(group.members)), f"{number}/{at}")
                heads.append(head)
                going[at].append(head)
                costs.append(head * made.cost(group.county, hall.site))
        model.add(sum(heads) == len(group.members))
    for hall, heads in zip(rooms, going, strict=True):
        model.add(sum(heads) <= hall.free)  # type: ignore[arg-type]
    model.minimize(sum(costs))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 60
    solver.solve(model)
    return round(time.process_time() - begun, 2), int(solver.objective_value)


CASES = [
    *(("one office", people) for people in (1_000, 2_000, 5_000)),
    ("by trade", 5_000),
    ("subjects apart", 5_000),
    ("everything", 5_000),
    *(("province", people) for people in (10_000, 20_000, 50_000, 100_000)),
]


def main() -> None:
    """Measure every case in a process of its own, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", nargs=2, metavar=("NAME", "PEOPLE"))
    parser.add_argument("--solvers", type=int, metavar="PEOPLE", help="compare flow, SCIP and CP-SAT instead")
    asked = parser.parse_args()
    if asked.solvers:
        click.echo(json.dumps(compare(asked.solvers)))
    elif asked.case:
        click.echo(json.dumps(measure(asked.case[0], int(asked.case[1]))))
    else:
        for case, people in CASES:
            command = [sys.executable, "-m", "bench.allocation", "--case", case, str(people)]
            click.echo(subprocess.run(command, check=True, capture_output=True, text=True).stdout, nl=False)


if __name__ == "__main__":
    main()
