"""Re-planning after a change: a site was closed, a sitting moved, a candidate was granted an accommodation.

Only seats that cannot stay are given up, and nobody else is moved, even where the result would be better: a candidate
who has printed a ticket must be able to rely on it. So the fewest possible seats change.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from core.scheduling.allocation.allocate import allocate
from core.scheduling.allocation.grouping import possibilities
from core.scheduling.allocation.problem import Allocation, Placement, Problem


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one candidate's seats: seats given up, and seats given instead."""

    candidate: str
    before: tuple[Placement, ...]
    after: tuple[Placement, ...]


@dataclass(frozen=True, slots=True)
class Replanned:
    """The new allocation, and the changes of seats, ordered by candidate."""

    allocation: Allocation
    changes: tuple[Change, ...]


def replan(
    problem: Problem, before: Sequence[Placement], *, seed: int, tell: Callable[[str], object] = str
) -> Replanned:
    """Keep every seat of ``before`` that still holds in ``problem``, and seat the other candidates.

    ``problem`` describes the current state; its ``taken`` is ignored. Infeasible where the remaining seats do not
    suffice.
    """
    allocation = allocate(replace(problem, taken=tuple(standing(problem, before))), seed=seed, tell=tell)
    return Replanned(allocation, changes(before, allocation.placements))


def standing(problem: Problem, before: Iterable[Placement]) -> list[Placement]:
    """The seats that can stay as they are.

    Of two sittings of one person that now overlap the earlier one stays, unless no other sitting remains for the
    subjects of the later one: then both are given up.
    """
    mine: dict[str, list[Placement]] = defaultdict(list)
    for placement in sorted(before):
        if holds(problem, placement):
            mine[placement.candidate].append(placement)
    kept = {key: _without_overlaps(problem, seats) for key, seats in mine.items()}
    possible = possibilities(replace(problem, taken=tuple(seat for seats in kept.values() for seat in seats)))
    return [seat for key, seats in kept.items() if possible(problem.candidate[key]) for seat in seats]


def changes(before: Iterable[Placement], after: Iterable[Placement]) -> tuple[Change, ...]:
    """The changes of seats between two plans."""
    old, new = set(before), set(after)
    gone: dict[str, list[Placement]] = defaultdict(list)
    come: dict[str, list[Placement]] = defaultdict(list)
    for placement in sorted(old - new):
        gone[placement.candidate].append(placement)
    for placement in sorted(new - old):
        come[placement.candidate].append(placement)
    return tuple(Change(key, tuple(gone[key]), tuple(come[key])) for key in sorted({*gone, *come}))


def holds(problem: Problem, placement: Placement) -> bool:
    """Whether a seat still exists and fits its candidate, regardless of other candidates."""
    sitting, who, room = (
        problem.sitting.get(placement.sitting),
        problem.candidate.get(placement.candidate),
        problem.room.get(placement.room),
    )
    if sitting is None or who is None or room is None or placement.room not in sitting.rooms:
        return False
    fits = who.room_needs <= problem.offers(sitting, room) and sitting.admits(who.grade, who.trade)
    return fits and placement.seat <= room.usable(sitting.policy)


def _without_overlaps(problem: Problem, seats: Iterable[Placement]) -> list[Placement]:
    kept: list[Placement] = []
    for seat in sorted(seats, key=lambda placement: (problem.sitting[placement.sitting].starts, placement)):
        sitting = problem.sitting[seat.sitting]
        others = [problem.sitting[other.sitting] for other in kept]
        if not any(sitting.overlaps(other) or sitting.subjects & other.subjects for other in others):
            kept.append(seat)
    return kept
