"""The page of one finding: the office of the place answers what it did, the patrolling office closes or asks again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.applications.form_steps import Fields
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.permissions import Permission
from core.errors import Invalid
from core.pages.offered_files import offered_if_chosen
from core.pages.responsibility.patrols.listed import LABELS
from core.platform import Platform
from core.responsibility.patrols import findings, queries
from core.responsibility.patrols.kinds import FindingState, ReplyKind, Severity
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICE_STAFF, PLANNING, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page


@page("/patrols/findings/{patrol_finding_id:uuid}", roles=OFFICE_STAFF)
def finding_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, patrol_finding_id: FromPath[UUID]
) -> Response[str]:
    """A finding with every line about it, and the next thing to do for its reader."""
    return _show(request, session, platform, patrol_finding_id)


@form_with_file("/patrols/findings/{patrol_finding_id:uuid}/answer", roles=PLANNING)
def answer_finding(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    patrol_finding_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Say what was done, with an optional picture."""
    with attempt(request, session) as tried, offered_if_chosen(data, "remedy") as picture:
        if picture is not None:
            attach(session, Subject.PATROL_FINDING, patrol_finding_id, picture, keeping=platform.keeping)
        words, client_id = fields.text(data, "text"), fields.identifier(data, "client_id")
        findings.answer_finding(session, patrol_finding_id, words, client_id)
        return see(f"/patrols/findings/{patrol_finding_id}")
    return _show(request, session, platform, patrol_finding_id, tried=tried, given=data)


@form("/patrols/findings/{patrol_finding_id:uuid}/review", roles=SUPERVISORS)
def review_finding(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, patrol_finding_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Close the finding, ask for more, or withdraw it."""
    with attempt(request, session) as tried:
        _review(session, patrol_finding_id, fields.one_of(ReplyKind, data, "said"), data)
        return see(f"/patrols/findings/{patrol_finding_id}")
    return _show(request, session, platform, patrol_finding_id, tried=tried, given=data)


def _review(session: OfficeSession, finding_id: UUID, kind: ReplyKind, data: dict[str, Any]) -> None:
    words, client_id = fields.text(data, "text"), fields.identifier(data, "client_id")
    if kind is ReplyKind.AGAIN:
        findings.ask_again(session, finding_id, words, client_id, answer_by=fields.day(data, "answer_by"))
    elif kind is ReplyKind.CLOSED:
        findings.close_finding(session, finding_id, words, client_id)
    elif kind is ReplyKind.WITHDRAWN:
        findings.withdraw_finding(session, finding_id, words, client_id)
    else:
        raise Invalid("field_malformed", "请从列表中选择。", at="said")


def _show(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    patrol_finding_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    told = queries.tell_finding(session, patrol_finding_id)
    finding, may = told.finding, session.actor.may_change
    settled = finding.state in {FindingState.CLOSED, FindingState.WITHDRAWN}
    answers = finding.to_office_id == session.office_id and bool(may & queries.ANSWERS)
    own = finding.office_id == session.office_id
    until = session.now.astimezone(SHANGHAI).date() + timedelta(days=Severity(finding.severity).days)
    return render(
        request,
        session,
        "responsibility/patrols/finding.html",
        tried=tried,
        of_year=finding.year,
        given=Fields(given or {}),
        told=told,
        finding=finding,
        patrol_id=told.visit.visit.patrol_id if own else None,
        replies=[(reply, ReplyKind(reply.kind).label) for reply in told.replies],
        files=files_of(session, Subject.PATROL_FINDING, [finding.id])[finding.id],
        adds=not settled and (own or answers),
        answers=answers and finding.state == FindingState.OPEN,
        reviews=own and Permission.SUPERVISE in may and not settled,
        accuses=Permission.SUPERVISE in may,
        until=until.isoformat(),
        client_id=new_id(),
        limits=limits_of(platform.offices.config(finding.office_id)),
        **LABELS,
    )
