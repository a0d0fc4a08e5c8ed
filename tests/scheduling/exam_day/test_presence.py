"""Presence by the door lists, subject by subject, and when a missing note counts as absence."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from core.scheduling.exam_day.presence import (
    SENT_LATE,
    DoorNote,
    Presence,
    closes_by_itself,
    never_kept,
    presences,
    without_arrival,
)
from tests.scheduling.conftest import NOON

WHO = UUID(int=1)
LATER = NOON + timedelta(hours=1)
FOR_GOOD = NOON + SENT_LATE + timedelta(seconds=1)

notes = st.lists(
    st.builds(
        DoorNote,
        application_id=st.integers(1, 6).map(lambda number: UUID(int=number)),
        sitting_id=st.integers(1, 2).map(lambda number: UUID(int=number)),
        room_id=st.integers(1, 3).map(lambda number: UUID(int=number)),
        subjects=st.sampled_from([("岗位技能",), ("岗位技能", "职业道德")]),
        ends_at=st.sampled_from([NOON, NOON + timedelta(days=1)]),
        state=st.sampled_from(["", "present", "absent"]),
    ),
    max_size=20,
    unique_by=lambda note: (note.application_id, note.sitting_id),
)


def note(state: str, who: int = 1, sitting: int = 1, room: int = 1) -> DoorNote:
    return DoorNote(UUID(int=who), UUID(int=sitting), UUID(int=room), ("岗位技能",), NOON, state)


@pytest.mark.parametrize(
    ("states", "found"),
    [
        (["present"], Presence.PRESENT),
        (["absent"], Presence.ABSENT),
        ([""], Presence.UNKNOWN),
        (["absent", "present"], Presence.PRESENT),
        (["present", ""], Presence.PRESENT),
        (["absent", "absent"], Presence.ABSENT),
        (["absent", ""], Presence.UNKNOWN),
    ],
)
def test_a_candidate_is_present_who_came_to_any_sitting_of_a_subject(states: list[str], found: Presence) -> None:
    listed = [note(state, sitting=number) for number, state in enumerate(states)]
    assert presences(listed, now=LATER) == {(WHO, "岗位技能"): found}


def test_nobody_is_absent_before_the_sitting_is_over() -> None:
    assert presences([note("absent")], now=NOON - timedelta(seconds=1)) == {(WHO, "岗位技能"): Presence.UNKNOWN}
    assert presences([note("absent")], now=NOON) == {(WHO, "岗位技能"): Presence.ABSENT}


def test_a_kept_list_closes_by_itself_and_an_unkept_one_does_not() -> None:
    kept, unkept = [note("present"), note("", who=2)], [note("", who=3, room=2), note("", who=4, room=2)]
    assert closes_by_itself([*kept, *unkept], now=NOON + SENT_LATE) == ()
    assert closes_by_itself([*kept, *unkept], now=FOR_GOOD) == (kept[1],)


@given(notes)
def test_silence_makes_nobody_absent_where_nobody_at_all_was_noted(listed: list[DoorNote]) -> None:
    assert never_kept(listed) <= without_arrival(listed)
    closing = closes_by_itself(listed, now=FOR_GOOD + timedelta(days=9))
    assert {note.room for note in closing} & without_arrival(listed) == set()
    assert {note.state for note in closing} <= {""}


@given(notes, st.randoms())
def test_the_order_of_notes_makes_no_difference_and_an_arrival_always_counts(
    listed: list[DoorNote], random: Random
) -> None:
    found = presences(listed, now=FOR_GOOD)
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert presences(shuffled, now=FOR_GOOD) == found
    came = {(note.application_id, subject) for note in listed if note.state == "present" for subject in note.subjects}
    assert {key for key, said in found.items() if said is Presence.PRESENT} == came
