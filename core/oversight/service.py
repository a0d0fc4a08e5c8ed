"""Filing (备案): a city files a version, the center gives its receipt or returns it with a remark.

A receipt is no approval: it says that the filing arrived and lies inside the frame, and brings its exam dates into
force. A filing never changes; a faulty one is followed by the next version.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.audit import service as audit
from core.audit.heads import latest_head
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, ProvinceSession, Role
from core.domain.calendar import calendar_from_json, check_against_frame
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.jobs import tell_plugins
from core.messages.service import Recipient, notify
from core.oversight import queries
from core.oversight.filings_due import KIND_LABELS, FilingState, effective_due
from core.oversight.models import Filing
from core.plugin_api import ExamCalendar, FilingKind, OfficeLevel
from core.seasons import queries as seasons
from core.seasons.models import CalendarVersion, LateEntry
from core.tenancy.models import Office
from core.tenancy.offices import Offices

_FILERS = frozenset({Role.CITY_REVIEWER, Role.CITY_SUPERVISOR, Role.SYSTEM})
_RECEIVERS = frozenset({Role.PROVINCIAL_OFFICER, Role.SYSTEM})


def file_exam_dates(
    session: OfficeSession, year: int, calendar_id: UUID, *, due: datetime | None, offices: Offices | None = None
) -> Filing:
    """File one version of the office's calendar. Source: 2024 notice, last paragraph of §3.

    ``due`` is the date by the office's hooks; after a return a later correction date holds. Conflict while a
    version waits and where the calendar lies outside the province's; Invalid where it sets no exam date.
    """
    seasons.check_not_ended(session, year)
    office, center = _city_and_center(session)
    calendar = session.get(CalendarVersion, calendar_id)
    if calendar is None or calendar.office_id != office.id or calendar.year != year:
        raise NotFound("calendar_unknown", "没有找到要备案的日程，请先保存本机构的考试时间。")
    own = calendar_from_json(calendar.windows)
    if not any(window.kind in seasons.FILED_KINDS for window in own.windows):
        raise Invalid("no_exam_dates", "日程中没有考试时间。请先确定本地区考试的具体时间，再报省中心备案。")
    _check_inside(own, seasons.frame_now(session, office.id, year))
    content = {"windows": calendar.windows, "calendar_version": calendar.version, "calendar_digest": calendar.digest}
    return _file(
        session, center, year, FilingKind.EXAM_DATES, content=content, due=due, calendar_id=calendar_id, offices=offices
    )


def file_registration_summary(
    session: OfficeSession,
    year: int,
    figures: Mapping[str, int],
    late_entries: Iterable[LateEntry],
    *,
    due: datetime | None,
    offices: Offices | None = None,
) -> Filing:
    """File the figures of registration, with all late entries. Source: 2024 notice §3(3).

    Invalid where a figure differs from the system's count at this moment, or a late entry of the office is missing.
    """
    seasons.check_not_ended(session, year)
    office, center = _city_and_center(session)
    counted = queries.standard_figures(session, office.id, year)
    wrong = sorted(name for name, figure in figures.items() if figure != counted.get(name, figure) or figure < 0)
    if wrong:
        raise Invalid("figures_differ", f"汇总数据与系统统计不一致（{'、'.join(wrong)}）。请刷新后按最新数据报送。")
    named = list(late_entries)
    if {entry.id for entry in named} != {entry.id for entry in seasons.late_entries(session, office.id, year)}:
        raise Invalid("late_entries_differ", "补报人员与系统记录不一致。请刷新后按最新名单报送。")
    content = {"figures": dict(figures), "late_entries": [_late_entry(entry) for entry in named]}
    return _file(session, center, year, FilingKind.REGISTRATION_SUMMARY, content=content, due=due, offices=offices)


def receive(session: ProvinceSession, filing_id: UUID, *, offices: Offices | None = None) -> Filing:
    """Give the center's receipt, numbered by year and office; exam dates are in force from this moment.

    The receipt carries the newest head of the office's record: on paper it is safe from changes in the database.
    Conflict where the filing was decided already, and where the province's dates have moved since.
    """
    filed = _to_decide(session, filing_id)
    if filed.kind == FilingKind.EXAM_DATES:
        frame = seasons.frame_now(session, filed.office_id, filed.year)
        _check_inside(calendar_from_json(filed.content["windows"]), frame)
    number = _next_receipt_number(session, filed)
    sealed = latest_head(session, filed.office_id)
    batch, head = (None, None) if sealed is None else sealed
    _decide(session, filed, FilingState.RECEIVED, offices, receipt_number=number, record_batch=batch, record_head=head)
    label = KIND_LABELS[FilingKind(filed.kind)]
    text = f"省中心已接收你单位第{filed.version}版{label}，备案号：{number}。"
    if sealed is not None:
        text += f"截至接收时，本机构办理记录封存至第{sealed[0]}批，校验值：{sealed[1].hex()}。"
    _tell(session, filed, f"{label}已接收", text)
    return filed


def return_filing(session: ProvinceSession, filing_id: UUID, remark: str, *, offices: Offices | None = None) -> Filing:
    """Send a filing back: the office files a new version. Invalid without a remark, Conflict once decided."""
    filed = _to_decide(session, filing_id)
    seasons.check_not_ended(session, filed.year)
    if not remark.strip():
        raise Invalid(
            "remark_required", "退回须写明原因，报送单位将看到这段文字。", fields={"remark": "请填写退回原因"}
        )
    _decide(session, filed, FilingState.RETURNED, offices, remark=remark.strip())
    label = KIND_LABELS[FilingKind(filed.kind)]
    text = f"省中心退回了你单位第{filed.version}版{label}，原因：{remark.strip()}。请改正后重新报送。"
    _tell(session, filed, f"{label}已退回", text)
    return filed


def _file(
    session: OfficeSession,
    center: Office,
    year: int,
    kind: FilingKind,
    *,
    content: dict[str, Any],
    due: datetime | None,
    calendar_id: UUID | None = None,
    offices: Offices | None = None,
) -> Filing:
    seasons.season(session, year)
    before = [
        version
        for version in queries.filed_versions(session, year, office_id=session.office_id)
        if version.kind is kind
    ]
    if any(version.state is FilingState.FILED for version in before):
        raise _still_waiting(kind)
    until = None if due is None else effective_due(due, before)
    filed = Filing(
        id=new_id(),
        office_id=session.office_id,
        to_office_id=center.id,
        year=year,
        kind=kind.value,
        version=max((version.version for version in before), default=0) + 1,
        calendar_id=calendar_id,
        content=content,
        digest=audit.digest_of(content).hex(),
        due_at=until,
        late=until is not None and session.now >= until,
        filed_at=session.now,
        filed_by=session.actor.account_id,
        state=FilingState.FILED.value,
        remark="",
    )
    session.add(filed)
    waiting = _still_waiting(kind)
    with in_words(uq_filings_one_waiting=waiting, uq_filings_office_id_year_kind_version=waiting):
        session.flush()
    _record(session, filed, "filing.filed", offices)
    return filed


def _decide(
    session: ProvinceSession, filed: Filing, state: FilingState, offices: Offices | None = None, **decision: object
) -> None:
    """Set the decision once: of two officers the second gets a Conflict."""
    values = {"state": state.value, "decided_at": session.now, "decided_by": session.actor.account_id, **decision}
    statement = update(Filing).where(Filing.id == filed.id, Filing.state == FilingState.FILED.value).values(values)
    with in_words():
        decided = session.execute(
            statement.returning(Filing.id), execution_options={"synchronize_session": False}
        ).first()
    if decided is None:
        raise _decided_already(queries.filing(session, filed.id))
    session.refresh(filed)
    _record(session, filed, f"filing.{state.value}", offices)


def _to_decide(session: ProvinceSession, filing_id: UUID) -> Filing:
    if session.actor.role not in _RECEIVERS:
        raise Forbidden("not_the_center", "只有省中心经办人员可以接收或退回备案材料。")
    filed = queries.filing(session, filing_id)
    if filed.to_office_id != session.office_id:
        raise NotFound("filing_unknown", "没有找到该备案材料，请检查地址或返回列表重新选择。")
    if filed.state != FilingState.FILED:
        raise _decided_already(filed)
    return filed


def _city_and_center(session: OfficeSession) -> tuple[Office, Office]:
    """The filing office and the one it files with. Source: 2024 notice, last paragraph of §3 (各省辖市、济源示范区)."""
    office = session.get(Office, session.office_id)
    if office is None or office.level != OfficeLevel.CITY:
        raise Forbidden("not_a_city", "只有省辖市和济源示范区向省中心备案；县（市）的材料请报所属省辖市汇总。")
    if office.practice:
        raise Forbidden("practice_office", "演练机构的人员和数据都是虚构的，不向省中心备案。请在正式机构中报送。")
    if session.actor.role not in _FILERS:
        raise Forbidden("not_a_filer", "只有市级审查或监管人员可以报送备案，请联系本机构负责人。")
    center = session.scalars(select(Office).where(Office.level == OfficeLevel.PROVINCE.value)).one()
    return office, center


def _check_inside(own: ExamCalendar, frame: ExamCalendar) -> None:
    outside = check_against_frame(own, frame)
    if outside:
        raise Conflict("outside_frame", "".join(window.explanation() for window in outside))


def _next_receipt_number(session: ProvinceSession, filed: Filing) -> str:
    office = session.get_one(Office, filed.office_id)
    prefix = f"备案-{filed.year}-{office.short_name}-"
    given = select(func.count()).where(Filing.receipt_number.startswith(prefix, autoescape=True))
    return f"{prefix}{(session.scalar(given) or 0) + 1:04d}"


def _late_entry(entry: LateEntry) -> dict[str, str]:
    """A late entry as the center reads it, without the person."""
    return {
        "id": str(entry.id),
        "reason": entry.reason,
        "approved_by": str(entry.approved_by),
        "opens": entry.opens.isoformat(),
        "closes": entry.closes.isoformat(),
    }


def _tell(session: ProvinceSession, filed: Filing, title: str, body: str) -> None:
    notify(
        session,
        Recipient(office_id=filed.office_id),
        event_key=f"filing:{filed.id}:{filed.state}",
        office_id=filed.office_id,
        kind=f"filing_{filed.state}",
        title=title,
        body=body,
    )


def _record(session: OfficeSession | ProvinceSession, filed: Filing, kind: str, offices: Offices | None) -> None:
    """Record the move, and tell the plugins of the filing office of its entry."""
    entry = audit.record_on(session, filed, kind)
    if offices is not None:
        session.flush()
        tell_plugins(
            session,
            offices.hooks,
            "filing_moved",
            office_id=filed.office_id,
            owner_id=filed.office_id,
            subject_id=entry.id,
        )


def _still_waiting(kind: FilingKind) -> Conflict:
    waits = f"上一版{KIND_LABELS[kind]}正待省中心接收，不能重复报送。请等待接收或退回后再报新版。"
    return Conflict("filing_waits", waits)


def _decided_already(filed: Filing) -> Conflict:
    done = "接收" if filed.state == FilingState.RECEIVED else "退回"
    return Conflict("filing_decided", f"该备案材料已被{done}，不能再次处理。请刷新页面查看结果。")
