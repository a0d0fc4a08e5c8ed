"""Pages of the candidate's own seat and requests for accommodations (考试便利)."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody

from core.applications.queries import application as application_of
from core.db.session import PersonSession
from core.documents.queries import ACCOMMODATION_EVIDENCE, offices_of
from core.documents.service import upload
from core.pages.scheduling.accommodations import needs_ticked
from core.platform import Platform
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import NEED_LABELS
from core.scheduling.plans.notices import seats_of_candidate
from core.web.dependencies import OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.page.uploads import chosen_file
from core.web.routes import form_with_file, page


@page("/my/applications/{application_id:uuid}/seat", roles=APPLICANTS)
def seat_page(request: AnyRequest, session: OfPerson, application_id: FromPath[UUID]) -> Response[str]:
    """The candidate's seats, and the form for accommodations."""
    return _seat(request, session, application_id)


@form_with_file("/my/applications/{application_id:uuid}/accommodation", roles=APPLICANTS)
def ask(
    request: AnyRequest,
    session: OfPerson,
    platform: ThePlatform,
    *,
    application_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Request accommodations, with evidence."""
    with attempt(request, session) as tried, chosen_file(data) as file:
        _keep_evidence(session, platform, application_id, name=file.filename, content=file.file)
        accommodations.ask(session, application_id, needs=needs_ticked(data), reason=str(data.get("reason") or ""))
        return see(f"/my/applications/{application_id}/seat")
    return _seat(request, session, application_id, tried=tried, given=data)


def _keep_evidence(
    session: PersonSession, platform: Platform, application_id: UUID, *, name: str, content: Any
) -> None:
    local = offices_of(session, application_id).local
    upload(
        session,
        application_id,
        material=ACCOMMODATION_EVIDENCE,
        file_name=name,
        content=content,
        store=platform.documents,
        keys=platform.keys,
        limits=platform.offices.config(local).documents,
        scan=platform.offices.hooks(local).document_received,
    )


def _seat(
    request: AnyRequest,
    session: PersonSession,
    application_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    application = application_of(session, application_id)
    return render(
        request,
        session,
        "scheduling/seat.html",
        of_year=application.year,
        tried=tried,
        given=given or {},
        application=application,
        seats=seats_of_candidate(session, application_id),
        requests=accommodations.requests_of(session, application_id),
        labels=NEED_LABELS,
        needs_named=accommodations.needs_named,
    )
