"""The page of one visit, for a telephone at the place: arrival, what is found with a picture, the end of the visit."""

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
from core.pages.offered_files import offered_if_chosen
from core.pages.responsibility.patrols.listed import LABELS
from core.platform import Platform
from core.responsibility.patrols import queries, service, visits
from core.responsibility.patrols.kinds import FindingKind, PatrolState, Severity, VisitState
from core.responsibility.patrols.visits import FindingForm
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, page


@page("/patrols/visits/{patrol_visit_id:uuid}", roles=OFFICE_STAFF)
def visit_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, patrol_visit_id: FromPath[UUID]
) -> Response[str]:
    """A visit: for its members the next thing to do there, for all others what was seen."""
    return _show(request, session, platform, patrol_visit_id)


@form("/patrols/visits/{patrol_visit_id:uuid}/arrive", roles=OFFICE_STAFF)
def arrive(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, patrol_visit_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note the arrival."""
    with attempt(request, session) as tried:
        visits.arrive(session, patrol_visit_id, fields.moment(data, "at"))
        return see(f"/patrols/visits/{patrol_visit_id}")
    return _show(request, session, platform, patrol_visit_id, tried=tried, given=data)


@form_with_file("/patrols/visits/{patrol_visit_id:uuid}/findings", roles=OFFICE_STAFF)
def record_finding(
    request: AnyRequest,
    session: OfOffice,
    platform: ThePlatform,
    *,
    patrol_visit_id: FromPath[UUID],
    data: MultipartBody[dict[str, Any]],
) -> Response[Any]:
    """Record what was found, with an optional picture."""
    with attempt(request, session) as tried, offered_if_chosen(data, "evidence") as picture:
        written = FindingForm(
            fields.one_of(FindingKind, data, "kind"),
            fields.one_of(Severity, data, "severity"),
            fields.text(data, "facts"),
            fields.text(data, "ordered"),
            fields.day(data, "answer_by"),
            fields.identifier(data, "client_id"),
        )
        made = visits.record_finding(session, patrol_visit_id, written)
        if picture is not None:
            attach(session, Subject.PATROL_FINDING, made.id, picture, keeping=platform.keeping)
        return see(f"/patrols/visits/{patrol_visit_id}")
    return _show(request, session, platform, patrol_visit_id, tried=tried, given=data)


@form("/patrols/visits/{patrol_visit_id:uuid}/finish", roles=OFFICE_STAFF)
def finish_visit(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, patrol_visit_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """End the visit with what was seen."""
    with attempt(request, session) as tried:
        visit = visits.finish_visit(session, patrol_visit_id, fields.text(data, "remarks"))
        return see(f"/patrols/{visit.patrol_id}")
    return _show(request, session, platform, patrol_visit_id, tried=tried, given=data)


@form("/patrols/visits/{patrol_visit_id:uuid}/move", roles=SUPERVISORS)
def move_visit(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, patrol_visit_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Move the visit to another day."""
    with attempt(request, session) as tried:
        service.move_visit(session, patrol_visit_id, fields.day(data, "day"))
        return see(f"/patrols/visits/{patrol_visit_id}")
    return _show(request, session, platform, patrol_visit_id, tried=tried, given=data)


@form("/patrols/visits/{patrol_visit_id:uuid}/call-off", roles=SUPERVISORS)
def call_off_visit(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, patrol_visit_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Say why the place is not visited."""
    with attempt(request, session) as tried:
        visit = service.call_off_visit(session, patrol_visit_id, fields.text(data, "reason"))
        return see(f"/patrols/{visit.patrol_id}")
    return _show(request, session, platform, patrol_visit_id, tried=tried, given=data)


def _show(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    patrol_visit_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    told = queries.tell_visit(session, patrol_visit_id)
    visit, now = told.visit, session.now.astimezone(SHANGHAI)
    # The office of the place sees the visit, and nothing else of the patrol.
    patrol = None if visit.office_id != session.office_id else queries.tell(session, visit.patrol_id)
    open_ = patrol is not None and patrol.patrol.state == PatrolState.PLANNED
    makes = open_ and patrol is not None and queries.is_member(session, patrol.members)
    return render(
        request,
        session,
        "responsibility/patrols/visit.html",
        tried=tried,
        of_year=visit.year,
        given=Fields(given or {}),
        told=told,
        visit=visit,
        patrol=patrol,
        files=files_of(session, Subject.PATROL_FINDING, [finding.id for finding in told.findings]),
        makes=makes,
        moves=open_ and Permission.SUPERVISE in session.actor.may_change and visit.state == VisitState.PLANNED,
        kinds=[(kind.value, kind.label) for kind in FindingKind],
        severities=[(severity.value, f"{severity.label}（一般在{severity.days}天内整改）") for severity in Severity],
        proposed=(now.date() + timedelta(days=Severity.MINOR.days)).isoformat(),
        client_id=new_id(),
        moment=f"{now:%Y-%m-%dT%H:%M}",
        limits=limits_of(platform.offices.config(session.office_id)),
        **LABELS,
    )
