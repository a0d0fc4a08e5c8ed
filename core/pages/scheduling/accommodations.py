"""Pages of accommodations (考试便利) for the office: the requests, and deciding them."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.db.session import OfficeSession
from core.pages.season import season_asked
from core.scheduling.access import may_schedule
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import NEED_LABELS, SeatNeed
from core.web.dependencies import OfOffice
from core.web.guards import PLANNING, SCHEDULERS
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/accommodations", roles=PLANNING)
def requests_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """Requests for accommodations, undecided ones first."""
    return _requests(request, session)


@form("/accommodations/{request_id:uuid}", roles=SCHEDULERS)
def decide(request: AnyRequest, session: OfOffice, request_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Grant or refuse a request."""
    with attempt(request, session) as tried:
        accommodations.decide(session, request_id, granted=needs_ticked(data), decision=str(data.get("decision") or ""))
        return see("/accommodations")
    return _requests(request, session, tried=tried, given=data)


def _requests(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    return render(
        request,
        session,
        "scheduling/requests.html",
        tried=tried,
        given=given or {},
        requests=accommodations.requests_at(session, year),
        labels=NEED_LABELS,
        needs_named=accommodations.needs_named,
        may_change=may_schedule(session),
    )


def needs_ticked(data: dict[str, Any]) -> set[SeatNeed]:
    """The needs that are ticked in a form."""
    return {need for need in SeatNeed if data.get(need.value)}
