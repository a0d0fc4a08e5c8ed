"""Re-planning moves the candidates who must move, and nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings, strategies as st

from core.scheduling.allocation.allocate import allocate
from core.scheduling.allocation.problem import Allocation, Candidate, Infeasible, Problem, SeatNeed
from core.scheduling.allocation.replanning import replan, standing
from tests.scheduling.allocation.problems import ALL, faults, plain_room, problems, sitting


def _allocated(problem: Problem) -> Allocation:
    try:
        return allocate(problem, seed=3)
    except Infeasible:
        assume(False)
        raise


@st.composite
def changed(draw: st.DrawFn, problem: Problem) -> Problem:
    """The problem after a site was closed, a sitting moved, or a candidate withdrew or was granted a need."""
    what = draw(st.sampled_from(["site", "sitting", "gone", "need"]))
    if what == "site":
        site = draw(st.sampled_from(sorted({room.site for room in problem.rooms})))
        left = [
            replace(sitting, rooms=tuple(key for key in sitting.rooms if problem.room[key].site != site))
            for sitting in problem.sittings
        ]
        return replace(problem, sittings=tuple(left))
    if what == "sitting":
        moved, by = draw(st.sampled_from(problem.sittings)), timedelta(hours=draw(st.integers(-3, 3)))
        later = replace(moved, starts=moved.starts + by, ends=moved.ends + by)
        return replace(problem, sittings=tuple(later if sitting is moved else sitting for sitting in problem.sittings))
    assume(problem.candidates)
    who = draw(st.sampled_from(problem.candidates))
    others = tuple(candidate for candidate in problem.candidates if candidate is not who)
    if what == "gone":
        return replace(problem, candidates=others)
    return replace(problem, candidates=(*others, replace(who, needs=frozenset({SeatNeed.ACCESSIBLE}))))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_replanning_keeps_every_seat_that_holds_and_seats_the_rest(data: st.DataObject) -> None:
    problem = data.draw(problems())
    before = _allocated(problem).placements
    after = data.draw(changed(problem))
    try:
        found = replan(after, before, seed=5)
    except Infeasible:
        return
    assert faults(after, found.allocation.placements) == []
    broken = {placement.candidate for placement in before} - {
        key for key in after.candidate if not faults(*_alone(after, key, before))
    }
    assert {change.candidate for change in found.changes} == broken
    untouched = {placement for placement in before if placement.candidate not in broken}
    assert untouched <= set(found.allocation.placements)


def _alone(problem: Problem, key: str, before: tuple) -> tuple[Problem, tuple]:  # type: ignore[type-arg]
    """One candidate of a problem alone, with the seats that they had."""
    mine = tuple(placement for placement in before if placement.candidate == key)
    return replace(problem, candidates=(problem.candidate[key],)), mine


@settings(max_examples=60, deadline=None)
@given(problems())
def test_where_nothing_changed_nothing_moves(problem: Problem) -> None:
    before = _allocated(problem)
    found = replan(problem, before.placements, seed=99)
    assert found.changes == ()
    assert found.allocation.placements == before.placements


def _two_sites() -> Problem:
    rooms = (plain_room("north", "n", 30, 6), plain_room("south", "s", 30, 6), plain_room("spare", "s", 30, 6))
    held = sitting("s0", 0, ("north", "south", "spare"))
    people = tuple(Candidate(f"c{n:02}", "county", f"u{n % 7}", 5, "t") for n in range(50))
    return Problem(people, rooms, (held,), {5: ALL}, {("county", "n"): 1, ("county", "s"): 9})


def test_a_site_that_drops_out_moves_its_own_people_alone() -> None:
    problem = _two_sites()
    before = allocate(problem, seed=1).placements
    lost = {placement.candidate for placement in before if placement.room == "north"}
    without = replace(problem, sittings=(replace(problem.sittings[0], rooms=("south", "spare")),))
    found = replan(without, before, seed=2)
    assert {change.candidate for change in found.changes} == lost
    assert all(len(change.before) == len(change.after) == 1 for change in found.changes)


def test_people_who_could_only_sit_if_others_moved_are_reported_as_short() -> None:
    problem = _two_sites()
    before = allocate(problem, seed=1).placements
    without = replace(problem, sittings=(replace(problem.sittings[0], rooms=("south",)),))
    with pytest.raises(Infeasible) as refused:
        replan(without, before, seed=2)
    [short] = refused.value.shortages
    assert (short.wanted, short.available, short.sites) == (30, 10, ("s",))


def test_of_two_sittings_that_come_to_overlap_only_one_is_given_up() -> None:
    skill, rest = frozenset({"skill"}), frozenset({"ethics", "ability"})
    first = sitting("first", 0, ("r1",), subjects=skill)
    second = sitting("second", 2, ("r1",), subjects=rest)
    third = sitting("third", 5, ("r2",), subjects=rest)
    people = tuple(Candidate(f"c{n}", "county", f"u{n}", 5, "t") for n in range(5))
    problem = Problem(
        people, (plain_room("r1", "n", 9, 3), plain_room("r2", "n", 9, 3)), (first, second, third), {5: ALL}
    )
    before = allocate(problem, seed=1).placements
    assert {placement.sitting for placement in before} == {"first", "second"}
    moved = replace(second, starts=first.starts, ends=first.ends)
    after = replace(problem, sittings=(first, moved, third))
    assert {placement.sitting for placement in standing(after, before)} == {"first"}
    assert {placement.sitting for placement in replan(after, before, seed=1).allocation.placements} == {
        "first",
        "third",
    }
