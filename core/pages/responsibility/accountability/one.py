"""The page of one case: for supervisors every step, for the person concerned what they are told and their statement."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.errors import Invalid
from core.responsibility.accountability import queries, service
from core.responsibility.accountability.pdf import decision_pdf, hearing_pdf
from core.responsibility.accountability.procedure import LINKED, TONES, Breach, CaseState, Measure, Origin
from core.tenancy.models import Office
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page

_PAGES = {
    Origin.PATROL_FINDING: "/patrols/findings/",
    Origin.EMERGENCY: "/exams/emergencies/",
    Origin.SANCTION: "/sanctions/",
}


@page("/accountability/{accountability_id:uuid}", roles=OFFICE_STAFF)
def case_page(request: AnyRequest, session: OfOffice, accountability_id: FromPath[UUID]) -> Response[str]:
    """A case, and the next thing to do for its reader."""
    return _show(request, session, accountability_id)


@form("/accountability/{accountability_id:uuid}/tell", roles=SUPERVISORS)
def tell_person(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, accountability_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note how the person was told."""
    with attempt(request, session) as tried:
        service.tell_person(session, accountability_id, fields.text(data, "how"), offices=platform.offices)
        return see(f"/accountability/{accountability_id}")
    return _show(request, session, accountability_id, tried=tried, given=data)


@form("/accountability/{accountability_id:uuid}/statement", roles=OFFICE_STAFF)
def make_statement(
    request: AnyRequest, session: OfOffice, accountability_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Speak, or record what the person said."""
    with attempt(request, session) as tried:
        service.make_statement(session, accountability_id, fields.text(data, "text"))
        return see(f"/accountability/{accountability_id}")
    return _show(request, session, accountability_id, tried=tried, given=data)


@form("/accountability/{accountability_id:uuid}/decide", roles=SUPERVISORS)
def decide(request: AnyRequest, session: OfOffice, accountability_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Decide on measures."""
    with attempt(request, session) as tried:
        service.decide(
            session,
            accountability_id,
            _measures(data),
            ground=fields.text(data, "ground"),
            reasons=fields.text(data, "reasons"),
        )
        return see(f"/accountability/{accountability_id}")
    return _show(request, session, accountability_id, tried=tried, given=data)


@form("/accountability/{accountability_id:uuid}/clear", roles=SUPERVISORS)
def clear(request: AnyRequest, session: OfOffice, accountability_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Decide that nobody is held to account."""
    with attempt(request, session) as tried:
        service.clear(session, accountability_id, fields.text(data, "reasons"))
        return see(f"/accountability/{accountability_id}")
    return _show(request, session, accountability_id, tried=tried, given=data)


@form("/accountability/{accountability_id:uuid}/drop", roles=SUPERVISORS)
def drop_case(request: AnyRequest, session: OfOffice, accountability_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Drop a case of which the person was not told."""
    with attempt(request, session) as tried:
        service.drop_case(session, accountability_id, fields.text(data, "reasons"))
        return see(f"/accountability/{accountability_id}")
    return _show(request, session, accountability_id, tried=tried, given=data)


@form("/accountability/{accountability_id:uuid}/serve", roles=SUPERVISORS)
def serve_decision(
    request: AnyRequest, session: OfOffice, accountability_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note how the decision was served."""
    with attempt(request, session) as tried:
        service.serve_decision(session, accountability_id, fields.text(data, "how"))
        return see(f"/accountability/{accountability_id}")
    return _show(request, session, accountability_id, tried=tried, given=data)


@look("/accountability/{accountability_id:uuid}/hearing-pdf", roles=OFFICE_STAFF)
def print_hearing(session: OfOffice, accountability_id: FromPath[UUID]) -> Response[bytes]:
    """What the person is told (告知书), with its receipt."""
    return printed(hearing_pdf(session, accountability_id))


@look("/accountability/{accountability_id:uuid}/decision-pdf", roles=OFFICE_STAFF)
def print_decision(session: OfOffice, accountability_id: FromPath[UUID]) -> Response[bytes]:
    """The decision (决定书), with its receipt."""
    return printed(decision_pdf(session, accountability_id))


def _measures(data: dict[str, Any]) -> list[Measure]:
    try:
        return [Measure(value) for value in fields.several(data, "measures")]
    except ValueError:
        raise Invalid("field_malformed", "请从列表中选择。", at="measures") from None


def _show(
    request: AnyRequest,
    session: OfficeSession,
    accountability_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    told = queries.tell(session, accountability_id)
    case, own = told.case, queries.is_concerned(session, told.case)
    decides = not own and case.office_id == session.office_id and Permission.SUPERVISE in session.actor.may_change
    me = {session.actor.account_id, session.actor.on_behalf_of}
    may_speak = own and case.hear_until is not None and session.now < case.hear_until
    origin = Origin(case.origin)
    heard = bool(told.statements) or (case.hear_until is not None and session.now >= case.hear_until)
    above = case.reported_to_office_id
    return render(
        request,
        session,
        "responsibility/accountability/one.html",
        tried=tried,
        of_year=case.year,
        given=Fields(given or {}),
        ticked=fields.ticked(given, "measures"),
        told=told,
        case=case,
        own=own,
        state=(CaseState(case.state).label, TONES[case.state]),
        breach=Breach(case.breach).label,
        origin=origin.label,
        origin_page=f"{_PAGES[origin]}{case.origin_id}" if origin in LINKED and case.origin_id and not own else "",
        above="" if above is None else session.get_one(Office, above).short_name,
        measures=[(measure.value, measure.label) for measure in Measure],
        decided="；".join(Measure(measure).label for measure in case.measures),
        decides=decides,
        second=case.opened_by not in me,
        heard=heard,
        speaks=case.state == CaseState.HEARING and (may_speak or decides),
        has_decision=case.decided_at is not None and case.state != CaseState.DROPPED,
    )
