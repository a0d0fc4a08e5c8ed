"""The season's work of an office: its most pressing matter, its counties, and its filings with the center."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import Actor, OfficeSession, ProvinceSession, ScopedSession
from core.domain.calendar import KIND_NAMES, calendar_from_json
from core.errors import Invalid
from core.oversight import queries, service
from core.oversight.attention import Desk, Held, Matter, OpenPlan, Urgency, matters
from core.oversight.board import Monitored
from core.oversight.earlier_queries import work_of_season
from core.oversight.filings_due import KIND_LABELS, STATUS_LABELS, Duty, DutyStatus, FilingState
from core.oversight.labels import label_of
from core.oversight.models import Filing
from core.oversight.open_requests import URGENCIES, open_requests
from core.pages.earlier_work import ways_to
from core.pages.season import season_asked
from core.pages.table_export import Sheet, TableAsked, table_file
from core.platform import Platform
from core.plugin_api import FilingKind, OfficeCode, OfficeLevel, WindowKind
from core.sanctions.suspensions import suspensions
from core.scheduling.plans.health import health_of, open_matters, published_plans
from core.seasons import queries as seasons
from core.tenancy.models import Office
from core.tenancy.queries import offices
from core.text import filters
from core.web.dependencies import AnySession, OfOffice, OfProvince, ThePlatform
from core.web.guards import AUDITORS, CENTER, OFFICERS, REVIEWERS
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page

STATUS_TONES = {
    DutyStatus.NOT_DUE_YET: "plain",
    DutyStatus.DUE: "waits",
    DutyStatus.FILED: "waits",
    DutyStatus.RECEIVED: "done",
    DutyStatus.RETURNED: "stopped",
    DutyStatus.OVERDUE: "stopped",
}
STATE_WORDS = {
    FilingState.FILED: ("已报送，待省中心接收", "waits"),
    FilingState.RECEIVED: ("已备案", "done"),
    FilingState.RETURNED: ("已退回", "stopped"),
}
_WAYS = {
    Urgency.SUSPENDED: ("/sanctions", "查看违规案件"),
    Urgency.FILING_OVERDUE: ("/filings", "现在报送"),
    Urgency.FILING_RETURNED: ("/filings", "查看退回原因并重新报送"),
    Urgency.FILING_DUE: ("/filings", "去报送"),
    Urgency.OUTSIDE_FRAME: ("/season/calendar", "改正日程"),
    Urgency.CASES_OVERDUE: ("/desk", "打开审查台"),
    Urgency.COUNTY_OVERDUE: ("/delegations", "查看委托与下放"),
    Urgency.INQUIRIES: ("/inquiries", "答复咨询"),
    Urgency.APPEALS: ("/supervision/appeals", "答复申诉"),
    Urgency.IDENTITY: ("/identity", "办理更正"),
    Urgency.REISSUES: ("/certificates/reissues", "办理更换、补办"),
    Urgency.FORMS: ("/manager-forms", "办理登记表"),
    Urgency.BANS: ("/bans", "核对补录的决定"),
}
_OPEN_AFTER_THE_END = frozenset({Urgency.CASES_OVERDUE, Urgency.COUNTY_OVERDUE})
"""What can still be done in a season that has ended: reopened cases are decided, nothing is filed any more."""
_NEXT_SHOWN = 5


def way_to(matter: Matter, actor: Actor) -> tuple[str, str]:
    """The page of a matter, and the text of its link: an officer who decides no cases is led to supervision."""
    urgency = matter.urgency
    if urgency in {Urgency.PLAN_UNSOUND, Urgency.PLAN_OPEN}:
        return f"/plans/{matter.subject}", "查看编排方案并处理"
    if urgency is Urgency.CASES_OVERDUE and not REVIEWERS & actor.permissions:
        return "/supervision/cases", "查看案件"
    return _WAYS[urgency]


@page("/season", roles=OFFICERS)
def season_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The state of the office's season: the most pressing matter, the counties' delays, the filings."""
    year = season_asked(request, session).year
    duties, desks = _duties(session, platform, year), _desks(session, year)
    outside = [
        part.explanation()
        for office in seasons.offices_outside(session, year)
        if office.office == session.office_id
        for part in office.outside
    ]
    plans = open_plans(session, year, office_id=session.office_id).get(session.office_id, [])
    current, ended = year == seasons.current_season(session).year, seasons.is_ended(session, year)
    waiting = work_of_season(session, year, current=current)
    found = matters(
        session.office_id,
        duties,
        [_desk(desk) for desk in desks],
        outside,
        plans=plans,
        held=_held(session),
        requests=open_requests(session, waiting),
    )
    if ended:
        found = [matter for matter in found if matter.urgency in _OPEN_AFTER_THE_END]
    return render(
        request,
        session,
        "oversight/season.html",
        matters=[(matter, *way_to(matter, session.actor)) for matter in found],
        waits=ways_to({kind: count for kind, count in waiting.items() if kind not in URGENCIES or ended}, year),
        duties=duties,
        status=status_words,
        desks=desks,
        own=session.office_id,
        windows=_next_windows(session, year),
    )


def _held(session: OfficeSession) -> Held | None:
    """The suspended candidates of the office, as one matter."""
    held = [suspension for suspension, _ in suspensions(session)]
    if not held:
        return None
    days = (session.now - held[0].imposed_at).days + 1
    return Held(len(held), days, min(suspension.decide_until for suspension in held))


@page("/filings", roles=OFFICERS)
def filings_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The duties of the office, and every version that it has filed."""
    return _filings(request, session, platform)


@table_file("/filings/export", roles=OFFICERS)
def export_filings(session: OfficeSession, table: TableAsked) -> Sheet:
    """The office's filings as an Excel file."""
    year = table.season(session).year
    return filing_sheet(session, queries.filings(session, year, office_id=session.office_id), year)


@form("/filings/exam-dates", roles=OFFICERS)
def file_exam_dates(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """File a version of the office's exam dates."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        due = queries.due_of(platform.offices, session.office_id, year, FilingKind.EXAM_DATES, at=session.now)
        chosen = _uuid(data.get("calendar_id"))
        service.file_exam_dates(session, year, chosen, due=due, offices=platform.offices)
        return see("/filings")
    return _filings(request, session, platform, tried=tried)


@form("/filings/registration-summary", roles=OFFICERS)
def file_summary(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[Any]:
    """File the system's figures of this moment, with all late entries."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        service.file_registration_summary(
            session,
            year,
            queries.standard_figures(session, session.office_id, year),
            seasons.late_entries(session, session.office_id, year),
            due=queries.due_of(
                platform.offices, session.office_id, year, FilingKind.REGISTRATION_SUMMARY, at=session.now
            ),
            offices=platform.offices,
        )
        return see("/filings")
    return _filings(request, session, platform, tried=tried)


@page("/filings/{filing_id:uuid}", roles=OFFICERS | AUDITORS, province=True)
def filing_page(request: AnyRequest, session: AnySession, filing_id: FromPath[UUID]) -> Response[str]:
    """One version: its content, and the center's receipt or remark."""
    return _filing(request, session, filing_id)


@form("/filings/{filing_id:uuid}/receive", roles=CENTER, province=True)
def receive(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, filing_id: FromPath[UUID]
) -> Response[Any]:
    """Give the center's receipt."""
    with attempt(request, session) as tried:
        service.receive(session, filing_id, offices=platform.offices)
        return see(f"/filings/{filing_id}")
    return _filing(request, session, filing_id, tried=tried)


@form("/filings/{filing_id:uuid}/return", roles=CENTER, province=True)
def return_filing(
    request: AnyRequest, session: OfProvince, platform: ThePlatform, *, filing_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Send a filing back with a remark."""
    remark = str(data.get("remark") or "")
    with attempt(request, session) as tried:
        service.return_filing(session, filing_id, remark, offices=platform.offices)
        return see(f"/filings/{filing_id}")
    return _filing(request, session, filing_id, tried=tried, remark=remark)


def open_plans(
    session: ScopedSession, year: int, *, office_id: str | None = None, whole: bool = True
) -> dict[str, list[OpenPlan]]:
    """Office → its published plans with open matters, of one office or of all that the session sees.

    Without ``whole`` no ticket and no paper is compared with the plan, which takes seconds for a province.
    """
    found: dict[str, list[OpenPlan]] = {}
    plans = published_plans(session, year, office_id=office_id)
    health = health_of(session, [plan.id for plan in plans], whole=whole) if plans else {}
    for plan in plans:
        if listed := open_matters(health[plan.id], plan.id):
            texts, grave = [matter.text for matter in listed], any(matter.grave for matter in listed)
            name = KIND_NAMES[WindowKind(plan.exam)]
            found.setdefault(plan.office_id, []).append(OpenPlan(str(plan.id), name, texts, grave))
    return found


def filing_sheet(session: ScopedSession, found: Any, year: int) -> Sheet:
    """Filings as a table to be saved."""
    names = {office.id: office.name for office in offices(session)}
    rows = [
        (
            names[filing.office_id],
            KIND_LABELS[FilingKind(filing.kind)],
            filing.version,
            STATE_WORDS[FilingState(filing.state)][0],
            filing.filed_at,
            "是" if filing.late else "否",
            filing.receipt_number,
            filing.decided_at,
            filing.remark,
        )
        for filing in found
    ]
    columns = ("报送机构", "事项", "版次", "状态", "报送时间", "逾期", "备案号", "办理时间", "退回原因")
    return Sheet(f"{year}年度备案材料", columns, rows)


def _filings(request: AnyRequest, session: OfficeSession, platform: Platform, tried: Any = None) -> Response[str]:
    year = season_asked(request, session).year
    filed = queries.filings(session, year, office_id=session.office_id)
    versions = seasons.versions(session, session.office_id, year)
    return render(
        request,
        session,
        "oversight/filings.html",
        tried=tried,
        level=session.get_one(Office, session.office_id).level,
        duties=_duties(session, platform, year),
        status=status_words,
        filed=list(reversed(filed)),
        words=STATE_WORDS,
        kinds=KIND_LABELS,
        calendars=[(version.id, _version_words(version)) for version in reversed(versions) if _sets_exams(version)],
        figures=[
            (label_of(name), count)
            for name, count in queries.standard_figures(session, session.office_id, year).items()
            if count and not name.startswith("state_")
        ],
        late=len(seasons.late_entries(session, session.office_id, year)),
        open_kinds={filing.kind for filing in filed if filing.state == FilingState.FILED},
    )


def _filing(
    request: AnyRequest, session: ScopedSession, filing_id: UUID, *, tried: Any = None, remark: str = ""
) -> Response[str]:
    found = queries.filing(session, filing_id)
    decides = isinstance(session, ProvinceSession) and found.state == FilingState.FILED
    return render(
        request,
        session,
        "oversight/filing.html",
        of_year=found.year,
        tried=tried,
        filing=found,
        office=session.get_one(Office, found.office_id),
        kind=KIND_LABELS[FilingKind(found.kind)],
        word=STATE_WORDS[FilingState(found.state)],
        windows=_windows(found),
        figures=[
            (label_of(name), count)
            for name, count in found.content.get("figures", {}).items()
            if count or name == "submitted"
        ],
        late_entries=found.content.get("late_entries", []),
        moment=datetime.fromisoformat,
        decides=decides,
        remark=remark,
        back="/filings" if isinstance(session, OfficeSession) else "/board/filings",
    )


def _duties(session: OfficeSession, platform: Platform, year: int) -> list[Duty]:
    code = OfficeCode(session.office_id)
    owed = {code: queries.dues_of(platform.offices, code, year, at=session.now)}
    return queries.duties_by_office(session, year, owed).get(code, [])


def _desks(session: OfficeSession, year: int) -> list[Monitored]:
    """The office's own desk and those of its counties."""
    if session.get_one(Office, session.office_id).level == OfficeLevel.COUNTY:
        return [queries.monitor_desk(session, session.office_id, year)]
    return queries.monitor_desks(session, session.office_id, year)


def _desk(monitored: Monitored) -> Desk:
    return Desk(monitored.office, monitored.name, monitored.backlog, monitored.overdue)


def status_words(status: DutyStatus) -> tuple[str, str]:
    """The words and the tone of how an office stands with a duty."""
    return STATUS_LABELS[status], STATUS_TONES[status]


def _next_windows(session: OfficeSession, year: int) -> list[tuple[str, str, Any]]:
    """The windows that are open or come next: name, span, and end."""
    calendar = seasons.calendar_now(session, session.office_id, year)
    ahead = sorted(
        (window for window in calendar.windows if window.closes > session.now), key=lambda window: window.closes
    )
    return [(KIND_NAMES[window.kind], filters.span(window), window.closes) for window in ahead[:_NEXT_SHOWN]]


def _version_words(version: Any) -> str:
    exams = [window for window in calendar_from_json(version.windows).windows if window.kind in seasons.FILED_KINDS]
    said = "；".join(f"{KIND_NAMES[exam.kind]}{filters.span(exam)}" for exam in exams)
    return f"第{version.version}版：{said}"


def _sets_exams(version: Any) -> bool:
    return any(WindowKind(window["kind"]) in seasons.FILED_KINDS for window in version.windows)


def _windows(found: Filing) -> list[tuple[str, str, str]]:
    calendar = calendar_from_json(found.content.get("windows", []))
    return [
        (KIND_NAMES[window.kind], filters.grades(window.grades), filters.span(window)) for window in calendar.windows
    ]


def _uuid(given: object) -> UUID:
    try:
        return UUID(str(given))
    except ValueError:
        raise Invalid("calendar_missing", "请选择要报送的日程版本。", at="calendar_id") from None
