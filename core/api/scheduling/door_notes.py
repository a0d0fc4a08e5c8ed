"""The notes that phones at the door send, and the answers; pages use them, too."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.scheduling.exam_day.notes import Note, NoteKind, Way
from core.web.schemas import Input, Moment, Output


class NoteIn(Input):
    """One candidate at the door, as a phone noted it; ``noted_by`` is the account that was signed in then."""

    client_id: UUID
    number: Annotated[str, Field(max_length=40)]
    sitting_id: UUID
    noted_at: Moment
    way: Way = Way.SCAN
    kind: NoteKind = NoteKind.ARRIVED
    reason: Annotated[str, Field(max_length=200)] = ""
    noted_by: UUID | None = None


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
