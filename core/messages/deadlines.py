"""Pure: when reminders of a deadline are due, in calendar days of Shanghai."""

from collections.abc import Collection
from datetime import datetime

from core.clock import SHANGHAI, last_day
from core.text import dates


def reminder_due(deadline: datetime, now: datetime, days_before: Collection[int]) -> int | None:
    """Which of the reminders ``days_before`` a deadline came last; None before the first, and after the deadline.

    A reminder that was missed, because no worker ran on its day, is due until the next one takes its place.
    """
    if now >= deadline:
        return None
    left = (last_day(deadline) - now.astimezone(SHANGHAI).date()).days
    return min((days for days in days_before if left <= days), default=None)


def in_words(deadline: datetime) -> str:
    """A deadline as people read it: its last day, and the time where it is not the end of that day."""
    local = deadline.astimezone(SHANGHAI)
    time = f"{local:%H:%M}" if (local.hour, local.minute) != (0, 0) else ""
    return f"{dates.day(last_day(deadline))}{time}"
