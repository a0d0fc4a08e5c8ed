"""Pure: where a table of marks and the door lists contradict each other, and who is absent by the list alone.

A list may be wrong, and so may a table: neither wins by itself. Each difference is named, and the person who confirms
the table settles it with a reason for each candidate.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from core.plugin_api import MarkStatus
from core.scheduling.exam_day.presence import DoorNote, Presence, Room
from core.text.labels import Labelled

Key = tuple[UUID, str]
"""A candidate's application and a subject."""


class Contradiction(Labelled):
    """How a table and the door list differ about a candidate in a subject."""

    MARK_OF_ABSENT = "mark_of_absent", "入场登记为缺考，表中却有成绩或处理"
    ABSENT_THOUGH_NOTED = "absent_though_noted", "已登记到场，表中却为缺考"
    MISSING = "missing", "已登记到场，同考场其他考生有成绩，表中却没有该考生"


CONTRADICTION_LABELS: Mapping[Contradiction, str] = {how: how.label for how in Contradiction}


@dataclass(frozen=True, slots=True)
class Differs:
    """One candidate and subject about which table and door list differ."""

    application_id: UUID
    subject: str
    how: Contradiction


def contradictions(
    table: Mapping[Key, MarkStatus],
    standing: Collection[Key],
    notes: Iterable[DoorNote],
    present: Mapping[Key, Presence],
) -> tuple[Differs, ...]:
    """The differences between a table and the door lists, ordered by candidate and subject.

    ``standing`` are marks that exist already. A candidate who came is missing where the table has a mark in the same
    subject for another candidate of the same room: tables come by rooms, by sites, or as a whole.
    """
    listed = tuple(notes)
    rooms = _rooms(listed, table)
    missing = {
        (note.application_id, subject): Contradiction.MISSING
        for note in listed
        for subject in note.subjects
        if (note.room, subject) in rooms and present.get((note.application_id, subject)) is Presence.PRESENT
    }
    found = {key: how for key, how in missing.items() if key not in table and key not in standing}
    for key, status in table.items():
        noted = present.get(key, Presence.UNKNOWN)
        if noted is Presence.ABSENT and status is not MarkStatus.ABSENT:
            found[key] = Contradiction.MARK_OF_ABSENT
        elif noted is Presence.PRESENT and status is MarkStatus.ABSENT:
            found[key] = Contradiction.ABSENT_THOUGH_NOTED
    return tuple(Differs(*key, found[key]) for key in sorted(found, key=lambda key: (str(key[0]), key[1])))


def absent_by_the_list(
    examined: Mapping[UUID, Iterable[str]], standing: Collection[Key], present: Mapping[Key, Presence]
) -> frozenset[Key]:
    """The candidates and subjects with 缺考 by the list alone: noted as absent, and without a mark that stands."""
    return frozenset(
        (candidate, subject)
        for candidate, subjects in examined.items()
        for subject in subjects
        if (candidate, subject) not in standing and present.get((candidate, subject)) is Presence.ABSENT
    )


def _rooms(notes: Iterable[DoorNote], table: Mapping[Key, MarkStatus]) -> frozenset[tuple[Room, str]]:
    """The rooms and subjects that the table has marks for."""
    return frozenset(
        (note.room, subject) for note in notes for subject in note.subjects if (note.application_id, subject) in table
    )
