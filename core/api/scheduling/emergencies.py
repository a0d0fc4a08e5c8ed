"""Emergencies of an exam day as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.scheduling.emergencies import queries, service
from core.scheduling.emergencies.kinds import EmergencyKind, EntryKind, Severity
from core.scheduling.emergencies.queries import Listed
from core.scheduling.emergencies.service import MOST_PEOPLE, EmergencyForm
from core.web.dependencies import OfOffice, OfSupervisor
from core.web.guards import ANSWER_FOR_EXAMS, OFFICE_STAFF, ON_SITE
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Moment, Output, Text, Year, YearAsked


class EmergencyIn(Input):
    """The first report of an emergency; ``numbers`` are ticket numbers of the candidates concerned."""

    year: Year
    client_id: UUID
    kind: EmergencyKind
    severity: Severity
    facts: Text
    happened_at: Moment
    measures: Text = ""
    sitting_id: UUID | None = None
    site_id: UUID | None = None
    room_id: UUID | None = None
    numbers: Annotated[tuple[Line, ...], Field(max_length=MOST_PEOPLE)] = ()


class WordsIn(Input):
    """What is reported, instructed or summed up; sent twice with the same ``client_id`` it is written once."""

    client_id: UUID
    text: Text


class ReceiptOut(Output):
    """An office that has received the report."""

    office_id: str
    at: datetime
    by_name: str


class EmergencyOut(Output):
    """An emergency, and the offices that have received its report."""

    id: UUID
    office_id: str
    year: int
    incident_id: UUID
    kind: EmergencyKind
    severity: Severity
    state: str
    sitting_id: UUID | None
    site_id: UUID | None
    room_id: UUID | None
    site_name: str
    facts: str
    measures: str
    happened_at: datetime
    reported_at: datetime
    reported_name: str
    closed_at: datetime | None
    received: list[ReceiptOut]


class EmergencyLineOut(Output):
    """A line after the first report."""

    kind: EntryKind
    office_name: str
    text: str
    at: datetime
    by_name: str


class ConcernedOut(Output):
    """A candidate whom an emergency concerns."""

    application_id: UUID
    number: str
    person_name: str
    id_tail: str


class EmergencyWholeOut(EmergencyOut):
    """An emergency with its people and lines."""

    people: list[ConcernedOut]
    lines: list[EmergencyLineOut]


@create("/emergencies", roles=ON_SITE)
def report_emergency(session: OfOffice, data: JSONBody[EmergencyIn]) -> EmergencyWholeOut:
    """Report an emergency to the office, the offices above it and the center."""
    made = service.report_emergency(session, data.year, EmergencyForm(**data.model_dump(exclude={"year"})))
    return _whole(session, made.id)


@read("/emergencies", roles=OFFICE_STAFF, province=True)
def list_emergencies(session: OfSupervisor, year: YearAsked) -> list[EmergencyOut]:
    """The emergencies of a year: an office its own and those of the offices below it, the center all."""
    return [_out(EmergencyOut, listed) for listed in queries.emergencies_of(session, year)]


@read("/emergencies/{emergency_id:uuid}", roles=OFFICE_STAFF, province=True)
def show_emergency(session: OfSupervisor, emergency_id: FromPath[UUID]) -> EmergencyWholeOut:
    """Everything about an emergency."""
    return _whole(session, emergency_id)


@act("/emergencies/{emergency_id:uuid}/updates", roles=ON_SITE)
def add_update(session: OfOffice, emergency_id: FromPath[UUID], data: JSONBody[WordsIn]) -> EmergencyWholeOut:
    """Add a continuing report (续报)."""
    service.add_report(session, emergency_id, EntryKind.UPDATE, data.text, client_id=data.client_id)
    return _whole(session, emergency_id)


@act("/emergencies/{emergency_id:uuid}/conclude", roles=ON_SITE)
def conclude(session: OfOffice, emergency_id: FromPath[UUID], data: JSONBody[WordsIn]) -> EmergencyWholeOut:
    """Hand in the last report (终报)."""
    service.add_report(session, emergency_id, EntryKind.FINAL, data.text, client_id=data.client_id)
    return _whole(session, emergency_id)


@act("/emergencies/{emergency_id:uuid}/acknowledge", roles=ANSWER_FOR_EXAMS, province=True)
def acknowledge(session: OfSupervisor, emergency_id: FromPath[UUID]) -> EmergencyWholeOut:
    """Say that the office has received the report (已收到)."""
    service.acknowledge(session, emergency_id)
    return _whole(session, emergency_id)


@act("/emergencies/{emergency_id:uuid}/instructions", roles=ANSWER_FOR_EXAMS, province=True)
def instruct(session: OfSupervisor, emergency_id: FromPath[UUID], data: JSONBody[WordsIn]) -> EmergencyWholeOut:
    """Give an instruction (指示) to those on site."""
    service.instruct(session, emergency_id, data.text, data.client_id)
    return _whole(session, emergency_id)


@act("/emergencies/{emergency_id:uuid}/close", roles=ANSWER_FOR_EXAMS, province=True)
def close_emergency(session: OfSupervisor, emergency_id: FromPath[UUID], data: JSONBody[WordsIn]) -> EmergencyWholeOut:
    """Close an emergency with a summary."""
    service.close_emergency(session, emergency_id, data.text, data.client_id)
    return _whole(session, emergency_id)


def _values(listed: Listed) -> dict[str, object]:
    receipts = [
        ReceiptOut(office_id=office, at=entry.at, by_name=entry.by_name) for office, entry in listed.received.items()
    ]
    return {"site_name": listed.site_name, "received": receipts}


def _out(kind: type[EmergencyOut], listed: Listed) -> EmergencyOut:
    return kind.of(listed.emergency, **_values(listed))


def _whole(session: OfSupervisor, emergency_id: UUID) -> EmergencyWholeOut:
    told = queries.tell(session, emergency_id)
    people = [ConcernedOut.of(who) for who in told.people]
    lines = [EmergencyLineOut.of(line) for line in told.lines]
    return EmergencyWholeOut.of(told.listed.emergency, people=people, lines=lines, **_values(told.listed))


router = Router("/", route_handlers=declared_in(__name__), tags=["准考证、考试日与资料保管"])
