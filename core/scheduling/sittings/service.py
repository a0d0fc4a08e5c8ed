"""Sittings (场次) of an office: inside its exam windows, in rooms of ready sites, and in no room twice at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update

from core.audit import service as audit
from core.audit.dependents import Change, changed
from core.clock import SHANGHAI, last_day
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.rows import own_row
from core.db.session import OfficeSession, ScopedSession
from core.domain.calendar import KIND_NAMES
from core.domain.consequences import Fact
from core.errors import Conflict, Invalid, NotFound
from core.plugin_api import ExamCalendar, Grade, WindowKind
from core.scheduling.access import must_schedule
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom, ExamSite, SiteOffice
from core.scheduling.models.sittings import Sitting, SittingRoom
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.sittings.unusual_days import warning_of
from core.seasons.models import SeasonSubject, SeasonTrade
from core.seasons.queries import calendar_now, check_not_ended
from core.text import dates


@dataclass(frozen=True, slots=True)
class SittingForm:
    """The data of a sitting; no trades means all, ``by_trade`` keeps each trade together in rooms."""

    starts_at: datetime
    ends_at: datetime
    subjects: tuple[str, ...]
    grades: frozenset[Grade]
    trades: frozenset[str] = frozenset()
    by_trade: bool = False


@dataclass(frozen=True, slots=True)
class RoomInUse:
    """A room that a sitting can use; ``seats`` do not count the machines in reserve."""

    sitting_id: UUID
    room_id: UUID
    site_id: UUID
    room_name: str
    seats: int
    accessible: bool


def set_sitting(session: OfficeSession, year: int, form: SittingForm, room_ids: Collection[UUID] = ()) -> Sitting:
    """Set a sitting of the office in these rooms.

    Invalid, with both dates, outside the office's exam window of a grade; for a subject or trade that the grade does
    not have; for a sitting in the past or over midnight. Conflict as :func:`use_rooms` says. For an unusual
    day see :func:`warnings_of`. Source: 2024 notice §3(5), dates inside the filed window.
    """
    must_schedule(session)
    check_not_ended(session, year)
    _check(session, year, form)
    sitting = Sitting(
        id=new_id(),
        office_id=session.office_id,
        year=year,
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        subjects=list(form.subjects),
        grades=sorted(int(grade) for grade in form.grades),
        trades=sorted(form.trades),
        by_trade=form.by_trade,
        set_at=session.now,
        set_by=session.actor.account_id,
    )
    session.add(sitting)
    session.flush()
    audit.record_on(session, sitting, "sitting.set", starts_at=_iso(form.starts_at), ends_at=_iso(form.ends_at))
    use_rooms(session, sitting.id, room_ids)
    return sitting


def move_sitting(session: OfficeSession, sitting_id: UUID, *, starts_at: datetime, ends_at: datetime) -> Sitting:
    """Move a sitting to another time together with its rooms. The same refusals as when it is set.

    Conflict once it has begun, or a candidate was noted at its door: that arrival would count for the new time as well.
    Candidates keep their seats in it; they and the invigilators are told the new time, and tickets are replaced.
    """
    must_schedule(session)
    sitting = _open_sitting(session, sitting_id)
    if sitting.starts_at <= session.now:
        raise Conflict("sitting_begun", "该场次已经开考，不能再改时间。突发情况请在“考场情况”中报告。")
    if session.scalar(select(Attendance.sitting_id).where(Attendance.sitting_id == sitting_id).limit(1)) is not None:
        raise Conflict("sitting_attended", "本场已有考生到场登记，不能改期。请取消本场，另设场次并重新编排。")
    form = SittingForm(
        starts_at,
        ends_at,
        tuple(sitting.subjects),
        frozenset(Grade(grade) for grade in sitting.grades),
        frozenset(sitting.trades),
    )
    _check(session, sitting.year, form)
    held = [row.room_id for row in rooms_in_use(session, [sitting_id])]
    _check_rooms(session, _rooms(session, held), starts_at, ends_at, but=sitting_id)
    before, told = _iso(sitting.starts_at), f"{dates.minute(sitting.starts_at)}至{dates.clock(sitting.ends_at)}"
    moved = update(Sitting).where(Sitting.id == sitting_id).values(starts_at=starts_at, ends_at=ends_at)
    with in_words():
        session.execute(moved)
    session.expire(sitting)
    audit.record_on(session, sitting, "sitting.moved", **{"from": before, "to": _iso(starts_at)})
    changed(session, Change(Fact.TIME, f"场次时间调整（原为{told}）", sittings=(sitting_id,)))
    return sitting


def cancel_sitting(session: OfficeSession, sitting_id: UUID, *, reason: str) -> Sitting:
    """Cancel a sitting; its rooms become free, and a new plan has to seat its candidates elsewhere. They are told."""
    must_schedule(session)
    sitting = _open_sitting(session, sitting_id)
    sitting.cancelled_at, sitting.cancelled_reason = session.now, _reason(reason)
    session.flush()
    _withdraw(session, sitting_id, None, reason)
    audit.record_on(session, sitting, "sitting.cancelled")
    changed(session, Change(Fact.ROOM, f"场次取消（{sitting.cancelled_reason}）", sittings=(sitting_id,)))
    return sitting


def use_rooms(session: OfficeSession, sitting_id: UUID, room_ids: Collection[UUID]) -> int:
    """Add rooms to a sitting; returns the number of seats that it gains.

    Conflict, saying which room, where a site is not ready, does not serve the office or is not open on the day, and
    where a room is taken at that time, also by another office.
    """
    must_schedule(session)
    sitting = _open_sitting(session, sitting_id)
    rooms = _rooms(session, room_ids)
    _check_rooms(session, rooms, sitting.starts_at, sitting.ends_at, but=sitting_id)
    if not rooms:
        return 0
    again = update(SittingRoom).where(SittingRoom.sitting_id == sitting_id, SittingRoom.room_id.in_(room_ids))
    with in_words():
        back = set(
            session.scalars(again.values(withdrawn_at=None, withdrawn_reason=None).returning(SittingRoom.room_id))
        )
        rows = [
            {
                "sitting_id": sitting.id,
                "room_id": room.id,
                "office_id": sitting.office_id,
                "site_id": room.site_id,
                "room_number": room.number,
                "starts_at": sitting.starts_at,
                "ends_at": sitting.ends_at,
            }
            for room in rooms
            if room.id not in back
        ]
        if rows:
            session.execute(insert(SittingRoom), rows)
    audit.record_on(session, sitting, "sitting.rooms_added", rooms=[str(room.id) for room in rooms])
    return sum(room.machines - room.reserve_machines for room in rooms)


def withdraw_rooms(
    session: OfficeSession, sitting_id: UUID, room_ids: Collection[UUID], *, reason: str, unseating: bool = False
) -> int:
    """Withdraw rooms from a sitting; returns how many candidates lose a published seat.

    Conflict where candidates lose a seat, unless the office confirms it (``unseating``) because a room can no longer be
    used. They are told at once; it then has to re-plan, which seats them elsewhere and tells them again.
    """
    must_schedule(session)
    sitting = _open_sitting(session, sitting_id)
    if not room_ids:
        raise Invalid("rooms_missing", "请选择要撤出的考场。", fields={"rooms": "请选择"})
    lost = select(func.count()).select_from(Seat).where(Seat.sitting_id == sitting_id, Seat.room_id.in_(room_ids))
    people = session.scalar(lost.where(live_seats())) or 0
    if people and not unseating:
        message = (
            f"所选考场中有{people}名考生的座位已经发布，撤出后他们没有座位。确需撤出的，请勾选“撤出后重新编排”，"
            "撤出后随即在“编排方案”中重新编排并发布，考生会收到新座位的通知。"
        )
        raise Conflict("rooms_hold_people", message)
    _withdraw(session, sitting_id, room_ids, reason)
    rooms = [str(room_id) for room_id in room_ids]
    audit.record_on(session, sitting, "sitting.rooms_withdrawn", rooms=rooms, unseated=people)
    change = Change(Fact.ROOM, f"考场不能使用（{reason.strip()}）", rooms=tuple(room_ids), sittings=(sitting_id,))
    changed(session, change)
    return people


def sittings_of(session: ScopedSession, office_id: str, year: int) -> Sequence[Sitting]:
    """The sittings of an office in the order of their times, including cancelled ones."""
    wanted = select(Sitting).where(Sitting.office_id == office_id, Sitting.year == year)
    return session.scalars(wanted.order_by(Sitting.starts_at, Sitting.id)).all()


def rooms_in_use(session: ScopedSession, sitting_ids: Iterable[UUID]) -> list[RoomInUse]:
    """The rooms that sittings can use: not withdrawn, not retired, of a site that is not closed."""
    seats = ExamRoom.machines - ExamRoom.reserve_machines
    wanted = (
        select(SittingRoom.sitting_id, ExamRoom.id, ExamRoom.site_id, ExamRoom.name, seats, ExamRoom.accessible)
        .join(ExamRoom, ExamRoom.id == SittingRoom.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .where(SittingRoom.sitting_id.in_(list(sitting_ids)), SittingRoom.withdrawn_at.is_(None))
        .where(ExamRoom.retired_at.is_(None), ExamSite.closed_at.is_(None))
        .order_by(SittingRoom.sitting_id, ExamRoom.number)
    )
    return [RoomInUse(*row) for row in session.execute(wanted)]


def own_sitting(session: OfficeSession, sitting_id: UUID) -> Sitting:
    """A sitting of the session's own office; NotFound for other sittings."""
    refusal = NotFound("sitting_not_found", "没有找到该场次，或者它不属于本机构。请核对后重试。")
    return own_row(session, Sitting, sitting_id, refusal)


def warnings_of(sitting: Sitting | SittingForm) -> list[str]:
    """Warnings about a sitting's day: a public holiday, a working weekend, holidays not announced yet."""
    said = warning_of(sitting.starts_at.astimezone(SHANGHAI).date())
    return [] if said is None else [said]


def exam_kind(grade: Grade) -> WindowKind:
    """The window in which a grade is examined. Source: 2024 notice §3(5)."""
    return WindowKind.LEVEL_ONE_THEORY if grade is Grade.ONE else WindowKind.COMPUTER_EXAM


def _check(session: OfficeSession, year: int, form: SittingForm) -> None:
    if form.starts_at >= form.ends_at:
        raise Invalid("sitting_times", "场次的开始时间须早于结束时间。", at="ends_at")
    if form.starts_at.astimezone(SHANGHAI).date() != last_day(form.ends_at):
        raise Invalid("sitting_over_midnight", "一个场次须在同一天内结束。", at="ends_at")
    if form.starts_at <= session.now:
        raise Invalid("sitting_past", "场次的开始时间已过，请改为今后的时间。", at="starts_at")
    _check_subjects(session, year, form)
    calendar = calendar_now(session, session.office_id, year)
    for grade in sorted(form.grades, reverse=True):
        _check_window(calendar, grade, form)


def _check_window(calendar: ExamCalendar, grade: Grade, form: SittingForm) -> None:
    kind = exam_kind(grade)
    window = calendar.window(kind, grade)
    if window is None:
        raise Invalid("no_exam_window", f"{grade.label}的{KIND_NAMES[kind]}时间尚未确定，请先确定并备案。")
    if (window.opens is not None and form.starts_at < window.opens) or form.ends_at > window.closes:
        opens = "" if window.opens is None else f"{dates.minute(window.opens)}起"
        until = f"{dates.day(last_day(window.closes))}止"
        message = (
            f"场次定为{dates.minute(form.starts_at)}至{dates.clock(form.ends_at)}，"
            f"超出{grade.label}{KIND_NAMES[kind]}的规定时间（{opens}至{until}）。请改到规定时间内。"
        )
        raise Invalid("outside_exam_window", message, at="starts_at")


def _check_subjects(session: OfficeSession, year: int, form: SittingForm) -> None:
    if not form.subjects or not form.grades or len(set(form.subjects)) != len(form.subjects):
        raise Invalid("sitting_incomplete", "请选择场次的科目和等级，科目不能重复。", fields={"subjects": "请选择"})
    known: dict[int, set[str]] = {}
    numbers = [int(grade) for grade in form.grades]
    subjects = select(SeasonSubject.grade, SeasonSubject.subject).where(SeasonSubject.year == year)
    for grade, subject in session.execute(subjects.where(SeasonSubject.grade.in_(numbers))):
        known.setdefault(grade, set()).add(subject)
    for grade in sorted(form.grades, reverse=True):
        strange = [subject for subject in form.subjects if subject not in known.get(int(grade), set())]
        if strange:
            message = f"{grade.label}不考{'、'.join(strange)}。请核对科目和等级。"
            raise Invalid("subject_unknown", message, at="subjects")
    open_trades = select(SeasonTrade.trade).where(SeasonTrade.year == year, SeasonTrade.grade.in_(numbers))
    unknown = sorted(form.trades - set(session.scalars(open_trades))) if form.trades else []
    if unknown:
        raise Invalid("trade_unknown", f"所选等级没有开考工种：{'、'.join(unknown)}。请核对工种。", at="trades")


def _rooms(session: OfficeSession, room_ids: Collection[UUID]) -> Sequence[ExamRoom]:
    rooms = session.scalars(select(ExamRoom).where(ExamRoom.id.in_(room_ids)).order_by(ExamRoom.number)).all()
    if len(rooms) != len(set(room_ids)):
        raise NotFound("room_not_found", "没有找到所选的考场。请刷新后重新选择。")
    return rooms


def _check_rooms(
    session: OfficeSession, rooms: Sequence[ExamRoom], starts_at: datetime, ends_at: datetime, *, but: UUID
) -> None:
    """Refuse with a clear message what the database would refuse: an unusable site, a taken room."""
    site_ids = {room.site_id for room in rooms}
    sites = {site.id: site for site in session.scalars(select(ExamSite).where(ExamSite.id.in_(site_ids)))}
    serving = select(SiteOffice.site_id).where(SiteOffice.served_office_id == session.office_id)
    served = set(session.scalars(serving.where(SiteOffice.site_id.in_(site_ids))))
    day = starts_at.astimezone(SHANGHAI).date()
    for room in rooms:
        site = sites[room.site_id]
        if site.id not in served:
            raise Conflict("site_not_yours", f"{site.name}没有向本机构开放。请联系考点所属机构。")
        if site.ready_at is None or site.closed_at is not None or room.retired_at is not None:
            raise Conflict(
                "site_not_usable", f"{site.name}（{room.name}）尚未签署就绪或已停用，不能安排考试。请核对就绪检查。"
            )
        if not site.opens_on <= day <= site.closes_on:
            span = f"{dates.day(site.opens_on)}至{dates.day(site.closes_on)}"
            message = f"{site.name}的开放日期为{span}，不含{dates.day(day)}。请另选考点或日期。"
            raise Conflict("site_not_open", message)
    taken = _taken_room(session, rooms, starts_at, ends_at, but=but)
    if taken is not None:
        raise Conflict("room_taken", f"{taken}在该时间已安排其他场次。请另选考场或时间。")


def _taken_room(
    session: OfficeSession, rooms: Sequence[ExamRoom], starts_at: datetime, ends_at: datetime, *, but: UUID
) -> str | None:
    overlap = select(ExamRoom.name).join(SittingRoom, SittingRoom.room_id == ExamRoom.id)
    return session.scalar(
        overlap.where(SittingRoom.room_id.in_([room.id for room in rooms]), SittingRoom.sitting_id != but)
        .where(SittingRoom.withdrawn_at.is_(None), SittingRoom.starts_at < ends_at, SittingRoom.ends_at > starts_at)
        .limit(1)
    )


def _open_sitting(session: OfficeSession, sitting_id: UUID) -> Sitting:
    sitting = own_sitting(session, sitting_id)
    check_not_ended(session, sitting.year)
    if sitting.cancelled_at is not None:
        raise Conflict("sitting_cancelled", "该场次已经取消，不能再调整。")
    if sitting.ends_at <= session.now:
        raise Conflict("sitting_over", "该场次已经结束，不能再调整。")
    return sitting


def _withdraw(session: OfficeSession, sitting_id: UUID, room_ids: Collection[UUID] | None, reason: str) -> None:
    rows = update(SittingRoom).where(SittingRoom.sitting_id == sitting_id, SittingRoom.withdrawn_at.is_(None))
    if room_ids is not None:
        rows = rows.where(SittingRoom.room_id.in_(room_ids))
    session.execute(rows.values(withdrawn_at=session.now, withdrawn_reason=_reason(reason)))


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid("reason_required", "请写明原因。", fields={"reason": "请写明原因"})
    return reason.strip()


def _iso(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
