"""The cases of accountability that the reader is entitled to see, and the form that opens one."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.params import QueryParameter

from core.applications.form_steps import Fields
from core.db.session import OfficeSession
from core.domain.permissions import Permission
from core.pages.season import season_asked
from core.responsibility.accountability import queries, service
from core.responsibility.accountability.procedure import TONES, Breach, CaseState, Origin
from core.responsibility.accountability.service import CaseForm
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, SUPERVISORS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page

OriginAsked = Annotated[str, QueryParameter(max_length=20, description="案件来源。")]
OriginIdAsked = Annotated[UUID | None, QueryParameter(description="来源事项的编号。")]


@page("/accountability", roles=OFFICE_STAFF)
def cases_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """For supervisors the cases of the office and those reported to it; for all others a case against themselves."""
    year = season_asked(request, session).year
    supervises = Permission.SUPERVISE in session.actor.may_change
    return render(
        request,
        session,
        "responsibility/accountability/list.html",
        cases=queries.cases_of(session, year),
        supervises=supervises,
        own=lambda case: queries.is_concerned(session, case),
        breach=lambda case: Breach(case.breach).label,
        state=lambda case: (CaseState(case.state).label, TONES[case.state]),
    )


@page("/accountability/new", roles=SUPERVISORS)
def new_page(
    request: AnyRequest, session: OfOffice, origin: OriginAsked = "", origin_id: OriginIdAsked = None
) -> Response[str]:
    """The form that opens a case, also from the page of the matter that it arose from."""
    return _new(request, session, given={"origin": origin, "origin_id": str(origin_id or "")})


@form("/accountability/new", roles=SUPERVISORS)
def open_case(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Open a case."""
    with attempt(request, session) as tried:
        written = CaseForm(
            fields.text(data, "person"),
            fields.one_of(Breach, data, "breach"),
            fields.text(data, "facts"),
            fields.one_of(Origin, data, "origin"),
            fields.identifier(data, "origin_id") if fields.text(data, "origin_id") else None,
            name=fields.text(data, "name"),
            post=fields.text(data, "post"),
            office_id=fields.text(data, "office_id"),
        )
        made = service.open_case(session, season_asked(request, session).year, written)
        return see(f"/accountability/{made.id}")
    return _new(request, session, given=data, tried=tried)


def _new(
    request: AnyRequest, session: OfficeSession, *, given: dict[str, Any], tried: Attempt | None = None
) -> Response[str]:
    year = season_asked(request, session).year
    people = queries.concerned_below(session, year)
    return render(
        request,
        session,
        "responsibility/accountability/new.html",
        tried=tried,
        given=Fields(given),
        people=[(one.key, f"{one.office_name}　{one.name}（{one.post}）") for one in people],
        offices=queries.offices_below(session),
        breaches=[(breach.value, breach.label) for breach in Breach],
        origins=[(origin.value, origin.label) for origin in Origin],
    )
