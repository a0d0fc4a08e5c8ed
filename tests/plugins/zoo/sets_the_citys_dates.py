"""Sets training dates, which its city keeps to itself."""

from core.plugin_api import ExamCalendar, SeasonView, WindowKind, hookimpl


@hookimpl
def exam_calendar(season: SeasonView) -> ExamCalendar | None:
    frame = season.frame.window(WindowKind.TRAINING)
    return ExamCalendar((frame,)) if frame else None
