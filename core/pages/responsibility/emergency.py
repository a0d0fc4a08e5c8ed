"""Pages of emergency plans: the office's versions, those filed with it, and the one in force on the exam day."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.documents.attachment_queries import files_of
from core.documents.attachment_subjects import Subject
from core.domain.permissions import Permission
from core.errors import Invalid
from core.pages.season import season_asked
from core.responsibility import plan_queries, plans, queries
from core.responsibility.models import EmergencyPlan
from core.responsibility.plan_content import PLAN_FIELDS, Emergency, Occasion, PlanContent, PlanState
from core.responsibility.ranks import Rank
from core.scheduling.sites.contacts import read_contacts
from core.tenancy.models import Office
from core.web.dependencies import OfOffice
from core.web.guards import OFFICERS, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

READERS = OFFICERS | ON_SITE
TONES = {
    PlanState.DRAFTED: "waits",
    PlanState.APPROVED: "waits",
    PlanState.FILED: "waits",
    PlanState.RECEIVED: "done",
    PlanState.RETURNED: "stopped",
}


@page("/emergency", roles=READERS)
def emergency_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The office's plans for training and exam, and how the offices below stand with theirs."""
    return _list(request, session)


@form("/emergency/new", roles=OFFICERS, shown_on="/emergency")
def draft_plan(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Begin the next version of a plan."""
    with attempt(request, session) as tried:
        year, occasion = season_asked(request, session).year, fields.one_of(Occasion, data, "occasion")
        made = plans.draft_plan(session, year, occasion, _content(data))
        return see(f"/emergency/{made.id}")
    return _list(request, session, tried=tried, given=data)


@page("/emergency/in-force", roles=READERS)
def in_force_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The plans in force with their telephones, for the staff of a site on the exam day."""
    year = season_asked(request, session).year
    found = {
        occasion: plan
        for occasion in reversed(Occasion)
        if (plan := plan_queries.plan_in_force(session, session.office_id, year, occasion))
    }
    return render(
        request,
        session,
        "responsibility/in_force.html",
        found=found,
        words={plan.id: _words(session, plan) for plan in found.values()},
        files=files_of(session, Subject.EMERGENCY_PLAN, [plan.id for plan in found.values()]),
        held=queries.responsible_for(session, session.office_id, year),
        ranks=list(Rank),
    )


@page("/emergency/{emergency_plan_id:uuid}", roles=READERS)
def plan_page(request: AnyRequest, session: OfOffice, emergency_plan_id: FromPath[UUID]) -> Response[str]:
    """One version: what it says, what changed since the one before, and what is to be done next."""
    return _show(request, session, emergency_plan_id)


@form("/emergency/{emergency_plan_id:uuid}/change", roles=OFFICERS)
def change_plan(request: AnyRequest, session: OfOffice, emergency_plan_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Change a draft."""
    with attempt(request, session) as tried:
        plans.change_plan(session, emergency_plan_id, _content(data))
        return see(f"/emergency/{emergency_plan_id}")
    return _show(request, session, emergency_plan_id, tried=tried, given=data)


@form("/emergency/{emergency_plan_id:uuid}/approve", roles=OFFICERS)
def approve_plan(request: AnyRequest, session: OfOffice, emergency_plan_id: FromPath[UUID]) -> Response[Any]:
    """Approve a colleague's draft."""
    with attempt(request, session) as tried:
        plans.approve_plan(session, emergency_plan_id)
        return see(f"/emergency/{emergency_plan_id}")
    return _show(request, session, emergency_plan_id, tried=tried)


@form("/emergency/{emergency_plan_id:uuid}/file", roles=OFFICERS)
def file_plan(request: AnyRequest, session: OfOffice, emergency_plan_id: FromPath[UUID]) -> Response[Any]:
    """File an approved plan with the office above."""
    with attempt(request, session) as tried:
        plans.file_plan(session, emergency_plan_id)
        return see(f"/emergency/{emergency_plan_id}")
    return _show(request, session, emergency_plan_id, tried=tried)


@form("/emergency/{emergency_plan_id:uuid}/receive", roles=OFFICERS)
def receive_plan(request: AnyRequest, session: OfOffice, emergency_plan_id: FromPath[UUID]) -> Response[Any]:
    """Receive the plan of an office below."""
    with attempt(request, session) as tried:
        plans.receive_plan(session, emergency_plan_id)
        return see(f"/emergency/{emergency_plan_id}")
    return _show(request, session, emergency_plan_id, tried=tried)


@form("/emergency/{emergency_plan_id:uuid}/return", roles=OFFICERS)
def return_plan(request: AnyRequest, session: OfOffice, emergency_plan_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Return the plan of an office below, with a remark on each part that is wrong."""
    with attempt(request, session) as tried:
        plans.return_plan(
            session, emergency_plan_id, {part: fields.text(data, f"remark_{part}") for part in PLAN_FIELDS}
        )
        return see(f"/emergency/{emergency_plan_id}")
    return _show(request, session, emergency_plan_id, tried=tried, given=data)


def _content(data: dict[str, Any]) -> PlanContent:
    try:
        events = frozenset(Emergency(value) for value in fields.several(data, "events"))
    except ValueError:
        raise Invalid("field_malformed", "请从列表中选择。", at="events") from None
    return PlanContent(
        fields.text(data, "hotline"),
        read_contacts(fields.text(data, "contacts")),
        events,
        [str(site) for site in fields.identifiers(data, "sites")],
    )


def _list(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    own = plan_queries.versions(session, session.office_id, year)
    return render(
        request,
        session,
        "responsibility/emergency.html",
        tried=tried,
        given=Fields(given or {}),
        own=own,
        below=plan_queries.standings_below(session, year, below=session.office_id),
        due=[(occasion, plan_queries.due_of(session, session.office_id, year, occasion)) for occasion in Occasion],
        lacks=[occasion for occasion in Occasion if all(plan.occasion != occasion for plan in own)],
        occasions=[(occasion.value, occasion.label) for occasion in Occasion],
        runs=Permission.RUN_OFFICE in session.actor.may_change,
        **_choices(session, year, given),
        **_labels(),
    )


def _show(
    request: AnyRequest,
    session: OfficeSession,
    emergency_plan_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    plan = plan_queries.plan_of(session, emergency_plan_id)
    runs = Permission.RUN_OFFICE in session.actor.may_change
    own = plan.office_id == session.office_id
    said = given or {
        "hotline": plan.hotline,
        "contacts": "\n".join("，".join(map(str, contact)) for contact in plan.contacts),
        "events": plan.events,
        "sites": plan.site_ids,
    }
    return render(
        request,
        session,
        "responsibility/emergency_plan.html",
        tried=tried,
        of_year=plan.year,
        plan=plan,
        office=session.get_one(Office, plan.office_id),
        above=None if plan.to_office_id is None else session.get_one(Office, plan.to_office_id),
        words=_words(session, plan),
        changes=plan_queries.changes(session, plan),
        files=files_of(session, Subject.EMERGENCY_PLAN, [plan.id])[plan.id],
        versions=plan_queries.versions(session, plan.office_id, plan.year, Occasion(plan.occasion)),
        parts=PLAN_FIELDS,
        own=own and runs,
        decides=runs and plan.to_office_id == session.office_id and plan.state == PlanState.FILED,
        drafter=session.actor.account_id == plan.made_by,
        given=Fields(said),
        **_choices(session, plan.year, said),
        **_labels(),
    )


def _words(session: OfficeSession, plan: EmergencyPlan) -> dict[str, str]:
    return plan_queries.in_words(plan, plan_queries.site_names(session, plan.site_ids))


def _choices(session: OfficeSession, year: int, given: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "events": [(event.value, event.label) for event in Emergency],
        "sites": plan_queries.sites_of(session, session.office_id, year),
        "ticked": fields.ticked(given, "events", "sites"),
    }


def _labels() -> dict[str, Any]:
    return {
        "state": lambda plan: (PlanState(plan.state).label, TONES[PlanState(plan.state)]),
        "called": lambda plan: f"{Occasion(plan.occasion).label}应急预案第{plan.version}版",
    }
