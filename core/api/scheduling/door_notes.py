"""The notes that phones at the door send, and the answers; pages use them, too."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.scheduling.exam_day.door import Note, Way
from core.web.schemas import Input, Moment, Output


class NoteIn(Input):
    """One candidate at the door, as a phone noted it."""

    client_id: UUID
    number: Annotated[str, Field(max_length=40)]
    sitting_id: UUID
    noted_at: Moment
    way: Way = Way.SCAN


class NotesIn(Input):
    """What a phone has kept."""

    notes: Annotated[list[NoteIn], Field(min_length=1, max_length=500)]

    def values(self) -> list[Note]:
        """The notes as the service takes them."""
        return [Note(**note.model_dump()) for note in self.notes]


class NoteOut(Output):
    """What became of a note."""

    client_id: UUID
    outcome: str
    person_name: str
    room_name: str
    seat: int
    detail: str
