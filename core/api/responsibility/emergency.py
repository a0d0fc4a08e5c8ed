"""Emergency plans over JSON: drafted, approved, filed, received or returned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, FromQuery, JSONBody
from pydantic import Field

from core.db.session import OfficeSession
from core.errors import NotFound
from core.responsibility import plan_queries, plans
from core.responsibility.models import EmergencyPlan
from core.responsibility.plan_content import Emergency, Occasion, PlanContent, PlanState
from core.web.dependencies import AnySession, OfOffice
from core.web.guards import AUDITORS, OFFICE_STAFF, OFFICERS
from core.web.routes import act, create, declared_in, read
from core.web.schemas import Input, Line, Output, Text, Year, YearAsked


class PlanContactIn(Input):
    """Somebody who acts in an emergency."""

    duty: Line
    name: Line
    telephone: Line


class EmergencyPlanIn(Input):
    """What a version says; no sites for all of them. Its text is a file that is added to it."""

    year: Year
    occasion: Occasion
    hotline: Line
    contacts: list[PlanContactIn] = Field(max_length=50)
    events: list[Emergency] = Field(max_length=10)
    sites: list[UUID] = Field(default_factory=list, max_length=200)


class PlanRemarksIn(Input):
    """Why a plan is returned, by the part that a remark is about: file, hotline, contacts, events, sites."""

    remarks: dict[str, Text] = Field(max_length=10)


class EmergencyPlanOut(Output):
    """One version of a plan."""

    id: UUID
    office_id: str
    to_office_id: str | None
    year: int
    occasion: Occasion
    version: int
    hotline: str
    contacts: list[Any]
    events: list[str]
    site_ids: list[str]
    state: PlanState
    state_label: str
    approved_at: datetime | None
    filed_at: datetime | None
    late: bool
    decided_at: datetime | None
    remarks: dict[str, Any]


@create("/emergency-plans", roles=OFFICERS)
def draft_plan(session: OfOffice, data: JSONBody[EmergencyPlanIn]) -> EmergencyPlanOut:
    """Begin the next version of the office's plan."""
    return _out(plans.draft_plan(session, data.year, data.occasion, _content(data)))


@act("/emergency-plans/{emergency_plan_id:uuid}/change", roles=OFFICERS)
def change_plan(
    session: OfOffice, emergency_plan_id: FromPath[UUID], data: JSONBody[EmergencyPlanIn]
) -> EmergencyPlanOut:
    """Change a draft."""
    return _out(plans.change_plan(session, emergency_plan_id, _content(data)))


@act("/emergency-plans/{emergency_plan_id:uuid}/approve", roles=OFFICERS)
def approve_plan(session: OfOffice, emergency_plan_id: FromPath[UUID]) -> EmergencyPlanOut:
    """Approve a colleague's draft."""
    return _out(plans.approve_plan(session, emergency_plan_id))


@act("/emergency-plans/{emergency_plan_id:uuid}/file", roles=OFFICERS)
def file_plan(session: OfOffice, emergency_plan_id: FromPath[UUID]) -> EmergencyPlanOut:
    """File an approved plan with the office above."""
    return _out(plans.file_plan(session, emergency_plan_id))


@act("/emergency-plans/{emergency_plan_id:uuid}/receive", roles=OFFICERS)
def receive_plan(session: OfOffice, emergency_plan_id: FromPath[UUID]) -> EmergencyPlanOut:
    """Receive the plan of an office below."""
    return _out(plans.receive_plan(session, emergency_plan_id))


@act("/emergency-plans/{emergency_plan_id:uuid}/return", roles=OFFICERS)
def return_plan(
    session: OfOffice, emergency_plan_id: FromPath[UUID], data: JSONBody[PlanRemarksIn]
) -> EmergencyPlanOut:
    """Return the plan of an office below, with remarks."""
    return _out(plans.return_plan(session, emergency_plan_id, data.remarks))


@read("/emergency-plans", roles=OFFICE_STAFF | AUDITORS)
def list_plans(session: AnySession, year: YearAsked, office: FromQuery[str | None] = None) -> list[EmergencyPlanOut]:
    """The versions of an office, the asker's own where none is named, the newest first."""
    asked = office or (session.office_id if isinstance(session, OfficeSession) else None)
    if asked is None:
        raise NotFound("office_unknown", "请写明机构代码。")
    return [_out(plan) for plan in plan_queries.versions(session, asked, year)]


def _content(data: EmergencyPlanIn) -> PlanContent:
    contacts = [(contact.duty, contact.name, contact.telephone) for contact in data.contacts]
    return PlanContent(data.hotline, contacts, frozenset(data.events), [str(site) for site in data.sites])


def _out(plan: EmergencyPlan) -> EmergencyPlanOut:
    return EmergencyPlanOut.of(plan, state_label=PlanState(plan.state).label)


router = Router("/", route_handlers=declared_in(__name__), tags=["责任与应急"])
