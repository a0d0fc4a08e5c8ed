"""The season's dates of every office, for the public: with the office that set them, and why."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.clock import start_of
from core.db.session import ScopedSession
from core.domain.calendar import KIND_NAMES
from core.errors import NotFound
from core.platform import Platform
from core.plugin_api import ExamCalendar, Grade, OfficeCode, OfficeLevel, Window, WindowKind
from core.seasons import queries
from core.seasons.models import Season
from core.seasons.queries import FILED_KINDS, OwnDates
from core.tenancy.config.office import ContactTable
from core.tenancy.models import Office
from core.tenancy.queries import offices
from core.text import filters
from core.web.dependencies import AnySession, ThePlatform
from core.web.page.rendering import AnyRequest, render
from core.web.routes import page

SHOWN = (
    (WindowKind.REGISTRATION, "网上报名"),
    (WindowKind.UNIT_REVIEW, "单位初审"),
    (WindowKind.QUALIFICATION_REVIEW, "资格审查"),
    (WindowKind.COMPUTER_EXAM, "人机对话考试"),
    (WindowKind.LEVEL_ONE_THEORY, "一级理论考试"),
)
"""The kinds that a table of all offices has room for; an office's own page shows every kind."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one kind, as words; ``standing`` is before, running, over, open (not set yet), or frame.

    A frame is the time in which the office may still fix its exam: nothing is going on there.
    """

    label: str
    texts: tuple[str, ...]
    standing: str


@dataclass(frozen=True, slots=True)
class Line:
    """One office with its dates."""

    id: str
    name: str
    level: str
    dates: tuple[Dates, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """One window of an office: for which grades, how it stands now, and why it is so.

    ``drawn`` and the province's ``frame`` around it are (begin, length) in hundredths of the year.
    """

    kind: str
    grades: str
    text: str
    standing: str
    drawn: tuple[float, float]
    frame: tuple[float, float] | None
    why: tuple[tuple[str, str], ...]


@page("/calendar")
def calendars_page(
    request: AnyRequest,
    session: AnySession,
    city: Annotated[str, QueryParameter(max_length=100, description="只看这个市及所辖县（市）。")] = "",
) -> Response[str]:
    """Every office with the dates that most people ask for."""
    season = queries.latest_season(session)
    lines = [] if season is None else _lines(session, season.year)
    cities = [line for line in lines if line.level != OfficeLevel.COUNTY]
    shown = [line for line in lines if not city or line.id == city or line.id.startswith(f"{city}/")]
    return render(
        request,
        session,
        "seasons/calendars.html",
        season=season,
        kinds=[label for _, label in SHOWN],
        lines=shown,
        cities=cities,
        city=city,
    )


@page("/calendar/{code:path}")
def calendar_page(
    request: AnyRequest, session: AnySession, platform: ThePlatform, code: FromPath[str]
) -> Response[str]:
    """One office: every date of every grade inside the frame of the level above, and where it comes from."""
    office = session.get(Office, code.strip("/"))
    season = queries.latest_season(session)
    if office is None or season is None:
        raise NotFound("office_unknown", "没有这个考核管理机构，或尚未开放任何年度的考核。请从各地日程中重新选择。")
    spans, contact = spans_of(session, office.id, season), contact_of(platform, office.id)
    return render(request, session, "seasons/calendar.html", season=season, office=office, spans=spans, contact=contact)


def contact_of(platform: Platform, office_id: str) -> ContactTable:
    """How to reach an office; nothing is known of one that is closed."""
    catalogue = platform.offices.catalogue
    found = next((office for office in catalogue.offices() if office.code == office_id), None)
    return ContactTable() if found is None else found.config.office.contact


def spans_of(session: ScopedSession, office_id: str, season: Season) -> list[Span]:
    """Every window of an office as it is drawn: inside the frame of the level above, with its reasons."""
    chain = queries.chain_now(session, office_id, season.year)
    calendar = queries.calendar_now(session, office_id, season.year)
    names = {office.id: office.name for office in offices(session)}
    return _spans(calendar, chain, names=names, season=season, now=session.now)


def closing_days(session: ScopedSession, year: int) -> dict[str, tuple[tuple[str, str], ...]]:
    """The last moments of registration and of the unit's review, in words, for every office."""
    found = queries.calendars_now(session, year)
    return {
        office: tuple(
            (label, _ends([window for window in calendar.windows if window.kind is kind]))
            for kind, label in SHOWN[:2]
            if any(window.kind is kind for window in calendar.windows)
        )
        for office, calendar in found.items()
    }


def _ends(windows: list[Window]) -> str:
    """When windows of one kind end, the grades named where they differ."""
    ordered = sorted(windows, key=lambda window: window.closes)
    if len({window.closes for window in ordered}) == 1:
        return filters.end(ordered[0].closes)
    return "，".join(f"{filters.grades(window.grades)}{filters.end(window.closes)}" for window in ordered)


def _lines(session: ScopedSession, year: int) -> list[Line]:
    calendars, fixed = queries.calendars_now(session, year), queries.exams_fixed(session, year)
    return [
        Line(
            id=office.id,
            name=office.name,
            level=office.level,
            dates=tuple(
                _dates(
                    calendars[OfficeCode(office.id)],
                    kind,
                    label,
                    session.now,
                    is_frame=kind in FILED_KINDS and kind not in fixed[OfficeCode(office.id)],
                )
                for kind, label in SHOWN
            ),
        )
        for office in offices(session)
        if not office.practice
    ]


def _dates(calendar: ExamCalendar, kind: WindowKind, label: str, now: datetime, *, is_frame: bool) -> Dates:
    windows = [window for window in calendar.windows if window.kind is kind]
    if not windows:
        return Dates(label, ("待公布",), "open")
    all_grades = frozenset[Grade]().union(*(window.grades for window in windows))
    texts = [
        filters.span(window) + ("" if window.grades == all_grades else f"（{filters.grades(window.grades)}）")
        for window in windows
    ]
    standings = {_standing(window, now) for window in windows}
    standing = next(standing for standing in ("running", "before", "over") if standing in standings)
    return Dates(label, tuple(texts), "frame" if is_frame and standing != "over" else standing)


def _standing(window: Window, now: datetime) -> str:
    if now >= window.closes:
        return "over"
    return "running" if window.contains(now) else "before"


def _spans(
    calendar: ExamCalendar, chain: list[OwnDates], *, names: dict[str, str], season: Season, now: datetime
) -> list[Span]:
    order = list(WindowKind)
    return [
        Span(
            kind=KIND_NAMES[window.kind],
            grades=filters.grades(window.grades),
            text=filters.span(window),
            standing="frame" if now < window.closes and _is_frame(window, chain) else _standing(window, now),
            drawn=_drawn(window, season.year),
            frame=_frame(window, chain, season.year),
            why=_why(window, chain, names, season),
        )
        for window in sorted(calendar.windows, key=lambda window: (order.index(window.kind), window.closes))
    ]


def _drawn(window: Window, year: int) -> tuple[float, float]:
    """Where a window lies in its year; a deadline without an opening is drawn as its last day."""
    begins = start_of(date(year, 1, 1))
    whole = start_of(date(year + 1, 1, 1)) - begins
    first = window.opens or window.closes - timedelta(days=1)
    left, right = ((min(max(moment - begins, timedelta()), whole) / whole) * 100 for moment in (first, window.closes))
    return round(left, 1), round(max(right - left, 0.8), 1)


def _frame(window: Window, chain: list[OwnDates], year: int) -> tuple[float, float] | None:
    """The province's window around an office's own; None for the province itself."""
    frame = chain[0].in_force().window(window.kind, next(iter(window.grades))) if len(chain) > 1 else None
    return None if frame is None else _drawn(frame, year)


def _is_frame(window: Window, chain: list[OwnDates]) -> bool:
    """Whether a window of an exam is the province's alone: no office has fixed a date in it."""
    grade = next(iter(window.grades))
    below = (office for office in chain[1:] if office.in_force().window(window.kind, grade) is not None)
    return window.kind in FILED_KINDS and next(below, None) is None


def _why(window: Window, chain: list[OwnDates], names: dict[str, str], season: Season) -> tuple[tuple[str, str], ...]:
    """Which level set a window, in which version and by which act, and inside which frame it lies."""
    grade = next(iter(window.grades))
    setter = next(office for office in reversed(chain) if office.in_force().window(window.kind, grade) is not None)
    said = [("由谁确定", names[setter.office]), ("依据", season.notice)]
    if setter.level is OfficeLevel.CITY and window.kind in FILED_KINDS:
        said.append(("何时生效", "报省级工考管理机构备案，自收到回执起生效（通知第三条末段）"))
    above = [office for office in reversed(chain) if len(office.office) < len(setter.office)]
    for office in above:
        frame = office.in_force().window(window.kind, grade)
        if frame is not None:
            said.append(("上级规定的范围", f"{filters.span(frame)}（{names[office.office]}）"))
            break
    return tuple(said)
