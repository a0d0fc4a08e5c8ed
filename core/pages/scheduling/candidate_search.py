"""Pages for finding a candidate, and one candidate's exam: seats, tickets, attendance, marks."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath, QueryParameter

from core.applications.consequences import is_suspended
from core.applications.progress import TONES
from core.applications.queries import application
from core.db.session import OfficeSession
from core.domain.calendar import KIND_NAMES
from core.domain.pass_rules import STATUS_LABELS
from core.domain.workflow import ADMITTED, STATE_LABELS, State
from core.pages.season import season_asked
from core.plugin_api import Grade
from core.results.awards.standing import standing_of_pass
from core.results.candidate.own_results import results_of
from core.scheduling.access import may_schedule
from core.scheduling.accommodations.service import needs_named
from core.scheduling.exam_day import candidate_search
from core.scheduling.exam_day.candidate_search import MOST_FOUND
from core.scheduling.exam_day.door import INCIDENT_NAMES
from core.scheduling.models.tickets import AdmissionTicket
from core.scheduling.models.training import TrainingCourse, TrainingEnrolment
from core.scheduling.plans.office_problem import granted_needs
from core.scheduling.tickets import service as tickets
from core.scheduling.training import service as training
from core.seasons.queries import trades_of
from core.security.signatures import read_code
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import EXAM_READERS, SCHEDULERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

Asked = Annotated[str, QueryParameter(max_length=2000, description="准考证号、二维码内容、编号、姓名或身份证末四位。")]


@page("/exams/candidates", roles=EXAM_READERS)
def candidates_page(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, q: Asked = ""
) -> Response[str] | Any:
    """Find candidates; a single hit is opened at once."""
    signed = read_code(q.strip(), platform.paper_keys.public)
    text = signed[1] if signed is not None and signed[0] == "ticket" else q.strip()
    found = candidate_search.find_candidates(session, season_asked(request, session).year, text)
    if len(found) == 1:
        return see(f"/exams/candidates/{found[0].application_id}")
    return render(
        request,
        session,
        "scheduling/candidates.html",
        asked=text,
        found=found[:MOST_FOUND],
        more=len(found) > MOST_FOUND,
        labels=STATE_LABELS,
        tones=TONES,
        grades={int(grade): grade.label for grade in Grade},
    )


@page("/exams/candidates/{application_id:uuid}", roles=EXAM_READERS)
def candidate_page(request: AnyRequest, session: OfOffice, application_id: FromPath[UUID]) -> Response[str]:
    """One candidate's exam, and whether they may sit."""
    return _candidate(request, session, application_id)


@form("/exams/tickets/{ticket_id:uuid}/void", roles=SCHEDULERS, shown_on="/exams/candidates")
def void_ticket(request: AnyRequest, session: OfOffice, ticket_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Void one ticket, for a reason that the candidate is told."""
    case_id = tickets.own_ticket(session, ticket_id).application_id
    with attempt(request, session) as tried:
        tickets.void_ticket(session, ticket_id, reason=str(data.get("reason") or ""))
        return see(f"/exams/candidates/{case_id}#tickets")
    return _candidate(request, session, case_id, tried=tried)


def _candidate(
    request: AnyRequest, session: OfficeSession, application_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    case = application(session, application_id)
    seats = candidate_search.seats_held(session, case.id)
    issued: list[AdmissionTicket] = list(candidate_search.tickets_of(session, case.id))
    held = next((ticket for ticket in issued if ticket.voided_at is None), None)
    outdated = held is not None and bool(seats) and bool(tickets.differing(session, [application_id]))
    suspended = is_suspended(session, case.id)
    results = results_of(session, case.id)
    enrolled = training.enrolments_by_course(session, [case.id]).values()
    return render(
        request,
        session,
        "scheduling/candidate.html",
        of_year=case.year,
        tried=tried,
        case=case,
        standing=candidate_search.SUSPENDED
        if suspended
        else candidate_search.standing_of(case, seats, issued, now=session.now, outdated=outdated),
        may_be_suspended=not suspended and State(case.state) in ADMITTED,
        state=(STATE_LABELS[State(case.state)], TONES[State(case.state)]),
        grade=case.grade_label,
        trade=dict(trades_of(session, case.year)).get(case.trade or "", case.trade or ""),
        needs=needs_named(granted_needs(session, case.office_id, case.year).get(case.id, frozenset())),
        seats=seats,
        exams={kind.value: name for kind, name in KIND_NAMES.items()},
        tickets=issued,
        incidents=candidate_search.incidents_with(session, case.id),
        incident_names=INCIDENT_NAMES,
        courses=[
            (session.get_one(TrainingCourse, enrolment.course_id).title, _came(enrolment)) for enrolment in enrolled
        ],
        results=results,
        outcome_now=None if results.outcome is None else standing_of_pass(session, results.outcome),
        statuses={status.value: text for status, text in STATUS_LABELS.items()},
        may_void=may_schedule(session),
    )


def _came(enrolment: TrainingEnrolment) -> str:
    if enrolment.attended is None:
        return "已报名，尚未登记出勤"
    return f"已参加，培训证明{enrolment.certificate_number}" if enrolment.attended else "未到"
