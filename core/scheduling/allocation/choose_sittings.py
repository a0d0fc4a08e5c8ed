"""Step one of an allocation: sittings and a site for every candidate, decided for groups by a solver.

Where one sitting has all subjects, the problem is a flow of least cost, solved exactly. Where subjects are spread over
several sittings, one person needs a seat in each, which a flow cannot express: then it is an integer program.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.scheduling.allocation.grouping import Group, Place, groups, halls
from core.scheduling.allocation.integer_program import by_program
from core.scheduling.allocation.min_cost_flow import by_flow
from core.scheduling.allocation.problem import Infeasible, Problem
from core.scheduling.allocation.shortages import nowhere


@dataclass(frozen=True, slots=True)
class Assignment:
    """Candidate → their sittings and site; ``bound`` is the least travel proved possible."""

    places: Mapping[str, Place]
    bound: int


def assign(problem: Problem, *, seed: int) -> Assignment:
    """Sittings and a site for every candidate who lacks a subject; Infeasible, with the shortages."""
    rooms = halls(problem)
    alike = groups(problem, rooms, seed=seed)
    if not alike:
        return Assignment({}, 0)
    if short := nowhere(problem, alike, rooms):
        raise Infeasible(short)
    single = all(len(programme) == 1 for group in alike for programme in group.programmes)
    counts, bound = (by_flow if single else by_program)(problem, alike, rooms)
    return Assignment(dict(_places(alike, counts)), bound)


def _places(alike: Sequence[Group], counts: Sequence[Mapping[Place, int]]) -> Iterator[tuple[str, Place]]:
    for group, chosen in zip(alike, counts, strict=True):
        members = iter(group.members)
        for place, count in sorted(chosen.items()):
            for _ in range(count):
                yield next(members).key, place
