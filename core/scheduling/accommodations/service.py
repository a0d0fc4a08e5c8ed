"""Accommodations (考试便利): requested by a candidate with evidence, decided by the office, kept by every later plan.

A decision holds for the season. Later plans seat the candidate accordingly. After a published plan the office
re-plans, and candidates whose room no longer fits are moved.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
from core.audit import service as audit
from core.db.base import new_id
from core.db.rows import own_row
from core.db.session import OfficeSession, PersonSession, ScopedSession
from core.documents.models import Document
from core.documents.queries import ACCOMMODATION_EVIDENCE
from core.domain.workflow import NOT_LIVE
from core.errors import Conflict, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.scheduling.access import must_schedule
from core.scheduling.allocation.problem import NEED_LABELS, SeatNeed
from core.scheduling.models.accommodations import AccommodationRequest
from core.seasons.queries import check_not_ended
from core.text.form_texts import checked_text


def ask(
    session: PersonSession, application_id: UUID, *, needs: Collection[SeatNeed], reason: str
) -> AccommodationRequest:
    """Request accommodations; the evidence is the application's uploaded paper ``accommodation.evidence``.

    Invalid without a need, a reason or the paper; Conflict while an earlier request is undecided.
    """
    application = session.get(Application, application_id)
    if application is None or application.state in NOT_LIVE:
        raise NotFound("application_not_found", "没有找到该申报，或者它已经终止。请核对后重试。")
    check_not_ended(session, application.year)
    document = session.scalar(
        select(Document).where(
            Document.application_id == application_id,
            Document.material == ACCOMMODATION_EVIDENCE,
            Document.superseded_at.is_(None),
        )
    )
    missing = {} if needs else {"needs": "请选择需要的便利"}
    missing |= {} if checked_text(reason) else {"reason": "请写明原因"}
    missing |= {} if document is not None else {"file": "请上传证明材料"}
    if missing or document is None:
        raise Invalid("accommodation_incomplete", "请选择需要的便利，写明原因，并上传证明材料。", fields=missing)
    if any(earlier.state == "asked" for earlier in requests_of(session, application_id)):
        raise Conflict("accommodation_waits", "您的上一次申请还没有答复。请等候答复后再申请。")
    request = AccommodationRequest(
        id=new_id(),
        office_id=application.office_id,
        application_id=application_id,
        year=application.year,
        needs=sorted(needs),
        reason=reason.strip(),
        document_id=document.id,
        state="asked",
        asked_at=session.now,
        asked_by=session.actor.account_id,
        granted=[],
        decision="",
    )
    session.add(request)
    session.flush()
    audit.record_on(session, request, "accommodation.asked", needs=request.needs)
    return request


def decide(
    session: OfficeSession, request_id: UUID, *, granted: Collection[SeatNeed], decision: str
) -> AccommodationRequest:
    """Grant some, all or none of the requested needs; the candidate is told the reason."""
    must_schedule(session)
    refusal = NotFound("accommodation_not_found", "没有找到该申请，或者它不属于本机构。请核对后重试。")
    request = own_row(session, AccommodationRequest, request_id, refusal, locked=True)
    if request.state != "asked":
        raise Conflict("accommodation_decided", "该申请已经答复。")
    if not checked_text(decision, field="decision"):
        raise Invalid("reason_required", "请写明答复意见。", fields={"decision": "请写明答复意见"})
    if not set(granted) <= set(map(SeatNeed, request.needs)):
        raise Invalid("granted_more", "只能批准申请人申请的便利。", fields={"granted": "请核对"})
    request.state, request.granted = ("granted" if granted else "refused"), sorted(granted)
    request.decision, request.decided_at, request.decided_by = decision.strip(), session.now, session.actor.account_id
    session.flush()
    audit.record_on(session, request, "accommodation.decided", granted=request.granted)
    _tell(session, request)
    return request


def requests_of(session: ScopedSession, application_id: UUID) -> Sequence[AccommodationRequest]:
    """The requests of a candidate, the newest first."""
    wanted = select(AccommodationRequest).where(AccommodationRequest.application_id == application_id)
    return session.scalars(wanted.order_by(AccommodationRequest.asked_at.desc(), AccommodationRequest.id.desc())).all()


def requests_at(session: OfficeSession, year: int) -> Sequence[tuple[AccommodationRequest, str, str]]:
    """The requests at an office with name and reference, undecided ones first."""
    wanted = (
        select(AccommodationRequest, Application.person_name, Application.reference)
        .join(Application, Application.id == AccommodationRequest.application_id)
        .where(AccommodationRequest.office_id == session.office_id, AccommodationRequest.year == year)
        .order_by(AccommodationRequest.state != "asked", AccommodationRequest.asked_at, AccommodationRequest.id)
    )
    return [(request, name, reference) for request, name, reference in session.execute(wanted)]


def needs_named(needs: Collection[str]) -> str:
    """The needs in words."""
    return "、".join(label for need, label in NEED_LABELS.items() if need in needs) or "无"


def _tell(session: OfficeSession, request: AccommodationRequest) -> None:
    person_id = session.get_one(Application, request.application_id).person_id
    outcome = f"批准：{needs_named(request.granted)}" if request.granted else "未批准"
    notify(
        session,
        Recipient(person_id=person_id),
        event_key=f"accommodation.decided:{request.id}",
        office_id=request.office_id,
        kind="accommodation_decided",
        title="您的考试便利申请已有答复",
        body=f"{outcome}。答复意见：{request.decision}",
        application_id=request.application_id,
    )
