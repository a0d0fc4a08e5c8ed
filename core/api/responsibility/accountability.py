"""Accountability cases over JSON: opened, told, heard, decided, served."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.responsibility.accountability import queries, service
from core.responsibility.accountability.procedure import Breach, CaseState, Measure, Origin
from core.responsibility.accountability.service import CaseForm
from core.responsibility.models import AccountabilityCase
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Output, Text, Year, YearAsked


class AccountabilityIn(Input):
    """What a case is about: ``person`` is ``account:`` or ``responsible:`` with an id, or empty beside a name."""

    year: Year
    person: Line
    breach: Breach
    facts: Text
    origin: Origin
    origin_id: UUID | None = None
    name: str = Field(default="", max_length=60)
    post: str = Field(default="", max_length=200)
    office: str = Field(default="", max_length=100)


class HowIn(Input):
    """How a paper was served."""

    how: Line


class StatementIn(Input):
    """What the person says."""

    text: Text


class DecisionIn(Input):
    """Measures, their ground and the reasons."""

    measures: list[Measure] = Field(max_length=10)
    ground: Text
    reasons: Text


class ReasonsIn(Input):
    """Reasons."""

    reasons: Text


class AccountabilityOut(Output):
    """A case."""

    id: UUID
    office_id: str
    to_office_id: str
    year: int
    number: int
    name: str
    post: str
    breach: Breach
    facts: str
    origin: Origin
    origin_id: UUID | None
    state: CaseState
    state_label: str
    hear_until: datetime | None
    decided_at: datetime | None
    measures: list[str]
    ground: str
    reasons: str
    served_at: datetime | None
    reported_to_office_id: str | None


@create("/accountability-cases", roles=SUPERVISORS)
def open_case(session: OfOffice, data: JSONBody[AccountabilityIn]) -> AccountabilityOut:
    """Open a case."""
    who = {"name": data.name, "post": data.post, "office_id": data.office}
    written = CaseForm(data.person, data.breach, data.facts, data.origin, data.origin_id, **who)
    return _out(service.open_case(session, data.year, written))


@read("/accountability-cases", roles=OFFICE_STAFF)
def list_cases(session: OfOffice, year: YearAsked) -> list[AccountabilityOut]:
    """The cases that the asker is entitled to see."""
    return [_out(told.case) for told in queries.cases_of(session, year)]


@act("/accountability-cases/{accountability_id:uuid}/tell", roles=SUPERVISORS)
def tell_person(
    session: OfOffice, platform: ThePlatform, accountability_id: FromPath[UUID], data: JSONBody[HowIn]
) -> AccountabilityOut:
    """Note how the person was told; their time to be heard begins."""
    return _out(service.tell_person(session, accountability_id, data.how, offices=platform.offices))


@act("/accountability-cases/{accountability_id:uuid}/statement", roles=OFFICE_STAFF)
def make_statement(
    session: OfOffice, accountability_id: FromPath[UUID], data: JSONBody[StatementIn]
) -> AccountabilityOut:
    """Speak for oneself, or record what the person said."""
    service.make_statement(session, accountability_id, data.text)
    return _out(queries.case_of(session, accountability_id))


@act("/accountability-cases/{accountability_id:uuid}/decide", roles=SUPERVISORS)
def decide(session: OfOffice, accountability_id: FromPath[UUID], data: JSONBody[DecisionIn]) -> AccountabilityOut:
    """Decide, as another than the one who opened the case."""
    made = service.decide(session, accountability_id, data.measures, ground=data.ground, reasons=data.reasons)
    return _out(made)


@act("/accountability-cases/{accountability_id:uuid}/clear", roles=SUPERVISORS)
def clear(session: OfOffice, accountability_id: FromPath[UUID], data: JSONBody[ReasonsIn]) -> AccountabilityOut:
    """Decide that nobody is held to account."""
    return _out(service.clear(session, accountability_id, data.reasons))


@act("/accountability-cases/{accountability_id:uuid}/drop", roles=SUPERVISORS)
def drop_case(session: OfOffice, accountability_id: FromPath[UUID], data: JSONBody[ReasonsIn]) -> AccountabilityOut:
    """Drop a case of which the person was not told."""
    return _out(service.drop_case(session, accountability_id, data.reasons))


@act("/accountability-cases/{accountability_id:uuid}/serve", roles=SUPERVISORS)
def serve_decision(session: OfOffice, accountability_id: FromPath[UUID], data: JSONBody[HowIn]) -> AccountabilityOut:
    """Note how the decision was served."""
    return _out(service.serve_decision(session, accountability_id, data.how))


def _out(case: AccountabilityCase) -> AccountabilityOut:
    return AccountabilityOut.of(case, state_label=CaseState(case.state).label)


router = Router("/", route_handlers=declared_in(__name__), tags=["责任与应急"])
