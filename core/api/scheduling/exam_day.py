"""Tickets, papers, the exam day and safe-keeping over JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from core.api.scheduling.schemas import Counted, NoteOut, NotesIn
from core.clock import end_of, start_of
from core.db.session import ProvinceSession
from core.scheduling import void_tickets
from core.scheduling.exam_day import door, door_lists, safekeeping
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.safekeeping import CustodyForm, Kept
from core.scheduling.models.exam_day import CustodyEntry
from core.scheduling.tickets import paper_jobs, verification
from core.scheduling.tickets import service as tickets
from core.scheduling.tickets.paper_jobs import PaperKind
from core.scheduling.tickets.pdf import part_pdf, rules_for, ticket_pdf
from core.web.dependencies import AnySession, OfCase, OfOffice, OfPerson, OfSupervisor, ThePlatform
from core.web.guards import APPLICANTS, CENTER, OFFICE_STAFF, ON_SITE, SCHEDULERS, UNITS
from core.web.page.downloads import printed
from core.web.routes import act, create, read, read_file, read_publicly
from core.web.schemas import Digest, Identified, Input, Line, Moment, Output, Reason, Text, Year, YearAsked

Number = Annotated[str, Field(max_length=40)]
CodeAsked = Annotated[str, QueryParameter(max_length=2000, description="准考证二维码的内容，或准考证号。")]


class IssuedOut(Output):
    """What an issue of tickets came to."""

    issued: int
    voided: int
    in_force: int
    held_back: int


class SeatOut(Output):
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


class Agreed(Input):
    """That the commitment was read and ticked."""

    agreed: bool


class PapersIn(Input):
    """Which papers of a plan."""

    kind: PaperKind
    sitting_id: UUID | None = None


class PartOut(Output):
    """A part that can be fetched."""

    id: UUID
    part: int
    first: int
    last: int
    size: int


class PapersOut(Output):
    """How far the making of papers is."""

    id: UUID
    plan_id: UUID
    kind: PaperKind
    state: str
    total: int
    done: int
    asked_at: datetime
    finished_at: datetime | None
    parts: list[PartOut]


class ExpectedOut(Output):
    """Somebody whom a sitting expects; ``state`` is empty until they came or the door closed."""

    application_id: UUID
    number: str
    person_name: str
    id_tail: str
    site_id: UUID
    site_name: str
    room_id: UUID
    room_name: str
    seat: int
    state: str


class VoidOut(Output):
    """A ticket with which nobody is let in: since when, and what to say of it."""

    number: str
    person_name: str
    id_tail: str
    voided_at: datetime
    detail: str


class IncidentIn(Input):
    """Something that happened; a violation names the ticket and its class."""

    year: Year
    client_id: UUID
    kind: IncidentKind
    facts: Text
    happened_at: Moment
    sitting_id: UUID | None = None
    site_id: UUID | None = None
    ticket_number: Number = ""
    violation_class: Annotated[int, Field(ge=1, le=3)] | None = None
    evidence: Text = ""
    measures: Text = ""
    custody_id: UUID | None = None


class IncidentOut(Output):
    """An incident as it was written down."""

    id: UUID
    office_id: str
    year: int
    kind: IncidentKind
    violation_class: int | None
    application_id: UUID | None
    sitting_id: UUID | None
    site_id: UUID | None
    facts: str
    evidence: str
    measures: str
    happened_at: datetime
    reported_at: datetime
    reported_name: str


class CustodyIn(Input):
    """Something that is kept safe from now on."""

    year: Year
    kind: Kept
    title: Line
    keeper: Line
    place: Line
    keep_until: date
    digest: Digest = ""
    sitting_id: UUID | None = None
    site_id: UUID | None = None


class CloseIn(Input):
    """Why nobody came to a room; empty where somebody came to each."""

    reason: Annotated[str, Field(max_length=2000)] = ""


class HandoverIn(Input):
    """To whom something goes."""

    to_keeper: Line
    to_place: Line
    reason: Text


class HandoverOut(Output):
    """From keeper to keeper."""

    from_keeper: str
    to_keeper: str
    to_place: str
    reason: str
    handed_at: datetime


class CustodyOut(Output):
    """Something that is or was kept, with the chain of its keepers."""

    id: UUID
    office_id: str
    kind: Kept
    title: str
    digest: str
    keeper: str
    place: str
    keep_until: date
    taken_at: datetime
    ended_at: datetime | None
    ended_how: str | None
    handovers: list[HandoverOut]


class ProgressOut(Output):
    """How far a sitting is at a site."""

    office_id: str
    sitting_id: UUID
    starts_at: datetime
    ends_at: datetime
    site_id: UUID
    site_name: str
    expected: int
    present: int
    absent: int
    incidents: int


class VerifiedOut(Output):
    """Whether a ticket is one of ours and in force. Of the person it says what the code itself says, and no more."""

    genuine: bool
    in_force: bool
    number: str = ""
    person_name: str = ""
    seats: str = ""
    issued_at: datetime | None = None
    voided_at: datetime | None = None


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
    return [TicketOut.model_validate(one) for one in tickets.tickets(session, application_ids=[application_id])]


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
    ticket = ticket_pdf(
        session,
        application_id,
        offices=platform.offices,
        documents=platform.documents,
        keys=platform.keys,
        paper_keys=platform.paper_keys,
    )
    return printed(ticket)


@create("/plans/{plan_id:uuid}/papers", roles=ON_SITE)
def ask_for_papers(session: OfOffice, plan_id: FromPath[UUID], data: JSONBody[PapersIn]) -> Identified:
    """Have papers of a published plan made in the background."""
    return Identified(id=paper_jobs.ask_for_papers(session, plan_id, data.kind, sitting_id=data.sitting_id).id)


@read("/papers", roles=ON_SITE)
def list_papers(session: OfOffice, year: YearAsked) -> list[PapersOut]:
    """The office's latest papers and their parts."""
    jobs = paper_jobs.jobs_of(session, session.office_id, year)
    parts = paper_jobs.parts_of(session, [one.id for one in jobs])
    names = [name for name in PapersOut.model_fields if name != "parts"]
    return [
        PapersOut(
            **{name: getattr(one, name) for name in names},
            parts=[PartOut.model_validate(part) for part in parts[one.id]],
        )
        for one in jobs
    ]


@read_file("/papers/parts/{part_id:uuid}", roles=ON_SITE, types=["application/pdf"])
def fetch_part(session: OfOffice, platform: ThePlatform, part_id: FromPath[UUID]) -> Response[bytes]:
    """A part as a PDF."""
    return printed(part_pdf(session, part_id, keys=platform.keys))


@read("/sittings/{sitting_id:uuid}/expected", roles=ON_SITE)
def list_expected(session: OfOffice, sitting_id: FromPath[UUID]) -> list[ExpectedOut]:
    """Everybody with a seat in a sitting, for a phone to keep."""
    return [ExpectedOut.model_validate(one) for one in door.expected(session, sitting_id)]


@read("/sittings/{sitting_id:uuid}/void-tickets", roles=ON_SITE)
def list_void(session: OfOffice, sitting_id: FromPath[UUID]) -> list[VoidOut]:
    """The void tickets of everybody who has or had a seat in a sitting, for a phone to keep."""
    return [VoidOut.model_validate(one) for one in void_tickets.void_tickets(session, sitting_id)]


@act("/arrivals", roles=ON_SITE)
def note_arrivals(session: OfOffice, data: JSONBody[NotesIn]) -> list[NoteOut]:
    """Write down who came; sent again, a note changes nothing."""
    return [NoteOut.model_validate(one) for one in door.note_arrivals(session, data.values())]


@act("/sittings/{sitting_id:uuid}/close", roles=ON_SITE)
def close_attendance(session: OfOffice, sitting_id: FromPath[UUID], data: JSONBody[CloseIn]) -> Counted:
    """Note everybody as absent who has not come; of a room to which nobody came, for a reason."""
    return Counted(count=door_lists.close_attendance(session, sitting_id, reason=data.reason))


@create("/incidents", roles=ON_SITE)
def report_incident(session: OfOffice, data: JSONBody[IncidentIn]) -> IncidentOut:
    """Write down what happened."""
    form = IncidentForm(**data.model_dump(exclude={"year"}))
    return IncidentOut.model_validate(door.report_incident(session, data.year, form))


@read("/incidents", roles=OFFICE_STAFF)
def list_incidents(session: OfOffice, year: YearAsked) -> list[IncidentOut]:
    """What happened at the office's exams."""
    return [IncidentOut.model_validate(one) for one in door.incidents_of(session, session.office_id, year)]


@create("/custody", roles=ON_SITE)
def take_into_custody(session: OfOffice, data: JSONBody[CustodyIn]) -> CustodyOut:
    """Write down something that is kept safe."""
    form = CustodyForm(**data.model_dump(exclude={"year"}))
    return _kept(session, [safekeeping.take_into_custody(session, data.year, form)])[0]


@read("/custody", roles=OFFICE_STAFF)
def list_custody(session: OfOffice, year: YearAsked) -> list[CustodyOut]:
    """The register of the office."""
    return _kept(session, safekeeping.custody_of(session, session.office_id, year))


@act("/custody/{custody_id:uuid}/hand-over", roles=ON_SITE)
def hand_over(session: OfOffice, custody_id: FromPath[UUID], data: JSONBody[HandoverIn]) -> Identified:
    """Give something to another keeper."""
    safekeeping.hand_over(session, custody_id, to_keeper=data.to_keeper, to_place=data.to_place, reason=data.reason)
    return Identified(id=custody_id)


@act("/custody/{custody_id:uuid}/end", roles=ON_SITE)
def end_custody(session: OfOffice, custody_id: FromPath[UUID], data: JSONBody[Reason]) -> Identified:
    """Say how the keeping ended."""
    return Identified(id=safekeeping.end_custody(session, custody_id, how=data.reason).id)


@read("/exam-progress", roles=OFFICE_STAFF | CENTER, province=True)
def show_progress(
    session: OfSupervisor, year: YearAsked, day: Annotated[date, QueryParameter(description="考试日期。")]
) -> list[ProgressOut]:
    """How far each site is on a day: an office its own, the center every office's."""
    office_id = None if isinstance(session, ProvinceSession) else session.office_id
    found = door.progress(session, year, since=start_of(day), until=end_of(day), office_id=office_id)
    return [ProgressOut.model_validate(one) for one in found]


@read_publicly("/tickets/verify")
def verify_ticket(session: AnySession, platform: ThePlatform, code: CodeAsked) -> VerifiedOut:
    """Whether a ticket's code or number is genuine and in force."""
    return VerifiedOut.model_validate(verification.verify(session, code, public_keys=platform.paper_keys.public))


@read_publicly("/papers/public-keys")
def public_keys(platform: ThePlatform) -> list[str]:
    """The public keys (Ed25519, hexadecimal) by which the codes on papers can be checked without a connection."""
    return list(platform.paper_keys.public)


def _kept(session: OfOffice, entries: Sequence[CustodyEntry]) -> list[CustodyOut]:
    chains = safekeeping.handovers_of(session, [one.id for one in entries])
    names = [name for name in CustodyOut.model_fields if name != "handovers"]
    return [
        CustodyOut(
            **{name: getattr(one, name) for name in names},
            handovers=[HandoverOut.model_validate(step) for step in chains[one.id]],
        )
        for one in entries
    ]


router = Router(
    "/",
    route_handlers=[
        issue_tickets,
        void_ticket,
        show_ticket,
        commit,
        print_ticket,
        ask_for_papers,
        list_papers,
        fetch_part,
        list_expected,
        list_void,
        note_arrivals,
        close_attendance,
        report_incident,
        list_incidents,
        take_into_custody,
        list_custody,
        hand_over,
        end_custody,
        show_progress,
        verify_ticket,
        public_keys,
    ],
    tags=["准考证、考试日与资料保管"],
)
