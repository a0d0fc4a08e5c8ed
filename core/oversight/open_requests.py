"""The requests that wait for an office: names corrected, certificates again, appeals, questions, forms, and bans."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.organizations.directory import count_forms
from core.oversight.attention import Requests, Urgency
from core.oversight.earlier_queries import Open
from core.reviews.models import ReviewAppeal
from core.sanctions.queries import count_unconfirmed

URGENCIES: Mapping[Open, Urgency] = {
    Open.IDENTITY: Urgency.IDENTITY,
    Open.REISSUE: Urgency.REISSUES,
    Open.INQUIRY: Urgency.INQUIRIES,
    Open.APPEAL: Urgency.APPEALS,
}
"""The kinds of work that are requests, each with its place among the matters of an office."""


def open_requests(session: OfficeSession, waiting: Mapping[Open, int]) -> list[Requests]:
    """The requests among the work that waits for the actor; of appeals, when the first answer is due.

    Annex forms and bans of earlier years belong to no season, and are counted by themselves.
    """
    found = []
    for kind, urgency in URGENCIES.items():
        if count := waiting.get(kind, 0):
            found.append(Requests(urgency, count, _first_due(session) if kind is Open.APPEAL else None))
    of_no_season = {Urgency.FORMS: sum(count_forms(session).values())}
    if Permission.LEAD_PROVINCE in session.actor.permissions:
        of_no_season[Urgency.BANS] = count_unconfirmed(session)
    return found + [Requests(urgency, count) for urgency, count in of_no_season.items() if count]


def _first_due(session: OfficeSession) -> datetime | None:
    waits = ReviewAppeal.superior_office_id == session.office_id, ReviewAppeal.state == "open"
    return session.scalar(select(func.min(ReviewAppeal.due_at)).where(*waits))
