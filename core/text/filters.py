"""Filters of pages for moments, spans and deadlines in Chinese: a deadline is never written as a bare date."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from core.clock import SHANGHAI, last_day, start_of
from core.plugin_api import Grade, Window
from core.text import dates


def day(moment: date | datetime | None) -> str:
    """A day with its year, such as 2024年4月5日."""
    return "—" if moment is None else dates.day(moment)


def minute(moment: datetime | None) -> str:
    """A moment to the minute, such as 2024年4月5日 09:30."""
    return "—" if moment is None else dates.minute(moment)


def end(closes: datetime) -> str:
    """The end of a half-open span: midnight is written as 24:00 of the day before."""
    local = closes.astimezone(SHANGHAI)
    if local == start_of(local.date()):
        return f"{dates.short_day(last_day(local))}24:00"
    return f"{dates.short_day(local)}{local:%H:%M}"


def until(closes: date | datetime | None) -> str:
    """The end of a half-open span with its year: 2024年4月5日24:00, or the moment where it is not midnight."""
    if not isinstance(closes, datetime):
        return day(closes)
    local = closes.astimezone(SHANGHAI)
    return f"{dates.day(last_day(local))}24:00" if local == start_of(local.date()) else dates.minute(local)


def deadline(closes: datetime | None, now: datetime) -> str:
    """A deadline with the time that is left: 4月5日24:00截止（还有2天3小时）."""
    if closes is None:
        return "没有期限"
    if closes <= now:
        return f"{end(closes)}已截止"
    return f"{end(closes)}截止（还有{remaining(closes - now)}）"


def remaining(left: timedelta) -> str:
    """A length of time in its two largest units."""
    minutes = int(left.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days}天{hours}小时" if hours else f"{days}天"
    if hours:
        return f"{hours}小时{rest}分钟" if rest else f"{hours}小时"
    return f"{max(rest, 1)}分钟"


def span(window: Window) -> str:
    """The days of a window: 3月21日至4月5日, or 4月3日前 where only an end is set."""
    last = last_day(window.closes)
    if window.opens is None:
        return f"{dates.short_day(last)}前"
    first = window.opens.astimezone(SHANGHAI).date()
    text = dates.short_day(first)
    return text if first == last else f"{text}至{dates.short_day(last)}"


def grades(chosen: Iterable[Grade]) -> str:
    """Grades from the lowest upwards: 五级、四级; a run of three or more is written 五级至二级."""
    ordered = sorted(chosen, reverse=True)
    if len(ordered) > 2 and ordered[0] - ordered[-1] == len(ordered) - 1:
        return f"{ordered[0].label}至{ordered[-1].label}"
    return "、".join(grade.label for grade in ordered)
