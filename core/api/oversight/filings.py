"""Filings, duties, reports and monitoring over JSON: what offices owe the center, and what the center sees of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import BeforeValidator, Field

from core.clock import end_of
from core.db.session import OfficeSession, ScopedSession
from core.errors import NotFound
from core.oversight import queries, service
from core.oversight.filings_due import KIND_LABELS, STATUS_LABELS, Duty, DutyStatus, FilingState
from core.oversight.models import Filing
from core.oversight.report import report
from core.plugin_api import FilingKind, OfficeCode
from core.seasons.queries import late_entries
from core.web.dependencies import AnySession, OfMonitor, OfOffice, OfProvince, ThePlatform
from core.web.guards import AUDITORS, CENTER, OFFICE_STAFF, OFFICERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import DayAsked, Input, OfficeAsked, Output, Remark, Year, YearAsked

Hex = Annotated[str, BeforeValidator(bytes.hex)]
WATCHERS = CENTER | AUDITORS


class ExamDatesIn(Input):
    """The version of the office's calendar that is filed."""

    year: Year
    calendar_id: UUID


class SummaryIn(Input):
    """The figures as the office states them; without any, those that the system counts at this moment."""

    year: Year
    figures: dict[str, int] | None = Field(default=None, max_length=100)


class FilingOut(Output):
    """One version of a filing."""

    id: UUID
    office_id: str
    year: int
    kind: FilingKind
    kind_label: str
    version: int
    content: dict[str, Any]
    digest: str
    due_at: datetime | None
    late: bool
    filed_at: datetime
    state: FilingState
    receipt_number: str | None
    remark: str
    decided_at: datetime | None
    record_batch: int | None
    record_head: Hex | None


class DutyOut(Output):
    """One thing that an office owes, until when, and how it stands."""

    office: str
    kind: FilingKind
    title: str
    source: str
    due: datetime
    status: DutyStatus
    status_label: str
    filing_id: UUID | None


class SectionOut(Output):
    """A titled group of figures."""

    code: str
    title: str
    figures: dict[str, int]


class LateEntryLineOut(Output):
    """A late entry: the permission and its reason, never the person."""

    id: UUID
    reason: str
    approved_at: datetime


class FilingLineOut(Output):
    """One version of a filing, in a report."""

    kind: FilingKind
    version: int
    state: FilingState
    late: bool
    receipt_number: str | None


class ReportOut(Output):
    """An office's report of its season."""

    office: str
    year: int
    made_at: datetime
    figures: dict[str, int]
    sections: list[SectionOut]
    late_entries: list[LateEntryLineOut]
    filings: list[FilingLineOut]
    digest: str


class MonitoredOut(Output):
    """How one office's season goes, in whole numbers and two rates.

    ``backlog`` and ``overdue`` wait for an office, ``at_units`` and ``units_overdue`` for units and departments.
    """

    office: str
    name: str
    total: int
    at_units: int
    units_overdue: int
    backlog: int
    overdue: int
    decisions: int
    returned: int
    rejected: int
    overturned: int
    return_rate: float
    reject_rate: float


@create("/filings/exam-dates", roles=OFFICERS)
def file_exam_dates(session: OfOffice, platform: ThePlatform, data: JSONBody[ExamDatesIn]) -> FilingOut:
    """File a version of the office's exam dates with the provincial center."""
    due = queries.due_of(platform.offices, session.office_id, data.year, FilingKind.EXAM_DATES, at=session.now)
    return _filing(service.file_exam_dates(session, data.year, data.calendar_id, due=due, offices=platform.offices))


@create("/filings/registration-summary", roles=OFFICERS)
def file_registration_summary(session: OfOffice, platform: ThePlatform, data: JSONBody[SummaryIn]) -> FilingOut:
    """File the figures of registration, with all late entries."""
    figures = queries.standard_figures(session, session.office_id, data.year) if data.figures is None else data.figures
    filed = service.file_registration_summary(
        session,
        data.year,
        figures,
        late_entries(session, session.office_id, data.year),
        due=queries.due_of(
            platform.offices, session.office_id, data.year, FilingKind.REGISTRATION_SUMMARY, at=session.now
        ),
        offices=platform.offices,
    )
    return _filing(filed)


@read("/filings", roles=OFFICE_STAFF | AUDITORS, province=True)
def list_filings(session: AnySession, year: YearAsked, office: FromQuery[str | None] = None) -> list[FilingOut]:
    """All versions of a year that the asker may see."""
    return [_filing(filing) for filing in queries.filings(session, year, office_id=office)]


@read("/filings/waiting", roles=CENTER, province=True)
def list_waiting(session: OfProvince, year: YearAsked) -> list[FilingOut]:
    """What waits for the center's receipt or return, the oldest first."""
    return [_filing(waiting) for waiting in queries.waiting(session, year)]


@read("/filings/{filing_id:uuid}", roles=OFFICE_STAFF | AUDITORS, province=True)
def show_filing(session: AnySession, filing_id: FromPath[UUID]) -> FilingOut:
    """One version of a filing."""
    return _filing(queries.filing(session, filing_id))


@act("/filings/{filing_id:uuid}/receive", roles=CENTER, province=True)
def receive(session: OfProvince, platform: ThePlatform, filing_id: FromPath[UUID]) -> FilingOut:
    """Give the center's receipt; exam dates are in force from this moment."""
    return _filing(service.receive(session, filing_id, offices=platform.offices))


@act("/filings/{filing_id:uuid}/return", roles=CENTER, province=True)
def return_filing(
    session: OfProvince, platform: ThePlatform, filing_id: FromPath[UUID], data: JSONBody[Remark]
) -> FilingOut:
    """Send a filing back with a remark; the office files a new version."""
    return _filing(service.return_filing(session, filing_id, data.remark, offices=platform.offices))


@read("/duties", roles=OFFICE_STAFF | AUDITORS, province=True)
def list_duties(
    session: AnySession,
    platform: ThePlatform,
    year: YearAsked,
    *,
    office: FromQuery[str | None] = None,
    as_of: DayAsked = None,
) -> list[DutyOut]:
    """What offices owe the center and how it stands; an office other than the center sees its own."""
    moment = session.now if as_of is None else end_of(as_of)
    asked = office if office is not None or not isinstance(session, OfficeSession) else session.office_id
    if asked is None:
        owed = queries.dues(platform.offices, year, at=moment)
    else:
        code = OfficeCode(_own(session, asked))
        owed = {code: queries.dues_of(platform.offices, code, year, at=moment)}
    found = queries.duties_by_office(session, year, owed, at=moment)
    return [_duty(duty) for duties in found.values() for duty in duties]


@read("/reports", roles=OFFICERS)
def show_report(session: OfOffice, platform: ThePlatform, year: YearAsked) -> ReportOut:
    """The report of the asker's office: its figures, late entries and filings, and what its plugins add."""
    season, view = queries.views_of(platform.offices, session.office_id, year, at=session.now)
    figures = queries.standard_figures(session, session.office_id, year)
    sections = platform.offices.hooks(session.office_id).report_sections(season, view, figures)
    return ReportOut.model_validate(report(session, session.office_id, year, sections=sections))


@read("/monitoring", roles=WATCHERS, province=True)
def monitor(session: OfMonitor, year: YearAsked) -> list[MonitoredOut]:
    """How the season goes in the center and every city."""
    return [MonitoredOut.of(monitored) for monitored in queries.monitor(session, year)]


@read("/monitoring/places", roles=OFFICERS | AUDITORS, province=True)
def monitor_places(session: AnySession, year: YearAsked, office: OfficeAsked) -> list[MonitoredOut]:
    """One city by place: the cases of each county's units, whichever office handles them."""
    return [MonitoredOut.of(place) for place in queries.monitor_places(session, _own(session, office), year)]


@read("/monitoring/desks", roles=OFFICERS | AUDITORS, province=True)
def monitor_desks(session: AnySession, year: YearAsked, office: OfficeAsked) -> list[MonitoredOut]:
    """One city by desk: the cases that each county has in hand."""
    return [MonitoredOut.of(desk) for desk in queries.monitor_desks(session, _own(session, office), year)]


def _own(session: ScopedSession, office: str) -> str:
    """The office asked about, if it is the asker's own or lies below it; any office for the center and its auditors."""
    if isinstance(session, OfficeSession) and not f"{office}/".startswith(f"{session.office_id}/"):
        raise NotFound("office_unknown", "没有这个考核管理机构，或您无权查看。请检查机构代码。")
    return office


def _filing(filed: Filing) -> FilingOut:
    return FilingOut.of(filed, kind_label=KIND_LABELS[FilingKind(filed.kind)])


def _duty(duty: Duty) -> DutyOut:
    filing_id = None if duty.filing is None else duty.filing.id
    return DutyOut.of(duty, status_label=STATUS_LABELS[duty.status], filing_id=filing_id)


router = Router("/", route_handlers=declared_in(__name__), tags=["备案与监管"])
