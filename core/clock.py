"""The present time: always Asia/Shanghai, always asked here, so that a test, a simulation or an "as of" view sets it.

Windows are half-open: a bare end date means 24:00 of that day, which is 00:00 of the next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present moment in Shanghai."""
    return datetime.now(SHANGHAI)


@dataclass
class SettableClock:
    """A clock that stands still until it is moved: for simulations and tests."""

    now: datetime

    def __call__(self) -> datetime:
        """The moment the clock was last set to."""
        return self.now

    def set(self, moment: datetime) -> None:
        """Move to ``moment``, which must carry a time zone."""
        self.now = moment.astimezone(SHANGHAI)

    def advance(self, step: timedelta) -> None:
        """Move forward by ``step``."""
        self.now += step


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """A clock that runs like the system's with a shift: only a demonstration uses one."""

    shift: timedelta

    def __call__(self) -> datetime:
        """The moment of the shifted clock."""
        return system_clock() + self.shift


def start_of(day: date) -> datetime:
    """00:00 of ``day`` in Shanghai: when a window that names a first day opens."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def end_of(day: date) -> datetime:
    """24:00 of ``day`` in Shanghai, the first moment outside: when a window that names a last day closes.

    The last day of Python's calendar has no next day: it ends with its own last moment.
    """
    return start_of(day + timedelta(days=1)) if day < date.max else datetime.combine(day, time.max, tzinfo=SHANGHAI)


def is_near(moment: datetime) -> bool:
    """Whether a moment lies in years of use: PostgreSQL keeps moments that Python cannot read."""
    return 1990 <= moment.year <= 2200


def last_day(closes: datetime) -> date:
    """The last day that a half-open window ending at ``closes`` touches; the inverse of ``end_of``."""
    return (closes.astimezone(SHANGHAI) - timedelta(microseconds=1)).date()
