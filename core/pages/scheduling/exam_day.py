"""Pages of the exam day: sittings and their progress, the door, incidents, and the province's view."""

from datetime import date, timedelta
from typing import Annotated, Any

from litestar import Response
from litestar.params import MultipartBody, QueryParameter
from sqlalchemy import select

from core.clock import SHANGHAI, end_of, start_of
from core.db.base import new_id
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.pages.offered_files import offered_if_chosen
from core.pages.season import season_asked
from core.platform import Platform
from core.scheduling.access import may_be_on_site
from core.scheduling.exam_day import board, door, void_arrivals
from core.scheduling.exam_day.door import CLASS_NAMES, INCIDENT_NAMES, IncidentForm, IncidentKind
from core.scheduling.models.sites import ExamSite
from core.scheduling.sittings.service import sittings_of
from core.tenancy.models import Office
from core.web.dependencies import OfOffice, OfSupervisor, ThePlatform
from core.web.guards import AUDITORS, CENTER, OFFICE_STAFF, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form_with_file, page

Day = Annotated[date | None, QueryParameter(description="考试日期。")]


@page("/exams/day", roles=OFFICE_STAFF)
def day_page(request: AnyRequest, session: OfOffice, day: Day = None) -> Response[str]:
    """The sittings of a day and their progress."""
    on, year = day or session.now.astimezone(SHANGHAI).date(), season_asked(request, session).year
    found = board.board(session, year, since=start_of(on), until=end_of(on), office_id=session.office_id)
    against = void_arrivals.contradictions(session, since=start_of(on), until=end_of(on))
    days = sorted(
        {sitting.starts_at.astimezone(SHANGHAI).date() for sitting in sittings_of(session, session.office_id, year)}
    )
    return render(
        request, session, "scheduling/day.html", on=on, days=days, lines=found, offices=None, contradictions=against
    )


@page("/exams/incidents", roles=OFFICE_STAFF)
def incidents_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """The incidents at the office's exams, and the form for a new one."""
    return _incidents(request, session, platform)


@form_with_file("/exams/incidents", roles=ON_SITE)
def report_incident(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Report an incident, with an optional picture or scan."""
    with attempt(request, session) as tried, offered_if_chosen(data, "evidence") as picture:
        written = IncidentForm(
            fields.one_of(IncidentKind, data, "kind"),
            fields.text(data, "facts"),
            fields.moment(data, "happened_at"),
            fields.identifier(data, "client_id"),
            sitting_id=fields.identifier(data, "sitting_id") if fields.text(data, "sitting_id") else None,
            ticket_number=fields.text(data, "ticket_number"),
            violation_class=fields.number(data, "violation_class") if fields.text(data, "violation_class") else None,
            evidence=fields.text(data, "evidence"),
            measures=fields.text(data, "measures"),
        )
        made = door.report_incident(session, season_asked(request, session).year, written)
        if picture is not None:
            attach(session, Subject.INCIDENT, made.id, picture, keeping=platform.keeping)
        return see("/exams/incidents")
    return _incidents(request, session, platform, tried=tried, given=data)


@page("/board/exams", roles=CENTER | AUDITORS, province=True)
def province_page(request: AnyRequest, session: OfSupervisor, day: Day = None) -> Response[str]:
    """The progress of every site of the province on a day."""
    on, year = day or session.now.astimezone(SHANGHAI).date(), season_asked(request, session).year
    found = board.board(session, year, since=start_of(on), until=end_of(on))
    names = dict(session.execute(select(Office.id, Office.short_name)).all())
    near = [on + timedelta(days=step) for step in (-1, 0, 1)] if date.min < on < date.max else [on]
    return render(
        request, session, "scheduling/day.html", on=on, days=near, lines=found, offices=names, contradictions=[]
    )


def _incidents(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    year = season_asked(request, session).year
    found = door.incidents_of(session, session.office_id, year)
    sites = {incident.site_id for incident in found if incident.site_id}
    return render(
        request,
        session,
        "scheduling/incidents.html",
        tried=tried,
        given=given or {},
        incidents=found,
        kinds=INCIDENT_NAMES,
        offered=[(kind.value, kind.label) for kind in IncidentKind if kind is not IncidentKind.EMERGENCY],
        classes=CLASS_NAMES,
        sittings=[sitting for sitting in sittings_of(session, session.office_id, year) if not sitting.cancelled_at],
        sites=dict(session.execute(select(ExamSite.id, ExamSite.name).where(ExamSite.id.in_(sites))).all()),
        client_id=new_id(),
        files=files_of(session, Subject.INCIDENT, [incident.id for incident in found]),
        on_site=may_be_on_site(session),
        limits=limits_of(platform.offices.config(session.office_id)),
    )
