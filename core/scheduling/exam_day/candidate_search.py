"""Search for a candidate and their whole exam, for staff at a door whose list lacks the candidate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from core.applications.models import Application
from core.db.session import OfficeSession, ScopedSession
from core.domain.workflow import STATE_LABELS, State
from core.reviews.lists.search import matching
from core.scheduling.models.exam_day import Attendance, Incident
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.room_sheets import attendance_of_seat, live_seats
from core.text import dates

_PAPERS: Final = "/exams/papers"
MOST_FOUND: Final = 30
"""The most candidates that a search shows: with more, it has to be narrowed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate found by a search; ``number`` is that of their ticket in force, empty without one."""

    application_id: UUID
    reference: str
    name: str
    id_tail: str
    unit: str
    grade: int
    state: State
    number: str
    seats: int


@dataclass(frozen=True, slots=True)
class SeatHeld:
    """A published seat of a candidate, and the note at the door: ``present``, ``absent``, or empty."""

    plan_id: UUID
    exam: str
    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    subjects: Sequence[str]
    site: str
    room_id: UUID
    room: str
    seat: int
    attendance: str
    noted_at: datetime | None

    @property
    def place(self) -> str:
        """Time and place, in one line."""
        when = f"{dates.short_minute(self.starts_at)}至{dates.clock(self.ends_at)}"
        return f"{when}，{self.site} {self.room} {self.seat}号"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a candidate may sit, what to do, and the address of the page for it; ``tone`` is that of an alert."""

    tone: str
    title: str
    todo: str
    address: str = ""


SUSPENDED = Standing(
    "danger", "考核已暂停", "案件办结前不能参加考试，座位保留。不予立案、不予处理或撤销决定的，准考证会自动重新签发。"
)
"""The standing of a candidate who is kept out until a case is decided."""


def find_candidates(session: OfficeSession, year: int, asked: str) -> list[Found]:
    """Candidates of the office by ticket number, reference, name, initials or the end of the identity number.

    The number of a void ticket finds its candidate, too. At most one more than :data:`MOST_FOUND`.
    """
    wanted = asked.strip()
    if not wanted:
        return []
    by_ticket = select(AdmissionTicket.application_id).where(
        AdmissionTicket.office_id == session.office_id, AdmissionTicket.number == wanted
    )
    seats = (
        select(func.count())
        .select_from(Seat)
        .where(Seat.application_id == Application.id, live_seats())
        .scalar_subquery()
    )
    rows = session.execute(
        select(Application, func.coalesce(AdmissionTicket.number, ""), seats)
        .outerjoin(
            AdmissionTicket, and_(AdmissionTicket.application_id == Application.id, AdmissionTicket.voided_at.is_(None))
        )
        .where(Application.office_id == session.office_id, Application.year == year)
        .where(or_(matching(wanted), Application.id.in_(by_ticket)))
        .order_by(Application.person_name, Application.reference)
        .limit(MOST_FOUND + 1)
    )
    return [
        Found(
            case.id,
            case.reference,
            case.person_name,
            case.id_tail,
            case.unit_name,
            case.grade or 0,
            State(case.state),
            number,
            count,
        )
        for case, number, count in rows
    ]


def seats_held(session: ScopedSession, application_id: UUID) -> list[SeatHeld]:
    """The published seats of a candidate in the order of their times, with the notes at the door."""
    wanted = (
        select(
            Seat.plan_id,
            Plan.exam,
            Sitting.id,
            Sitting.starts_at,
            Sitting.ends_at,
            Sitting.subjects,
            ExamSite.name,
            ExamRoom.id,
            ExamRoom.name,
            Seat.seat,
            func.coalesce(Attendance.state, ""),
            Attendance.noted_at,
        )
        .join(Plan, Plan.id == Seat.plan_id)
        .join(Sitting, Sitting.id == Seat.sitting_id)
        .join(ExamRoom, ExamRoom.id == Seat.room_id)
        .join(ExamSite, ExamSite.id == ExamRoom.site_id)
        .outerjoin(Attendance, attendance_of_seat())
        .where(Seat.application_id == application_id, live_seats())
        .order_by(Sitting.starts_at, Sitting.id)
    )
    return [SeatHeld(*list(row)) for row in session.execute(wanted)]


def tickets_of(session: ScopedSession, application_id: UUID) -> Sequence[AdmissionTicket]:
    """All tickets of a candidate, void ones included, the latest first."""
    wanted = select(AdmissionTicket).where(AdmissionTicket.application_id == application_id)
    return session.scalars(wanted.order_by(AdmissionTicket.issued_at.desc(), AdmissionTicket.id.desc())).all()


def incidents_with(session: ScopedSession, application_id: UUID) -> Sequence[Incident]:
    """The incidents with a candidate, the latest first."""
    wanted = select(Incident).where(Incident.application_id == application_id)
    return session.scalars(wanted.order_by(Incident.happened_at.desc())).all()


def standing_of(
    case: Application,
    seats: Sequence[SeatHeld],
    tickets: Sequence[AdmissionTicket],
    *,
    now: datetime,
    outdated: bool = False,
) -> Standing:
    """Whether a candidate may sit: the obstacle and what to do, or their next seat.

    ``outdated`` where the ticket in force tells something else than today's facts.
    """
    if case.state != State.QUALIFIED:
        label = STATE_LABELS[State(case.state)]
        todo = "资格审查最终通过后才能编排座位、签发准考证，目前不能参加考试。"
        if case.state == State.PROVISIONAL:
            todo = "容缺材料还没有补齐核准。补齐后由审查人员办结，再重新编排座位；未办结的不能参加考试。"
        return Standing("danger", f"申报状态为“{label}”", todo)
    if not seats:
        todo = "可能在编排之后才审查合格，或者原考场已经撤出。请在“编排方案”中重新编排并发布，再签发准考证。"
        return Standing("danger", "资格合格，但没有座位", todo, "/plans")
    held = next((ticket for ticket in tickets if ticket.voided_at is None), None)
    if held is None and tickets:
        todo = "如属误作废或座位已重新安排，请在“准考证和资料”中再签发一次；换发前旧准考证不能入场。"
        return Standing("danger", f"准考证已作废：{tickets[0].void_reason}", todo, _PAPERS)
    if held is None:
        todo = "请在“准考证和资料”中签发准考证。须先参加培训的，请核对出勤登记。"
        return Standing("warning", "有座位，还没有签发准考证", todo, _PAPERS)
    if outdated:
        todo = "考试安排或考生信息在签发之后有变动，以下面的座位为准。请在“准考证和资料”中再签发一次，请考生重新打印。"
        return Standing("warning", "准考证与现在的安排不一致", todo, _PAPERS)
    coming = next((seat for seat in seats if seat.ends_at > now), None)
    if coming is None:
        return Standing("info", "考试已经结束", "各场到考情况见下。")
    if coming.attendance == "absent":
        return Standing("warning", "已登记为缺考", f"应在：{coming.place}。确已到场的，在入场登记中登记到场即可改正。")
    return Standing("success", "可以参加考试", f"下一场：{coming.place}。")
