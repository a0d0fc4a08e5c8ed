"""Pure: a candidate's presence by the door lists, subject by subject, and when a missing note counts as absence.

A candidate on a closed list who has not come is absent (缺考). A list that was kept but never closed closes by itself
once phones can no longer send. A room without a single note at its door proves nothing: nobody fails by it, and the
office looks into it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

SENT_LATE: Final = timedelta(days=3)
"""How long after a sitting a phone that was offline may still send its notes."""

Room = tuple[UUID, UUID]
"""A room in one sitting: the sitting's id and the room's."""


class Presence(StrEnum):
    """A candidate's presence in a subject; ``UNKNOWN`` where no list settles it, or not yet."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DoorNote:
    """A candidate with a seat in a sitting, and the note about them: ``present``, ``absent``, or empty."""

    application_id: UUID
    sitting_id: UUID
    room_id: UUID
    subjects: tuple[str, ...]
    ends_at: datetime
    state: str

    @property
    def room(self) -> Room:
        """The room of their seat."""
        return self.sitting_id, self.room_id


def presences(notes: Iterable[DoorNote], *, now: datetime) -> dict[tuple[UUID, str], Presence]:
    """The presence of each candidate in each subject. Nobody is absent before the sitting is over.

    A candidate with several sittings for one subject is present if they came to one of them, absent if they missed all.
    """
    found: dict[tuple[UUID, str], Presence] = {}
    for note in notes:
        said = _said(note, now)
        for subject in note.subjects:
            key = note.application_id, subject
            found[key] = _of_both(found.get(key, said), said)
    return found


def without_arrival(notes: Iterable[DoorNote]) -> frozenset[Room]:
    """The rooms without a candidate noted as present."""
    listed = tuple(notes)
    return frozenset(note.room for note in listed) - {note.room for note in listed if note.state == Presence.PRESENT}


def never_kept(notes: Iterable[DoorNote]) -> frozenset[Room]:
    """The rooms without any note, neither present nor absent."""
    listed = tuple(notes)
    return frozenset(note.room for note in listed) - {note.room for note in listed if note.state}


def closes_by_itself(notes: Iterable[DoorNote], *, now: datetime) -> tuple[DoorNote, ...]:
    """The candidates who count as absent because their list was kept and the time for sending is over."""
    listed = tuple(notes)
    silent = without_arrival(listed)
    return tuple(
        note for note in listed if not note.state and note.room not in silent and now > note.ends_at + SENT_LATE
    )


def _said(note: DoorNote, now: datetime) -> Presence:
    if note.state == Presence.PRESENT:
        return Presence.PRESENT
    return Presence.ABSENT if note.state == Presence.ABSENT and note.ends_at <= now else Presence.UNKNOWN


def _of_both(presence: Presence, other: Presence) -> Presence:
    both = {presence, other}
    if Presence.PRESENT in both:
        return Presence.PRESENT
    return Presence.UNKNOWN if Presence.UNKNOWN in both else Presence.ABSENT
