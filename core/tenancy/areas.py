"""The province's areas: GB/T 2260 codes with names, kinds and validity, so that an office need not repeat its counties.

They are data (``areas.toml`` beside ``province.toml``), because areas are renamed, merged and given new codes; an
office keeps its own code through all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field

from core.tenancy.config.types import AreaNumber, Day, Table, Text


class AreaKind(StrEnum):
    """The kinds of areas; the first two have an office of the city level, the others belong to such a city."""

    PREFECTURE_LEVEL_CITY = "prefecture_level_city"
    PROVINCE_ADMINISTERED_CITY = "province_administered_county_level_city"
    DISTRICT = "district"
    COUNTY = "county"
    COUNTY_LEVEL_CITY = "county_level_city"

    @property
    def is_city(self) -> bool:
        """Whether an area of this kind has an office of the city level."""
        return self in {AreaKind.PREFECTURE_LEVEL_CITY, AreaKind.PROVINCE_ADMINISTERED_CITY}


@dataclass(frozen=True, slots=True)
class Area:
    """One code with its name, the city that it lies in (a city lies in itself), its first and its last day.

    ``successor`` is the code that took its place when it ended.
    """

    code: str
    name: str
    kind: AreaKind
    city: str
    valid_from: date
    valid_until: date | None = None
    successor: str | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the code was in use on ``day``."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class AreaRow(Table):
    """One district, county or county-level city in ``areas.toml``."""

    code: AreaNumber
    name: Text
    kind: AreaKind
    valid_from: Day = Field(alias="from")
    valid_until: Day | None = Field(default=None, alias="until")
    successor: AreaNumber | None = None


class CityRow(AreaRow):
    """A city in ``areas.toml`` with everything that lies in it."""

    areas: tuple[AreaRow, ...] = ()


class AreasFile(Table):
    """``areas.toml`` as a whole; ``source`` names the publication of the codes."""

    source: Text
    cities: tuple[CityRow, ...] = Field(min_length=1)


class AreaTable:
    """All areas of the province, by code."""

    def __init__(self, file: AreasFile) -> None:
        rows = [(row, city.code) for city in file.cities for row in (city, *city.areas)]
        self._areas = {
            row.code: Area(row.code, row.name, row.kind, city, row.valid_from, row.valid_until, row.successor)
            for row, city in rows
        }
        self._codes = [row.code for row, _ in rows]

    def get(self, code: str) -> Area | None:
        """The area of this code, whether it still holds or not."""
        return self._areas.get(code)

    def on(self, code: str, day: date) -> Area | None:
        """The area of ``code`` on ``day``: its own or its successor's; None before the code was in use."""
        area = self._areas.get(code)
        while area is not None and area.valid_until is not None and area.valid_until < day:
            area = self._areas.get(area.successor) if area.successor else None
        return area if area is not None and area.holds_on(day) else None

    def __iter__(self) -> Iterator[Area]:
        return iter(self._areas.values())

    def problems(self) -> Iterator[tuple[str, str]]:
        """The contradictions within the table, as (message, remedy)."""
        for code in sorted({code for code in self._codes if self._codes.count(code) > 1}):
            yield f"area {code} stands twice", "Delete one of the two"
        for area in self:
            if area.kind.is_city != (area.code == area.city):
                yield f"area {area.code} {area.name} is a {area.kind}", "List cities at the top and areas inside them"
            yield from self._problems_of_dates(area)

    def _problems_of_dates(self, area: Area) -> Iterator[tuple[str, str]]:
        if area.valid_until is not None and area.valid_until < area.valid_from:
            yield f"area {area.code} ends {area.valid_until}, before it begins {area.valid_from}", "Correct its dates"
        if area.successor is None:
            return
        heir = self._areas.get(area.successor)
        if heir is None:
            yield f"area {area.code} is followed by {area.successor}, which is not listed", "List it"
        elif area.valid_until is None or (heir.valid_until is not None and heir.valid_until <= area.valid_until):
            yield f"area {area.code} is followed by {heir.code}, which does not last longer", "Correct their dates"
