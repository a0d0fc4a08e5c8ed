"""The season of an office: its calendar inside the frame above, its own dates, and late entries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response

from core.clock import SHANGHAI, end_of, last_day, start_of
from core.db.session import OfficeSession
from core.domain.calendar import KIND_NAMES, calendar_from_json, grades_of
from core.errors import Invalid
from core.identity.service import claim_person
from core.pages.season import season_asked
from core.pages.seasons.public_calendars import spans_of
from core.pages.table_export import Sheet, TableAsked, table_file
from core.plugin_api import ExamCalendar, OfficeLevel, Window, WindowKind
from core.seasons import queries, service
from core.seasons.models import CalendarVersion
from core.tenancy.models import Office
from core.text import filters
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS
from core.web.page.form_dates import day_of
from core.web.page.rendering import AnyRequest, Sent, attempt, render, see
from core.web.routes import form, page


@dataclass(frozen=True, slots=True)
class Field:
    """The two dates of one kind for all its grades (``grade`` empty), or for one grade that differs."""

    name: str
    label: str
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of dates in the form: the frame of the level above, and the office's own dates."""

    kind: str
    label: str
    frame: str
    whole: Field
    single: tuple[Field, ...]

    @property
    def is_set(self) -> bool:
        """Whether the office sets this kind itself."""
        return any(field.closes for field in (self.whole, *self.single))

    @property
    def differs(self) -> bool:
        """Whether single grades have dates of their own."""
        return any(field.closes for field in self.single)


@page("/season/calendar", roles=OFFICERS)
def calendar_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The office's calendar inside the frame of the level above, and its own dates to be set."""
    return _calendar(request, session, platform)


@table_file("/season/calendar/export", roles=OFFICERS)
def export_calendar(session: OfficeSession, table: TableAsked) -> Sheet:
    """The office's calendar as an Excel file."""
    season = table.season(session)
    spans = spans_of(session, session.office_id, season)
    rows = [(span.kind, span.grades, span.text, "；".join(": ".join(pair) for pair in span.why)) for span in spans]
    return Sheet(f"{season.year}年度日程", ("事项", "等级", "时间", "依据"), rows)


@form("/season/calendar", roles=OFFICERS)
def set_calendar(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Write the office's own dates as its next version; the province's dates move the frame of all offices."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        windows, source = list(_windows(data)), str(data.get("source") or "").strip()
        if not source:
            raise Invalid("source_required", "请写明依据，例如本机构通知的文号。", at="source")
        if _level(session) is OfficeLevel.PROVINCE:
            service.move_frame(session, year, windows, source=source)
        else:
            service.propose_calendar(
                session,
                year,
                windows,
                frame=queries.frame_now(session, session.office_id, year),
                source=source,
                may_set=platform.offices.dates_left_to(session.office_id),
            )
        return see("/season/calendar")
    return _calendar(request, session, platform, tried=tried, given=data)


@page("/season/late", roles=OFFICERS)
def late_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The late entries of the office, and a form for one more."""
    return _late(request, session)


@form("/season/late", roles=OFFICERS)
def let_in_late(request: AnyRequest, session: OfOffice, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Let one person submit in one window after registration has closed."""
    year = season_asked(request, session).year
    with attempt(request, session) as tried:
        opens, closes = day_of(data, "opens"), day_of(data, "closes")
        if opens is None or closes is None:
            missing = "opens" if opens is None else "closes"
            raise Invalid("dates_missing", "请填写补报的起止日期。", at=missing)
        person_id = claim_person(
            session,
            id_number=str(data.get("id_number") or ""),
            name=str(data.get("name") or ""),
            phone=None,
            keys=platform.keys,
        )
        service.let_in_late(
            session,
            year=year,
            person_id=person_id,
            reason=str(data.get("reason") or ""),
            opens=start_of(opens),
            closes=end_of(closes),
        )
        return see("/season/late")
    return _late(request, session, tried=tried, given=data)


def _calendar(
    request: AnyRequest, session: OfficeSession, platform: Any, *, tried: Any = None, given: Any = None
) -> Response[str]:
    season = season_asked(request, session)
    versions = queries.versions(session, session.office_id, season.year)
    own = ExamCalendar(()) if not versions else calendar_from_json(versions[-1].windows)
    province = _level(session) is OfficeLevel.PROVINCE
    frame = None if province else queries.frame_now(session, session.office_id, season.year)
    left = platform.offices.dates_left_to(session.office_id)
    blocks = [_block(kind, own, frame, given) for kind in WindowKind if kind in left and _framed(kind, frame)]
    filed = {kind.value for kind in queries.FILED_KINDS}
    city = _level(session) is OfficeLevel.CITY
    return render(
        request,
        session,
        "seasons/office_calendar.html",
        tried=tried,
        season=season,
        spans=spans_of(session, session.office_id, season),
        exams=[block for block in blocks if block.kind in filed],
        others=[block for block in blocks if block.kind not in filed],
        versions=[(version, _standing(version, versions, in_force_later=city)) for version in reversed(versions)],
        source="" if given is None else str(given.get("source") or ""),
        province=province,
        city=city,
        outside=queries.offices_outside(session, season.year) if province else [],
    )


def _late(request: AnyRequest, session: OfficeSession, *, tried: Any = None, given: Any = None) -> Response[str]:
    season = season_asked(request, session)
    return render(
        request,
        session,
        "seasons/late.html",
        tried=tried,
        entries=list(reversed(queries.late_entries(session, session.office_id, season.year))),
        used=queries.used_late_entries(session, session.office_id, season.year),
        given=given or {},
    )


def _block(kind: WindowKind, own: ExamCalendar, frame: ExamCalendar | None, given: Any) -> Block:
    """Show what was sent as it was, else the newest version, with the commonest dates for the whole kind."""
    windows = [window for window in own.windows if window.kind is kind]
    widest = max(windows, key=lambda window: len(window.grades), default=None)
    whole = Field(kind.value, "", *_written(kind.value, widest, given))
    single = tuple(
        Field(f"{kind.value}-{int(grade)}", grade.label, *_written(f"{kind.value}-{int(grade)}", other, given))
        for grade in sorted(grades_of(kind), reverse=True)
        for other in [next((window for window in windows if grade in window.grades and window is not widest), None)]
    )
    allowed = [] if frame is None else [window for window in frame.windows if window.kind is kind]
    text = "；".join(f"{filters.grades(window.grades)}{filters.span(window)}" for window in allowed)
    return Block(kind.value, KIND_NAMES[kind], text, whole, single if len(single) > 1 else ())


def _written(name: str, window: Window | None, given: Any) -> tuple[str, str]:
    if given is not None:
        return str(given.get(f"{name}-opens") or ""), str(given.get(f"{name}-closes") or "")
    if window is None:
        return "", ""
    opens = "" if window.opens is None else window.opens.astimezone(SHANGHAI).date().isoformat()
    return opens, last_day(window.closes).isoformat()


def _windows(data: dict[str, Any]) -> list[Window]:
    """The windows of the form: one for the kind's grades, and one for each grade that differs."""
    found = []
    for kind in WindowKind:
        alone = {
            grade: span for grade in grades_of(kind) if (span := _span(data, f"{kind.value}-{int(grade)}")) is not None
        }
        found += [Window(kind, *span, frozenset({grade})) for grade, span in sorted(alone.items(), reverse=True)]
        rest = grades_of(kind) - alone.keys()
        whole = _span(data, kind.value)
        if whole is not None and rest:
            found.append(Window(kind, *whole, frozenset(rest)))
    return found


def _span(data: dict[str, Any], name: str) -> tuple[datetime | None, datetime] | None:
    opens, closes = day_of(data, f"{name}-opens"), day_of(data, f"{name}-closes")
    if closes is None and opens is not None:
        raise Invalid("window_open_ended", "请填写结束日期。", at=f"{name}-closes")
    return None if closes is None else (None if opens is None else start_of(opens), end_of(closes))


def _framed(kind: WindowKind, frame: ExamCalendar | None) -> bool:
    return frame is None or any(window.kind is kind for window in frame.windows)


def _standing(version: CalendarVersion, versions: Any, *, in_force_later: bool) -> tuple[str, str]:
    if version is not versions[-1]:
        return "已有新版", "plain"
    return ("考试时间自备案回执起生效", "waits") if in_force_later else ("生效", "done")


def _level(session: OfficeSession) -> OfficeLevel:
    return OfficeLevel(session.get_one(Office, session.office_id).level)
