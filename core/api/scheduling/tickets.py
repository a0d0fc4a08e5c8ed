"""Admission tickets (准考证) and the papers of a plan as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, JSONBody, QueryParameter

from core.scheduling import void_tickets
from core.scheduling.tickets import paper_jobs, service as tickets, verification
from core.scheduling.tickets.paper_kinds import PaperKind
from core.scheduling.tickets.pdf import part_pdf, rules_for, ticket_pdf
from core.web.dependencies import AnySession, OfCase, OfOffice, OfPerson, ThePlatform
from core.web.guards import APPLICANTS, OFFICE_STAFF, ON_SITE, SCHEDULERS, UNITS
from core.web.page.downloads import printed
from core.web.routes import act, create, declared_in, read, read_file, read_publicly
from core.web.schemas import Identified, Input, Output, Reason, YearAsked

CodeAsked = Annotated[str, QueryParameter(max_length=2000, description="准考证二维码的内容，或准考证号。")]


class IssuedOut(Output, published="scheduling_exam_api_IssuedOut"):
    """What an issue of tickets came to."""

    issued: int
    voided: int
    in_force: int
    held_back: int


class SeatOut(Output, published="exam_api_SeatOut"):
    """A sitting and the seat in it."""

    starts_at: datetime
    ends_at: datetime
    subjects: list[str]
    site_name: str
    address: str
    room_name: str
    seat: int


class TicketOut(Output):
    """An admission ticket in force."""

    id: UUID
    application_id: UUID
    number: str
    person_name: str
    unit_name: str
    grade: int
    trade: str
    issued_at: datetime
    seats: list[SeatOut]


class VoidOut(Output):
    """A ticket with which nobody is let in: since when, and what to say of it."""

    number: str
    person_name: str
    id_tail: str
    voided_at: datetime
    detail: str


class Agreed(Input):
    """That the commitment was read and ticked."""

    agreed: bool


class PapersIn(Input):
    """Which papers of a plan."""

    kind: PaperKind
    sitting_id: UUID | None = None
    site_id: UUID | None = None


class PartOut(Output):
    """A part that can be fetched."""

    id: UUID
    part: int
    first: int
    last: int
    size: int


class PapersOut(Output):
    """How far the making of papers is, and why they must not be used any more, where that is so (``outdated``)."""

    id: UUID
    plan_id: UUID
    kind: PaperKind
    sitting_id: UUID | None
    site_id: UUID | None
    state: str
    total: int
    done: int
    asked_at: datetime
    finished_at: datetime | None
    outdated: str = ""
    parts: list[PartOut]


class VerifiedOut(Output):
    """Whether a ticket is one of ours and in force, or void since when and why.

    Of the person it says what the code itself says, and no more.
    """

    genuine: bool
    in_force: bool
    number: str = ""
    person_name: str = ""
    seats: str = ""
    issued_at: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str = ""


@act("/plans/{plan_id:uuid}/tickets", roles=SCHEDULERS)
def issue_tickets(session: OfOffice, platform: ThePlatform, plan_id: FromPath[UUID]) -> IssuedOut:
    """Issue every ticket that a published plan calls for, and void those that it makes wrong."""
    rules = platform.offices.config(session.office_id).tickets
    return IssuedOut.model_validate(tickets.issue_tickets(session, plan_id, rules=rules))


@act("/tickets/{ticket_id:uuid}/void", roles=SCHEDULERS)
def void_ticket(session: OfOffice, ticket_id: FromPath[UUID], data: JSONBody[Reason]) -> Identified:
    """Void a single ticket; the candidate is told why."""
    return Identified(id=tickets.void_ticket(session, ticket_id, reason=data.reason).id)


@read("/applications/{application_id:uuid}/tickets", roles=APPLICANTS | UNITS | OFFICE_STAFF)
def show_ticket(session: OfCase, application_id: FromPath[UUID]) -> list[TicketOut]:
    """The ticket in force of an application, if there is one."""
    return [TicketOut.model_validate(ticket) for ticket in tickets.tickets(session, application_ids=[application_id])]


@read("/sittings/{sitting_id:uuid}/void-tickets", roles=ON_SITE)
def list_void(session: OfOffice, sitting_id: FromPath[UUID]) -> list[VoidOut]:
    """The void tickets of everybody who has or had a seat in a sitting, for a phone to keep."""
    return [VoidOut.model_validate(ticket) for ticket in void_tickets.void_tickets(session, sitting_id)]


@act("/applications/{application_id:uuid}/ticket/commitment", roles=APPLICANTS)
def commit(
    session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID], data: JSONBody[Agreed]
) -> Identified:
    """Tick the commitment to the rules of the exam."""
    rules = rules_for(session, platform.offices, application_id)
    tickets.commit_to_rules(session, application_id, rules=rules, agreed=data.agreed)
    return Identified(id=application_id)


@read_file("/applications/{application_id:uuid}/ticket", roles=APPLICANTS, types=["application/pdf"])
def print_ticket(session: OfPerson, platform: ThePlatform, application_id: FromPath[UUID]) -> Response[bytes]:
    """The applicant's ticket as a PDF, inside the window and after the commitment."""
    return printed(ticket_pdf(session, application_id, platform.keeping, paper_keys=platform.paper_keys))


@create("/plans/{plan_id:uuid}/papers", roles=ON_SITE)
def ask_for_papers(session: OfOffice, plan_id: FromPath[UUID], data: JSONBody[PapersIn]) -> Identified:
    """Have papers of a published plan made in the background."""
    made = paper_jobs.ask_for_papers(session, plan_id, data.kind, sitting_id=data.sitting_id, site_id=data.site_id)
    return Identified(id=made.id)


@read("/papers", roles=ON_SITE)
def list_papers(session: OfOffice, year: YearAsked) -> list[PapersOut]:
    """The office's latest papers and their parts."""
    jobs = paper_jobs.jobs_of(session, session.office_id, year)
    parts = paper_jobs.parts_of(session, [job.id for job in jobs])
    outdated = paper_jobs.outdated(session, [job.id for job in jobs])
    return [PapersOut.of(job, outdated=outdated.get(job.id, ""), parts=parts[job.id]) for job in jobs]


@read_file("/papers/parts/{part_id:uuid}", roles=ON_SITE, types=["application/pdf"])
def fetch_part(session: OfOffice, platform: ThePlatform, part_id: FromPath[UUID]) -> Response[bytes]:
    """A part as a PDF."""
    return printed(part_pdf(session, part_id, keys=platform.keys))


@read_publicly("/tickets/verify")
def verify_ticket(session: AnySession, platform: ThePlatform, code: CodeAsked) -> VerifiedOut:
    """Whether a ticket's code or number is genuine and in force."""
    return VerifiedOut.model_validate(verification.verify(session, code, public_keys=platform.paper_keys.public))


@read_publicly("/papers/public-keys")
def public_keys(platform: ThePlatform) -> list[str]:
    """The public keys (Ed25519, hexadecimal) by which the codes on papers can be checked without a connection."""
    return list(platform.paper_keys.public)


router = Router("/", route_handlers=declared_in(__name__), tags=["准考证、考试日与资料保管"])
