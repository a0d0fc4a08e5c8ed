"""Pages of sites for an office: rooms, checklist, and the offices that a site serves."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.params import FromPath
from sqlalchemy import select

from core.db.session import OfficeSession
from core.pages.scheduling.confirmation import to_confirm
from core.pages.season import season_asked
from core.scheduling.access import may_be_on_site, may_schedule
from core.scheduling.models.sites import ExamSite
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import ITEM_NAMES, RoomForm, SiteForm, SiteItem
from core.tenancy.models import Office
from core.web.dependencies import OfOffice
from core.web.guards import OFFICE_STAFF, ON_SITE, PLANNING, SCHEDULERS
from core.web.page import form_fields as fields
from core.web.page.rendering import AnyRequest, Attempt, Sent, attempt, render, see
from core.web.routes import form, page


@page("/exams/sites", roles=OFFICE_STAFF)
def sites_page(request: AnyRequest, session: OfOffice) -> Response[str]:
    """The sites that the office keeps or may use, and the form for a new one."""
    return _sites(request, session)


@form("/exams/sites", roles=SCHEDULERS)
def register_site(request: AnyRequest, session: OfOffice, data: Sent) -> Response[Any]:
    """Register a site."""
    with attempt(request, session) as tried:
        year = season_asked(request, session).year
        made = sites.register_site(session, year, _site_form(data, fields.text(data, "code")))
        return see(f"/exams/sites/{made.id}")
    return _sites(request, session, tried=tried, given=data)


@page("/exams/sites/{site_id:uuid}", roles=OFFICE_STAFF)
def site_page(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID]) -> Response[str]:
    """One site of the office: rooms, checklist, and the offices that it serves."""
    return _site(request, session, site_id)


@form("/exams/sites/{site_id:uuid}", roles=SCHEDULERS)
def change_site(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Correct the data of a site."""
    with attempt(request, session) as tried:
        site, back = sites.own_site(session, site_id), f"/exams/sites/{site_id}"
        written, about = _site_form(data, site.code), _named(site)
        if (written.name, written.address) != (site.name, site.address):
            about = f"{about} → {written.name}，{written.address}"
        act = partial(sites.change_site, session, site_id, written)
        if asked := to_confirm(request, session, data, act=act, title="更正考点信息", about=about, back=back):
            return asked
        act()
        return see(back)
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/sites/{site_id:uuid}/rooms", roles=SCHEDULERS)
def add_room(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Add a room."""
    with attempt(request, session) as tried:
        room = RoomForm(
            fields.text(data, "name"),
            fields.number(data, "machines", least=1),
            fields.number(data, "reserve_machines"),
            fields.text(data, "accessible") == "true",
        )
        sites.add_rooms(session, site_id, [room])
        return see(f"/exams/sites/{site_id}#rooms")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/rooms/{room_id:uuid}/retire", roles=SCHEDULERS, shown_on="/exams/sites")
def retire_room(request: AnyRequest, session: OfOffice, room_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Retire a room."""
    site_id = sites.own_room(session, room_id).site_id
    with attempt(request, session) as tried:
        act, back = partial(sites.retire_room, session, room_id), f"/exams/sites/{site_id}"
        about = f"{_named(sites.own_site(session, site_id))}，{sites.own_room(session, room_id).name}"
        if asked := to_confirm(request, session, data, act=act, title="停用考场", about=about, back=back):
            return asked
        act()
        return see(f"/exams/sites/{site_id}#rooms")
    return _site(request, session, site_id, tried=tried)


@form("/exams/sites/{site_id:uuid}/sign-offs", roles=ON_SITE)
def sign_off(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Sign an item of the checklist as passed or failed."""
    with attempt(request, session) as tried:
        item = fields.one_of(SiteItem, data, "item")
        passed = fields.text(data, "passed") == "true"
        sites.sign_off(session, site_id, item, passed=passed, remark=fields.text(data, "remark"))
        return see(f"/exams/sites/{site_id}#checklist")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/sites/{site_id:uuid}/offices", roles=SCHEDULERS)
def serve(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Open a site to another office, or close it to one."""
    with attempt(request, session) as tried:
        act_on = sites.stop_serving if fields.text(data, "stop") else sites.serve_office
        act_on(session, site_id, fields.text(data, "office_id"))
        return see(f"/exams/sites/{site_id}#offices")
    return _site(request, session, site_id, tried=tried, given=data)


@form("/exams/sites/{site_id:uuid}/close", roles=SCHEDULERS)
def close_site(request: AnyRequest, session: OfOffice, site_id: FromPath[UUID], data: Sent) -> Response[Any]:
    """Close a site."""
    with attempt(request, session) as tried:
        act = partial(sites.close_site, session, site_id, reason=fields.text(data, "reason"))
        about, back = _named(sites.own_site(session, site_id)), f"/exams/sites/{site_id}"
        if asked := to_confirm(request, session, data, act=act, title="停用考点", about=about, back=back):
            return asked
        act()
        return see(back)
    return _site(request, session, site_id, tried=tried, given=data)


def _sites(
    request: AnyRequest, session: OfficeSession, *, tried: Attempt | None = None, given: dict[str, Any] | None = None
) -> Response[str]:
    season = season_asked(request, session)
    found = sites.sites_for(session, session.office_id, season.year)
    rooms = sites.rooms_of(session, [site.id for site in found])
    seats = {
        site.id: sum(room.machines - room.reserve_machines for room in rooms if room.site_id == site.id)
        for site in found
    }
    return render(
        request,
        session,
        "scheduling/sites.html",
        tried=tried,
        given=given or {},
        sites=found,
        seats=seats,
        names=_names(session),
        year=season.year,
        may_plan=bool(PLANNING & session.actor.permissions),
        may_change=may_schedule(session),
    )


def _site(
    request: AnyRequest,
    session: OfficeSession,
    site_id: UUID,
    *,
    tried: Attempt | None = None,
    given: dict[str, Any] | None = None,
) -> Response[str]:
    site = sites.own_site(session, site_id)
    others = select(Office.id, Office.name).where(Office.level != "county", Office.id != site.office_id)
    return render(
        request,
        session,
        "scheduling/site.html",
        of_year=site.year,
        tried=tried,
        given=given or {},
        site=site,
        rooms=sites.rooms_of(session, [site_id]),
        checklist=sites.checklist(session, site_id),
        items=ITEM_NAMES,
        served=sites.served_offices(session, site_id),
        may_change=may_schedule(session),
        may_sign=may_be_on_site(session),
        offices=[(row.id, row.name) for row in session.execute(others.order_by(Office.id))],
    )


def _site_form(data: dict[str, Any], code: str) -> SiteForm:
    return SiteForm(
        code,
        fields.text(data, "name"),
        fields.text(data, "address"),
        fields.day(data, "opens_on"),
        fields.day(data, "closes_on"),
        directions=fields.text(data, "directions"),
    )


def _named(site: ExamSite) -> str:
    return f"{site.name}（{site.code}），{site.address}"


def _names(session: OfficeSession) -> dict[str, str]:
    return dict(session.execute(select(Office.id, Office.short_name)).all())
