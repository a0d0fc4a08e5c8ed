"""The list of emergencies of the office, or of the province, with the alarms that stand; and the form of a report."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import MultipartBody, QueryParameter
from sqlalchemy import select

from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import OfficeSession
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.pages.offered_files import offered_if_chosen
from core.pages.season import season_asked
from core.platform import Platform
from core.scheduling.access import may_be_on_site
from core.scheduling.emergencies import queries, service
from core.scheduling.emergencies.kinds import GUIDES, STATE_LABELS, EmergencyKind, Severity
from core.scheduling.emergencies.service import EmergencyForm
from core.scheduling.exam_day.opening import sites_used
from core.scheduling.exam_day.opening_alarms import alarms_of
from core.scheduling.models.sites import ExamRoom, ExamSite
from core.scheduling.sites.service import sites_for
from core.web.dependencies import OfOffice, OfSupervisor, ThePlatform
from core.web.guards import OFFICE_STAFF, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, attempt, render, see
from core.web.routes import form_with_file, page

KindAsked = Annotated[str, QueryParameter(max_length=20, description="事件类别。")]


@page("/exams/emergencies", roles=OFFICE_STAFF, province=True)
def emergencies_page(request: AnyRequest, session: OfSupervisor) -> Response[str]:
    """Emergencies and alarms: an office its own and those of the offices below it, the center all."""
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "scheduling/emergencies/list.html",
        emergencies=queries.emergencies_of(session, year),
        alarms=[ringing for ringing in alarms_of(session, year) if ringing.stands],
        states=STATE_LABELS,
        own=session.office_id,
        may_report=isinstance(session, OfficeSession) and may_be_on_site(session),
    )


@page("/exams/emergencies/new", roles=ON_SITE)
def new_page(request: AnyRequest, session: OfOffice, platform: ThePlatform, kind: KindAsked = "") -> Response[str]:
    """The kinds to choose from; of a chosen one the first steps, and the form of the report."""
    return _new(request, session, platform, kind)


@form_with_file("/exams/emergencies/new", roles=ON_SITE)
def report_emergency(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Report an emergency, with an optional picture."""
    with attempt(request, session) as tried, offered_if_chosen(data, "evidence") as picture:
        written = EmergencyForm(
            fields.one_of(EmergencyKind, data, "kind"),
            fields.one_of(Severity, data, "severity"),
            fields.text(data, "facts"),
            fields.moment(data, "happened_at"),
            fields.identifier(data, "client_id"),
            measures=fields.text(data, "measures"),
            **_place(data),
            numbers=tuple(_split(fields.text(data, "numbers"))),
        )
        made = service.report_emergency(session, season_asked(request, session).year, written)
        if picture is not None:
            attach(session, Subject.INCIDENT, made.incident_id, picture, keeping=platform.keeping)
        return see(f"/exams/emergencies/{made.id}")
    return _new(request, session, platform, fields.text(data, "kind"), tried=tried, given=data)


def _place(data: dict[str, Any]) -> dict[str, UUID | None]:
    """Sitting, site and room of a report, as far as they are chosen: ``sitting/site`` in one field."""
    sitting, _, site = fields.text(data, "place").partition("/")
    given = {"sitting_id": sitting, "site_id": site, "room_id": fields.text(data, "room_id")}
    return {name: fields.identifier({name: value}, name) if value else None for name, value in given.items()}


def _split(text: str) -> list[str]:
    return text.replace("，", " ").replace("、", " ").replace(",", " ").split()


def _new(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    kind: str,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    year = season_asked(request, session).year
    chosen = next((one for one in EmergencyKind if one.value == kind), None)
    sites = [] if chosen is None else list(sites_for(session, session.office_id, year))
    return render(
        request,
        session,
        "scheduling/emergencies/new.html",
        tried=tried,
        given=given or {},
        chosen=chosen,
        guide=None if chosen is None else GUIDES[chosen],
        kinds=list(EmergencyKind),
        severities=[(severity.value, severity.label) for severity in Severity],
        sites=sites,
        used=[] if chosen is None else sites_used(session, year, office_id=session.office_id),
        rooms=_rooms(session, sites),
        client_id=new_id(),
        moment=f"{session.now.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
        limits=limits_of(platform.offices.config(session.office_id)),
    )


def _rooms(session: OfficeSession, sites: list[ExamSite]) -> list[tuple[str, str]]:
    names = {site.id: site.name for site in sites}
    wanted = select(ExamRoom).where(ExamRoom.site_id.in_(names), ExamRoom.retired_at.is_(None))
    return [
        (str(room.id), f"{names[room.site_id]} {room.name}")
        for room in session.scalars(wanted.order_by(ExamRoom.number))
    ]
