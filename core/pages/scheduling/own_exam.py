"""Pages of the candidate's own exam (training, seats, ticket), and the public verification of tickets."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications import queries
from core.applications.consequences import is_suspended
from core.db.session import PersonSession
from core.domain.workflow import FINAL, STATE_LABELS, State
from core.scheduling import void_tickets
from core.scheduling.models.tickets import TicketCommitment
from core.scheduling.plans.notices import exam_is_over
from core.scheduling.tickets import service as tickets, verification
from core.scheduling.tickets.pdf import rules_for, ticket_pdf
from core.scheduling.training import service as training
from core.scheduling.training.pdf import attendance_pdf
from core.scheduling.training.service import MODE_NAMES
from core.web.dependencies import AnySession, OfPerson, ThePlatform
from core.web.guards import APPLICANTS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/my/applications/{application_id:uuid}/exam", roles=APPLICANTS)
def exam_page(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]
) -> Response[str]:
    """My training, my seats and my admission ticket."""
    return _exam(request, session, platform, application_id)


@form("/my/applications/{application_id:uuid}/exam/commitment", roles=APPLICANTS)
def commit(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Tick the commitment."""
    with attempt(request, session) as tried:
        rules = rules_for(session, platform.offices, application_id)
        agreed = fields.text(data, "agreed") == "true"
        tickets.commit_to_rules(session, application_id, rules=rules, agreed=agreed)
        return see(f"/my/applications/{application_id}/exam#ticket")
    return _exam(request, session, platform, application_id, tried=tried)


@look("/my/applications/{application_id:uuid}/exam/ticket", roles=APPLICANTS)
def print_ticket(session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]) -> Response[bytes]:
    """My admission ticket as a PDF."""
    return printed(ticket_pdf(session, application_id, platform.keeping, paper_keys=platform.paper_keys))


@look("/my/applications/{application_id:uuid}/exam/training/{enrolment_id:uuid}", roles=APPLICANTS)
def print_certificate(
    session: OfPerson, application_id: FromPath[UUID], enrolment_id: FromPath[UUID]
) -> Response[bytes]:
    """My certificate of attendance as a PDF."""
    queries.application(session, application_id)
    return printed(attendance_pdf(session, enrolment_id))


@form("/my/applications/{application_id:uuid}/exam/training", roles=APPLICANTS)
def choose_course(
    request: AnyRequest, session: OfPerson, platform: ThePlatform, *, application_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Enrol in a course, or leave it."""
    with attempt(request, session) as tried:
        course_id = fields.identifier(data, "course_id")
        if fields.text(data, "leave"):
            training.leave(session, course_id, application_id)
        else:
            training.enrol(session, course_id, [application_id])
        return see(f"/my/applications/{application_id}/exam#training")
    return _exam(request, session, platform, application_id, tried=tried)


@page("/verify/ticket")
def verify_page(
    request: AnyRequest,
    session: AnySession,
    platform: ThePlatform,
    code: Annotated[str, QueryParameter(max_length=2000, description="二维码内容或准考证号。")] = "",
) -> Response[str]:
    """Whether a ticket is genuine and in force, by its code or its number."""
    keys = platform.paper_keys.public
    found = verification.verify(session, code, public_keys=keys) if code.strip() else None
    return render(request, session, "scheduling/verify.html", code=code, found=found, public_key=keys[-1])


def _exam(
    request: AnyRequest,
    session: PersonSession,
    platform: ThePlatform,
    application_id: UUID,
    *,
    tried: Attempt | None = None,
) -> Response[str]:
    case = queries.application(session, application_id)
    rules = rules_for(session, platform.offices, application_id)
    held = tickets.tickets(session, application_ids=[application_id])
    fitting = [
        course
        for course in training.courses_of(session, case.office_id, case.year)
        if case.grade in course.grades and (not course.trades or case.trade in course.trades)
    ]
    return render(
        request,
        session,
        "scheduling/my_exam.html",
        of_year=case.year,
        tried=tried,
        case=case,
        suspended=is_suspended(session, application_id),
        exam_over=exam_is_over(session, application_id),
        grade=case.grade_label,
        ticket=held[0] if held else None,
        void=void_tickets.newest_void(session, application_id),
        window=rules.window(held[0].seats[0].starts_at) if held and held[0].seats else None,
        commitment=rules.commitment,
        committed=session.get(TicketCommitment, application_id),
        required=rules.training_required,
        over=STATE_LABELS[State(case.state)] if case.state in FINAL | {State.REJECTED} else "",
        admitted=case.state in {State.QUALIFIED, State.PROVISIONAL},
        final=case.state == State.QUALIFIED and not case.deferral_open,
        courses=fitting,
        taken={course.id: training.places_taken(session, course.id) for course in fitting},
        enrolled={course: row for (course, _), row in training.enrolments_by_course(session, [application_id]).items()},
        modes=MODE_NAMES,
    )
