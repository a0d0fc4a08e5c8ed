"""Patrols over JSON: planned, made, answered, closed."""

from datetime import date, datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.responsibility.models import Patrol, PatrolFinding, PatrolVisit
from core.responsibility.patrols import findings, queries, service, visits
from core.responsibility.patrols.kinds import FindingKind, FindingState, PatrolState, Severity, VisitState
from core.responsibility.patrols.visits import FindingForm
from core.web.dependencies import AnySession, OfOffice
from core.web.guards import AUDITORS, OFFICE_STAFF, PLANNING, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Output, Text, Year, YearAsked


class PlaceIn(Input):
    """A place and the day of its visit: ``site:`` or ``course:`` with its id."""

    place: Line
    day: date


class MembersIn(Input):
    """The accounts of the staff who make a patrol."""

    members: list[UUID] = Field(max_length=50)


class PatrolIn(PlaceIn, MembersIn):
    """A patrol with its first place."""

    year: Year
    purpose: Text


class DayIn(Input):
    """A day."""

    day: date


class WordsIn(Input):
    """A reason, a remark or a summary."""

    text: Text


class ArrivalIn(Input):
    """When the patrol arrived."""

    at: datetime


class FindingIn(Input):
    """What was found; ``client_id`` is made by the telephone, so that it goes in once."""

    kind: FindingKind
    severity: Severity
    facts: Text
    ordered: Text = ""
    answer_by: date
    client_id: UUID


class ReplyIn(Input):
    """A line about a finding."""

    text: Text
    client_id: UUID


class AgainIn(ReplyIn):
    """What is still wanted, and until when."""

    answer_by: date


class FindingOut(Output):
    """A finding."""

    id: UUID
    visit_id: UUID
    office_id: str
    to_office_id: str
    kind: FindingKind
    severity: Severity
    facts: str
    ordered: str
    answer_by: date
    state: FindingState
    state_label: str
    found_at: datetime
    closed_at: datetime | None


class VisitOut(Output):
    """The visit of a place."""

    id: UUID
    patrol_id: UUID
    to_office_id: str
    site_id: UUID | None
    course_id: UUID | None
    day: date
    state: VisitState
    state_label: str
    arrived_at: datetime | None
    ended_at: datetime | None
    remarks: str


class PatrolOut(Output):
    """A patrol."""

    id: UUID
    office_id: str
    year: int
    number: int
    purpose: str
    state: PatrolState
    state_label: str
    ended_at: datetime | None
    summary: str


class PatrolToldOut(PatrolOut):
    """A patrol with its members, places and findings."""

    members: list[str]
    visits: list[VisitOut]
    findings: list[FindingOut]


@create("/patrols", roles=SUPERVISORS)
def plan_patrol(session: OfOffice, data: JSONBody[PatrolIn]) -> PatrolOut:
    """Plan a patrol with its members and its first place."""
    made = service.plan_patrol(
        session, data.year, purpose=data.purpose, members=data.members, place=data.place, day=data.day
    )
    return _patrol(made)


@read("/patrols", roles=OFFICE_STAFF | AUDITORS)
def list_patrols(session: AnySession, year: YearAsked) -> list[PatrolToldOut]:
    """The patrols of the office and of those below it; of every office for auditors."""
    return [
        PatrolToldOut.of(
            told.patrol,
            state_label=PatrolState(told.patrol.state).label,
            members=[member.name for member in told.members],
            visits=[_visit(visit.visit) for visit in told.visits],
            findings=[_finding(finding) for finding in told.findings],
        )
        for told in queries.patrols_of(session, year)
    ]


@act("/patrols/{patrol_id:uuid}/members", roles=SUPERVISORS)
def send_members(session: OfOffice, patrol_id: FromPath[UUID], data: JSONBody[MembersIn]) -> PatrolOut:
    """Send these members of the staff, and nobody else."""
    return _patrol(service.send_members(session, patrol_id, data.members))


@act("/patrols/{patrol_id:uuid}/visits", roles=SUPERVISORS)
def add_visit(session: OfOffice, patrol_id: FromPath[UUID], data: JSONBody[PlaceIn]) -> VisitOut:
    """Add a place."""
    return _visit(service.add_visit(session, patrol_id, data.place, data.day))


@act("/patrols/{patrol_id:uuid}/end", roles=SUPERVISORS)
def end_patrol(session: OfOffice, patrol_id: FromPath[UUID], data: JSONBody[WordsIn]) -> PatrolOut:
    """End the patrol with its summary."""
    return _patrol(service.end_patrol(session, patrol_id, data.text))


@act("/patrols/{patrol_id:uuid}/cancel", roles=SUPERVISORS)
def cancel_patrol(session: OfOffice, patrol_id: FromPath[UUID], data: JSONBody[WordsIn]) -> PatrolOut:
    """Cancel a patrol that has begun nowhere."""
    return _patrol(service.cancel_patrol(session, patrol_id, data.text))


@act("/patrols/visits/{patrol_visit_id:uuid}/move", roles=SUPERVISORS)
def move_visit(session: OfOffice, patrol_visit_id: FromPath[UUID], data: JSONBody[DayIn]) -> VisitOut:
    """Move a visit to another day."""
    return _visit(service.move_visit(session, patrol_visit_id, data.day))


@act("/patrols/visits/{patrol_visit_id:uuid}/call-off", roles=SUPERVISORS)
def call_off_visit(session: OfOffice, patrol_visit_id: FromPath[UUID], data: JSONBody[WordsIn]) -> VisitOut:
    """Say why a place is not visited."""
    return _visit(service.call_off_visit(session, patrol_visit_id, data.text))


@act("/patrols/visits/{patrol_visit_id:uuid}/arrive", roles=OFFICE_STAFF)
def arrive(session: OfOffice, patrol_visit_id: FromPath[UUID], data: JSONBody[ArrivalIn]) -> VisitOut:
    """Note the arrival at a place."""
    return _visit(visits.arrive(session, patrol_visit_id, data.at))


@act("/patrols/visits/{patrol_visit_id:uuid}/findings", roles=OFFICE_STAFF)
def record_finding(session: OfOffice, patrol_visit_id: FromPath[UUID], data: JSONBody[FindingIn]) -> FindingOut:
    """Record what was found."""
    written = FindingForm(data.kind, data.severity, data.facts, data.ordered, data.answer_by, data.client_id)
    return _finding(visits.record_finding(session, patrol_visit_id, written))


@act("/patrols/visits/{patrol_visit_id:uuid}/finish", roles=OFFICE_STAFF)
def finish_visit(session: OfOffice, patrol_visit_id: FromPath[UUID], data: JSONBody[WordsIn]) -> VisitOut:
    """End the visit of a place."""
    return _visit(visits.finish_visit(session, patrol_visit_id, data.text))


@act("/patrols/findings/{patrol_finding_id:uuid}/answer", roles=PLANNING)
def answer_finding(session: OfOffice, patrol_finding_id: FromPath[UUID], data: JSONBody[ReplyIn]) -> FindingOut:
    """Say what the office of the place did."""
    return _finding(findings.answer_finding(session, patrol_finding_id, data.text, data.client_id))


@act("/patrols/findings/{patrol_finding_id:uuid}/again", roles=SUPERVISORS)
def ask_again(session: OfOffice, patrol_finding_id: FromPath[UUID], data: JSONBody[AgainIn]) -> FindingOut:
    """Ask for more, until another day."""
    return _finding(findings.ask_again(session, patrol_finding_id, data.text, data.client_id, answer_by=data.answer_by))


@act("/patrols/findings/{patrol_finding_id:uuid}/close", roles=SUPERVISORS)
def close_finding(session: OfOffice, patrol_finding_id: FromPath[UUID], data: JSONBody[ReplyIn]) -> FindingOut:
    """Close a finding that was put in order."""
    return _finding(findings.close_finding(session, patrol_finding_id, data.text, data.client_id))


@act("/patrols/findings/{patrol_finding_id:uuid}/withdraw", roles=SUPERVISORS)
def withdraw_finding(session: OfOffice, patrol_finding_id: FromPath[UUID], data: JSONBody[ReplyIn]) -> FindingOut:
    """Withdraw a finding that was none."""
    return _finding(findings.withdraw_finding(session, patrol_finding_id, data.text, data.client_id))


def _patrol(patrol: Patrol) -> PatrolOut:
    return PatrolOut.of(patrol, state_label=PatrolState(patrol.state).label)


def _visit(visit: PatrolVisit) -> VisitOut:
    return VisitOut.of(visit, state_label=VisitState(visit.state).label)


def _finding(finding: PatrolFinding) -> FindingOut:
    return FindingOut.of(finding, state_label=FindingState(finding.state).label)


router = Router("/", route_handlers=declared_in(__name__), tags=["责任与应急"])
