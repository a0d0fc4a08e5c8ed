"""Acts upon a season: an office sets its dates, the province moves its frame, and one person is let in late."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from core.audit import service as audit
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, ProvinceSession, Role, ScopedSession
from core.domain.calendar import KIND_NAMES, calendar_to_json, check_against_frame, grades_of, hard_end
from core.errors import Conflict, Forbidden, Invalid
from core.identity.models import Account
from core.plugin_api import ExamCalendar, Grade, OfficeLevel, Window, WindowKind
from core.seasons import queries
from core.seasons.models import CalendarVersion, LateEntry
from core.tenancy.models import Office
from core.text import dates
from core.text.form_texts import required_text

_OFFICERS = frozenset(
    {Role.COUNTY_REVIEWER, Role.CITY_REVIEWER, Role.CITY_SUPERVISOR, Role.PROVINCIAL_OFFICER, Role.SYSTEM}
)
_ANY_KIND = frozenset(WindowKind)


def propose_calendar(
    session: OfficeSession,
    year: int,
    windows: Iterable[Window],
    *,
    frame: ExamCalendar,
    source: str,
    may_set: frozenset[WindowKind] = _ANY_KIND,
) -> CalendarVersion:
    """Write the office's own windows as its next version, which says all that the office sets itself.

    ``source`` names their origin: a file, a hook, an act. ``may_set`` are the kinds that the level above leaves to this
    office. Invalid, and nothing saved, where a window leaves ``frame`` or is malformed. Exam dates of a city come into
    force only with the center's receipt. Source: 2024 notice, last paragraph of §3.
    """
    _must_be_officer(session)
    own = ExamCalendar(tuple(windows))
    _check_windows(own)
    kept = sorted({KIND_NAMES[window.kind] for window in own.windows if window.kind not in may_set})
    if kept:
        raise Invalid("dates_not_yours", f"{'、'.join(kept)}的时间由上级机构统一确定，不能自行设置。请删去后再提交。")
    _check_inside(own, frame)
    return _write_version(session, year, own, source=source)


def move_frame(
    session: OfficeSession | ProvinceSession, year: int, windows: Iterable[Window], *, source: str
) -> tuple[CalendarVersion, list[queries.OfficeOutside]]:
    """Move the province's own dates; the answer lists the offices now outside, whose dates stay in force until changed.

    Forbidden for all but the provincial center.
    """
    office = session.get(Office, session.office_id)
    if office is None or office.level != OfficeLevel.PROVINCE or session.actor.role not in _OFFICERS:
        raise Forbidden("not_the_province", "只有省中心可以调整全省日程。请将调整意见报省中心。")
    own = ExamCalendar(tuple(windows))
    _check_windows(own)
    version = _write_version(session, year, own, source=source)
    return version, queries.offices_outside(session, year)


def let_in_late(
    session: OfficeSession, *, year: int, person_id: UUID, reason: str, opens: datetime, closes: datetime
) -> LateEntry:
    """Let one person submit in one window after registration has closed; the actor is the approver.

    Invalid without a reason, and where the window ends after qualification review, when no decision is possible.
    Conflict while the person has an unused permission that still runs.
    """
    _must_be_officer(session)
    _check_not_own_case(session, person_id)
    queries.check_takes_in(session, year)
    written = required_text(reason, "请写明准予补报的理由。")
    _check_late_window(session, year, opens, closes)
    if queries.unused_late_entry(session, person_id, year, after=session.now) is not None:
        raise Conflict("late_entry_exists", "该申报人已有尚未用完的补报时间，请让其在原定时间内提交。")
    entry = LateEntry(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        person_id=person_id,
        reason=written,
        approved_by=session.actor.account_id,
        approved_at=session.now,
        opens=opens,
        closes=closes,
    )
    session.add(entry)
    with in_words():
        session.flush()
    subject = audit.RecordSubject(session.office_id, "late_entry", entry.id)
    audit.record_on(
        session,
        subject,
        "late_entry.approved",
        year=year,
        person_id=str(person_id),
        opens=opens.isoformat(),
        closes=closes.isoformat(),
    )
    return entry


def _write_version(
    session: OfficeSession | ProvinceSession, year: int, own: ExamCalendar, *, source: str
) -> CalendarVersion:
    queries.season(session, year)
    queries.check_not_ended(session, year)
    of_office = (CalendarVersion.office_id == session.office_id, CalendarVersion.year == year)
    rows = calendar_to_json(own)
    version = CalendarVersion(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        version=(session.scalar(select(func.max(CalendarVersion.version)).where(*of_office)) or 0) + 1,
        windows=rows,
        source=source,
        digest=audit.digest_of(rows).hex(),
        made_at=session.now,
        made_by=session.actor.account_id,
    )
    session.add(version)
    with in_words():
        session.flush()
    subject = audit.RecordSubject(session.office_id, "calendar", version.id)
    audit.record_on(
        session, subject, "calendar.proposed", year=year, version=version.version, digest=version.digest, source=source
    )
    return version


def _check_windows(calendar: ExamCalendar) -> None:
    """Refuse a malformed calendar: an empty window, a grade without such a window, two windows of a kind and grade."""
    for window in calendar.windows:
        name = KIND_NAMES[window.kind]
        if any(moment.tzinfo is None for moment in (window.opens, window.closes) if moment):
            raise Invalid("window_without_zone", f"{name}的时间缺少时区，请按北京时间重新填写。")
        if window.opens is not None and window.opens >= window.closes:
            raise Invalid("window_empty", f"{name}的开始时间不早于结束时间，请改正后再提交。")
        if not window.grades or window.grades - grades_of(window.kind):
            raise Invalid("window_of_no_grade", f"{name}适用的等级有误，请重新选择等级。")
    counted = Counter((window.kind, grade) for window in calendar.windows for grade in window.grades)
    for (kind, grade), times in counted.items():
        if times > 1:
            raise Invalid("window_twice", f"{KIND_NAMES[kind]}（{grade.label}）填写了两次，请只保留一个时间。")


def _check_inside(own: ExamCalendar, frame: ExamCalendar) -> None:
    outside = check_against_frame(own, frame)
    if outside:
        text = "".join(window.explanation() for window in outside)
        raise Invalid("outside_frame", text, fields={window.kind.value: window.explanation() for window in outside})


def _check_late_window(session: OfficeSession, year: int, opens: datetime, closes: datetime) -> None:
    if opens >= closes:
        raise Invalid("window_empty", "补报的开始时间不早于结束时间，请改正后再提交。", fields={"closes": "请改晚"})
    if closes <= session.now:
        raise Invalid("window_past", "补报的结束时间已过，请改为今后的时间。", fields={"closes": "请改晚"})
    calendar = queries.calendar_now(session, session.office_id, year)
    ends = [end for grade in Grade if (end := hard_end(calendar, grade)) is not None]
    if not ends or closes > max(ends):
        until = dates.minute(max(ends)) if ends else "（未定）"
        raise Invalid(
            "after_hard_end",
            f"补报须在资格审查截止（{until}）前结束，否则无法审查。请把结束时间改早。",
            fields={"closes": "请改早"},
        )


def _must_be_officer(session: ScopedSession) -> None:
    if session.actor.role not in _OFFICERS:
        raise Forbidden("not_an_officer", "只有工考管理机构的审查或监管人员可以办理此项，请联系本机构负责人。")


def _check_not_own_case(session: OfficeSession, person_id: UUID) -> None:
    """No officer decides on their own case, whichever of their accounts they use."""
    own = session.actor.person_id or session.scalar(
        select(Account.person_id).where(Account.id == session.actor.account_id)
    )
    if own == person_id:
        raise Forbidden("own_case", "不能为本人办理补报，请由本机构其他人员审批。")
