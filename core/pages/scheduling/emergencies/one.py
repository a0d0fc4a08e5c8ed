"""The page of one emergency: what was reported, receipts, instructions, the closing, and the report on paper."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.base import new_id
from core.db.session import OfficeSession, ProvinceSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.permissions import Permission
from core.errors import Invalid
from core.scheduling.access import may_answer_for_exams, may_be_on_site, may_schedule
from core.scheduling.emergencies import queries, service
from core.scheduling.emergencies.kinds import STATE_LABELS, EntryKind
from core.scheduling.emergencies.pdf import report_pdf
from core.scheduling.exam_day.opening import site_named
from core.web.dependencies import OfSupervisor
from core.web.guards import ANSWER_FOR_EXAMS, OFFICE_STAFF, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/exams/emergencies/{emergency_id:uuid}", roles=OFFICE_STAFF, province=True)
def emergency_page(request: AnyRequest, session: OfSupervisor, emergency_id: FromPath[UUID]) -> Response[str]:
    """Everything about an emergency, and the next thing to do for its reader."""
    return _emergency(request, session, emergency_id)


@form("/exams/emergencies/{emergency_id:uuid}", roles=ON_SITE | ANSWER_FOR_EXAMS, province=True)
def add_entry(request: AnyRequest, session: OfSupervisor, emergency_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Report on, say that it is received, instruct, or close."""
    with attempt(request, session) as tried:
        _add(session, emergency_id, fields.one_of(EntryKind, data, "entry"), data)
        return see(f"/exams/emergencies/{emergency_id}")
    return _emergency(request, session, emergency_id, tried=tried, given=data)


@look("/exams/emergencies/{emergency_id:uuid}/pdf", roles=OFFICE_STAFF, province=True)
def report_file(session: OfSupervisor, emergency_id: FromPath[UUID]) -> Response[bytes]:
    """The report (突发事件报告), to be printed, signed and filed."""
    found = queries.visible_emergency(session, emergency_id)
    return printed(report_pdf(session, emergency_id, pictures=len(_files(session, found.incident_id))))


def _add(session: OfficeSession | ProvinceSession, emergency_id: UUID, kind: EntryKind, data: dict[str, Any]) -> None:
    if kind is EntryKind.RECEIVED:
        service.acknowledge(session, emergency_id)
        return
    text, client_id = fields.text(data, "text"), fields.identifier(data, "client_id")
    if kind is EntryKind.INSTRUCTION:
        service.instruct(session, emergency_id, text, client_id)
    elif kind is EntryKind.CLOSING:
        service.close_emergency(session, emergency_id, text, client_id)
    elif isinstance(session, OfficeSession):
        service.add_report(session, emergency_id, kind, text, client_id=client_id)
    else:
        raise Invalid("emergency_entry", "续报、终报由事发考点所属机构的考务人员提交。")


def _files(session: OfficeSession | ProvinceSession, incident_id: UUID) -> list[Any]:
    return [line for line in files_of(session, Subject.INCIDENT, [incident_id])[incident_id] if not line.superseded]


def _emergency(
    request: AnyRequest,
    session: OfficeSession | ProvinceSession,
    emergency_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    told = queries.tell(session, emergency_id)
    found = told.listed.emergency
    own = isinstance(session, OfficeSession) and found.office_id == session.office_id
    answers = may_answer_for_exams(session) and found.state != "closed"
    may = session.actor.may_change
    return render(
        request,
        session,
        "scheduling/emergencies/one.html",
        of_year=found.year,
        tried=tried,
        given=given or {},
        told=told,
        found=found,
        state=STATE_LABELS[found.state],
        site=None if found.site_id is None else site_named(session, found.site_id),
        files=files_of(session, Subject.INCIDENT, [found.incident_id])[found.incident_id],
        client_id=new_id(),
        may_continue=own and may_be_on_site(session) and found.state == "open",
        may_receive=answers
        and session.office_id not in told.listed.received
        and session.actor.account_id != found.reported_by,
        may_instruct=answers,
        may_close=answers and found.state == "concluded",
        adds_files=own and may_be_on_site(session) and found.state != "closed",
        may_schedule=own and may_schedule(session),
        may_propose=bool(may & {Permission.RUN_OFFICE, Permission.SUPERVISE}),
        sees_people=own and bool(may),
        accuses=Permission.SUPERVISE in may,
    )
