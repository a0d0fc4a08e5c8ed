"""Erasing the texts of sanction cases once their time is over; the case and its outcome stay."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.sanctions.models import Ban, SanctionCase, SanctionEvidence, SanctionStep, Suspension
from core.sanctions.procedure import OPEN


def sanctions_due(before: datetime) -> Select[UUID]:
    """Cases that are over: their last step was taken before this time, and no ban that followed ran after it."""
    last = select(func.max(SanctionStep.at)).where(SanctionStep.case_id == SanctionCase.id).scalar_subquery()
    runs = select(Ban.application_id).where(
        Ban.application_id == SanctionCase.application_id, Ban.lifted_at.is_(None), Ban.ends > before
    )
    over = SanctionCase.state.not_in(OPEN)
    wanted = select(SanctionCase.id).where(over, last < before, ~runs.exists(), SanctionCase.facts != ERASED)
    return wanted.order_by(SanctionCase.id)


def erase_sanctions(session: KeeperSession, case_ids: Sequence[UUID]) -> None:
    """Replace facts, statements, reasons, names and titles of evidence; the steps and the measures stay."""
    session.execute(update(SanctionCase).where(SanctionCase.id.in_(case_ids)).values(facts=ERASED))
    suspensions = update(Suspension).where(Suspension.case_id.in_(case_ids))
    session.execute(suspensions.values(reason=ERASED, lift_reason=ERASED))
    steps = update(SanctionStep).where(SanctionStep.case_id.in_(case_ids))
    session.execute(steps.values(words=ERASED, actor_name=ERASED))
    session.execute(update(SanctionEvidence).where(SanctionEvidence.case_id.in_(case_ids)).values(title=ERASED))
