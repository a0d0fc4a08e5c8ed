"""Jiyuan has one site and no counties: one weekend of exams, and dates filed early.

Illustrative: how Jiyuan arranges its exams is not known. That it may: 2024 notice, last paragraph of §3.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from core.plugin_api import ExamCalendar, FilingDue, FilingKind, SeasonView, WindowKind, hookimpl


@hookimpl
def exam_calendar(season: SeasonView) -> ExamCalendar | None:
    """The first Saturday and Sunday of July, whatever the year: TOML can only name the dates of one."""
    frame = season.frame.window(WindowKind.COMPUTER_EXAM)
    if frame is None:
        return None
    july = datetime(season.year, 7, 1, tzinfo=frame.closes.tzinfo)
    saturday = july + timedelta(days=(5 - july.weekday()) % 7)
    return ExamCalendar((replace(frame, opens=saturday, closes=saturday + timedelta(days=2)),))


@hookimpl
def filings_due(season: SeasonView) -> list[FilingDue]:
    """The site must be booked a month before the exam months begin, so the dates are filed by then."""
    frame = season.frame.window(WindowKind.COMPUTER_EXAM)
    if frame is None or frame.opens is None:
        return []
    due = frame.opens - timedelta(days=30)
    return [FilingDue(FilingKind.EXAM_DATES, "考试时间备案", due, "济源示范区考点使用安排（示例）")]
