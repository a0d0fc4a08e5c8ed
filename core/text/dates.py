"""Days and moments as people read them in messages and on pages: 2024年4月5日, without leading zeros, Beijing time."""

from datetime import date, datetime

from core.clock import SHANGHAI


def day(when: date | datetime) -> str:
    """A day with its year, such as 2024年4月5日."""
    return f"{_local(when).year}年{short_day(when)}"


def minute(when: datetime) -> str:
    """A moment to the minute with its year, such as 2024年4月5日 09:30."""
    return f"{day(when)} {clock(when)}"


def short_day(when: date | datetime) -> str:
    """A day without its year, such as 4月5日."""
    local = _local(when)
    return f"{local.month}月{local.day}日"


def short_minute(when: datetime) -> str:
    """A moment without its year, such as 4月5日 09:30."""
    return f"{short_day(when)} {clock(when)}"


def clock(when: datetime) -> str:
    """The time of day, such as 09:30."""
    return f"{when.astimezone(SHANGHAI):%H:%M}"


def _local(when: date | datetime) -> date:
    return when.astimezone(SHANGHAI).date() if isinstance(when, datetime) else when
