"""Appeals (申诉) against failed reviews by pages, for the office that answers them."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import select

from core.applications.models import Move
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.errors import Invalid
from core.pages.reviews.own_appeal import APPEAL_TONES
from core.platform import Platform
from core.reviews.appeals import service as appeals
from core.reviews.appeals.service import APPEAL_LABELS, AnsweringSession
from core.tenancy.queries import offices
from core.web.dependencies import OfSupervisor, ThePlatform
from core.web.guards import SUPERVISORS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/supervision/appeals", roles=SUPERVISORS, province=True)
def appeals_page(request: AnyRequest, session: OfSupervisor) -> Response[str]:
    """The appeals that the office answers, the open ones first, with the due dates of the answers."""
    return _appeals(request, session)


@form("/supervision/appeals/{appeal_id:uuid}", roles=SUPERVISORS, province=True)
def answer_appeal(
    request: AnyRequest, session: OfSupervisor, platform: ThePlatform, *, appeal_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Uphold the decision, or have the case reviewed again."""
    answer = str(data.get("answer") or "")
    with attempt(request, session) as tried:
        _answer(session, platform, appeal_id, verdict=str(data.get("verdict") or ""), answer=answer)
        return see("/supervision/appeals")
    return _appeals(request, session, tried=tried, answered=appeal_id, answer=answer)


def _answer(session: AnsweringSession, platform: Platform, appeal_id: UUID, *, verdict: str, answer: str) -> None:
    if verdict == "upheld":
        appeals.uphold(session, appeal_id, answer=answer)
    elif verdict == "reopened":
        appeals.reopen_by_appeal(session, appeal_id, answer=answer, offices=platform.offices)
    else:
        raise Invalid("verdict_missing", "请选择维持审查结论，或重新审查。", fields={"verdict": "请选择结论"})


def _appeals(
    request: AnyRequest,
    session: AnsweringSession,
    *,
    tried: Attempt | None = None,
    answered: UUID | None = None,
    answer: str = "",
) -> Response[str]:
    rows = appeals.appeals(session)
    decisions = select(Move.id, Move.reason).where(Move.id.in_([made.move_id for made, _case in rows]))
    return render(
        request,
        session,
        "reviews/appeals.html",
        tried=tried,
        rows=rows,
        reasons={row.id: row.reason for row in session.execute(decisions)},
        may_answer={made.id: appeals.may_answer(session, made) for made, _case in rows if made.state == "open"},
        files=files_of(session, Subject.APPEAL, [made.id for made, _case in rows]),
        names={office.id: office.name for office in offices(session)},
        labels=APPEAL_LABELS,
        tones=APPEAL_TONES,
        answered=answered,
        answer=answer,
    )
