"""Where a table of marks and the door lists contradict each other, and who is absent by the list alone."""

from uuid import UUID

from hypothesis import given, strategies as st

from core.plugin_api import MarkStatus
from core.results.marks.contradictions import Contradiction, Differs, absent_by_the_list, contradictions
from core.scheduling.exam_day.presence import DoorNote, Presence, presences
from tests.scheduling.conftest import NOON

SUBJECTS = ("岗位技能", "职业道德")
SCORED, ABSENT = MarkStatus.SCORED, MarkStatus.ABSENT


def note(who: int, state: str, room: int = 1) -> DoorNote:
    return DoorNote(UUID(int=who), UUID(int=9), UUID(int=room), SUBJECTS, NOON, state)


def said(table: dict[tuple[int, str], MarkStatus], *notes: DoorNote) -> list[tuple[int, str, Contradiction]]:
    read = {(UUID(int=who), subject): status for (who, subject), status in table.items()}
    found = contradictions(read, set(), notes, presences(notes, now=NOON))
    return [(difference.application_id.int, difference.subject, difference.how) for difference in found]


def test_a_mark_of_an_absent_and_an_absence_of_a_present_candidate_are_named() -> None:
    table = {(1, SUBJECTS[0]): SCORED, (2, SUBJECTS[0]): ABSENT, (3, SUBJECTS[0]): MarkStatus.VIOLATION}
    assert said(table, note(1, "absent"), note(2, "present"), note(3, "absent")) == [
        (1, SUBJECTS[0], Contradiction.MARK_OF_ABSENT),
        (2, SUBJECTS[0], Contradiction.ABSENT_THOUGH_NOTED),
        (3, SUBJECTS[0], Contradiction.MARK_OF_ABSENT),
    ]


def test_a_table_that_agrees_or_has_unlisted_people_contradicts_nothing() -> None:
    table = {(1, SUBJECTS[0]): ABSENT, (2, SUBJECTS[0]): SCORED, (3, SUBJECTS[0]): SCORED, (4, SUBJECTS[0]): ABSENT}
    assert said(table, note(1, "absent"), note(2, "present"), note(3, ""), note(4, "", room=2)) == []


def test_a_present_candidate_is_missed_in_the_subject_and_room_of_the_table() -> None:
    table = {(1, SUBJECTS[0]): SCORED}
    in_room, elsewhere = note(2, "present"), note(3, "present", room=2)
    assert said(table, note(1, "present"), in_room, elsewhere, note(4, "absent"), note(5, "")) == [
        (2, SUBJECTS[0], Contradiction.MISSING)
    ]


def test_a_candidate_with_a_mark_from_another_table_is_not_missed() -> None:
    notes = [note(1, "present"), note(2, "present")]
    standing = {(UUID(int=2), SUBJECTS[0])}
    read = {(UUID(int=1), SUBJECTS[0]): SCORED}
    assert contradictions(read, standing, notes, presences(notes, now=NOON)) == ()


people = st.integers(1, 5).map(lambda number: UUID(int=number))
keys = st.tuples(people, st.sampled_from(SUBJECTS))
notes_of_all = st.lists(
    st.builds(
        DoorNote,
        people,
        st.just(UUID(int=9)),
        people,
        st.just(SUBJECTS),
        st.just(NOON),
        st.sampled_from(["", "present", "absent"]),
    ),
    max_size=5,
    unique_by=lambda note: note.application_id,
)


@given(st.dictionaries(keys, st.sampled_from(list(MarkStatus))), st.sets(keys), notes_of_all)
def test_no_contradiction_passes_and_nothing_else_is_named(
    table: dict[tuple[UUID, str], MarkStatus], standing: set[tuple[UUID, str]], notes: list[DoorNote]
) -> None:
    present = presences(notes, now=NOON)
    found = {
        (contradiction.application_id, contradiction.subject): contradiction
        for contradiction in contradictions(table, standing, notes, present)
    }
    for key, status in table.items():
        noted = present.get(key, Presence.UNKNOWN)
        differs = noted is not Presence.UNKNOWN and (noted is Presence.ABSENT) != (status is ABSENT)
        assert (key in found) == differs
    for key in found.keys() - table.keys():
        assert present[key] is Presence.PRESENT
        assert key not in standing
        assert found[key] == Differs(*key, Contradiction.MISSING)


@given(st.dictionaries(people, st.just(SUBJECTS)), st.sets(keys), notes_of_all)
def test_exactly_the_noted_candidates_without_a_mark_are_absent_by_the_list(
    examined: dict[UUID, tuple[str, ...]], standing: set[tuple[UUID, str]], notes: list[DoorNote]
) -> None:
    present = presences(notes, now=NOON)
    absent = absent_by_the_list(examined, standing, present)
    noted = {key for key, said in present.items() if said is Presence.ABSENT and key[0] in examined}
    assert absent == noted - standing
