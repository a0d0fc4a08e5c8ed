"""A second season for a demonstration, made from a season of the offices' files.

Each table of one year is repeated for another year, each date moved by the years between. The number of the season's
notice is not repeated: an invented number could be taken for a notice of the province.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from core.tenancy.config.sources import Source

_BY_YEAR: Final = ("season", "calendar", "filings")
"""The tables of a file whose keys are years."""
_SPEAKING: Final = frozenset({"notice", "notice_title", "source"})
"""The texts that name the year or its paper; others (the name of the rule document) stay as they are."""
_PAPER: Final = re.compile(r"\S+〔\d{4}〕\d+号")
NO_PAPER: Final = "演示数据，无文号"


@dataclass(frozen=True, slots=True)
class AnotherSeason:
    """The season of ``year``, made from that of ``like``; ``dates`` replaces dates of calendars, by office and kind."""

    year: int
    like: int
    dates: Mapping[str, Mapping[str, Mapping[str, date]]] = field(default_factory=dict)

    def added_to(self, source: Source, office: str) -> Source:
        """An office's file with the second season added; its lines are those of the original year."""
        table = dict(source.table)
        for name in _BY_YEAR:
            years = table.get(name)
            if isinstance(years, Mapping) and str(self.like) in years:
                table[name] = {**years, str(self.year): self._moved(years[str(self.like)])}
        own = self.dates.get(office, {})
        if own:
            years = dict(table.get("calendar", {}))
            table["calendar"] = {**years, str(self.year): {**years.get(str(self.year), {}), **own}}
        lines = {
            (key[0], str(self.year), *key[2:]): line
            for key, line in source.lines.items()
            if len(key) > 1 and key[0] in _BY_YEAR and key[1] == str(self.like)
        }
        return Source(source.file, table, {**source.lines, **lines})

    def _moved(self, value: Any, name: str = "") -> Any:
        if isinstance(value, Mapping):
            return {key: self._moved(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._moved(inner, name) for inner in value]
        if isinstance(value, date):
            # The 29th of February does not exist in most other years.
            day = 28 if (value.month, value.day) == (2, 29) else value.day
            return value.replace(year=value.year + self.year - self.like, day=day)
        if isinstance(value, str) and name in _SPEAKING:
            return _PAPER.sub(NO_PAPER, value).replace(str(self.like), str(self.year))
        return value
