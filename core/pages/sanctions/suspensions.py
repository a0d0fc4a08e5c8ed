"""Pages of suspensions: keeping a candidate out at once, and the request of staff on site for it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from core.applications.models import Application
from core.applications.queries import application as application_of
from core.audit.dependents import Foreseen, rehearse
from core.db.session import OfficeSession
from core.domain.workflow import STATE_LABELS, State
from core.errors import KaowuError
from core.pages.sanctions.cases import uuid_of
from core.platform import Platform
from core.sanctions import suspensions
from core.sanctions.steps import DecidingSession
from core.scheduling.access import may_be_on_site
from core.scheduling.plans.notices import exam_is_over
from core.web.dependencies import OfSupervisor, ThePlatform
from core.web.guards import ON_SITE, PROPOSERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

SUSPENDERS = PROPOSERS | ON_SITE


@page("/suspensions/new", roles=SUSPENDERS, province=True)
def suspend_page(
    request: AnyRequest,
    session: OfSupervisor,
    platform: ThePlatform,
    application_id: Annotated[UUID, QueryParameter(name="application")],
) -> Response[str]:
    """The form with the reason, and what the suspension will cause; for staff on site the request."""
    return _form(request, session, platform, application_id)


@form("/suspensions/new", roles=SUSPENDERS, province=True)
def suspend(request: AnyRequest, session: OfSupervisor, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Suspend a candidate; the case that is open against them, or opened by this, is shown."""
    application_id, reason = uuid_of(data.get("application")), str(data.get("reason") or "")
    with attempt(request, session) as tried:
        made = suspensions.suspend(session, application_id, reason=reason, offices=platform.offices)
        return see(f"/sanctions/{made.case_id}")
    return _form(request, session, platform, application_id, tried=tried, reason=reason)


@form("/suspensions/asked", roles=ON_SITE, shown_on="/exams/candidates")
def ask(request: AnyRequest, session: OfSupervisor, platform: ThePlatform, data: Sent) -> Response[Any]:
    """Ask the office for a suspension, from a site."""
    application_id, reason = uuid_of(data.get("application")), str(data.get("reason") or "")
    with attempt(request, session) as tried:
        assert isinstance(session, OfficeSession)  # noqa: S101 - staff on site belong to an office
        suspensions.ask_to_suspend(session, application_id, reason=reason)
        return see(f"/exams/candidates/{application_id}")
    return _form(request, session, platform, application_id, tried=tried, reason=reason)


def _form(  # noqa: PLR0917 - the data of the page
    request: AnyRequest,
    session: DecidingSession,
    platform: Platform,
    application_id: UUID,
    tried: Attempt | None = None,
    reason: str = "",
) -> Response[str]:
    case = application_of(session, application_id)
    may = suspensions.may_suspend(session, case)
    return render(
        request,
        session,
        "sanctions/suspend.html",
        tried=tried,
        case=case,
        label=STATE_LABELS[State(case.state)],
        reason=reason,
        suspended=suspensions.in_force(session, application_id),
        exam_over=exam_is_over(session, application_id),
        may_suspend=may,
        may_ask=not may and may_be_on_site(session),
        foreseen=_foreseen(session, platform, case) if may and tried is None else None,
    )


def _foreseen(session: DecidingSession, platform: Platform, case: Application) -> Foreseen | str:
    """What suspending would cause, or why it is refused."""
    try:
        return rehearse(session, lambda: suspensions.suspend(session, case.id, reason="预演", offices=platform.offices))
    except KaowuError as refused:
        return refused.detail
