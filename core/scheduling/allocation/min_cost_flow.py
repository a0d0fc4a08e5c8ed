"""Groups to halls as a flow of least cost: exact, and about a second for a hundred thousand candidates."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.scheduling.allocation.grouping import Group, Hall, Place, in_time
from core.scheduling.allocation.problem import Infeasible, Problem
from core.scheduling.allocation.shortages import proved

_LARGEST = 1 << 61
"""The solver multiplies a cost by the number of nodes; this leaves it room in 64 bits."""


@dataclass
class _Flow:
    """Arcs as columns: tail, head, capacity, cost."""

    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    room: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)

    def arc(self, tail: int, head: int, *, room: int, cost: int) -> None:
        """Add an arc."""
        self.tails.append(tail)
        self.heads.append(head)
        self.room.append(room)
        self.costs.append(cost)


def by_flow(problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall]) -> tuple[list[dict[Place, int]], int]:
    """The number of each group at each place, and the least travel possible without other goals."""
    counts, _ = _solved(problem, alike, rooms, relaxed=False)
    _, bound = _solved(problem, alike, rooms, relaxed=True)
    return counts, bound


def _solved(
    problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall], *, relaxed: bool
) -> tuple[list[dict[Place, int]], int]:
    import numpy
    from ortools.graph.python import min_cost_flow

    flow, people = _network(problem, alike, rooms, relaxed=relaxed), sum(len(group.members) for group in alike)
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        *(numpy.array(column, dtype=numpy.int64) for column in (flow.tails, flow.heads, flow.room, flow.costs))
    )
    for node, group in enumerate(alike):
        solver.set_node_supply(node, len(group.members))
    solver.set_node_supply(len(alike) + len(rooms), -people)
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise ArithmeticError(f"the solver of flows ended with status {status}")
    moved = solver.flows(arcs).tolist()
    if solver.maximum_flow() < people:
        raise Infeasible(proved(problem, alike, rooms, zip(flow.tails, flow.heads, moved, strict=True)))
    counts: list[dict[Place, int]] = [defaultdict(int) for _ in alike]
    travel = 0
    for tail, head, used in zip(flow.tails, flow.heads, moved, strict=True):
        if used and tail < len(alike):
            hall = rooms[head - len(alike)]
            counts[tail][(hall.sitting,), hall.site] += used
            travel += used * problem.cost(alike[tail].county, hall.site)
    return counts, travel


def _network(problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall], *, relaxed: bool) -> _Flow:
    """Groups, halls, and one sink behind them."""
    people = sum(len(group.members) for group in alike)
    ranks = {sitting.key: rank for rank, sitting in enumerate(in_time(problem))}
    sites = {hall.site for hall in rooms}
    travel = max(
        (problem.cost(county, site) for county in {group.county for group in alike} for site in sites), default=0
    )
    crowd, step = weights(people, travel=travel, rank=len(ranks), nodes=len(alike) + len(rooms) + 2)
    by_sitting: dict[str, list[int]] = defaultdict(list)
    for number, hall in enumerate(rooms):
        by_sitting[hall.sitting].append(number)
    shared = Counter(group.unit for group in alike)
    flow, sink = _Flow(), len(alike) + len(rooms)
    for node, group in enumerate(alike):
        for programme in group.programmes:
            away = 2 * crowd if group.home is not None and programme != group.home and not relaxed else 0
            for number in by_sitting[programme[0]]:
                hall = rooms[number]
                if not hall.free or not group.needs <= hall.offers:
                    continue
                cost = problem.cost(group.county, hall.site) * step + (0 if relaxed else ranks[hall.sitting]) + away
                within = len(group.members)
                if group.unit and not relaxed:
                    within = min(within, max(1, hall.free // 2 // shared[group.unit]))
                flow.arc(node, len(alike) + number, room=within, cost=cost)
                if within < len(group.members):
                    flow.arc(node, len(alike) + number, room=len(group.members) - within, cost=cost + crowd)
    for number, hall in enumerate(rooms):
        flow.arc(len(alike) + number, sink, room=hall.free, cost=0)
    return flow


def weights(people: int, *, travel: int, rank: int, nodes: int) -> tuple[int, int]:
    """The weights of one crowded seat and of one step of travel against all lower goals.

    Strict, so that no saving in a lower goal outweighs them, as far as 64 bits allow; else at least for each person.
    """
    step = people * rank + 1
    crowd = people * travel * step + people * rank + 1
    if 4 * crowd * nodes < _LARGEST:
        return crowd, step
    step = rank + 1
    return min((travel + 1) * step * 100, _LARGEST // nodes // 4), step
