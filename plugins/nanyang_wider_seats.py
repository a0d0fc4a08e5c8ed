"""Nanyang seats the higher grades further apart, and keeps more machines free for them.

Illustrative: how Nanyang seats its candidates is not known. A plugin may ask for more than the office's ``[seating]``,
never for less.
"""

from dataclasses import replace

from pydantic import BaseModel, Field

from core.plugin_api import Apart, SeatingPolicy, SittingView, hookimpl


class Settings(BaseModel, frozen=True):
    """In sittings for any of ``grades`` all eight seats around count, and ``reserve_percent`` of the machines wait."""

    grades: frozenset[int] = frozenset({1, 2})
    reserve_percent: int = Field(default=10, ge=0, le=50)


@hookimpl
def seating_policy(sitting: SittingView, *, settings: Settings) -> SeatingPolicy | None:
    """Wider for the higher grades; every other sitting is left to the level above."""
    if not sitting.grades & settings.grades:
        return None
    reserve = max(sitting.standard.reserve_percent, settings.reserve_percent)
    return replace(sitting.standard, apart=Apart.AROUND, reserve_percent=reserve)
