"""The requests that people make of an office: names corrected, certificates again, appeals, and questions."""

from sqlalchemy import func, select

from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.identity.models import IdentityCorrection
from core.oversight.attention import Requests, Urgency
from core.results.models.awards import CertificateReissue
from core.reviews.inquiries.service import count_open
from core.reviews.models import ReviewAppeal


def open_requests(session: OfficeSession) -> list[Requests]:
    """The requests that wait for the office, of every season; appeals for those alone who may answer them."""
    here = session.office_id
    corrections = select(func.count()).where(
        IdentityCorrection.office_id == here, IdentityCorrection.state.in_(["asked", "examined"])
    )
    reissues = select(func.count()).where(
        CertificateReissue.office_id == here, CertificateReissue.state.in_(["asked", "proposed"])
    )
    waiting = [
        Requests(Urgency.IDENTITY, session.scalar(corrections) or 0),
        Requests(Urgency.REISSUES, session.scalar(reissues) or 0),
        Requests(Urgency.INQUIRIES, count_open(session)),
    ]
    if Permission.SUPERVISE in session.actor.permissions:
        appeals = select(func.count(), func.min(ReviewAppeal.due_at)).where(
            ReviewAppeal.superior_office_id == here, ReviewAppeal.state == "open"
        )
        count, due = session.execute(appeals).one()
        waiting.append(Requests(Urgency.APPEALS, count, due))
    return [asked for asked in waiting if asked.count]
