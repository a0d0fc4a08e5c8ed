"""The page of distances from each county of an office to each site."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response

from core.db.session import OfficeSession
from core.errors import Invalid
from core.pages.season import season_asked
from core.scheduling.access import may_schedule
from core.scheduling.allocation.problem import FAR
from core.scheduling.sites.distances import FARTHEST, Distances, distances_of, set_distances
from core.text.form_texts import whole_number
from core.web.dependencies import OfOffice
from core.web.guards import PLANNING, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/exams/sites/distances", roles=PLANNING)
def distances_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The distances from every county to every site."""
    return _distances(request, session)


@form("/exams/sites/distances", roles=SCHEDULERS)
def keep_distances(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Save the changed cells of the table."""
    with attempt(request, session) as tried:
        known = distances_of(session, season_asked(request, session).year)
        set_distances(session, _changed(known, data))
        return see("/exams/sites/distances")
    return _distances(request, session, tried=tried, given=data)


def _distances(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: Mapping[str, Any] | None = None
) -> Response[str]:
    known = distances_of(session, season_asked(request, session).year)
    written = {_field(*key): str(cost) for key, cost in known.costs.items()}
    cells = {_field(origin.office_id, site.id) for origin in known.origins for site in known.sites}
    return render(
        request,
        session,
        "scheduling/distances.html",
        tried=tried,
        known=known,
        field=_field,
        written={**written, **{name: fields.text(given, name) for name in cells}} if given else written,
        unsaid=len(cells - written.keys()),
        far=FAR,
        farthest=FARTHEST,
        may_change=may_schedule(session),
    )


def _changed(known: Distances, data: Mapping[str, Any]) -> dict[tuple[str, UUID], int | None]:
    """The changed cells; Invalid, naming the cells, for values that are no whole numbers."""
    found: dict[tuple[str, UUID], int | None] = {}
    wrong: dict[str, str] = {}
    for origin in known.origins:
        for site in known.sites:
            name, key = _field(origin.office_id, site.id), (origin.office_id, site.id)
            text = fields.text(data, name)
            cost = whole_number(text)
            if text and (cost is None or cost > FARTHEST):
                wrong[name] = f"{origin.name}到{site.name}：请填写0至{FARTHEST}的整数，或者留空。"
            elif name in data and cost != known.costs.get(key):
                found[key] = cost
    if wrong:
        raise Invalid("cost_malformed", f"有{len(wrong)}处路程不是整数，没有保存。", fields=wrong)
    return found


def _field(office_id: str, site_id: UUID) -> str:
    return f"cost-{office_id}-{site_id}"
