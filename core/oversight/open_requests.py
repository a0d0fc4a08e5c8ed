"""The requests that wait for an office: names corrected, certificates again, appeals, questions, forms, and bans."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from core.db.session import OfficeSession
from core.oversight.attention import Requests, Urgency
from core.oversight.earlier_queries import Open
from core.reviews.models import ReviewAppeal

URGENCIES: Mapping[Open, Urgency] = {
    Open.IDENTITY: Urgency.IDENTITY,
    Open.REISSUE: Urgency.REISSUES,
    Open.INQUIRY: Urgency.INQUIRIES,
    Open.APPEAL: Urgency.APPEALS,
    Open.FORM: Urgency.FORMS,
    Open.BAN: Urgency.BANS,
}
"""The kinds of work that are requests, each with its place among the matters of an office."""


def open_requests(session: OfficeSession, waiting: Mapping[Open, int]) -> list[Requests]:
    """The requests among the work that waits for the actor; of appeals, when the first answer is due."""
    found = []
    for kind, urgency in URGENCIES.items():
        if count := waiting.get(kind, 0):
            found.append(Requests(urgency, count, _first_due(session) if kind is Open.APPEAL else None))
    return found


def _first_due(session: OfficeSession) -> datetime | None:
    waits = ReviewAppeal.superior_office_id == session.office_id, ReviewAppeal.state == "open"
    return session.scalar(select(func.min(ReviewAppeal.due_at)).where(*waits))
