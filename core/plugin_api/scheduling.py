"""The part of ``core.plugin_api`` about the scheduling of exams: a sitting, and how its rooms are filled."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Apart(IntEnum):
    """Which seats around one may not hold somebody of the same unit: more with every step."""

    BESIDE = 1
    """The seats to the left and to the right."""
    CROSS = 2
    """Those, and the seats in front and behind."""
    AROUND = 3
    """All eight seats around."""


@dataclass(frozen=True, slots=True)
class SeatingPolicy:
    """How the rooms of a sitting are filled.

    ``reserve_percent`` of a room's machines stay free at least, however few its own reserve machines are; ``apart``
    says who counts as a neighbour. ``invigilators`` is how many watch over a room.
    """

    reserve_percent: int = 0
    apart: Apart = Apart.CROSS
    invigilators: int = 2


@dataclass(frozen=True, slots=True)
class SittingView:
    """A sitting as a plugin sees it: its office, times, subjects, grades and trades (none means all).

    ``standard`` is what holds without a plugin: the office's ``[seating]``.
    """

    sitting_id: str
    office: str
    year: int
    starts_at: datetime
    ends_at: datetime
    subjects: frozenset[str]
    grades: frozenset[int]
    trades: frozenset[str]
    standard: SeatingPolicy
