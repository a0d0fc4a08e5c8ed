"""Pages of tickets (准考证) and the papers of a plan."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import OfficeSession
from core.domain.calendar import KIND_NAMES as WINDOW_NAMES
from core.pages.scheduling.shown_jobs import shown_jobs
from core.pages.season import season_asked
from core.printing.fonts import unprintable_of
from core.scheduling.plans.health import health_of, open_matters, published_plans
from core.scheduling.plans.site_facts import sites_of_sittings
from core.scheduling.sittings.service import sittings_of
from core.scheduling.tickets import paper_jobs, service as tickets
from core.scheduling.tickets.paper_kinds import KIND_NAMES, OF_A_SITE, PaperKind
from core.scheduling.tickets.pdf import part_pdf
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import ON_SITE, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.downloads import printed
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, look, page


@page("/exams/papers", roles=ON_SITE)
def papers_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Tickets of the published plans, and their papers."""
    return _papers(request, session)


@form("/exams/plans/{plan_id:uuid}/tickets", roles=SCHEDULERS, shown_on="/exams/papers")
def issue_tickets(
    request: AnyRequest, session: OfOffice, platform: ThePlatform, plan_id: FromPath[UUID]
) -> Response[Any]:
    """Issue the missing tickets of a plan."""
    with attempt(request, session) as tried:
        tickets.issue_tickets(session, plan_id, rules=platform.offices.config(session.office_id).tickets)
        return see("/exams/papers")
    return _papers(request, session, tried=tried)


@form("/exams/plans/{plan_id:uuid}/papers", roles=ON_SITE, shown_on="/exams/papers")
def ask_for_papers(request: AnyRequest, session: OfOffice, plan_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Order papers of a plan."""
    with attempt(request, session) as tried:
        sitting_id = fields.identifier(data, "sitting_id") if fields.text(data, "sitting_id") else None
        kind = fields.one_of(PaperKind, data, "kind")
        paper_jobs.ask_for_papers(session, plan_id, kind, sitting_id=sitting_id)
        return see("/exams/papers#jobs")
    return _papers(request, session, tried=tried)


@look("/exams/papers/{part_id:uuid}", roles=ON_SITE)
def fetch_part(session: OfOffice, platform: ThePlatform, part_id: FromPath[UUID]) -> Response[bytes]:
    """A part of the papers."""
    return printed(part_pdf(session, part_id, keys=platform.keys))


def _papers(request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None) -> Response[str]:
    year = season_asked(request, session).year
    plans = published_plans(session, year, office_id=session.office_id)
    health = health_of(session, [plan.id for plan in plans])
    return render(
        request,
        session,
        "scheduling/papers.html",
        tried=tried,
        plans=plans,
        in_force={plan.id: tickets.in_force_count(session, plan.id) for plan in plans},
        health=health,
        unprintable={plan.id: unprintable_of(tickets.printed_of(session, plan.id)) for plan in plans},
        open_matters={plan.id: open_matters(health[plan.id], plan.id) for plan in plans},
        kinds={kind: name for kind, name in KIND_NAMES.items() if kind not in OF_A_SITE},
        at_sites={plan.id: sites_of_sittings(session, plan.id) for plan in plans},
        **shown_jobs(session, paper_jobs.jobs_of(session, session.office_id, year, limit=10)),
        exams=WINDOW_NAMES,
        sittings=[sitting for sitting in sittings_of(session, session.office_id, year) if not sitting.cancelled_at],
    )
