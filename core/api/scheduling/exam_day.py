"""The exam day as JSON: arrivals at the door, incidents, progress by site."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from core.api.scheduling.door_notes import NoteOut, NotesIn
from core.api.scheduling.schemas import Counted
from core.clock import end_of, start_of
from core.db.session import ProvinceSession
from core.scheduling.exam_day import door, door_lists
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.web.dependencies import OfOffice, OfSupervisor
from core.web.guards import CENTER, OFFICE_STAFF, ON_SITE
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Moment, Output, Text, Year, YearAsked

Number = Annotated[str, Field(max_length=40)]


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


class CloseIn(Input, published="scheduling_exam_api_CloseIn"):
    """Why nobody came to a room; empty where somebody came to each."""

    reason: Annotated[str, Field(max_length=2000)] = ""


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


@read("/sittings/{sitting_id:uuid}/expected", roles=ON_SITE)
def list_expected(session: OfOffice, sitting_id: FromPath[UUID]) -> list[ExpectedOut]:
    """Everybody with a seat in a sitting, for a phone to keep."""
    return [ExpectedOut.model_validate(candidate) for candidate in door.expected(session, sitting_id)]


@act("/arrivals", roles=ON_SITE)
def note_arrivals(session: OfOffice, data: JSONBody[NotesIn]) -> list[NoteOut]:
    """Write down who came; sent again, a note changes nothing."""
    return [NoteOut.model_validate(arrival) for arrival in door.note_arrivals(session, data.values())]


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
    return [IncidentOut.model_validate(incident) for incident in door.incidents_of(session, session.office_id, year)]


@read("/exam-progress", roles=OFFICE_STAFF | CENTER, province=True)
def show_progress(
    session: OfSupervisor, year: YearAsked, day: Annotated[date, QueryParameter(description="考试日期。")]
) -> list[ProgressOut]:
    """How far each site is on a day: an office its own, the center every office's."""
    office_id = None if isinstance(session, ProvinceSession) else session.office_id
    found = door.progress(session, year, since=start_of(day), until=end_of(day), office_id=office_id)
    return [ProgressOut.model_validate(site) for site in found]


router = Router("/", route_handlers=declared_in(__name__), tags=["准考证、考试日与资料保管"])
