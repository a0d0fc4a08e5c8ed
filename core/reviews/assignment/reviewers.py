"""The reviewers of an office: who is there, who is on leave and who acts for them, and whose work a case is.

An assignment holds while its reviewer holds the role and is there, or a deputy acts for them; otherwise the case is in
the pool (未分派) without a change of any row, and the reviewer's again when they are back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select

from core.applications.models import Application
from core.db.session import OfficeSession
from core.domain.permissions import Permission, holders
from core.reviews.models import CaseAssignment, ReviewerDuty
from core.text.labels import Labelled

_ROLES = sorted(holders({Permission.REVIEW}))


class Assigned(Labelled):
    """Whose work a case is, as a filter of the desk."""

    ME = "me", "分给我的"
    NOBODY = "nobody", "未分派"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer of the office at a moment, with what the rule gives them. ``deputy_id`` acts for them on leave."""

    account_id: UUID
    name: str
    person_id: UUID | None
    deputy_id: UUID | None
    deputy_name: str | None
    takes_part: bool
    grades: Sequence[int]
    trades: Sequence[str]
    away_from: datetime | None
    away_until: datetime | None
    reason: str
    is_away: bool

    @property
    def is_there(self) -> bool:
        """Whether they work themselves now, and may be given new cases."""
        return not self.is_away and self.deputy_id is None

    @property
    def holds_cases(self) -> bool:
        """Whether what is assigned to them is somebody's work now: their own or their deputy's."""
        return self.is_there or self.deputy_id is not None


def reviewers(session: OfficeSession) -> list[Reviewer]:
    """The reviewers of the session's office now, by name. One statement."""
    there = func.reviewers_here(_ROLES, session.now).table_valued(
        "account_id", "name", "person_id", "deputy_id", "deputy_name"
    )
    duty = and_(ReviewerDuty.account_id == there.c.account_id, ReviewerDuty.office_id == session.office_id)
    found = session.execute(
        select(there, ReviewerDuty)
        .outerjoin(ReviewerDuty, duty)
        .select_from(there)
        .order_by(there.c.name, there.c.account_id)
    )
    return [_reviewer(session.now, *row) for row in found]


def _reviewer(  # noqa: PLR0917 - the columns of a row
    now: datetime,
    account_id: UUID,
    name: str,
    person_id: UUID | None,
    deputy_id: UUID | None,
    deputy_name: str | None,
    duty: ReviewerDuty | None,
) -> Reviewer:
    away = duty is not None and duty.away_from is not None and duty.away_until is not None
    return Reviewer(
        UUID(str(account_id)),
        name,
        person_id,
        deputy_id,
        deputy_name,
        takes_part=duty is None or duty.takes_part,
        grades=() if duty is None else duty.grades,
        trades=() if duty is None else duty.trades,
        away_from=None if duty is None else duty.away_from,
        away_until=None if duty is None else duty.away_until,
        reason="" if duty is None else duty.reason,
        is_away=away and duty.away_from <= now < duty.away_until,  # type: ignore[union-attr, operator]
    )


def is_assigned_to(office_id: str, accounts: Sequence[UUID]) -> ColumnElement[bool]:
    """The condition of cases that the office has assigned to one of these accounts."""
    return exists().where(
        CaseAssignment.application_id == Application.id,
        CaseAssignment.office_id == office_id,
        CaseAssignment.account_id.in_(accounts),
    )


def mine(session: OfficeSession) -> ColumnElement[bool]:
    """The condition of cases that are the actor's work (分给我的): their own, and those of whom they act for."""
    actor = session.actor
    own = {actor.account_id, *([actor.on_behalf_of] if actor.on_behalf_of else [])}
    own |= {reviewer.account_id for reviewer in reviewers(session) if reviewer.deputy_id == actor.account_id}
    return is_assigned_to(session.office_id, sorted(own))


def in_the_pool(session: OfficeSession, there: Sequence[Reviewer] | None = None) -> ColumnElement[bool]:
    """The condition of cases that are nobody's work: never assigned, or to somebody who is gone or on leave."""
    known = reviewers(session) if there is None else there
    return ~is_assigned_to(session.office_id, [reviewer.account_id for reviewer in known if reviewer.holds_cases])


def is_assigned(session: OfficeSession, kind: Assigned) -> ColumnElement[bool]:
    """The condition of a filter by assignment. One statement, which asks who the reviewers are."""
    return mine(session) if kind is Assigned.ME else in_the_pool(session)
