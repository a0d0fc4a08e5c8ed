"""Groups to programmes of several sittings, as an integer program: each subject of a programme needs a seat.

The program counts heads only, like the flow. It is solved first for the number that can be seated, then, if everybody
can, for the least cost. SCIP is deterministic.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from core.scheduling.allocation.grouping import Group, Hall, Place, in_time
from core.scheduling.allocation.problem import Candidate, Infeasible, Problem, SeatNeed, Shortage
from core.scheduling.allocation.shortages import shortage

_CROWD, _AWAY = 1e5, 2e5
_GAP = 1e-4
_MILLISECONDS = 60_000


@dataclass(frozen=True, slots=True)
class _Way:
    """One way for a group to take its subjects: a programme at one site; ``heads`` is the solver's variable."""

    group: int
    place: Place
    heads: Any
    travel: int
    extra: float


def by_program(problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall]) -> tuple[list[dict[Place, int]], int]:
    """The number of each group at each place, and the least travel that was proved possible.

    Feasibility and travel are solved for groups that ignore trades and units. Where every trade fits into its home, no
    other programme is considered, which leaves one in dozens.
    """
    plain = _Program(problem, list(_plain(alike)), rooms)
    plain.seat_all()
    bound = plain.least_travel()
    counts = _Program(problem, alike, rooms, at_home=True).at_least_cost()
    if counts is None:
        counts = _Program(problem, alike, rooms).at_least_cost()
    if counts is None:
        raise ArithmeticError("the solver of programs seats nobody where it seated everybody")
    return counts, bound


def _plain(alike: Sequence[Group]) -> Iterator[Group]:
    gathered: dict[Group, list[Candidate]] = defaultdict(list)
    for group in alike:
        gathered[replace(group, unit="", home=None, members=())].extend(group.members)
    for group, members in gathered.items():
        yield replace(group, members=tuple(members))


class _Program:
    """The variables and constraints of one problem; with ``at_home`` every trade stays in its home."""

    def __init__(
        self, problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall], *, at_home: bool = False
    ) -> None:
        from ortools.linear_solver import pywraplp

        self._problem, self._alike, self._rooms, self._at_home = problem, alike, rooms, at_home
        self._solver = pywraplp.Solver.CreateSolver("SCIP")
        self._solver.SuppressOutput()
        self._solver.SetTimeLimit(_MILLISECONDS)
        self._parameters = pywraplp.MPSolverParameters()
        self._parameters.SetDoubleParam(pywraplp.MPSolverParameters.RELATIVE_MIP_GAP, _GAP)
        self._optimal = (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)
        self._crowded: list[Any] = []
        self._unseated = [self._solver.IntVar(0, len(group.members), "") for group in alike]
        self._ways = list(self._every_way())
        of_group: dict[int, list[Any]] = defaultdict(list)
        for way in self._ways:
            of_group[way.group].append(way.heads)
        for number, group in enumerate(alike):
            self._solver.Add(self._solver.Sum([*of_group[number], self._unseated[number]]) == len(group.members))
        self._hold_everybody()
        self._keep_units_apart()

    def seat_all(self) -> None:
        """Infeasible where not everybody can be seated."""
        self._minimise(self._solver.Sum(self._unseated))
        left = [round(left_over.solution_value()) for left_over in self._unseated]
        if any(left):
            raise Infeasible(self._short(left))

    def at_least_cost(self) -> list[dict[Place, int]] | None:
        """The number of each group at each place: units apart and trades together first, then travel and time.

        None where not everybody can be seated this way.
        """
        costs = [way.heads * (way.travel + way.extra) for way in self._ways]
        if not self._seats_all_at_least([*costs, *(beyond * _CROWD for beyond in self._crowded)]):
            return None
        counts: list[dict[Place, int]] = [defaultdict(int) for _ in self._alike]
        for way in self._ways:
            if heads := round(way.heads.solution_value()):
                counts[way.group][way.place] += heads
        return counts

    def least_travel(self) -> int:
        """The least travel that the solver proved possible without other goals."""
        if not self._seats_all_at_least([way.heads * way.travel for way in self._ways]):
            raise ArithmeticError("the solver of programs seats nobody where it seated everybody")
        return int(self._solver.Objective().BestBound() + 0.999)

    def _seats_all_at_least(self, costs: Sequence[Any]) -> bool:
        """Whether everybody can be seated; if so, solved for the least cost."""
        for left_over in self._unseated:
            left_over.SetUb(0)
        return self._minimise(self._solver.Sum(costs))

    def _minimise(self, what: Any) -> bool:
        self._solver.Minimize(what)
        status = self._solver.Solve(self._parameters)
        if status not in (*self._optimal, self._solver.INFEASIBLE):
            raise ArithmeticError(f"the solver of programs ended with status {status}")
        return status in self._optimal

    def _every_way(self) -> Iterator[_Way]:
        ranks = {sitting.key: rank for rank, sitting in enumerate(in_time(self._problem))}
        offers: dict[tuple[str, str], list[frozenset[SeatNeed]]] = defaultdict(list)
        for hall in self._rooms:
            if hall.free:
                offers[hall.sitting, hall.site].append(hall.offers)
        sites = sorted({hall.site for hall in self._rooms})
        for number, group in enumerate(self._alike):
            for way in [group.home] if self._at_home and group.home else group.programmes:
                for site in sites:
                    if all(any(group.needs <= met for met in offers[key, site]) for key in way):
                        away = _AWAY if group.home not in (None, way) else 0
                        yield _Way(
                            number,
                            (way, site),
                            self._solver.IntVar(0, len(group.members), ""),
                            self._problem.cost(group.county, site),
                            away + sum(ranks[key] for key in way) / 1000,
                        )

    def _hold_everybody(self) -> None:
        """No more people than seats, for every combination of needs: sufficient for a seat each by Hall's theorem."""
        here: dict[tuple[str, str], list[Hall]] = defaultdict(list)
        for hall in self._rooms:
            here[hall.sitting, hall.site].append(hall)
        going: dict[tuple[str, str], dict[frozenset[SeatNeed], list[_Way]]] = defaultdict(lambda: defaultdict(list))
        for way in self._ways:
            for key in way.place[0]:
                going[key, way.place[1]][self._alike[way.group].needs].append(way)
        for at, by_needs in going.items():
            ordered = sorted(by_needs, key=sorted)
            for size in range(1, len(ordered) + 1):
                for family in combinations(ordered, size):
                    seats = sum(hall.free for hall in here[at] if any(needs <= hall.offers for needs in family))
                    self._solver.Add(self._sum(way for needs in family for way in by_needs[needs]) <= seats)

    def _keep_units_apart(self) -> None:
        """One unit takes at most half of a sitting's seats at a site; each further one costs."""
        seats: dict[tuple[str, str], int] = defaultdict(int)
        for hall in self._rooms:
            seats[hall.sitting, hall.site] += hall.free
        of_units: dict[tuple[str, str, str], list[_Way]] = defaultdict(list)
        for way in self._ways:
            if unit := self._alike[way.group].unit:
                for key in way.place[0]:
                    of_units[unit, key, way.place[1]].append(way)
        for (_, key, site), ways in of_units.items():
            beyond = self._solver.NumVar(0, self._solver.infinity(), "")
            self._solver.Add(self._sum(iter(ways)) - beyond <= max(1, seats[key, site] // 2))
            self._crowded.append(beyond)

    def _sum(self, ways: Iterator[_Way]) -> Any:
        return self._solver.Sum([way.heads for way in ways])

    def _short(self, left: Sequence[int]) -> Iterator[Shortage]:
        """A shortage for each need: the people without a seat and the others with the same need."""
        alike: dict[frozenset[SeatNeed], list[int]] = defaultdict(list)
        for number, group in enumerate(self._alike):
            alike[group.needs].append(number)
        for needs, numbers in sorted(alike.items(), key=lambda item: sorted(item[0])):
            if missing := sum(left[number] for number in numbers):
                same = [self._alike[number] for number in numbers]
                open_to = {key for group in same for way in group.programmes for key in way}
                full = [room for room in self._rooms if room.sitting in open_to and needs <= room.offers]
                wanted = sum(len(group.members) for group in same)
                yield shortage(self._problem, same, full, available=wanted - missing)
