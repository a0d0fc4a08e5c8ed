"""The part of ``core.plugin_api`` about results: a candidate's marks, what follows from them, and certificates."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class MarkStatus(StrEnum):
    """What became of one subject: scored, absent (缺考), void (作废), or void for a violation (违纪)."""

    SCORED = "scored"
    ABSENT = "absent"
    VOID = "void"
    VIOLATION = "violation"


@dataclass(frozen=True, slots=True)
class SubjectMark:
    """One subject's result of 100 points; ``carried_from`` is the earlier year whose pass counts, None for this one."""

    subject: str
    mark: Decimal | None
    status: MarkStatus = MarkStatus.SCORED
    carried_from: int | None = None


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """The score of the comprehensive review (综合评审), and whether it is within the quota of the trade."""

    score: Decimal
    pass_mark: Decimal
    within_quota: bool = True


@dataclass(frozen=True, slots=True)
class MarksView:
    """The facts that an outcome follows from. No name, unit or number: the same marks give the same outcome.

    ``grade`` is 5 to 1, ``subjects`` are those in which the grade is examined, in the notice's order. ``marks`` has at
    most one of each. ``review`` is of grade one alone, and None before its end.
    """

    year: int
    grade: int
    trade: str
    subjects: tuple[str, ...]
    marks: tuple[SubjectMark, ...]
    pass_mark: Decimal
    review: ReviewResult | None = None

    def of(self, subject: str) -> SubjectMark | None:
        """The result in a subject; None where there is none."""
        return next((mark for mark in self.marks if mark.subject == subject), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether somebody has passed, and why, in Chinese: the candidate reads it."""

    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class AwardView:
    """A certificate about to be issued. No name and no identity number: neither belongs into its number.

    ``area_code`` is the office's, None where it has none (省直); ``grade`` is 5 to 1; ``serial`` counts the
    certificates of the office in the year, from 1; ``standard`` is the number by the province's pattern.
    """

    office: str
    area_code: str | None
    year: int
    grade: int
    trade: str
    serial: int
    standard: str = ""
