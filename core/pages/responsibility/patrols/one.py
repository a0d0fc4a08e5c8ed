"""The page of one patrol: its members and places, what was found, its end, and the record on paper."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.pages.responsibility.patrols.listed import LABELS
from core.responsibility.patrols import queries, service
from core.responsibility.patrols.kinds import PatrolState
from core.responsibility.patrols.pdf import record_pdf
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/patrols/{patrol_id:uuid}", roles=OFFICE_STAFF)
def patrol_page(request: AnyRequest, session: OfOffice, patrol_id: FromPath[UUID]) -> Response[str]:
    """A patrol: who goes where, what was found, and what is to be done next."""
    return _show(request, session, patrol_id)


@form("/patrols/{patrol_id:uuid}/members", roles=SUPERVISORS)
def send_members(request: AnyRequest, session: OfOffice, patrol_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Send others, or more, or fewer."""
    with attempt(request, session) as tried:
        service.send_members(session, patrol_id, fields.identifiers(data, "members"))
        return see(f"/patrols/{patrol_id}")
    return _show(request, session, patrol_id, tried=tried, given=data)


@form("/patrols/{patrol_id:uuid}/visits", roles=SUPERVISORS)
def add_visit(request: AnyRequest, session: OfOffice, patrol_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Add a place."""
    with attempt(request, session) as tried:
        service.add_visit(session, patrol_id, fields.text(data, "place"), fields.day(data, "day"))
        return see(f"/patrols/{patrol_id}")
    return _show(request, session, patrol_id, tried=tried, given=data)


@form("/patrols/{patrol_id:uuid}/end", roles=SUPERVISORS)
def end_patrol(request: AnyRequest, session: OfOffice, patrol_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """End the patrol with its summary."""
    with attempt(request, session) as tried:
        service.end_patrol(session, patrol_id, fields.text(data, "summary"))
        return see(f"/patrols/{patrol_id}")
    return _show(request, session, patrol_id, tried=tried, given=data)


@form("/patrols/{patrol_id:uuid}/cancel", roles=SUPERVISORS)
def cancel_patrol(request: AnyRequest, session: OfOffice, patrol_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Cancel a patrol that has begun nowhere."""
    with attempt(request, session) as tried:
        service.cancel_patrol(session, patrol_id, fields.text(data, "summary"))
        return see(f"/patrols/{patrol_id}")
    return _show(request, session, patrol_id, tried=tried, given=data)


@look("/patrols/{patrol_id:uuid}/pdf", roles=OFFICE_STAFF)
def print_patrol(session: OfOffice, patrol_id: FromPath[UUID]) -> Response[bytes]:
    """The record (巡视记录表), to be signed and filed."""
    return printed(record_pdf(session, patrol_id))


def _show(
    request: AnyRequest,
    session: OfficeSession,
    patrol_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    told = queries.tell(session, patrol_id)
    own = told.patrol.office_id == session.office_id
    plans = own and Permission.SUPERVISE in session.actor.may_change and told.patrol.state == PatrolState.PLANNED
    colleagues = queries.colleagues(session) if plans else {}
    # Whoever no longer holds a role stays on the list until somebody else is sent.
    colleagues = {member.account_id: member.name for member in told.members} | colleagues if plans else {}
    said = given or {"members": [str(member.account_id) for member in told.members]}
    return render(
        request,
        session,
        "responsibility/patrols/one.html",
        tried=tried,
        of_year=told.patrol.year,
        given=Fields(said),
        ticked=fields.ticked(said, "members"),
        told=told,
        patrol=told.patrol,
        plans=plans,
        visits_here=own and queries.is_member(session, told.members),
        begun=any(visit.visit.arrived_at for visit in told.visits),
        places=queries.places(session, told.patrol.year) if plans else [],
        colleagues=colleagues,
        **LABELS,
    )
