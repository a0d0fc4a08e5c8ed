"""Notices of a published plan: a first plan tells all candidates their seats, a later one those whose seats changed.

Who holds a ticket is told by the ticket in its place (``core/scheduling/tickets/replacement.py``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from core.applications.models import Application
from core.db.session import OfficeSession, ScopedSession
from core.messages.service import Telling, notify_each
from core.scheduling.allocation.replanning import changes
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.models.sittings import Sitting
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.office_problem import placements_of, seats_kept
from core.scheduling.plans.room_sheets import live_seats
from core.text import dates

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A seat as its candidate reads it."""

    seat_id: UUID
    application_id: UUID
    starts_at: datetime
    ends_at: datetime
    subjects: tuple[str, ...]
    site: str
    address: str
    room: str
    seat: int

    @property
    def text(self) -> str:
        """When and where, in one line."""
        when = f"{dates.minute(self.starts_at)}至{dates.clock(self.ends_at)}"
        return f"{when}，{'、'.join(self.subjects)}，{self.site}（{self.address}）{self.room}，座位号 {self.seat}"


def seats_shown(session: ScopedSession, plan_id: UUID, applications: Iterable[UUID] | None = None) -> list[SeatShown]:
    """The seats of a plan, of these candidates or of all, in the order of candidates and times."""
    wanted = _seats().where(*seats_kept(plan_id))
    if applications is not None:
        wanted = wanted.where(Seat.application_id.in_(list(applications)))
    return _shown(session.execute(wanted).all())


def seats_of_candidate(session: ScopedSession, application_id: UUID) -> list[SeatShown]:
    """The current seats of a candidate by published plans, in the order of their times."""
    return _shown(session.execute(_seats().where(Seat.application_id == application_id, live_seats())).all())


def exam_is_over(session: ScopedSession, application_id: UUID) -> bool:
    """Whether a candidate had a seat and no sitting of theirs is still to end."""
    wanted = select(func.max(Sitting.ends_at)).join(Seat, Seat.sitting_id == Sitting.id)
    last = session.scalar(wanted.where(Seat.application_id == application_id, live_seats()))
    return last is not None and last <= session.now


def _seats() -> Select[UUID, UUID, datetime, datetime, list[str], str, str, str, int]:
    wanted = select(
        Seat.id,
        Seat.application_id,
        Sitting.starts_at,
        Sitting.ends_at,
        Sitting.subjects,
        ExamSite.name,
        ExamSite.address,
        ExamRoom.name,
        Seat.seat,
    )
    joined = wanted.join(Sitting, Sitting.id == Seat.sitting_id).join(ExamRoom, ExamRoom.id == Seat.room_id)
    return joined.join(ExamSite, ExamSite.id == ExamRoom.site_id).order_by(Seat.application_id, Sitting.starts_at)


def _shown(rows: Sequence[Row[UUID, UUID, datetime, datetime, list[str], str, str, str, int]]) -> list[SeatShown]:
    return [SeatShown(*row[:4], tuple(row[4]), *row[5:]) for row in rows]


def changed_candidates(session: ScopedSession, plan: Plan) -> frozenset[UUID]:
    """Candidates whose seats differ from the plan before, also those who lost theirs; all, for the first plan.

    Other times of a sitting were told when it was moved.
    """
    now = placements_of(session, plan.id)
    if plan.replaces_id is None:
        return frozenset(UUID(placement.candidate) for placement in now)
    old = placements_of(session, plan.replaces_id)
    return frozenset(UUID(change.candidate) for change in changes(old, now))


def ticket_holders(session: OfficeSession, plan: Plan) -> frozenset[UUID]:
    """The candidates of a plan's exam who hold a ticket in force."""
    held = select(AdmissionTicket.application_id).join(Plan, Plan.id == AdmissionTicket.plan_id)
    of_exam = (Plan.office_id == plan.office_id, Plan.year == plan.year, Plan.exam == plan.exam)
    return frozenset(session.scalars(held.where(*of_exam, AdmissionTicket.voided_at.is_(None))))


def tell_candidates(session: OfficeSession, plan: Plan, *, but: Collection[UUID] = ()) -> int:
    """Tell the candidates concerned their seats by this plan, ``but`` for some; returns how many they are."""
    concerned = changed_candidates(session, plan) - frozenset(but)
    lines: dict[UUID, list[str]] = defaultdict(list)
    for seat in seats_shown(session, plan.id):
        if seat.application_id in concerned:
            lines[seat.application_id].append(seat.text)
    again = plan.replaces_id is not None
    tellings = [
        Telling(
            person_id=person_id,
            application_id=application_id,
            title="您的考试座位有变动" if again else "您的考试座位已安排",
            body=_body(lines[application_id], reference, plan.reason if again else ""),
        )
        for application_id, person_id, reference in _people(session, concerned)
    ]
    notify_each(
        session, tellings, event_key=f"plan.published:{plan.id}", office_id=plan.office_id, kind="seats_published"
    )
    return len(tellings)


def _people(session: OfficeSession, applications: Collection[UUID]) -> Iterable[tuple[UUID, UUID, str]]:
    wanted = select(Application.id, Application.person_id, Application.reference).order_by(Application.id)
    rows = session.execute(wanted.where(Application.id.in_(applications)))
    return [(application_id, person_id, reference) for application_id, person_id, reference in rows]


def _body(lines: Sequence[str], reference: str, reason: str) -> str:
    why = f"因{reason}，座位已重新编排。" if reason else ""
    if not lines:
        return f"申报编号 {reference}：{why}您目前没有考试座位。如有疑问，请联系受理机构。"
    return f"申报编号 {reference}：{why}{'；'.join(lines)}。请按规定时间打印准考证，凭准考证和身份证参加考试。"
