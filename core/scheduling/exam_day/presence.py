"""Pure: what the door lists say of a candidate, subject by subject, and when silence counts as absence.

Whoever is on a closed list and has not come is absent (缺考). A list that was kept but never closed closes by itself
once no phone can send anything any more. Of a room at whose door nobody at all was noted nothing is known: nobody fails
by that, and the office looks into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

SENT_LATE: Final = timedelta(days=3)
"""How long after a sitting a phone that had no connection may still send what it noted."""

Room = tuple[UUID, UUID]
"""A room in one sitting: the sitting's id and the room's."""


class Presence(StrEnum):
    """Whether somebody was there for a subject; ``UNKNOWN`` where no list says so, or not yet for good."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DoorNote:
    """A candidate with a seat in a sitting, and what was noted of them: ``present``, ``absent``, or nothing."""

    application_id: UUID
    sitting_id: UUID
    room_id: UUID
    subjects: tuple[str, ...]
    ends_at: datetime
    state: str

    @property
    def room(self) -> Room:
        """Where they sit."""
        return self.sitting_id, self.room_id


def presences(notes: Iterable[DoorNote], *, now: datetime) -> dict[tuple[UUID, str], Presence]:
    """What is known of each candidate and subject. Nobody is absent before the sitting is over.

    Who has several sittings for one subject was there if they came to one of them, and absent if they missed all.
    """
    found: dict[tuple[UUID, str], Presence] = {}
    for note in notes:
        said = _said(note, now)
        for subject in note.subjects:
            key = note.application_id, subject
            found[key] = _of_both(found.get(key, said), said)
    return found


def without_arrival(notes: Iterable[DoorNote]) -> frozenset[Room]:
    """The rooms at whose door nobody was noted as present."""
    listed = tuple(notes)
    return frozenset(note.room for note in listed) - {note.room for note in listed if note.state == Presence.PRESENT}


def never_kept(notes: Iterable[DoorNote]) -> frozenset[Room]:
    """The rooms of whose candidates nothing was noted, neither that they came nor that they did not."""
    listed = tuple(notes)
    return frozenset(note.room for note in listed) - {note.room for note in listed if note.state}


def closes_by_itself(notes: Iterable[DoorNote], *, now: datetime) -> tuple[DoorNote, ...]:
    """Who counts as absent because their list was kept, and the time for sending it is over."""
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
