"""Erasing the texts of appeals against reviews once their time is over; the verdict stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.reviews.models import ReviewAppeal


def appeals_due(before: datetime) -> Select[UUID]:
    """Appeals that were answered before the moment."""
    wanted = select(ReviewAppeal.id).where(ReviewAppeal.answered_at < before, ReviewAppeal.grounds != ERASED)
    return wanted.order_by(ReviewAppeal.id)


def erase_appeals(session: KeeperSession, appeal_ids: Sequence[UUID]) -> None:
    """Replace grounds, answer and name; who decided what, and when, stays."""
    gone = {"grounds": ERASED, "answer": ERASED, "answered_by_name": ERASED}
    session.execute(update(ReviewAppeal).where(ReviewAppeal.id.in_(appeal_ids)).values(gone))
