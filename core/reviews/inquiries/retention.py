"""Erasing the texts of questions and answers once their time is over; that somebody asked stays."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select, update

from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.reviews.models import Inquiry


def inquiries_due(before: datetime) -> Select[UUID]:
    """Questions that were answered before the moment, or asked before it and never answered."""
    last = func.coalesce(Inquiry.answered_at, Inquiry.asked_at)
    return select(Inquiry.id).where(last < before, Inquiry.question != ERASED).order_by(Inquiry.id)


def erase_inquiries(session: KeeperSession, inquiry_ids: Sequence[UUID]) -> None:
    """Replace question, answer and names."""
    gone = {"question": ERASED, "answer": ERASED, "person_name": ERASED, "answered_by_name": ERASED}
    session.execute(update(Inquiry).where(Inquiry.id.in_(inquiry_ids)).values(gone))
