"""Shortages where not everybody can be seated, with their proof: more people than seats open to them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from core.scheduling.allocation.grouping import Group, Hall
from core.scheduling.allocation.problem import Problem, Shortage


def nowhere(problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall]) -> list[Shortage]:
    """A shortage for each need and grade of the groups that fit no sitting, or no room in one."""
    offers: dict[str, set[frozenset[str]]] = defaultdict(set)
    for hall in rooms:
        offers[hall.sitting].add(frozenset(hall.offers))
    lost: dict[tuple[tuple[str, ...], int], list[Group]] = defaultdict(list)
    for group in alike:
        if not any(all(any(group.needs <= met for met in offers[key]) for key in way) for way in group.programmes):
            lost[tuple(sorted(group.needs)), group.members[0].grade].append(group)
    return [shortage(problem, same, [], available=0) for _, same in sorted(lost.items())]


def proved(
    problem: Problem, alike: Sequence[Group], rooms: Sequence[Hall], moved: Iterable[tuple[int, int, int]]
) -> list[Shortage]:
    """The shortages by a maximum flow (``moved``: from group, to hall numbered behind the groups, how many).

    The search starts at groups with unseated people and follows the seats that they could take: all halls reached are
    full, and the people in them have no other hall. So these groups together need more than these halls hold.
    """
    open_to: dict[int, set[int]] = defaultdict(set)
    sits_in: dict[int, set[int]] = defaultdict(set)
    placed: Counter[int] = Counter()
    for tail, head, used in moved:
        if tail < len(alike):
            open_to[tail].add(head - len(alike))
            placed[tail] += used
            if used:
                sits_in[head - len(alike)].add(tail)
    found: list[tuple[set[int], set[int]]] = []
    for start, group in enumerate(alike):
        if placed[start] < len(group.members) and not any(start in reached for reached, _ in found):
            found = _joined(found, _reached(start, open_to, sits_in))
    return [
        shortage(
            problem,
            [alike[number] for number in sorted(reached)],
            [rooms[number] for number in full],
            available=sum(rooms[number].free for number in full),
        )
        for reached, full in found
    ]


def _reached(start: int, open_to: dict[int, set[int]], sits_in: dict[int, set[int]]) -> tuple[set[int], set[int]]:
    reached, full, waiting = {start}, set[int](), [start]
    while waiting:
        for number in open_to[waiting.pop()] - full:
            full.add(number)
            more = sits_in[number] - reached
            reached |= more
            waiting += more
    return reached, full


def _joined(found: list[tuple[set[int], set[int]]], new: tuple[set[int], set[int]]) -> list[tuple[set[int], set[int]]]:
    """Groups that share a hall are one shortage, or its seats would count twice."""
    apart = [pair for pair in found if not pair[1] & new[1]]
    together = [pair for pair in found if pair[1] & new[1]]
    return [*apart, (new[0].union(*(groups for groups, _ in together)), new[1].union(*(full for _, full in together)))]


def shortage(problem: Problem, short: Sequence[Group], full: Sequence[Hall], *, available: int) -> Shortage:
    """The shortage of these groups, to whom these halls with ``available`` seats are open."""
    members = [member for group in short for member in group.members]
    trades = {member.trade for member in members}
    return Shortage(
        wanted=len(members),
        available=available,
        grades=tuple(sorted({member.grade for member in members})),
        trades=tuple(sorted(trades))
        if len(trades) < len({candidate.trade for candidate in problem.candidates})
        else (),
        needs=tuple(sorted(frozenset.intersection(*(group.needs for group in short)))),
        sittings=tuple(sorted({hall.sitting for hall in full})),
        sites=tuple(sorted({hall.site for hall in full})),
    )
