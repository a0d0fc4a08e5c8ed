"""Xuchang wants more points in the skill subject of some grades than the province does.

Illustrative: an employer there counted only the trade actually worked from 2018 on, but no pass mark of Xuchang is
known. A plugin may ask for more than the province, never for less.
"""

from decimal import Decimal

from pydantic import BaseModel, Field

from core.plugin_api import MarksView, Verdict, hookimpl


class Settings(BaseModel, frozen=True):
    """``mark``: what ``subject`` needs in the ``grades`` named here."""

    subject: str = "岗位技能"
    grades: frozenset[int] = frozenset({2})
    mark: Decimal = Field(default=Decimal(70), ge=0, le=100)


@hookimpl
def outcome(marks: MarksView, *, settings: Settings) -> Verdict | None:
    """Below the office's own mark nobody passes; everything else is left to the province."""
    found = marks.of(settings.subject)
    if marks.grade not in settings.grades or found is None or found.mark is None or found.mark >= settings.mark:
        return None
    text = f"{settings.subject}{found.mark}分，未达到本市{settings.mark}分的要求（许昌市示例）。"
    return Verdict(False, text)
