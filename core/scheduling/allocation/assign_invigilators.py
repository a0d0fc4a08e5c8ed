"""The assignment of invigilators to rooms: none to their own unit, equal numbers of duties, changing rooms.

Sittings that overlap are decided together, by a flow of least cost: nobody can be in two of them.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RoomDuty:
    """One room of one sitting: the units that sit there, and the number of invigilators ``wanted``."""

    sitting: str
    room: str
    starts: datetime
    ends: datetime
    units: frozenset[str]
    wanted: int


@dataclass(frozen=True, slots=True)
class Watcher:
    """A person who may invigilate; ``avoids`` are units, their own included, whose candidates they must not watch."""

    key: str
    avoids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Watch:
    """An assigned duty; each room has one ``chief``."""

    sitting: str
    room: str
    watcher: str
    chief: bool


class TooFew(Exception):
    """Invigilators are short: ``missing`` of ``wanted`` in sittings that begin at ``starts``."""

    def __init__(self, starts: datetime, *, wanted: int, missing: int) -> None:
        self.starts, self.wanted, self.missing = starts, wanted, missing
        super().__init__(f"{missing} of {wanted} are missing")


def watch(duties: Sequence[RoomDuty], watchers: Sequence[Watcher], *, seed: int) -> list[Watch]:
    """Invigilators for every duty; TooFew where they are short. The same seed gives the same answer.

    Invigilators with the fewest duties come first, then those who have not been in that room.
    """
    load: Counter[str] = Counter()
    been: Counter[tuple[str, str]] = Counter()
    draw = random.Random(f"{seed}/invigilation")  # noqa: S311 - a draw to be repeated, no secret
    order = sorted(watchers, key=lambda watcher: watcher.key)
    draw.shuffle(order)
    found: list[Watch] = []
    for together in _at_a_time(duties):
        for duty, chosen in _assigned(together, order, load, been):
            chosen.sort(key=lambda watcher: (load[watcher.key], watcher.key))
            for number, watcher in enumerate(chosen):
                found.append(Watch(duty.sitting, duty.room, watcher.key, chief=number == 0))
                load[watcher.key] += 1
                been[watcher.key, duty.room] += 1
    return sorted(found)


def _at_a_time(duties: Sequence[RoomDuty]) -> Iterator[list[RoomDuty]]:
    """Runs of overlapping duties, in the order of time."""
    run: list[RoomDuty] = []
    for duty in sorted(duties, key=lambda duty: (duty.starts, duty.sitting, duty.room)):
        if run and duty.starts >= max(other.ends for other in run):
            yield run
            run = []
        run.append(duty)
    if run:
        yield run


def _assigned(
    duties: Sequence[RoomDuty], watchers: Sequence[Watcher], load: Counter[str], been: Counter[tuple[str, str]]
) -> list[tuple[RoomDuty, list[Watcher]]]:
    from ortools.graph.python import min_cost_flow

    solver = min_cost_flow.SimpleMinCostFlow()
    arcs: list[tuple[int, int]] = []
    for at, duty in enumerate(duties):
        solver.set_node_supply(len(watchers) + at, -duty.wanted)
        for number, watcher in enumerate(watchers):
            if not watcher.avoids & duty.units:
                cost = load[watcher.key] * (len(duties) + 1) + been[watcher.key, duty.room]
                solver.add_arc_with_capacity_and_unit_cost(number, len(watchers) + at, 1, cost)
                arcs.append((number, at))
    for number in range(len(watchers)):
        solver.set_node_supply(number, 1)
    solver.solve_max_flow_with_min_cost()
    wanted = sum(duty.wanted for duty in duties)
    if solver.maximum_flow() < wanted:
        raise TooFew(duties[0].starts, wanted=wanted, missing=wanted - solver.maximum_flow())
    chosen: list[list[Watcher]] = [[] for _ in duties]
    for arc, (number, at) in enumerate(arcs):
        if solver.flow(arc):
            chosen[at].append(watchers[number])
    return list(zip(duties, chosen, strict=True))
