"""Pure: which cases a delegation covers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.plugin_api import Grade, ReviewStage

DELEGABLE: frozenset[ReviewStage] = frozenset({ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION})
"""The stages of an office; the stages of unit and department cannot be delegated."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The scope of a delegation: stages, grades, trades and units; None means all of them."""

    stages: frozenset[ReviewStage]
    grades: frozenset[Grade] | None = None
    trades: frozenset[str] | None = None
    units: frozenset[UUID] | None = None

    def covers(self, *, grade: Grade, trade: str, unit_id: UUID) -> bool:
        """Whether a case of this grade, trade and unit is delegated, at any stage."""
        return _among(grade, self.grades) and _among(trade, self.trades) and _among(unit_id, self.units)


def next_office_stage(state: str, *, onsite_needed: bool) -> ReviewStage:
    """The next stage of a case in ``state`` at an office; a provisional case stays with the office that passed it.

    A case that is still with its unit, or back with its applicant, comes to qualification review first.
    """
    confirmed = state == "provisional" and onsite_needed
    if confirmed or state == ReviewStage.ONSITE_CONFIRMATION:
        return ReviewStage.ONSITE_CONFIRMATION
    return ReviewStage.QUALIFICATION_REVIEW


def overlap(first: tuple[datetime, datetime | None], second: tuple[datetime, datetime | None]) -> bool:
    """Whether two half-open spans share a moment; an end that is None never comes."""
    return (second[1] is None or first[0] < second[1]) and (first[1] is None or second[0] < first[1])


def _among(value: object, allowed: Collection[object] | None) -> bool:
    return allowed is None or value in allowed
