"""Pages of safe-keeping (资料保管)."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.clock import SHANGHAI
from core.db.session import OfficeSession
from core.pages.season import season_asked
from core.scheduling.exam_day import safekeeping
from core.scheduling.exam_day.safekeeping import KEPT_NAMES, CustodyForm, Kept
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/exams/custody", roles=OFFICE_STAFF)
def custody_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The register of safe-keeping."""
    return _custody(request, session)


@form("/exams/custody", roles=ON_SITE)
def take_into_custody(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Register a record that is kept safe."""
    with attempt(request, session) as tried:
        written = CustodyForm(
            fields.one_of(Kept, data, "kind"),
            fields.text(data, "title"),
            fields.text(data, "keeper"),
            fields.text(data, "place"),
            fields.day(data, "keep_until"),
            fields.text(data, "digest").lower(),
        )
        safekeeping.take_into_custody(session, season_asked(request, session).year, written)
        return see("/exams/custody")
    return _custody(request, session, tried=tried, given=data)


@form("/exams/custody/{custody_id:uuid}/hand-over", roles=ON_SITE)
def hand_over(request: AnyRequest, session: OfOffice, custody_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Hand a record over to another keeper."""
    with attempt(request, session) as tried:
        safekeeping.hand_over(
            session,
            custody_id,
            to_keeper=fields.text(data, "to_keeper"),
            to_place=fields.text(data, "to_place"),
            reason=fields.text(data, "reason"),
        )
        return see("/exams/custody")
    return _custody(request, session, tried=tried)


@form("/exams/custody/{custody_id:uuid}/end", roles=ON_SITE)
def end_custody(request: AnyRequest, session: OfOffice, custody_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """End the keeping of a record."""
    with attempt(request, session) as tried:
        safekeeping.end_custody(session, custody_id, how=fields.text(data, "how"))
        return see("/exams/custody")
    return _custody(request, session, tried=tried)


def _custody(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    entries = safekeeping.custody_of(session, session.office_id, season_asked(request, session).year)
    return render(
        request,
        session,
        "scheduling/custody.html",
        tried=tried,
        given=given or {},
        entries=entries,
        chains=safekeeping.handovers_of(session, [entry.id for entry in entries]),
        kinds=KEPT_NAMES,
        today=session.now.astimezone(SHANGHAI).date(),
    )
