"""Reads of the reviewers' verdicts on an application."""

from collections.abc import Sequence

from sqlalchemy import select

from core.applications.models import Application
from core.applications.queries import ReaderSession
from core.reviews.models import ReviewItem
from core.reviews.reasons import ITEM_REASONS, MISSING


def faulty_items(session: ReaderSession, application: Application) -> Sequence[ReviewItem]:
    """The items that the reviewer of the last round found faulty and the applicant has to correct."""
    wanted = select(ReviewItem).where(
        ReviewItem.application_id == application.id,
        ReviewItem.round == application.round,
        ReviewItem.verdict == "faulty",
        ReviewItem.item.in_(application.unlocked_items or ()),
    )
    latest = {row.item: row for row in session.scalars(wanted.order_by(ReviewItem.at, ReviewItem.id))}
    return list(latest.values())


def remark(item: ReviewItem) -> str:
    """The applicant's text beside an item: the reviewer's comment, else the reason; a missing item always says 缺."""
    if item.reason_code == MISSING:
        return f"缺少，请补上。{item.comment}"
    return item.comment or ITEM_REASONS.get(item.reason_code, "请核对")
