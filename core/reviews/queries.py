"""Reading what reviewers wrote down of an application."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from core.applications.models import Application
from core.applications.queries import ReaderSession
from core.reviews.models import ReviewItem


def faulty_items(session: ReaderSession, application: Application) -> Sequence[ReviewItem]:
    """What the reviewer of the last round found faulty, each with the reason: what the applicant has to correct."""
    wanted = select(ReviewItem).where(
        ReviewItem.application_id == application.id,
        ReviewItem.round == application.round,
        ReviewItem.verdict == "faulty",
        ReviewItem.item.in_(application.unlocked_items or ()),
    )
    latest = {one.item: one for one in session.scalars(wanted.order_by(ReviewItem.at, ReviewItem.id))}
    return list(latest.values())
