"""What makes an installation a demonstration: a file beside its data, which only ``kaowu demo`` writes.

Its season stands in the middle whenever somebody looks: the clock that it is served by goes on from where it stood
when somebody last did something, however long ago that is. No setting can shift a clock, and data with this file beside
it is refused on any database but the embedded one that the demonstration made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.clock import Clock, ShiftedClock, system_clock
from core.errors import ConfigurationError
from core.settings import Settings
from core.tenancy.another_season import AnotherSeason

FILE: Final = "demo.json"
IDLE: Final = timedelta(hours=1)
"""After so long without an act the season waits where it is for the next start."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demonstration: its second season, and that the clock of its data stood at ``stood`` when it really was ``at``.

    ``finished`` is False while its people are being invented.
    """

    season: AnotherSeason
    stood: datetime
    at: datetime
    finished: bool = False

    @property
    def clock(self) -> ShiftedClock:
        """The clock of everybody who works with this data."""
        return ShiftedClock(self.stood - self.at)


def demo_of(settings: Settings) -> Demo | None:
    """The demonstration whose data this is; None for any other. ConfigurationError on a database of somebody's own."""
    path = _file(settings)
    if not path.exists():
        return None
    if settings.database_url is not None:
        raise ConfigurationError(
            f"{settings.data_dir} holds the data of a demonstration, and KAOWU_DATABASE_URL names another database. "
            "Unset the one, or name another KAOWU_DATA_DIR."
        )
    try:
        return _read(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} cannot be read: delete {settings.data_dir} to make the demo anew.") from error


def clock_of(settings: Settings) -> Clock:
    """The clock by which this machine's data is worked with."""
    demo = demo_of(settings)
    return system_clock if demo is None else demo.clock


def keep_demo(settings: Settings, demo: Demo) -> None:
    """Write down that this data is a demonstration's, and where its clock stands."""
    dates = {
        office: {kind: {end: day.isoformat() for end, day in window.items()} for kind, window in calendar.items()}
        for office, calendar in demo.season.dates.items()
    }
    written = {
        "season": {"year": demo.season.year, "like": demo.season.like, "dates": dates},
        "stood": demo.stood.isoformat(),
        "at": demo.at.isoformat(),
        "finished": demo.finished,
    }
    path = _file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def goes_on(demo: Demo, last_act: datetime) -> Demo:
    """The demonstration when it is started again: where nobody has done anything for an hour, nothing has passed."""
    now = system_clock()
    if demo.clock() - max(demo.stood, last_act) <= IDLE:
        return demo
    return Demo(demo.season, max(demo.stood, last_act), now, demo.finished)


def _file(settings: Settings) -> Path:
    return settings.data_dir / FILE


def _read(written: Mapping[str, Any]) -> Demo:
    season = written["season"]
    dates = {
        office: {kind: {end: date.fromisoformat(day) for end, day in window.items()} for kind, window in own.items()}
        for office, own in season["dates"].items()
    }
    return Demo(
        AnotherSeason(int(season["year"]), int(season["like"]), dates),
        datetime.fromisoformat(written["stood"]),
        datetime.fromisoformat(written["at"]),
        finished=bool(written["finished"]),
    )
