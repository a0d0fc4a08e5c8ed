"""Leaves out when registration opens: it would always have been open."""

from dataclasses import replace

from core.plugin_api import ExamCalendar, SeasonView, WindowKind, hookimpl


@hookimpl
def exam_calendar(season: SeasonView) -> ExamCalendar | None:
    frame = season.frame.window(WindowKind.REGISTRATION)
    return ExamCalendar((replace(frame, opens=None),)) if frame else None
