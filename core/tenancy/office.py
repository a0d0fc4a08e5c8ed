"""One office as read from its files: open with its effective configuration, or closed with its faults."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from core.plugin_api import ExamCalendar, OfficeCode, OfficeLevel, OfficeView
from core.tenancy import checks
from core.tenancy.areas import AreaTable
from core.tenancy.checks import Mistake
from core.tenancy.config.known_keys import Key
from core.tenancy.config.office import AreaCode, OfficeConfig
from core.tenancy.config.sources import Fault, Merged, Source, leaves, merge

BUILT_IN = "built in"
"""Stands for the file of a value that no file sets."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective value of an office, and the file and line that set it (``built in`` where none did)."""

    key: str
    value: Any
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class OpenOffice:
    """An open office. ``config`` is effective: the office's own ``file`` laid over those above."""

    code: OfficeCode
    level: OfficeLevel
    parent: OfficeCode | None
    file: str
    config: OfficeConfig
    calendars: dict[int, ExamCalendar]
    sources: tuple[Source, ...]
    merged: Merged

    @property
    def name(self) -> str:
        """The full name, as it stands on papers."""
        return self.config.office.name

    @property
    def short_name(self) -> str:
        """The name for tables and boards, such as 洛阳."""
        return self.config.office.short_name

    def area_code(self, on: date) -> str | None:
        """The area code that the office has on a day; None where it has none."""
        return next((code.code for code in self.config.office.area_codes if code.holds_on(on)), None)

    def view(self, on: date) -> OfficeView:
        """The office as a plugin sees it on a day."""
        return OfficeView(code=self.code, name=self.name, level=self.level, area_code=self.area_code(on))

    def own_calendar(self, year: int) -> ExamCalendar:
        """The windows of the kinds that the office's own file names, without inherited kinds."""
        kinds = self.sources[-1].table.get("calendar", {}).get(str(year), {})
        effective = self.calendars.get(year, ExamCalendar(()))
        return ExamCalendar(tuple(window for window in effective.windows if window.kind.value in kinds))

    def settings(self) -> Iterator[Setting]:
        """Every effective value with the file that set it, in the order of the models."""
        built_in = dict(leaves(self.config.model_dump(mode="json", by_alias=True, exclude_none=True)))
        written = dict(leaves(self.merged.values))
        order = [*dict.fromkeys((*built_in, *written))]
        for key in order:
            if key == ("plugins",):
                yield from (self._setting(("plugins", name), name) for name in self.config.plugins)
            else:
                yield self._setting(key, written.get(key, built_in.get(key)))

    def _setting(self, key: Key, value: Any) -> Setting:
        origin = self.merged.origin(key)
        name = "plugins" if key[0] == "plugins" else ".".join(key)
        if origin is None:
            return Setting(name, value, BUILT_IN, None)
        return Setting(name, value, origin.file, origin.line_of(key))


@dataclass(frozen=True, slots=True)
class ClosedOffice:
    """An office whose file, or a file above it, is faulty. Its name and areas are kept where they can be read."""

    code: OfficeCode
    level: OfficeLevel
    parent: OfficeCode | None
    name: str
    area_codes: tuple[AreaCode, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class OfficePlace:
    """An office's place in the map while its files are read: code, level, its own file and the office above."""

    code: OfficeCode
    level: OfficeLevel
    file: str
    parent: OpenOffice | None

    def fault(self, problem: Mistake, source: Source | None = None) -> Fault:
        """The mistake as an operator reads it."""
        line = source.line_of(problem.key) if source else None
        return Fault(self.code, self.file, line, ".".join(problem.key), problem.message, problem.remedy)

    def closed(self, faults: Sequence[Fault], source: Source | None = None) -> ClosedOffice:
        """The office, closed for these faults."""
        table = source.table.get("office", {}) if source else {}
        name = table.get("name") if isinstance(table, dict) else None
        return ClosedOffice(
            code=self.code,
            level=self.level,
            parent=self.parent.code if self.parent else None,
            name=name if isinstance(name, str) else self.code,
            area_codes=_legible_areas(table),
            faults=tuple(faults),
        )


def open_office(place: OfficePlace, source: Source, areas: AreaTable) -> OpenOffice | ClosedOffice:
    """Merge, validate and check one office against those above it."""
    sources = (*(place.parent.sources if place.parent else ()), source)
    merged = merge(sources)
    try:
        config = OfficeConfig.model_validate(merged.values)
    except ValidationError as error:
        problems = [*checks.keys_of_other_levels(source, place.level), *checks.problems_of(error)]
        return place.closed([place.fault(problem, source) for problem in problems], source)
    calendars, problems = checks.calendars_of(config)
    office = OpenOffice(
        code=place.code,
        level=place.level,
        parent=place.parent.code if place.parent else None,
        file=source.file,
        config=config,
        calendars=calendars,
        sources=sources,
        merged=merged,
    )
    problems += _problems_between(office, place, source, areas)
    if problems:
        return place.closed([place.fault(problem, source) for problem in problems], source)
    return office


def _problems_between(office: OpenOffice, place: OfficePlace, source: Source, areas: AreaTable) -> Iterator[Mistake]:
    """The contradictions between a valid office and the other offices' files."""
    yield from checks.keys_of_other_levels(source, office.level)
    yield from checks.plugins_named_twice(source)
    parent = place.parent
    yield from checks.areas_not_theirs(office.config, office.level, areas, parent.config if parent else None)
    if parent is None:
        yield from checks.seasons_that_cannot_run(office.config, office.calendars)
        return
    yield from checks.widenings(office.config, parent.config)
    yield from checks.delegation_problems(office.config, parent.config)
    for year in office.calendars:
        own = office.own_calendar(year)
        frame = parent.calendars.get(year, ExamCalendar(()))
        yield from checks.dates_outside(own, frame, year, parent.file)
        if office.level is OfficeLevel.COUNTY:
            yield from checks.dates_a_county_may_not_set(own, parent.config, year)


def _legible_areas(table: Any) -> tuple[AreaCode, ...]:
    """The area codes of a faulty file, so that its units are still told which office is closed."""
    rows = table.get("area_codes", []) if isinstance(table, dict) else []
    try:
        return tuple(AreaCode.model_validate(row) for row in rows)
    except (ValidationError, TypeError):
        return ()
