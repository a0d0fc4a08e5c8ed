"""Seasons over JSON: what is examined, every office's dates (also as of another day), and people let in late."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field
from sqlalchemy import select

from core.clock import end_of
from core.domain.calendar import KIND_NAMES, grades_of
from core.plugin_api import ExamCalendar, Grade, Window, WindowKind
from core.seasons import queries, service
from core.seasons.models import Season
from core.web.dependencies import AnySession, OfOffice, OfSupervisor, ThePlatform
from core.web.guards import CENTER, OFFICERS
from core.web.routes import create, declared_in, read, read_publicly
from core.web.schemas import DayAsked, Input, Line, Moment, OfficeAsked, Output, Text, Year, YearAsked


class SeasonOut(Output):
    """A year's assessment."""

    year: int
    notice: str
    notice_date: date
    rule_document: str


class SubjectOut(Output):
    """A subject, in the notice's order."""

    subject: str
    position: int


class TradeOut(Output):
    """A trade that can be applied for."""

    trade: str
    name: str


class GradeOut(Output):
    """What a grade is examined in, and in which trades it can be applied for."""

    grade: Grade
    label: str
    subjects: list[SubjectOut]
    trades: list[TradeOut]


class SeasonDetail(SeasonOut):
    """A year's assessment with its grades."""

    grades: list[GradeOut]


class WindowOut(Output):
    """A half-open span; ``opens`` is null where only a deadline holds."""

    kind: WindowKind
    label: str
    grades: list[Grade]
    opens: datetime | None
    closes: datetime


class CalendarOut(Output):
    """The dates that hold for an office; with ``as_of``, those that held at the end of that day."""

    office: str
    year: int
    as_of: date | None
    windows: list[WindowOut]


class WindowIn(Input):
    """A span that an office sets; without ``grades`` it is for all that its kind can be about."""

    kind: WindowKind
    opens: Moment | None = None
    closes: Moment
    grades: list[Grade] | None = Field(default=None, min_length=1, max_length=5)

    def window(self) -> Window:
        """The same as a calendar takes it."""
        grades = grades_of(self.kind) if self.grades is None else frozenset(self.grades)
        return Window(self.kind, self.opens, self.closes, grades)


class CalendarIn(Input):
    """All the dates that an office sets itself for a year, and where they come from."""

    year: Year
    windows: list[WindowIn] = Field(max_length=60)
    source: Line


class VersionOut(Output):
    """One version of an office's own dates."""

    id: UUID
    office_id: str
    year: int
    version: int
    source: str
    digest: str
    made_at: datetime


class OutsideOut(Output):
    """An office whose dates lie outside those of the level above, and in which way."""

    office: str
    name: str
    explanations: list[str]


class MovedFrameOut(Output):
    """The province's new version, and every office that now lies outside."""

    version: VersionOut
    outside: list[OutsideOut]


class LateEntryIn(Input):
    """One person, why they are let in, and for which window."""

    year: Year
    person_id: UUID
    reason: Text
    opens: Moment
    closes: Moment


class LateEntryOut(Output):
    """A permission to submit after registration has closed."""

    id: UUID
    office_id: str
    year: int
    person_id: UUID
    reason: str
    approved_by: UUID
    approved_at: datetime
    opens: datetime
    closes: datetime


@read_publicly("/seasons")
def list_seasons(session: AnySession) -> list[SeasonOut]:
    """The years that the province has opened, the newest first."""
    return [SeasonOut.model_validate(season) for season in session.scalars(select(Season).order_by(Season.year.desc()))]


@read_publicly("/seasons/{year:int}")
def show_season(session: AnySession, year: FromPath[int]) -> SeasonDetail:
    """A year's grades, subjects and trades."""
    season = queries.season(session, year)
    grades = [
        GradeOut(
            grade=grade,
            label=grade.label,
            subjects=[SubjectOut.model_validate(subject) for subject in queries.subjects(session, year, grade)],
            trades=[TradeOut.model_validate(trade) for trade in queries.trades_open(session, year, grade)],
        )
        for grade in sorted(Grade, reverse=True)
    ]
    return SeasonDetail(**SeasonOut.model_validate(season).model_dump(), grades=grades)


@read_publicly("/calendars")
def show_calendar(session: AnySession, office: OfficeAsked, year: YearAsked, as_of: DayAsked = None) -> CalendarOut:
    """The dates in force for an office."""
    if as_of is None:
        calendar = queries.calendar_now(session, office, year)
    else:
        calendar = queries.calendar_as_of(session, office, year, end_of(as_of))
    return CalendarOut(office=office, year=year, as_of=as_of, windows=_windows(calendar))


@read_publicly("/calendars/versions")
def list_versions(session: AnySession, office: OfficeAsked, year: YearAsked) -> list[VersionOut]:
    """Every version of an office's own dates, oldest first, in force or not."""
    return [VersionOut.model_validate(version) for version in queries.versions(session, office, year)]


@create("/calendars", roles=OFFICERS)
def propose_calendar(session: OfOffice, platform: ThePlatform, data: JSONBody[CalendarIn]) -> VersionOut:
    """Write the office's own dates as its next version, inside those of the level above."""
    version = service.propose_calendar(
        session,
        data.year,
        [window.window() for window in data.windows],
        frame=queries.frame_now(session, session.office_id, data.year),
        source=data.source,
        may_set=platform.offices.dates_left_to(session.office_id),
    )
    return VersionOut.model_validate(version)


@create("/calendars/frame", roles=CENTER)
def move_frame(session: OfSupervisor, data: JSONBody[CalendarIn]) -> MovedFrameOut:
    """Move the province's own dates; every office that now lies outside is listed."""
    windows = [window.window() for window in data.windows]
    version, outside = service.move_frame(session, data.year, windows, source=data.source)
    return MovedFrameOut(version=VersionOut.model_validate(version), outside=_outside(outside))


@read_publicly("/calendars/outside")
def list_outside(session: AnySession, year: YearAsked) -> list[OutsideOut]:
    """Every office whose dates in force leave those of the level above."""
    return _outside(queries.offices_outside(session, year))


@read("/late-entries", roles=OFFICERS)
def list_late_entries(session: OfOffice, year: YearAsked) -> list[LateEntryOut]:
    """The late entries of the office."""
    return [LateEntryOut.model_validate(entry) for entry in queries.late_entries(session, session.office_id, year)]


@create("/late-entries", roles=OFFICERS)
def let_in_late(session: OfOffice, data: JSONBody[LateEntryIn]) -> LateEntryOut:
    """Let one person submit in one window after registration has closed."""
    return LateEntryOut.model_validate(service.let_in_late(session, **data.model_dump()))


def _windows(calendar: ExamCalendar) -> list[WindowOut]:
    order = list(WindowKind)
    return [
        WindowOut.of(window, label=KIND_NAMES[window.kind], grades=sorted(window.grades, reverse=True))
        for window in sorted(
            calendar.windows, key=lambda window: (order.index(window.kind), window.closes, sorted(window.grades))
        )
    ]


def _outside(found: list[queries.OfficeOutside]) -> list[OutsideOut]:
    return [
        OutsideOut(office=office.office, name=office.name, explanations=[part.explanation() for part in office.outside])
        for office in found
    ]


router = Router("/", route_handlers=declared_in(__name__), tags=["年度与日程"])
