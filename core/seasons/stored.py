"""How a calendar is kept: windows as plain JSON and back, the same for every version and every filing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from core.clock import SHANGHAI
from core.plugin_api import ExamCalendar, Grade, Window, WindowKind


def windows_to_json(windows: Iterable[Window]) -> list[dict[str, Any]]:
    """Windows as rows of ``CalendarVersion.windows``, in one order, so that equal calendars have equal digests."""
    rows = [
        {
            "kind": window.kind.value,
            "opens": None if window.opens is None else _written(window.opens),
            "closes": _written(window.closes),
            "grades": sorted(int(grade) for grade in window.grades),
        }
        for window in windows
    ]
    order = list(WindowKind)
    return sorted(rows, key=lambda row: (order.index(WindowKind(row["kind"])), row["grades"]))


def calendar_from_json(rows: Iterable[Mapping[str, Any]]) -> ExamCalendar:
    """The calendar that ``windows_to_json`` wrote."""
    return ExamCalendar(
        tuple(
            Window(
                kind=WindowKind(row["kind"]),
                opens=None if row["opens"] is None else _read(row["opens"]),
                closes=_read(row["closes"]),
                grades=frozenset(Grade(grade) for grade in row["grades"]),
            )
            for row in rows
        )
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()


def _read(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(SHANGHAI)
