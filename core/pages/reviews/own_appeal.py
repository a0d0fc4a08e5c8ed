"""The applicant's own appeal (申诉) against a failed review, by a page."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.applications.queries import application
from core.db.session import PersonSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.pages.offered_files import offered_if_chosen
from core.platform import Platform
from core.reviews.appeals.service import APPEAL_LABELS, appeal, appeals_of, right_to_appeal
from core.tenancy.queries import offices
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form_with_file, page

APPEAL_TONES = {"open": "waits", "upheld": "stopped", "reopened": "done"}


@page("/my/applications/{application_id:uuid}/appeal", roles=APPLICANTS)
def appeal_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """The appeals of the case with their answers, and the form while an appeal may be made."""
    return _appeal(request, session, platform, application_id)


@form_with_file("/my/applications/{application_id:uuid}/appeal", roles=APPLICANTS)
def make_appeal(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Appeal, with a paper where there is one."""
    grounds = str(data.get("grounds") or "")
    with attempt(request, session) as tried, offered_if_chosen(data, "grounds") as paper:
        made = appeal(session, application_id, grounds=grounds, offices=platform.offices)
        if paper is not None:
            attach(session, Subject.APPEAL, made.id, paper, keeping=platform.keeping)
        return see(f"/my/applications/{application_id}/appeal")
    return _appeal(request, session, platform, application_id, tried=tried, grounds=grounds)


def _appeal(
    request: AnyRequest,
    session: PersonSession,
    platform: Platform,
    application_id: UUID,
    *,
    tried: Attempt | None = None,
    grounds: str = "",
) -> Response[str]:
    case, made = application(session, application_id), appeals_of(session, application_id)
    right = right_to_appeal(session, case, platform.offices)
    contested = right is not None and any(past.move_id == right.decision.id for past in made)
    return render(
        request,
        session,
        "reviews/own_appeal.html",
        tried=tried,
        application=case,
        appeals=made,
        right=None if contested else right,
        over=right is not None and session.now >= right.until,
        names={office.id: office.name for office in offices(session)},
        labels=APPEAL_LABELS,
        tones=APPEAL_TONES,
        files=files_of(session, Subject.APPEAL, [past.id for past in made]),
        limits=limits_of(platform.offices.config(case.office_id)),
        grounds=grounds,
    )
