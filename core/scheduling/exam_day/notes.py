"""What a phone at the door expects and notes of a candidate, and the answer to a note."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Way(StrEnum):
    """How somebody was known at the door; ``CLOSE`` for those who were not there when it closed."""

    SCAN = "scan"
    NUMBER = "number"
    LIST = "list"
    CLOSE = "close"


class NoteKind(StrEnum):
    """What is noted: the candidate came in, was turned away for a reason, or had not come by the end of admission.

    Who was turned away counts as absent until somebody notes an arrival: that of a candidate who came back with the
    identity card. Late is an arrival whose time is after the beginning.
    """

    ARRIVED = "arrived"
    REFUSED = "refused"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Note:
    """One candidate at the door, as noted by a phone. ``number`` is the ticket's.

    ``noted_by`` is the account that was signed in when it was noted: nobody else may send it. ``reason`` says why a
    candidate was turned away.
    """

    client_id: UUID
    number: str
    sitting_id: UUID
    noted_at: datetime
    way: Way = Way.SCAN
    kind: NoteKind = NoteKind.ARRIVED
    reason: str = ""
    noted_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """An expected candidate of a sitting, as phones keep them for the time without a connection."""

    application_id: UUID
    number: str
    person_name: str
    id_tail: str
    site_id: UUID
    site_name: str
    room_id: UUID
    room_name: str
    seat: int
    state: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """The answer to a note.

    ``came`` (now), ``absent`` (now), ``known`` (noted before), or ``refused`` with a reason for the officer.
    ``contradicts`` where the ticket was void only after the candidate had come: it is written down for the office.
    ``not_yours`` where another officer noted it: the phone keeps it until that officer signs in. ``detail`` tells of a
    contradiction between two doors, too.
    """

    client_id: UUID
    outcome: str
    person_name: str = ""
    room_name: str = ""
    seat: int = 0
    detail: str = ""
