"""Void tickets, for the door and their candidates: since when, why, and the answer to a candidate who shows one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from core.applications.models import Application
from core.db.session import OfficeSession, PersonSession
from core.domain.workflow import STATE_LABELS, State
from core.scheduling.models.plans import Seat
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.plans.room_sheets import live_seats
from core.scheduling.sittings.service import own_sitting
from core.text import dates

_IN_FORCE = aliased(AdmissionTicket)
"""The ticket that a candidate holds instead of a void one."""


@dataclass(frozen=True, slots=True)
class VoidTicket:
    """A ticket that no longer admits its candidate; ``state`` is the current state of the case.

    ``suspended`` says that the candidate is kept out until a case against them is decided; ``replaced_by`` is the
    number of their ticket in force, empty without one.
    """

    number: str
    person_name: str
    id_tail: str
    voided_at: datetime
    reason: str
    state: State
    application_id: UUID
    suspended: bool
    replaced_by: str

    @property
    def detail(self) -> str:
        """Why the door refuses it, and what to do."""
        since = f"准考证已于{dates.minute(self.voided_at)}作废（{self.reason.rstrip('。')}），不能凭此入场。"
        if self.state != State.QUALIFIED:
            return f"{since}该考生的申报现为“{STATE_LABELS[self.state]}”，不能参加考试。"
        if self.suspended:
            return f"{since}该考生已被暂停考核，案件办结前不能参加考试。请考生登录查看理由，向工考管理机构说明。"
        if self.replaced_by:
            return (
                f"{since}已换发新的准考证（号码{self.replaced_by}）。请考生出示新的准考证；没有带的，核对身份证原件后"
                "输入新的号码登记。"
            )
        return f"{since}如已换发，请考生出示新的准考证；没有的，请查找该考生，看他现在的安排。"


def void_by_number(session: OfficeSession, numbers: Collection[str]) -> Mapping[str, VoidTicket]:
    """The void tickets of the office among these numbers."""
    return {ticket.number: ticket for ticket in _read(session, AdmissionTicket.number.in_(numbers))} if numbers else {}


def void_tickets(session: OfficeSession, sitting_id: UUID) -> list[VoidTicket]:
    """The void tickets of all candidates who have or had a seat in a sitting of the office, for a phone to keep."""
    own_sitting(session, sitting_id)
    seated = select(Seat.application_id).where(
        Seat.sitting_id == sitting_id, or_(live_seats(), Seat.voided_by_move.is_not(None))
    )
    return _read(session, AdmissionTicket.application_id.in_(seated))


def newest_void(session: PersonSession, application_id: UUID) -> AdmissionTicket | None:
    """The ticket of a candidate that was void last: a print of it may still lie at home."""
    wanted = select(AdmissionTicket).where(
        AdmissionTicket.application_id == application_id, AdmissionTicket.voided_at.is_not(None)
    )
    return session.scalar(wanted.order_by(AdmissionTicket.voided_at.desc()).limit(1))


def _read(session: OfficeSession, which: ColumnElement[bool]) -> list[VoidTicket]:
    wanted: Select[str, str, str, datetime | None, str | None, str, UUID, bool, str] = (
        select(
            AdmissionTicket.number,
            Application.person_name,
            Application.id_tail,
            AdmissionTicket.voided_at,
            AdmissionTicket.void_reason,
            Application.state,
            Application.id,
            func.suspended(Application.id),
            func.coalesce(_IN_FORCE.number, ""),
        )
        .join(Application, Application.id == AdmissionTicket.application_id)
        .outerjoin(_IN_FORCE, and_(_IN_FORCE.application_id == Application.id, _IN_FORCE.voided_at.is_(None)))
        .where(AdmissionTicket.office_id == session.office_id, AdmissionTicket.voided_at.is_not(None), which)
        .order_by(AdmissionTicket.number)
    )
    return [
        VoidTicket(number, name, tail, voided_at, reason or "", State(state), case_id, suspended, new)
        for number, name, tail, voided_at, reason, state, case_id, suspended, new in session.execute(wanted)
        if voided_at is not None
    ]
