"""Groups of candidates that are decided together: one county, the same possible sittings and the same needs.

The solver counts heads and does not decide about single people. Only a unit that could crowd a sitting is a group of
its own.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from core.scheduling.allocation.problem import Candidate, Problem, SeatNeed, Sitting

Programme = tuple[str, ...]
"""Sittings, in order, in which a candidate takes every subject that they still lack, once."""

Place = tuple[Programme, str]
"""A programme at a site."""

SMALL = 10
"""Up to this number of people, a unit is never a crowd, no matter how small a room is."""


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates who are equal to the solver. ``unit`` is empty where units are too small to matter.

    ``home`` is the programme in which their trade is kept together, None where no sitting requires it.
    """

    county: str
    programmes: tuple[Programme, ...]
    needs: frozenset[SeatNeed]
    unit: str
    home: Programme | None
    members: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Hall:
    """The rooms of one sitting at one site that meet the same needs, taken together; ``free`` seats are left."""

    sitting: str
    site: str
    offers: frozenset[SeatNeed]
    free: int


def halls(problem: Problem) -> list[Hall]:
    """Every hall with its free seats, in the order of time."""
    taken = Counter((placement.sitting, placement.room) for placement in problem.taken)
    found: list[Hall] = []
    for sitting in in_time(problem):
        free: Counter[tuple[str, frozenset[SeatNeed]]] = Counter()
        for key in sitting.rooms:
            room = problem.room[key]
            left = room.usable(sitting.policy) - taken[sitting.key, key]
            free[room.site, problem.offers(sitting, room)] += max(0, left)
        ordered = sorted(free.items(), key=lambda item: (item[0][0], sorted(item[0][1])))
        found += [Hall(sitting.key, site, offers, left) for (site, offers), left in ordered]
    return found


def in_time(problem: Problem) -> list[Sitting]:
    """The sittings in the order in which they begin."""
    return sorted(problem.sittings, key=lambda sitting: (sitting.starts, sitting.key))


def groups(problem: Problem, rooms: Sequence[Hall], *, seed: int) -> list[Group]:
    """All candidates who still lack a subject, in groups; ``seed`` draws the order of their members."""
    possible = possibilities(problem)
    lacking = [(candidate, found) for candidate in problem.candidates if (found := possible(candidate)) != ((),)]
    homes = _homes(problem, lacking, rooms)
    crowds = _crowds(lacking, rooms)
    gathered: dict[Group, list[Candidate]] = defaultdict(list)
    for candidate, programmes in lacking:
        unit = candidate.unit if candidate.unit in crowds else ""
        home = homes.get((candidate.grade, candidate.trade))
        kept_together = home if home in programmes else None
        gathered[Group(candidate.county, programmes, candidate.room_needs, unit, kept_together)].append(candidate)
    return list(_drawn(gathered, seed))


def _drawn(gathered: Mapping[Group, list[Candidate]], seed: int) -> Iterator[Group]:
    ordered = sorted(
        gathered, key=lambda group: (group.county, group.unit, group.programmes, sorted(group.needs), group.home or ())
    )
    for number, group in enumerate(ordered):
        members = sorted(gathered[group], key=lambda candidate: candidate.key)
        random.Random(f"{seed}/group/{number}").shuffle(members)  # noqa: S311 - a draw to be repeated, no secret
        yield replace(group, members=tuple(members))


def possibilities(problem: Problem) -> Callable[[Candidate], tuple[Programme, ...]]:
    """A function from a candidate to their possible programmes; only the empty programme where they lack nothing."""
    kept: dict[str, list[str]] = defaultdict(list)
    for placement in problem.taken:
        kept[placement.candidate].append(placement.sitting)

    @cache
    def found(grade: int, trade: str, sat: tuple[str, ...]) -> tuple[Programme, ...]:
        mine = [problem.sitting[key] for key in sat]
        lacks = problem.subjects[grade].difference(*(sitting.subjects for sitting in mine))
        coming = [sitting for sitting in in_time(problem) if not sitting.closed]
        fitting = [sitting for sitting in coming if sitting.admits(grade, trade) and sitting.subjects <= lacks]
        free = [sitting for sitting in fitting if not any(sitting.overlaps(other) for other in mine)]
        return tuple(_covers(lacks, free))

    return lambda candidate: found(candidate.grade, candidate.trade, tuple(sorted(kept[candidate.key])))


def _covers(lacks: frozenset[str], sittings: Sequence[Sitting]) -> Iterator[Programme]:
    """Every programme that takes each subject exactly once in sittings that do not overlap."""
    if not lacks:
        yield ()
        return
    first = min(lacks)
    for sitting in sittings:
        if first in sitting.subjects:
            rest = [
                other for other in sittings if not other.subjects & sitting.subjects and not other.overlaps(sitting)
            ]
            for more in _covers(lacks - sitting.subjects, rest):
                yield (sitting.key, *more)


def _homes(
    problem: Problem, lacking: Sequence[tuple[Candidate, tuple[Programme, ...]]], rooms: Sequence[Hall]
) -> dict[tuple[int, str], Programme]:
    """The home of each trade: the largest trade first, each in the earliest programme that still holds it."""
    sizes = Counter((candidate.grade, candidate.trade) for candidate, _ in lacking)
    offered = {(candidate.grade, candidate.trade): programmes for candidate, programmes in lacking}
    free: Counter[str] = Counter()
    for hall in rooms:
        free[hall.sitting] += hall.free
    homes: dict[tuple[int, str], Programme] = {}
    for trade, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        asked = [programme for programme in offered[trade] if any(problem.sitting[key].by_trade for key in programme)]
        # A trade that fits nowhere gets the programme with the most seats; the solver splits it as little as possible.
        ordered = sorted(asked, key=lambda programme: -min(size, *(free[key] for key in programme)))
        for home in ordered[:1]:
            homes[trade] = home
            for key in home:
                free[key] -= min(size, free[key])
    return homes


def _crowds(lacking: Sequence[tuple[Candidate, tuple[Programme, ...]]], rooms: Sequence[Hall]) -> frozenset[str]:
    """The units that could fill more than half of a hall."""
    sizes = Counter(candidate.unit for candidate, _ in lacking)
    most = max(SMALL, min((hall.free for hall in rooms if hall.free), default=0) // 2)
    return frozenset(unit for unit, size in sizes.items() if size > most)
