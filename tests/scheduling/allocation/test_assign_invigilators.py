"""Invigilators rotate, and watch nobody of their own unit."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from core.scheduling.allocation.assign_invigilators import RoomDuty, TooFew, Watcher, watch
from tests.scheduling.allocation.problems import MORNING

UNITS = ["a", "b", "c", "d"]


def _duty(number: int, room: str, *units: str, wanted: int = 2) -> RoomDuty:
    starts = MORNING + timedelta(hours=2 * number)
    return RoomDuty(f"s{number}", room, starts, starts + timedelta(hours=1), frozenset(units), wanted)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nobody_watches_their_own_unit_or_is_in_two_rooms_at_once(data: st.DataObject) -> None:
    duties = [
        _duty(number, f"r{room}", *data.draw(st.sets(st.sampled_from(UNITS), max_size=2)))
        for number in range(3)
        for room in range(2)
    ]
    people = [Watcher(f"w{n}", frozenset(data.draw(st.sets(st.sampled_from(UNITS), max_size=1)))) for n in range(9)]
    try:
        found = watch(duties, people, seed=1)
    except TooFew:
        assert any(sum(not person.avoids & duty.units for person in people) < 4 for duty in duties)
        return
    assert watch(duties, people[::-1], seed=1) == found
    by_place = Counter((duty.sitting, duty.room) for duty in found)
    assert by_place == {(duty.sitting, duty.room): 2 for duty in duties}
    assert max(Counter((duty.sitting, duty.watcher) for duty in found).values()) == 1
    assert Counter((duty.sitting, duty.room) for duty in found if duty.chief) == dict.fromkeys(by_place, 1)
    units = {(duty.sitting, duty.room): duty.units for duty in duties}
    avoids = {person.key: person.avoids for person in people}
    assert not any(avoids[duty.watcher] & units[duty.sitting, duty.room] for duty in found)


def test_duties_go_round_and_so_do_rooms() -> None:
    duties = [_duty(number, room) for number in range(4) for room in ("r0", "r1")]
    found = watch(duties, [Watcher(f"w{n}") for n in range(4)], seed=1)
    assert set(Counter(duty.watcher for duty in found).values()) == {4}
    assert set(Counter((duty.watcher, duty.room) for duty in found).values()) == {2}


def test_too_few_are_counted() -> None:
    duties = [_duty(0, "r0", "a"), _duty(0, "r1", "b")]
    with pytest.raises(TooFew) as refused:
        watch(duties, [Watcher("w0", frozenset({"a"})), Watcher("w1", frozenset({"a"})), Watcher("w2")], seed=1)
    assert (refused.value.wanted, refused.value.missing) == (4, 1)
