"""The mark of a demonstration: a file beside its data, which only ``kaowu demo`` writes.

A demonstration always shows the middle of its season: its clock goes on from its moment at the last act, however long
ago that act is. No setting shifts a clock, and data with this file is refused on every database but the embedded one.
"""

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
"""The time without an act after which the season stands still until the next start."""


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
    """The demonstration of this data; None for other data. ConfigurationError on a database that is not embedded."""
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
    """The clock of this machine's data."""
    demo = demo_of(settings)
    return system_clock if demo is None else demo.clock


def keep_demo(settings: Settings, demo: Demo) -> None:
    """Write the file of a demonstration, with the moment of its clock."""
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
    """The demonstration at its next start: after an hour without an act its clock goes on from the last act."""
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
