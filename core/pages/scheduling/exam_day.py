"""Tickets and papers, the exam day, incidents and safe-keeping as an office works with them."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, MultipartBody, QueryParameter
from pydantic import ValidationError
from sqlalchemy import select

from core.api.scheduling.schemas import NoteOut, NotesIn
from core.clock import SHANGHAI, end_of, start_of
from core.db.base import new_id
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.documents.attachments import attach, limits_of
from core.domain.calendar import KIND_NAMES as WINDOW_NAMES
from core.errors import Invalid
from core.pages.offered_files import offered_if_chosen
from core.platform import Platform
from core.scheduling import void_tickets
from core.scheduling.exam_day import door, door_lists, safekeeping
from core.scheduling.exam_day.door import CLASS_NAMES, INCIDENT_NAMES, IncidentForm, IncidentKind
from core.scheduling.exam_day.safekeeping import KEPT_NAMES, CustodyForm, Kept
from core.scheduling.models.plans import Plan
from core.scheduling.models.sites import ExamSite
from core.scheduling.sittings.service import own_sitting, sittings_of
from core.scheduling.tickets import paper_jobs
from core.scheduling.tickets import service as tickets
from core.scheduling.tickets.paper_jobs import KIND_NAMES, PaperKind
from core.scheduling.tickets.pdf import part_pdf
from core.seasons.queries import current_season
from core.tenancy.models import Office
from core.web.dependencies import OfOffice, OfSupervisor, ThePlatform
from core.web.guards import AUDITORS, CENTER, OFFICE_STAFF, ON_SITE, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, form_with_file, look, page

Day = Annotated[date | None, QueryParameter(description="考试日期。")]


@page("/exams/papers", roles=ON_SITE)
def papers_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Tickets of the published plans, and the papers made of them."""
    return _papers(request, session)


@form("/exams/plans/{plan_id:uuid}/tickets", roles=SCHEDULERS)
def issue_tickets(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, plan_id: FromPath[UUID]
) -> Response[Any]:
    """Issue every ticket that a plan calls for."""
    with attempt(request, session) as tried:
        tickets.issue_tickets(session, plan_id, rules=platform.offices.config(session.office_id).tickets)
        return see("/exams/papers")
    return _papers(request, session, tried=tried)


@form("/exams/plans/{plan_id:uuid}/papers", roles=ON_SITE)
def ask_for_papers(request: AnyRequest, session: OfOffice, plan_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Have papers of a plan made."""
    with attempt(request, session) as tried:
        sitting_id = fields.identifier(data, "sitting_id") if fields.text(data, "sitting_id") else None
        kind = fields.one_of(PaperKind, data, "kind")
        paper_jobs.ask_for_papers(session, plan_id, kind, sitting_id=sitting_id)
        return see("/exams/papers#jobs")
    return _papers(request, session, tried=tried)


@look("/exams/papers/{part_id:uuid}", roles=ON_SITE)
def fetch_part(session: OfOffice, platform: ThePlatform, part_id: FromPath[UUID]) -> Response[bytes]:
    """A part of the papers."""
    return printed(part_pdf(session, part_id, keys=platform.keys))


@page("/exams/day", roles=OFFICE_STAFF)
def day_page(request: AnyRequest, session: OfOffice, day: Day = None) -> Response[str]:
    """The sittings of a day, and how far they are."""
    on, year = day or session.now.astimezone(SHANGHAI).date(), current_season(session).year
    found = door.progress(session, year, since=start_of(on), until=end_of(on), office_id=session.office_id)
    days = sorted({one.starts_at.astimezone(SHANGHAI).date() for one in sittings_of(session, session.office_id, year)})
    return render(request, session, "scheduling/day.html", on=on, days=days, sites=found, offices=None)


@page("/exams/day/{sitting_id:uuid}", roles=ON_SITE)
def door_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, sitting_id: FromPath[UUID]
) -> Response[str]:
    """The door of a sitting on a phone: scan, number or list, also without a connection."""
    return _door(request, session, platform, sitting_id)


@form("/exams/day/{sitting_id:uuid}/arrivals", roles=ON_SITE)
def take_notes(session: OfOffice, sitting_id: FromPath[UUID], data: Sent) -> Response[list[dict[str, Any]]]:
    """What a phone at this door has kept: ``notes`` as JSON, answered note by note."""
    try:
        sent = NotesIn.model_validate_json('{"notes":' + fields.text(data, "notes") + "}")
    except ValidationError:
        raise Invalid("notes_malformed", "登记内容无法识别，没有保存。请刷新页面后重新登记。") from None
    here = [one for one in sent.values() if one.sitting_id == sitting_id]
    answers = door.note_arrivals(session, here) if here else []
    return Response([NoteOut.model_validate(one).model_dump(mode="json") for one in answers])


@form("/exams/day/{sitting_id:uuid}/close", roles=ON_SITE)
def close_attendance(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, *, sitting_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note everybody as absent who has not come."""
    with attempt(request, session) as tried:
        door_lists.close_attendance(session, sitting_id, reason=fields.text(data, "reason"))
        return see(f"/exams/day/{sitting_id}")
    return _door(request, session, platform, sitting_id, tried=tried)


@page("/exams/incidents", roles=OFFICE_STAFF)
def incidents_page(request: AnyRequest, session: OfOffice, platform: ThePlatform) -> Response[str]:
    """What happened at the office's exams, and writing down more."""
    return _incidents(request, session, platform)


@form_with_file("/exams/incidents", roles=ON_SITE)
def report_incident(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, data: MultipartBody[dict[str, Any]]
) -> Response[Any]:
    """Write down what happened, with a picture or scan where there is one."""
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
        made = door.report_incident(session, current_season(session).year, written)
        if picture is not None:
            attach(session, Subject.INCIDENT, made.id, picture, keeping=platform.keeping)
        return see("/exams/incidents")
    return _incidents(request, session, platform, tried=tried, given=data)


@page("/exams/custody", roles=OFFICE_STAFF)
def custody_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The register of what is kept safe."""
    return _custody(request, session)


@form("/exams/custody", roles=ON_SITE)
def take_into_custody(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Write down something that is kept safe."""
    with attempt(request, session) as tried:
        written = CustodyForm(
            fields.one_of(Kept, data, "kind"),
            fields.text(data, "title"),
            fields.text(data, "keeper"),
            fields.text(data, "place"),
            fields.day(data, "keep_until"),
            fields.text(data, "digest").lower(),
        )
        safekeeping.take_into_custody(session, current_season(session).year, written)
        return see("/exams/custody")
    return _custody(request, session, tried=tried, given=data)


@form("/exams/custody/{custody_id:uuid}/hand-over", roles=ON_SITE)
def hand_over(request: AnyRequest, session: OfOffice, custody_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Give something to another keeper."""
    with attempt(request, session) as tried:
        safekeeping.hand_over(
            session,
            custody_id,
            to_keeper=fields.text(data, "to_keeper"),
            to_place=fields.text(data, "to_place"),
            reason=fields.text(data, "reason"),
        )
        return see("/exams/custody")
    return _custody(request, session, tried=tried)


@form("/exams/custody/{custody_id:uuid}/end", roles=ON_SITE)
def end_custody(request: AnyRequest, session: OfOffice, custody_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Say how the keeping ended."""
    with attempt(request, session) as tried:
        safekeeping.end_custody(session, custody_id, how=fields.text(data, "how"))
        return see("/exams/custody")
    return _custody(request, session, tried=tried)


@page("/board/exams", roles=CENTER | AUDITORS, province=True)
def province_page(request: AnyRequest, session: OfSupervisor, day: Day = None) -> Response[str]:
    """How far every site of the province is on a day."""
    on, year = day or session.now.astimezone(SHANGHAI).date(), current_season(session).year
    found = door.progress(session, year, since=start_of(on), until=end_of(on))
    names = dict(session.execute(select(Office.id, Office.short_name)).all())
    near = [on + timedelta(days=step) for step in (-1, 0, 1)] if date.min < on < date.max else [on]
    return render(request, session, "scheduling/day.html", on=on, days=near, sites=found, offices=names)


def _papers(request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None) -> Response[str]:
    year = current_season(session).year
    live = (Plan.office_id == session.office_id, Plan.year == year, Plan.state == "published")
    plans = session.scalars(select(Plan).where(*live).order_by(Plan.exam)).all()
    jobs = paper_jobs.jobs_of(session, session.office_id, year, limit=10)
    return render(
        request,
        session,
        "scheduling/papers.html",
        tried=tried,
        plans=plans,
        in_force={one.id: tickets.in_force_count(session, one.id) for one in plans},
        seated={one.id: tickets.seated_count(session, one.id) for one in plans},
        jobs=jobs,
        parts=paper_jobs.parts_of(session, [one.id for one in jobs]),
        kinds=KIND_NAMES,
        exams=WINDOW_NAMES,
        sittings=[one for one in sittings_of(session, session.office_id, year) if not one.cancelled_at],
        working=any(one.state in {"waiting", "working"} for one in jobs),
    )


def _door(
    request: AnyRequest, session: OfficeSession, platform: Platform, sitting_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    sitting = own_sitting(session, sitting_id)
    answer = render(
        request,
        session,
        "scheduling/door.html",
        tried=tried,
        sitting=sitting,
        people=door.expected(session, sitting_id),
        void=void_tickets.void_tickets(session, sitting_id),
        public_keys=" ".join(platform.paper_keys.public),
    )
    # This page alone may look through the camera.
    answer.headers["Permissions-Policy"] = "camera=(self)"
    return answer


def _incidents(
    request: AnyRequest,
    session: OfficeSession,
    platform: Platform,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    year = current_season(session).year
    found = door.incidents_of(session, session.office_id, year)
    sites = {one.site_id for one in found if one.site_id}
    return render(
        request,
        session,
        "scheduling/incidents.html",
        tried=tried,
        given=given or {},
        incidents=found,
        kinds=INCIDENT_NAMES,
        classes=CLASS_NAMES,
        sittings=[one for one in sittings_of(session, session.office_id, year) if not one.cancelled_at],
        sites=dict(session.execute(select(ExamSite.id, ExamSite.name).where(ExamSite.id.in_(sites))).all()),
        client_id=new_id(),
        files=files_of(session, Subject.INCIDENT, [one.id for one in found]),
        on_site=bool(ON_SITE & session.actor.may_change),
        limits=limits_of(platform.offices.config(session.office_id)),
    )


def _custody(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    entries = safekeeping.custody_of(session, session.office_id, current_season(session).year)
    return render(
        request,
        session,
        "scheduling/custody.html",
        tried=tried,
        given=given or {},
        entries=entries,
        chains=safekeeping.handovers_of(session, [one.id for one in entries]),
        kinds=KEPT_NAMES,
        today=session.now.astimezone(SHANGHAI).date(),
    )


PAGES = [
    papers_page,
    issue_tickets,
    ask_for_papers,
    fetch_part,
    day_page,
    door_page,
    take_notes,
    close_attendance,
    incidents_page,
    report_incident,
    custody_page,
    take_into_custody,
    hand_over,
    end_custody,
    province_page,
]
