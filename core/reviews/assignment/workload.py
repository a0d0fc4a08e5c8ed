"""The workload of an office: what each reviewer has to do, what is late, and what each has decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select

from core.applications.models import Application, Move
from core.applications.queries import is_undone
from core.clock import SHANGHAI
from core.db.session import OfficeSession
from core.domain.workflow import Action
from core.reviews.assignment.reviewers import Reviewer, is_assigned_to, reviewers
from core.reviews.models import CaseAssignment
from core.reviews.queue import WORK

SOON = timedelta(days=3)
"""A case is due soon when its stage ends within these days."""
Cases = Select[*tuple[Any, ...]]
_Held = tuple[int, int, int, datetime | None]
_NONE: Final[_Held] = (0, 0, 0, None)
_DECISIONS = (Action.APPROVE, Action.RETURN, Action.REJECT, Action.CONFIRM, Action.CLEAR)


@dataclass(frozen=True, slots=True)
class Load:
    """The undecided cases of one reviewer, or of the pool (``reviewer`` None), and the reviewer's decisions."""

    reviewer: Reviewer | None
    cases: int = 0
    overdue: int = 0
    soon: int = 0
    oldest: datetime | None = None
    """When the earliest of them is due."""
    today: int = 0
    week: int = 0


def open_cases(session: OfficeSession, year: int) -> Cases:
    """The undecided cases that the office has in hand, with what a rule asks for."""
    return select(
        Application.id, Application.unit_id, Application.grade, Application.trade, Application.person_id
    ).where(Application.handler_office_id == session.office_id, Application.year == year, Application.state.in_(WORK))


def open_of(session: OfficeSession, year: int, account_id: UUID) -> Cases:
    """The ids of the undecided cases that are assigned to one reviewer."""
    mine = is_assigned_to(session.office_id, [account_id])
    return open_cases(session, year).with_only_columns(Application.id).where(mine).order_by(Application.id)


def assignment_of(session: OfficeSession, application_id: UUID) -> CaseAssignment | None:
    """The office's assignment of a case; None where there is none."""
    return session.get(CaseAssignment, (application_id, session.office_id))


def workload(session: OfficeSession, year: int) -> tuple[list[Load], Load]:
    """The load of each reviewer, by name, and that of the pool. Three statements, whatever the number of cases."""
    there = reviewers(session)
    held, decided = _held(session, year, there), _decided(session)
    loads = [
        Load(reviewer, *held.get(reviewer.account_id, _NONE), *decided.get(reviewer.account_id, (0, 0)))
        for reviewer in there
    ]
    return loads, Load(None, *held.get(None, _NONE))


def _held(session: OfficeSession, year: int, there: Sequence[Reviewer]) -> dict[UUID | None, _Held]:
    """Number, overdue, soon due and earliest due date of the undecided cases by reviewer; None is the pool."""
    now, due = session.now, Application.due_at
    holding = [reviewer.account_id for reviewer in there if reviewer.holds_cases]
    own = case((CaseAssignment.account_id.in_(holding), CaseAssignment.account_id)).label("held_by")
    counted = (
        select(
            own,
            func.count(),
            func.count().filter(due <= now),
            func.count().filter(due > now, due <= now + SOON),
            func.min(due),
        )
        .outerjoin(
            CaseAssignment,
            and_(CaseAssignment.application_id == Application.id, CaseAssignment.office_id == session.office_id),
        )
        .where(
            Application.handler_office_id == session.office_id, Application.year == year, Application.state.in_(WORK)
        )
        .group_by(own)
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in session.execute(counted)}


def _decided(session: OfficeSession) -> dict[UUID, tuple[int, int]]:
    """How many cases each account has decided today and since Monday, those taken back left out."""
    today = session.now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    counted = (
        select(Move.account_id, func.count().filter(Move.at >= today), func.count())
        .where(
            Move.office_id == session.office_id,
            Move.at >= monday,
            Move.action.in_(_DECISIONS),
            Move.acting_office_id == session.office_id,
            ~is_undone(),
        )
        .group_by(Move.account_id)
    )
    return {account: (int(day), int(week)) for account, day, week in session.execute(counted)}
