"""Closing door lists, by staff on site or automatically once phones can no longer send; and reading them.

Results use them (``core.results.marks.absences``): a candidate noted as absent has 缺考 without a row in any table of
marks.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, not_, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application
from core.clock import SHANGHAI, start_of
from core.db.base import new_id
from core.db.session import OfficeSession, SystemSession
from core.domain.workflow import State
from core.errors import Conflict, Invalid
from core.messages.deadlines import in_words
from core.messages.service import Recipient, notify
from core.scheduling.access import must_be_on_site
from core.scheduling.exam_day.door import record_on_sitting
from core.scheduling.exam_day.notes import Way
from core.scheduling.exam_day.presence import SENT_LATE, DoorNote, closes_by_itself, never_kept, without_arrival
from core.scheduling.models.exam_day import Attendance
from core.scheduling.models.plans import Seat
from core.scheduling.models.sites import ExamRoom
from core.scheduling.models.sittings import Sitting
from core.scheduling.plans.room_sheets import attendance_of_seat, live_seats
from core.scheduling.sittings.service import own_sitting
from core.text.dates import short_minute

_WATCHED_FOR: Final = timedelta(days=14)
"""How long after a sitting its list is watched: a worker that was down for days still closes and reminds."""
_NAMED_AT_MOST: Final = 5


def close_attendance(session: OfficeSession, sitting_id: UUID, *, site_id: UUID | None = None, reason: str = "") -> int:
    """Note the candidates who have not come as absent; Conflict before the sitting has begun.

    A room without an arrival may be a room whose list nobody kept: Invalid, naming the rooms, without a ``reason``. An
    arrival that an offline phone sends later overrides the absence.
    """
    must_be_on_site(session)
    sitting = own_sitting(session, sitting_id)
    if session.now < sitting.starts_at:
        raise Conflict("sitting_not_begun", "本场考试尚未开始，不能登记缺考。请在开考后办理。")
    notes = _notes(session, [Seat.sitting_id == sitting_id, *_at_site(site_id)])
    missing = [note for note in notes if not note.state]
    silent = without_arrival(notes) & {note.room for note in missing}
    if silent and not reason.strip():
        named = _rooms_in_words(session, silent)
        text = (
            f"{named}没有任何人登记到场。如确实无人到场，请写明原因；如没有使用入场登记，请勿登记缺考，"
            "由成绩表写明成绩或缺考。"
        )
        raise Invalid("nobody_came", text, at="reason")
    return _close(session, missing, remarks=dict.fromkeys(silent, reason.strip()))


def close_overdue(session: SystemSession, year: int) -> int:
    """Close the lists that were kept but not closed, and tell the office; returns the number of absences."""
    missing = closes_by_itself(_lately(session, year), now=session.now)
    by_sitting: dict[UUID, list[DoorNote]] = {}
    for note in missing:
        by_sitting.setdefault(note.sitting_id, []).append(note)
    for sitting_id, listed in by_sitting.items():
        _close(session, listed)
        body = f"{_in_words(session, sitting_id)}的入场登记已超过补传期限，未登记到场的{len(listed)}人按缺考登记。"
        _tell(session, "closed", sitting_id, title="入场登记已自动截止", body=f"{body}如有漏登，请在成绩表中说明。")
    return len(missing)


def remind_of_door_lists(session: SystemSession, year: int) -> None:
    """Tell the office, the day after a sitting, of rooms without a list and of lists not closed."""
    today = start_of(session.now.astimezone(SHANGHAI).date())
    notes = [note for note in _lately(session, year) if note.ends_at <= today]
    for sitting_id in sorted({note.sitting_id for note in notes if not note.state}):
        listed = [note for note in notes if note.sitting_id == sitting_id]
        open_notes, unkept = [note for note in listed if not note.state], never_kept(listed)
        where = _in_words(session, sitting_id)
        if unkept:
            body = (
                f"{where}：{_rooms_in_words(session, unkept)}没有任何入场登记。这些考场的考生不会自动按缺考处理，"
                "请核对签到表：确未到场的登记缺考并写明原因，或在成绩表中写明成绩、缺考。"
            )
            _tell(session, "unkept", sitting_id, title="有考场没有入场登记", body=body)
        if any(note.room not in unkept for note in open_notes):
            until = in_words(open_notes[0].ends_at + SENT_LATE)
            body = f"{where}：还有考生未登记到场，也未登记缺考。{until}以后将自动按缺考登记，请在此之前核对。"
            _tell(session, "open", sitting_id, title="入场登记尚未截止", body=body)


def door_notes(session: OfficeSession, year: int) -> list[DoorNote]:
    """The notes of the office's door lists of a year about all qualified candidates with a seat."""
    return _notes(session, [Sitting.year == year])


def _lately(session: OfficeSession, year: int) -> list[DoorNote]:
    over = Sitting.ends_at.between(session.now - SENT_LATE - _WATCHED_FOR, session.now)
    return _notes(session, [Sitting.year == year, over])


def _notes(session: OfficeSession, where: Sequence[object]) -> list[DoorNote]:
    wanted = (
        select(
            Seat.application_id,
            Seat.sitting_id,
            Seat.room_id,
            Sitting.subjects,
            Sitting.ends_at,
            func.coalesce(Attendance.state, ""),
        )
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(Application, Application.id == Seat.application_id)
        .outerjoin(Attendance, attendance_of_seat())
        .where(Seat.office_id == session.office_id, live_seats(), Sitting.cancelled_at.is_(None))
        .where(Application.state == State.QUALIFIED, *where)  # type: ignore[arg-type]
        # Who was kept out by a suspension was not absent.
        .where(
            or_(Attendance.state.is_not(None), not_(func.kept_out(Application.id, Sitting.starts_at, Sitting.ends_at)))
        )
        .order_by(Sitting.starts_at, Seat.sitting_id, Seat.room_id, Seat.seat)
    )
    return [DoorNote(row[0], row[1], row[2], tuple(row[3]), row[4], row[5]) for row in session.execute(wanted)]


def _at_site(site_id: UUID | None) -> list[object]:
    if site_id is None:
        return []
    return [Seat.room_id.in_(select(ExamRoom.id).where(ExamRoom.site_id == site_id))]


def _close(
    session: OfficeSession, missing: Sequence[DoorNote], *, remarks: dict[tuple[UUID, UUID], str] | None = None
) -> int:
    rows = [
        {
            "sitting_id": note.sitting_id,
            "application_id": note.application_id,
            "office_id": session.office_id,
            "room_id": note.room_id,
            "state": "absent",
            "way": Way.CLOSE.value,
            "client_id": new_id(),
            "noted_at": session.now,
            "received_at": session.now,
            "noted_by": session.actor.account_id,
            "remark": (remarks or {}).get(note.room, ""),
        }
        for note in missing
    ]
    if rows:
        session.execute(insert(Attendance).on_conflict_do_nothing(), rows)
        record_on_sitting(session, "attendance.closed", rows)
    return len(rows)


def _rooms_in_words(session: OfficeSession, rooms: Iterable[tuple[UUID, UUID]]) -> str:
    wanted = select(ExamRoom.name).where(ExamRoom.id.in_({room for _, room in rooms})).order_by(ExamRoom.number)
    names = session.scalars(wanted).all()
    more = f"等{len(names)}个考场" if len(names) > _NAMED_AT_MOST else ""
    return "、".join(names[:_NAMED_AT_MOST]) + more


def _in_words(session: OfficeSession, sitting_id: UUID) -> str:
    sitting = session.get_one(Sitting, sitting_id)
    return f"{short_minute(sitting.starts_at)}场次（{'、'.join(sitting.subjects)}）"


def _tell(session: SystemSession, what: str, sitting_id: UUID, *, title: str, body: str) -> None:
    notify(
        session,
        Recipient(office_id=session.office_id),
        event_key=f"attendance.{what}:{sitting_id}",
        office_id=session.office_id,
        kind=f"attendance_{what}",
        title=title,
        body=body,
    )
