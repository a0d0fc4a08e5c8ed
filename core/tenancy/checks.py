"""Checks between the files of a province: a lower office narrows the rules of the office above and never widens them.

Every function looks at one office whose values are valid in themselves, and yields what an operator must correct.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from core.domain.calendar import CalendarError, build_calendar, check_against_frame, grade_names
from core.plugin_api import ExamCalendar, OfficeLevel, WindowKind
from core.tenancy.areas import AreaTable
from core.tenancy.config.known_keys import Key, levels_that_may_set, suggestion
from core.tenancy.config.office import AreaCode, OfficeConfig, Onsite
from core.tenancy.config.sources import Source, leaves


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake at a key, with its remedy. The caller that reports it adds file and line."""

    key: Key
    message: str
    remedy: str


def problems_of(error: ValidationError) -> Iterator[Mistake]:
    """The refusals of the models in words for operators: the first of each key, since the others follow from it."""
    told: set[Key] = set()
    for fault in error.errors(include_url=False):
        key = tuple(step for step in fault["loc"] if isinstance(step, str) and step != "[key]")
        if key in told:
            continue
        told.add(key)
        if fault["type"] == "extra_forbidden":
            near = suggestion(key)
            meant = f"Is {near!r} meant?" if near else "Delete it"
            yield Mistake(key, "unknown key", f"{meant} docs/configuration.md lists all keys")
        elif fault["type"] == "missing":
            yield Mistake(key, "is missing", "Set it; docs/configuration.md describes it")
        elif fault["type"] == "value_error":
            yield Mistake(key, fault["msg"].removeprefix("Value error, "), "Correct it")
        else:
            said = fault["msg"][:1].lower() + fault["msg"][1:]
            yield Mistake(key, f"{fault['input']!r} does not do: {said}", "Correct the value")


def keys_of_other_levels(own: Source, level: OfficeLevel) -> Iterator[Mistake]:
    """Keys that a file of this level may not hold."""
    for key, _ in leaves(own.table):
        levels = levels_that_may_set(key)
        if level not in levels:
            theirs = " or ".join(level.value for level in OfficeLevel if level in levels)
            yield Mistake(key, f"may be set by a {theirs} only, not by a {level}", "Delete it here")


def plugins_named_twice(own: Source) -> Iterator[Mistake]:
    """Plugins that one file lists twice. A plugin may also stand in the file of a level above."""
    counted = Counter(map(str, own.table.get("plugins", ())))
    twice = [repr(name) for name, times in counted.items() if times > 1]
    if twice:
        yield Mistake(("plugins",), f"{', '.join(twice)} stands there twice", "Leave it there once")


def widenings(config: OfficeConfig, parent: OfficeConfig) -> Iterator[Mistake]:
    """Values by which an office would allow more, or supervise less, than the level above."""
    for key, own, above in (
        (("eligibility", "staff_categories"), config.eligibility.staff_categories, parent.eligibility.staff_categories),
        (("documents", "accepted_types"), config.documents.accepted_types, parent.documents.accepted_types),
    ):
        more = sorted(str(value) for value in set(own) - set(above))
        if more:
            yield Mistake(key, f"adds {', '.join(more)} to what the level above allows", "Leave it out")
    yield from _numbers(config, parent)
    if parent.review.onsite is Onsite.ALWAYS and config.review.onsite is not Onsite.ALWAYS:
        yield Mistake(("review", "onsite"), "is looser than the level above, which says always", "Delete it here")
    missing = sorted(set(parent.review.onsite_always_grades) - set(config.review.onsite_always_grades))
    if missing and config.review.onsite is not Onsite.ALWAYS:
        text = f"leaves out {grade_names(missing)}, which the level above demands"
        yield Mistake(("review", "onsite_always_grades"), text, "Add it")
    if config.seating.policy.apart < parent.seating.policy.apart:
        text = f"seats units closer together than the level above, which says {parent.seating.apart}"
        yield Mistake(("seating", "apart"), text, "Delete it here")
    if parent.documents.require_scan and not config.documents.require_scan:
        yield Mistake(("documents", "require_scan"), "switches off what the level above demands", "Delete it here")
    if parent.policy.officers_need_totp and not config.policy.officers_need_totp:
        yield Mistake(("policy", "officers_need_totp"), "switches off what the level above demands", "Delete it here")


def _numbers(config: OfficeConfig, parent: OfficeConfig) -> Iterator[Mistake]:
    for table, name, may_grow in (
        ("documents", "max_bytes", False),
        ("documents", "max_pixels", False),
        ("documents", "max_count", False),
        ("supervision", "sample_percent", True),
        ("supervision", "sample_percent_entrusted", True),
        ("supervision", "sample_minimum", True),
        ("seating", "reserve_percent", True),
        ("seating", "invigilators", True),
        ("exam_day", "opened_minutes_before", True),
        ("exam_day", "acknowledged_minutes", False),
        ("awards", "publication_days", True),
        ("awards", "tail_digits", False),
        ("awards", "hearing_days", True),
        ("awards", "shown_days", True),
        ("sanctions", "hearing_days", True),
        ("sanctions", "suspension_days", False),
    ):
        own: int = getattr(getattr(config, table), name)
        above: int = getattr(getattr(parent, table), name)
        if (own < above) if may_grow else (own > above):
            bound = f"at {'least' if may_grow else 'most'} {above}"
            yield Mistake((table, name), f"is {own}, but the level above demands {bound}", f"Set {bound}")


def calendars_of(config: OfficeConfig) -> tuple[dict[int, ExamCalendar], list[Mistake]]:
    """The calendar of each year with dates, and the mistakes in the years whose dates make no calendar."""
    calendars: dict[int, ExamCalendar] = {}
    problems: list[Mistake] = []
    for year, kinds in config.calendar.items():
        try:
            calendars[year] = build_calendar({kind: table.dates() for kind, table in kinds.items()})
        except CalendarError as error:
            grade = () if error.grade is None else ("grades", str(int(error.grade)))
            key = ("calendar", str(year), error.kind.value, *grade)
            problems.append(Mistake(key, str(error), "Correct the dates"))
    return calendars, problems


def dates_outside(own: ExamCalendar, frame: ExamCalendar, year: int, frame_file: str) -> Iterator[Mistake]:
    """Windows that leave the calendar of the level above. Source: 2024 notice, last paragraph of §3."""
    for outside in check_against_frame(own, frame):
        key = ("calendar", str(year), outside.kind.value)
        yield Mistake(key, f"{outside} ({frame_file})", "Move it inside, or have the level above move its own first")


def dates_a_county_may_not_set(own: ExamCalendar, parent: OfficeConfig, year: int) -> Iterator[Mistake]:
    """Kinds that the county's city keeps for itself."""
    for kind in dict.fromkeys(window.kind for window in own.windows):
        if kind not in parent.policy.county_dates:
            text = "is not among the dates that the city lets its counties set"
            remedy = f"Delete it, or add {kind.value!r} to policy.county_dates of the city"
            yield Mistake(("calendar", str(year), kind.value), text, remedy)


def seasons_that_cannot_run(config: OfficeConfig, calendars: dict[int, ExamCalendar]) -> Iterator[Mistake]:
    """A province's years without a season, and a season's grades without dates of registration or review."""
    for table, years in (("calendar", config.calendar), ("filings", config.filings)):
        for year in sorted(set(years) - set(config.season)):
            yield Mistake((table, str(year)), f"there is no season {year}", f"Add [season.{year}], or delete it")
    for year, season in config.season.items():
        for kind in (WindowKind.REGISTRATION, WindowKind.QUALIFICATION_REVIEW):
            dates = calendars.get(year, ExamCalendar(()))
            lost = {grade for grade in season.grades if dates.window(kind, grade) is None}
            if lost:
                text = f"season {year} has no {kind.value} for {grade_names(lost)}"
                yield Mistake(("season", str(year)), text, f"Add [calendar.{year}.{kind.value}]")
        closed = [trade.code for trade in season.trades if not set(trade.grades) & set(season.grades)]
        if closed:
            text = f"{', '.join(closed)} is open for no grade of the season"
            yield Mistake(("season", str(year), "trades"), text, "Name its grades")


def areas_not_theirs(
    config: OfficeConfig, level: OfficeLevel, areas: AreaTable, parent: OfficeConfig | None
) -> Iterator[Mistake]:
    """Area codes that the table of areas does not list, or lists with another name, kind or validity."""
    for own in config.office.area_codes:
        for message in _about_area(own, level, areas, parent):
            yield Mistake(("office", "area_codes"), f"{own.code}: {message}", "Compare it with areas.toml")


def _about_area(own: AreaCode, level: OfficeLevel, areas: AreaTable, parent: OfficeConfig | None) -> Iterator[str]:
    area = areas.get(own.code)
    if level is OfficeLevel.PROVINCE:
        yield "the provincial center has no area of its own"
        return
    if area is None:
        yield "areas.toml does not list it"
        return
    if area.kind.is_city != (level is OfficeLevel.CITY):
        yield f"{area.name} is a {area.kind}, which is not the area of a {level}"
    elif not area.kind.is_city and parent and area.city not in {code.code for code in parent.office.area_codes}:
        yield f"{area.name} does not lie in the area of {parent.office.name}"
    if own.name is not None and own.name != area.name:
        yield f"is called {area.name}, not {own.name}"
    ends_late = area.valid_until is not None and (own.valid_until is None or own.valid_until > area.valid_until)
    if own.valid_from < area.valid_from or ends_late:
        until = area.valid_until.isoformat() if area.valid_until else "today"
        yield f"was in use from {area.valid_from} to {until} only"


def delegation_problems(config: OfficeConfig, province: OfficeConfig) -> Iterator[Mistake]:
    """A delegation of stages outside the route, or of trades that no season has."""
    delegation = config.delegation
    if delegation is None:
        return
    lost = [stage.value for stage in delegation.stages if stage not in config.review.route]
    if lost:
        yield Mistake(("delegation", "stages"), f"{', '.join(lost)} is not on the route", "Add it to review.route")
    known = {trade.code for season in province.season.values() for trade in season.trades}
    strange = sorted(set(delegation.trades or ()) - known)
    if strange:
        yield Mistake(("delegation", "trades"), f"no season has the trades {', '.join(strange)}", "Correct the codes")
