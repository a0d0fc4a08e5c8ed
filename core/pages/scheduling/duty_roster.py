"""Pages of the duty roster of a plan: the invigilators of each room, replacements, and the PDF."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import OfficeSession
from core.domain.calendar import KIND_NAMES
from core.errors import Invalid
from core.pages.scheduling.plans import STATES
from core.plugin_api import WindowKind
from core.scheduling.access import may_schedule
from core.scheduling.invigilation import duty_roster, register as invigilators
from core.scheduling.invigilation.pdf import roster_pdf
from core.scheduling.plans import review
from core.web.dependencies import OfOffice
from core.web.guards import EXAM_READERS, SCHEDULERS
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/plans/{plan_id:uuid}/duties", roles=EXAM_READERS)
def duties_page(request: AnyRequest, session: OfOffice, plan_id: FromPath[UUID]) -> Response[str]:
    """The invigilators of each room, and the number of duties of each."""
    return _duties(request, session, plan_id)


@form("/plans/{plan_id:uuid}/duties", roles=SCHEDULERS)
def assign(request: AnyRequest, session: OfOffice, plan_id: FromPath[UUID]) -> Response[Any]:
    """Assign invigilators to every room, in place of earlier assignments."""
    with attempt(request, session) as tried:
        invigilators.assign_invigilators(session, plan_id)
        return see(f"/plans/{plan_id}/duties")
    return _duties(request, session, plan_id, tried=tried)


@look("/plans/{plan_id:uuid}/duties/pdf", roles=EXAM_READERS)
def duties_pdf(session: OfOffice, plan_id: FromPath[UUID]) -> Response[bytes]:
    """The roster as a PDF, to post and to sign; the download is recorded."""
    return printed(roster_pdf(session, review.plan_of(session, plan_id)))


@page("/plans/{plan_id:uuid}/duties/{sitting_id:uuid}/{invigilator_id:uuid}", roles=SCHEDULERS)
def duty_page(
    request: AnyRequest,
    session: OfOffice,
    *,
    plan_id: FromPath[UUID],
    sitting_id: FromPath[UUID],
    invigilator_id: FromPath[UUID],
) -> Response[str]:
    """One duty, and the invigilators who could take it over."""
    return _duty(request, session, plan_id, sitting_id, invigilator_id=invigilator_id)


@form("/plans/{plan_id:uuid}/duties/{sitting_id:uuid}/{invigilator_id:uuid}", roles=SCHEDULERS)
def replace(
    request: AnyRequest,
    session: OfOffice,
    *,
    plan_id: FromPath[UUID],
    sitting_id: FromPath[UUID],
    invigilator_id: FromPath[UUID],
    data: Sent,
) -> Response[Any]:
    """Replace an invigilator."""
    with attempt(request, session) as tried:
        by_id, reason = _chosen(data), str(data.get("reason") or "")
        duty_roster.replace_invigilator(session, plan_id, sitting_id, invigilator_id, by_id=by_id, reason=reason)
        return see(f"/plans/{plan_id}/duties")
    return _duty(request, session, plan_id, sitting_id, invigilator_id=invigilator_id, tried=tried, given=data)


def _duties(
    request: AnyRequest, session: OfficeSession, plan_id: UUID, *, tried: Attempt | None = None
) -> Response[str]:
    plan = review.plan_of(session, plan_id)
    roster = duty_roster.duty_roster(session, plan.id)
    return render(
        request,
        session,
        "scheduling/duties.html",
        of_year=plan.year,
        tried=tried,
        plan=plan,
        exam=KIND_NAMES[WindowKind(plan.exam)],
        state=STATES[plan.state],
        rooms=roster,
        assigned=any(room.watching for room in roster),
        gone=any(watching.gone for room in roster for watching in room.watching),
        people=invigilators.register_of(session, plan.year),
        counts=duty_roster.duty_counts(roster),
        may_change=may_schedule(session) and plan.state in {"draft", "published"},
    )


def _duty(
    request: AnyRequest,
    session: OfficeSession,
    plan_id: UUID,
    sitting_id: UUID,
    *,
    invigilator_id: UUID,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    plan = review.plan_of(session, plan_id)
    room, duty, others = duty_roster.substitutes(session, plan, sitting_id, invigilator_id)
    return render(
        request,
        session,
        "scheduling/duty.html",
        of_year=plan.year,
        tried=tried,
        given=given or {},
        plan=plan,
        room=room,
        duty=duty,
        able=[(substitute.invigilator.id, _named(substitute)) for substitute in others if not substitute.hindrance],
        hindered=[(_named(substitute), substitute.hindrance) for substitute in others if substitute.hindrance],
    )


def _named(substitute: duty_roster.Substitute) -> str:
    who = substitute.invigilator
    return f"{who.name}（{who.number}，{who.unit_name}，已有{substitute.duties}次）"


def _chosen(data: dict[str, Any]) -> UUID:
    try:
        return UUID(str(data.get("by_id") or ""))
    except ValueError:
        raise Invalid("nobody_chosen", "请选择由谁替换。", at="by_id") from None
