"""Which cases a delegation covers: a pure decision."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from core.plugin_api import Grade, ReviewStage

DELEGABLE: frozenset[ReviewStage] = frozenset({ReviewStage.QUALIFICATION_REVIEW, ReviewStage.ONSITE_CONFIRMATION})
"""Stages that are an office's; those of unit and department are nobody's to delegate."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is delegated: stages, and grades, trades and units where not all of them (None means all)."""

    stages: frozenset[ReviewStage]
    grades: frozenset[Grade] | None = None
    trades: frozenset[str] | None = None
    units: frozenset[UUID] | None = None

    def covers(self, *, grade: Grade, trade: str, unit_id: UUID) -> bool:
        """Whether a case of this grade, trade and unit is among those delegated, at whichever stage."""
        return _among(grade, self.grades) and _among(trade, self.trades) and _among(unit_id, self.units)


def _among(value: object, allowed: Collection[object] | None) -> bool:
    return allowed is None or value in allowed
