"""The page on which a site is opened before a sitting, step by step, on a phone."""

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath

from core.clock import SHANGHAI
from core.db.session import OfficeSession
from core.scheduling.access import may_be_on_site
from core.scheduling.exam_day import opening
from core.scheduling.exam_day.opening import Opening, Step, StepForm, Used
from core.scheduling.sittings.service import own_sitting
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, ON_SITE
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

_PLACE = "/exams/day/{sitting_id:uuid}/opening/{site_id:uuid}"


@page(_PLACE, roles=OFFICE_STAFF)
def opening_page(
    request: AnyRequest, session: OfOffice, sitting_id: FromPath[UUID], site_id: FromPath[UUID]
) -> Response[str]:
    """How far the opening of a site for a sitting is."""
    return _opening(request, session, sitting_id, site_id)


@form(_PLACE, roles=ON_SITE)
def note_step(
    request: AnyRequest, session: OfOffice, *, sitting_id: FromPath[UUID], site_id: FromPath[UUID], data: Sent
) -> Response[Any]:
    """Note a step: in order, or with a fault."""
    with attempt(request, session) as tried:
        noted = StepForm(
            fields.one_of(Step, data, "step"),
            fields.text(data, "in_order") != "false",
            fields.text(data, "remark"),
            frozenset(fields.identifiers(data, "missing")),
        )
        opening.note_step(session, sitting_id, site_id, noted)
        return see(f"/exams/day/{sitting_id}/opening/{site_id}")
    return _opening(request, session, sitting_id, site_id, tried=tried, given=data)


def _opening(
    request: AnyRequest,
    session: OfficeSession,
    sitting_id: UUID,
    site_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    sitting, site = own_sitting(session, sitting_id), opening.site_named(session, site_id)
    here = Used(sitting.office_id, sitting.year, sitting.id, sitting.starts_at, sitting.ends_at, site_id, site.name)
    standing: Opening = opening.openings(session, [here])[here.place]
    return render(
        request,
        session,
        "scheduling/opening/steps.html",
        of_year=sitting.year,
        tried=tried,
        day=sitting.starts_at.astimezone(SHANGHAI).date().isoformat(),
        given=given or {},
        sitting=sitting,
        site=site,
        standing=standing,
        steps=opening.BEFORE_OPENING,
        open_step=Step.OPEN,
        staff_step=Step.STAFF,
        staff=opening.staff_of(session, sitting_id, site_id),
        may_change=may_be_on_site(session)
        and sitting.cancelled_at is None
        and session.now < sitting.ends_at
        and standing.opened is None,
    )
