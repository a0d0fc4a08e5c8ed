"""The administrative map: every office of the province, read once from its folder, and the office above each.

An office's code is its folder under ``tenants/``. A fault in a file closes that office and those below it, and no other
office; only a fault in the province's own files stops the start. The catalogue never changes after it is read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from core.domain.calendar import CalendarWarning, warnings
from core.errors import ConfigurationError, Conflict, Invalid, NotFound
from core.plugin_api import ExamCalendar, OfficeCode, OfficeLevel, SeasonView
from core.tenancy.another_season import AnotherSeason
from core.tenancy.areas import AreasFile, AreaTable
from core.tenancy.checks import Mistake, problems_of
from core.tenancy.config.office import AreaCode, SeasonTable
from core.tenancy.config.sources import Fault, Source, UnreadableFileError, read_source
from core.tenancy.office import ClosedOffice, OfficePlace, OpenOffice, Setting, open_office

PROVINCE_FILE = "province.toml"
TENANT_FILE = "tenant.toml"
AREAS_FILE = "areas.toml"
RULES_FOLDER = "rules"
"""The folder of the province's rule documents: the only one beside the offices' folders that belongs to no office."""
_LEVELS = (OfficeLevel.PROVINCE, OfficeLevel.CITY, OfficeLevel.COUNTY)
_FOLDER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class OfficeWarning:
    """A lawful but unusual date in an office's own file."""

    office: OfficeCode
    file: str
    warning: CalendarWarning

    def __str__(self) -> str:
        return f"{self.file}: {self.warning.text}"


class Catalogue:
    """All offices, open and closed. The look-up of a closed office fails; it never falls back to another office."""

    def __init__(
        self, offices: Iterable[OpenOffice], closed: Iterable[ClosedOffice], faults: Iterable[Fault], areas: AreaTable
    ) -> None:
        self._offices = {office.code: office for office in _in_order(offices)}
        self._closed = {office.code: office for office in closed}
        self.faults: tuple[Fault, ...] = tuple(faults)
        self.areas = areas
        self.warnings: tuple[OfficeWarning, ...] = tuple(self._find_warnings())
        self._holders: dict[str, list[tuple[AreaCode, OfficeCode]]] = {}
        for code, held in self._area_codes():
            self._holders.setdefault(held.code, []).append((held, code))

    @property
    def province(self) -> OpenOffice:
        """The provincial center, which supervises all other offices."""
        return next(iter(self._offices.values()))

    def offices(self, level: OfficeLevel | None = None) -> tuple[OpenOffice, ...]:
        """The open offices: the province, then each city by its area code, followed by its counties."""
        return tuple(office for office in self._offices.values() if level is None or office.level is level)

    def closed(self) -> tuple[ClosedOffice, ...]:
        """The offices that stay closed until a file is corrected."""
        return tuple(self._closed.values())

    def is_open(self, code: OfficeCode) -> bool:
        """Whether the office exists and no fault closes it."""
        return code in self._offices

    def get(self, code: OfficeCode) -> OpenOffice:
        """The office; NotFound where there is none, Conflict where it is closed."""
        office = self._offices.get(code)
        if office is not None:
            return office
        if code in self._closed:
            name = self._closed[code].name
            raise Conflict("office_closed", f"{name}的配置有误，暂停办理。请稍后再试，或联系{self.province.name}。")
        raise NotFound("office_unknown", "没有这个考核管理机构，请检查地址或重新选择。")

    def parent(self, code: OfficeCode) -> OpenOffice | None:
        """The office above; None for the province."""
        above = self.get(code).parent
        return None if above is None else self.get(above)

    def children(self, code: OfficeCode) -> tuple[OpenOffice, ...]:
        """The open offices directly below."""
        return tuple(office for office in self._offices.values() if office.parent == code)

    def city_of(self, code: OfficeCode) -> OfficeCode:
        """The office that counts the cases: a county's city, and any other office itself."""
        return OfficeCode("/".join(code.split("/")[:2]))

    def season(self, year: int) -> SeasonTable:
        """A year's assessment; NotFound where the province has none."""
        season = self.province.config.season.get(year)
        if season is None:
            raise NotFound("season_unknown", f"没有{year}年度的考核安排，请选择其他年度。")
        return season

    def seasons(self) -> tuple[int, ...]:
        """The years that the province has opened."""
        return tuple(sorted(self.province.config.season))

    def calendar(self, code: OfficeCode, year: int) -> ExamCalendar:
        """The dates of an office by the files: its own where it set them, else those of the office above."""
        self.season(year)
        return self.get(code).calendars[year]

    def own_calendar(self, code: OfficeCode, year: int) -> ExamCalendar:
        """The dates that the office's own file sets."""
        self.season(year)
        return self.get(code).own_calendar(year)

    def frame(self, code: OfficeCode, year: int) -> ExamCalendar:
        """The calendar that bounds the office's own: that of the office above; the province is bounded by itself."""
        return self.calendar(self.get(code).parent or code, year)

    def season_view(self, code: OfficeCode, year: int) -> SeasonView:
        """The season as the office's plugins see it."""
        season = self.season(year)
        return SeasonView(year, season.notice, season.notice_date, season.rule_document, self.frame(code, year))

    def explain(self, code: OfficeCode) -> tuple[Setting, ...]:
        """Every effective value of an office and the file that set it."""
        return tuple(self.get(code).settings())

    def most_local_office(self, place: str, on: date) -> OfficeCode:
        """The office nearest to a place on a day: the county with a tenant there, else its city.

        ``place`` is an area code (also one that was replaced since), or an office's code for places without one. The
        answer may be a closed office: no other office decides in its stead.
        """
        if place in self._offices or place in self._closed:
            return OfficeCode(place)
        area = self.areas.on(place, on)
        if area is None:
            raise Invalid("area_unknown", f"行政区划代码{place}无效，请重新选择单位所在地区。")
        holder = self._holder(area.code, on) or self._holder(area.city, on)
        if holder is None:
            raise Invalid("area_without_office", f"{area.name}尚未设立考核管理机构，请联系{self.province.name}。")
        return holder

    def _holder(self, area_code: str, on: date) -> OfficeCode | None:
        return next((code for held, code in self._holders.get(area_code, ()) if held.holds_on(on)), None)

    def _area_codes(self) -> Iterator[tuple[OfficeCode, AreaCode]]:
        for office in self._offices.values():
            yield from ((office.code, held) for held in office.config.office.area_codes)
        for closed in self._closed.values():
            yield from ((closed.code, held) for held in closed.area_codes)

    def _find_warnings(self) -> Iterator[OfficeWarning]:
        """The unusual dates of each office that the office above does not have as well."""
        for office in self._offices.values():
            for year, calendar in office.calendars.items():
                above = warnings(self._offices[office.parent].calendars[year]) if office.parent else []
                for warning in warnings(calendar):
                    if warning not in above:
                        yield OfficeWarning(office.code, office.file, warning)


def load_catalogue(tenants_dir: Path, *, another: AnotherSeason | None = None) -> Catalogue:
    """Read every office under ``tenants_dir``; raises ConfigurationError where the province's own files are wrong.

    ``another`` is a season beyond those of the files: only a demonstration adds one.
    """
    folder = _province_folder(tenants_dir)
    reader = _Reader(tenants_dir, another)
    reader.read_province(folder)
    return reader.catalogue()


class _Reader:
    """Walks the folders once and gathers open offices, closed offices and faults."""

    def __init__(self, root: Path, another: AnotherSeason | None) -> None:
        self._root = root
        self._another = another
        self._offices: dict[OfficeCode, OpenOffice] = {}
        self._closed: dict[OfficeCode, ClosedOffice] = {}
        self._faults: list[Fault] = []
        self._areas: AreaTable

    def catalogue(self) -> Catalogue:
        """The catalogue of what was read. Two offices that claim the same area are both closed."""
        for fault in list(_claimed_twice(self._offices.values())):
            self._close(OfficeCode(fault.office), fault)
        return Catalogue(self._offices.values(), self._closed.values(), self._faults, self._areas)

    def read_province(self, folder: Path) -> None:
        """Read the province's own two files, or raise; then everything below it."""
        self._areas = self._read_areas(folder / AREAS_FILE)
        code = OfficeCode(folder.name)
        office = self._read(OfficePlace(code, OfficeLevel.PROVINCE, self._shown(folder / PROVINCE_FILE), None), folder)
        if isinstance(office, ClosedOffice):
            raise ConfigurationError("\n".join(map(str, office.faults)))
        self._offices[code] = office
        self._read_below(folder, office)

    def _read_below(self, folder: Path, parent: OpenOffice) -> None:
        for inner in _office_folders(folder):
            code = OfficeCode(f"{parent.code}/{inner.name}")
            depth = code.count("/")
            place = OfficePlace(code, _LEVELS[min(depth, 2)], self._shown(inner / TENANT_FILE), parent)
            if depth > 2:
                stray = Mistake((), "lies below a county, where no office can be", "Move it up")
                self._faults.append(place.fault(stray))
                continue
            office = self._read(place, inner)
            if isinstance(office, ClosedOffice):
                self._faults += office.faults
                self._closed[code] = office
                self._close_below(inner, office)
            else:
                self._offices[code] = office
                self._read_below(inner, office)

    def _read(self, place: OfficePlace, folder: Path) -> OpenOffice | ClosedOffice:
        if not _FOLDER.fullmatch(folder.name):
            problem = Mistake((), f"{folder.name!r} cannot be an office's code", "Use small letters, digits and _ only")
            return place.closed([place.fault(problem)])
        name = PROVINCE_FILE if place.level is OfficeLevel.PROVINCE else TENANT_FILE
        try:
            source = read_source(folder / name, place.file)
        except UnreadableFileError as error:
            fault = Fault(place.code, place.file, error.line, "", error.message, error.remedy)
            return place.closed([fault])
        if self._another is not None:
            source = self._another.added_to(source, place.code)
        return open_office(place, source, self._areas)

    def _read_areas(self, path: Path) -> AreaTable:
        shown = self._shown(path)
        try:
            table = AreaTable(AreasFile.model_validate(read_source(path, shown).table))
        except UnreadableFileError as error:
            where = shown if error.line is None else f"{shown}:{error.line}"
            raise ConfigurationError(f"{where}: {error.message}. {error.remedy}") from error
        except ValidationError as error:
            said = [
                f"{shown}: {'.'.join(problem.key)}: {problem.message}. {problem.remedy}"
                for problem in problems_of(error)
            ]
            raise ConfigurationError("\n".join(said)) from error
        problems = [f"{shown}: {message}. {remedy}" for message, remedy in table.problems()]
        if problems:
            raise ConfigurationError("\n".join(problems))
        return table

    def _close(self, code: OfficeCode, fault: Fault) -> None:
        """Close an office whose own file is sound, and those below it."""
        self._faults.append(fault)
        for inner in [office for office in self._offices.values() if f"{office.code}/".startswith(f"{code}/")]:
            del self._offices[inner.code]
            self._closed[inner.code] = ClosedOffice(
                inner.code, inner.level, inner.parent, inner.name, inner.config.office.area_codes, (fault,)
            )

    def _close_below(self, folder: Path, above: ClosedOffice) -> None:
        """Close the offices below a closed one for the same faults; their own files are not checked yet."""
        for inner in _office_folders(folder):
            code = OfficeCode(f"{above.code}/{inner.name}")
            try:
                table: Mapping[str, object] = read_source(inner / TENANT_FILE, "").table
            except UnreadableFileError:
                table = {}
            place = OfficePlace(code, OfficeLevel.COUNTY, self._shown(inner / TENANT_FILE), None)
            waiting = place.closed(above.faults, Source(file=place.file, table=table, lines={}))
            self._closed[code] = replace(waiting, parent=above.code)

    def _shown(self, path: Path) -> str:
        return f"{self._root.name}/{path.relative_to(self._root).as_posix()}"


def _province_folder(root: Path) -> Path:
    if not root.is_dir():
        raise ConfigurationError(f"{root} is no folder. Point KAOWU_TENANTS_DIR at the folder that holds the province.")
    found = [folder for folder in _office_folders(root) if (folder / PROVINCE_FILE).exists()]
    if len(found) != 1:
        names = ", ".join(folder.name for folder in found) or "none"
        raise ConfigurationError(f"{root} must hold exactly one folder with a {PROVINCE_FILE}; found: {names}.")
    return found[0]


def _office_folders(folder: Path) -> list[Path]:
    """The folders of offices in ``folder``. A folder without its TOML file is a fault of that office."""
    folders = (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))
    return sorted(path for path in folders if path.name != RULES_FOLDER)


def _in_order(offices: Iterable[OpenOffice]) -> list[OpenOffice]:
    """The province, then cities in the order of their area codes, each with its counties after it."""
    by_code = {office.code: office for office in offices}

    def rank(office: OpenOffice) -> list[tuple[str, str]]:
        path = office.code.split("/")
        chain = [by_code[OfficeCode("/".join(path[: length + 1]))] for length in range(len(path))]
        return [(next((held.code for held in office.config.office.area_codes), "~"), office.code) for office in chain]

    return sorted(by_code.values(), key=rank)


def _claimed_twice(offices: Iterable[OpenOffice]) -> Iterator[Fault]:
    """Areas that two offices claim for the same time. Neither claim can be preferred, so both offices are closed."""
    claims = [(held, office) for office in offices for held in office.config.office.area_codes]
    for held, office in claims:
        for other_held, other in claims:
            if held.code == other_held.code and office is not other and _overlap(held, other_held):
                text = f"{held.code} is claimed by {other.file} as well"
                remedy = "Leave it to one of the two, or end one before the other begins"
                line = office.sources[-1].line_of(("office", "area_codes"))
                yield Fault(office.code, office.file, line, "office.area_codes", text, remedy)


def _overlap(code: AreaCode, other: AreaCode) -> bool:
    return (code.valid_until is None or other.valid_from <= code.valid_until) and (
        other.valid_until is None or code.valid_from <= other.valid_until
    )
